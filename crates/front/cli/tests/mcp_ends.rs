//! What `drupe mcp` says about stopped runs, closed and dead sessions, uncaught errors and denied permissions.

use serde_json::{Value, json};

use crate::{
    common::{run_with, until_gone},
    mcp::Client,
    mcp_words::{notice, text},
};

/// Waits for the answers to these requests. They may come in any order.
fn answers<const N: usize>(client: &mut Client, ids: [u64; N]) -> [Value; N] {
    let mut results = [const { None }; N];
    while results.iter().any(Option::is_none) {
        let mut message = client.message();
        if let Some(at) = ids.iter().position(|id| message["id"] == *id) {
            results[at] = Some(message["result"].take());
        }
    }
    results.map(Option::unwrap)
}

#[test]
fn runs_and_pages_of_a_session_that_is_closed_say_why() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "[1, 2]" }));
    let session = ran["session"].as_str().unwrap().to_owned();
    let code = "for (;;) { console.log('on'); await new Promise((done) => setTimeout(done, 20)) }";
    let waits = client.call("js_run", json!({ "session": session, "code": code, "yield_ms": 0 }));
    let arguments = json!({ "run": waits["run"] });
    let call = client.send("tools/call", json!({ "name": "js_wait", "arguments": arguments, "_meta": { "progressToken": 7 } }));
    assert_eq!(client.message()["params"]["progressToken"], 7, "it attends to the run");
    let close =
        client.send("tools/call", json!({ "name": "js_sessions", "arguments": { "action": "close", "session": session } }));
    let [told, _closed] = answers(&mut client, [call, close]);
    let words = "the session is closed: js_sessions has closed it; state lost";
    assert!(notice(&told).starts_with(words), "{}", notice(&told));
    for (tool, argument, handle, what) in [
        ("js_wait", "run", &ran["run"], "Run"),
        ("js_interrupt", "run", &ran["run"], "Run"),
        ("js_inspect", "handle", &ran["result_handle"], "Page"),
    ] {
        let mut arguments = if tool == "js_inspect" { json!({ "what": "page" }) } else { json!({}) };
        arguments[argument] = handle.clone();
        let refused = client.tool(tool, arguments);
        let handle = handle.as_str().unwrap();
        let words = format!(
            "{what} {handle} is gone: session {session}, which it was of, is closed, and its variables are lost: js_sessions"
        );
        assert!(notice(&refused).starts_with(&words), "{}", notice(&refused));
        assert_eq!(refused["structuredContent"]["refusal"]["code"], "unknown_handle");
    }
}

#[test]
fn a_session_whose_process_has_died_says_what_ended_it_and_is_not_started_for_a_look() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "let x = { a: 1 }; x" }));
    let session = ran["session"].clone();
    let kernel = client.server.kernel();
    client.server.kill_kernel();
    until_gone(kernel, "it was killed");
    let looks = [
        json!({ "what": "names", "session": session }),
        json!({ "what": "complete", "session": session, "code": "x." }),
        json!({ "what": "page", "handle": ran["result_handle"] }),
    ];
    for look in looks {
        let told = client.tool("js_inspect", look);
        let refusal = &told["structuredContent"]["refusal"];
        // The server may not have seen the end when it is asked first.
        assert!(refusal["code"] == "session_lost" || refusal["code"] == "signal", "{told}");
        assert_eq!((&refusal["state"], &told["isError"]), (&json!("lost"), &json!(true)), "{told}");
        assert!(notice(&told).contains("the kernel was ended by signal 9 (SIGKILL)"), "{}", notice(&told));
    }
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    let one = &list["structuredContent"]["sessions"][0];
    assert_eq!((&one["state"], &one["death"]), (&json!("gone"), &json!("the kernel was ended by signal 9 (SIGKILL)")));
    assert!(
        notice(&list).contains("(SIGKILL), and its variables are lost: the next run begins a new session"),
        "{}",
        notice(&list)
    );
    let next = client.call("js_run", json!({ "session": session, "code": "typeof x" }));
    assert_eq!((&next["value"], &next["state"], &next["generation"]), (&json!("undefined"), &json!("new"), &json!(2)));
}

#[test]
fn a_run_that_waits_for_its_turn_is_stopped_at_once() {
    let mut client = Client::start(&[]);
    let busy = client.call("js_run", json!({ "code": "let kept = 1; for (;;);", "yield_ms": 200 }));
    let queued = client.call("js_run", json!({ "session": busy["session"], "code": "globalThis.never = 1", "yield_ms": 0 }));
    let told = client.tool("js_interrupt", json!({ "run": queued["run"] }));
    let data = &told["structuredContent"];
    assert_eq!((&data["status"], &data["outcome"]), (&json!("ended"), &json!("interrupted")), "{told}");
    assert_eq!((&data["stopped"]["what"], &data["state"]), (&json!("queued"), &json!("kept")), "{told}");
    let words = "Interrupted before it began; state kept; js_interrupt has stopped it";
    assert!(notice(&told).starts_with(words), "{}", notice(&told));
    client.call("js_interrupt", json!({ "run": busy["run"] }));
    let next = client.call("js_run", json!({ "session": busy["session"], "code": "[kept, typeof never]" }));
    assert_eq!(next["value"], json!([1, "undefined"]));
}

#[test]
fn how_a_run_was_stopped_is_one_line_that_says_what_may_go_on() {
    let mut client = Client::start(&[]);
    let code = "await new Promise((done) => setTimeout(done, 600000))";
    let timed_out = client.tool("js_run", json!({ "code": code, "wall_timeout_ms": 50 }));
    let words = "Timed out: it took longer than 50 ms; its timer is cancelled; state kept";
    assert!(notice(&timed_out).starts_with(words), "{}", notice(&timed_out));
    assert!(!notice(&timed_out).contains("goes on"), "{}", notice(&timed_out));
    let session = timed_out["structuredContent"]["session"].clone();
    client.call("js_run", json!({ "session": session, "code": format!("var later = {}; 1", &code["await ".len()..]) }));
    let timed_out = client.tool("js_run", json!({ "session": session, "code": "await later", "wall_timeout_ms": 50 }));
    let words = "Timed out: it took longer than 50 ms; its code goes on when what it awaits is done; state kept; js_sessions with action \"reset\" ends";
    assert!(notice(&timed_out).starts_with(words), "{}", notice(&timed_out));
    let code = "await later";
    let going = client.call("js_run", json!({ "session": session, "code": code, "yield_ms": 50 }));
    let stopped = client.tool("js_interrupt", json!({ "run": going["run"] }));
    let words = "Interrupted; its code goes on when what it awaits is done; state kept; js_sessions with action \"reset\" ends";
    assert!(notice(&stopped).starts_with(words), "{}", notice(&stopped));
    let going = client.call("js_run", json!({ "session": session, "code": "for (;;);", "yield_ms": 50 }));
    client.call("js_sessions", json!({ "action": "reset", "session": session }));
    let reset = client.tool("js_wait", json!({ "run": going["run"] }));
    assert!(notice(&reset).starts_with("Interrupted by a reset; state lost: the session was reset; "), "{}", notice(&reset));
    assert!(!notice(&reset).contains('\n') && !reset["structuredContent"]["message"].as_str().unwrap().contains('\n'));
}

#[test]
fn an_exit_status_is_told_with_the_run_that_sets_it() {
    let mut client = Client::start(&[]);
    let set = client.tool("js_run", json!({ "code": "process.exitCode = 3; 1" }));
    assert!(notice(&set).contains("exit code 3"), "{}", notice(&set));
    let session = set["structuredContent"]["session"].clone();
    let later = client.tool("js_run", json!({ "session": session, "code": "2" }));
    assert_eq!(later["structuredContent"]["exit_code"], Value::Null, "{later}");
    assert!(!notice(&later).contains("exit code"), "{}", notice(&later));
    let again = client.call("js_run", json!({ "session": session, "code": "process.exitCode = 3" }));
    assert_eq!(again["exit_code"], 3);
}

#[test]
fn errors_of_timers_that_nobody_caught_are_counted_in_the_notice() {
    let mut client = Client::start(&[]);
    let own = "setTimeout(() => { throw new Error('own') }); await new Promise((done) => setTimeout(done, 50))";
    let told = client.tool("js_run", json!({ "code": own }));
    assert_eq!((&told["structuredContent"]["uncaught"], &told["isError"]), (&json!(1), &json!(false)), "{told}");
    assert!(text(&told, "console").contains("Uncaught Error: own"), "{told}");
    assert!(
        notice(&told).contains("an error of callbacks of the run was not caught, see the block console"),
        "{}",
        notice(&told)
    );
    let session = told["structuredContent"]["session"].clone();
    // They throw in the run after the one that made them.
    let late = "var isTime = false, thrown = 0;
        for (const n of [1, 2]) {
            const timer = setInterval(() => { if (isTime) { clearInterval(timer); thrown++; throw new Error('late') } }, n);
        }";
    client.call("js_run", json!({ "session": session, "code": late }));
    let wait = "isTime = true; while (thrown < 2) await new Promise((done) => setTimeout(done, 1))";
    let told = client.tool("js_run", json!({ "session": session, "code": wait }));
    assert_eq!(told["structuredContent"]["late"]["uncaught"], 2, "{told}");
    assert!(
        notice(&told).contains("2 errors of callbacks of earlier runs were not caught, see the block late"),
        "{}",
        notice(&told)
    );
    let next = client.call("js_run", json!({ "session": session, "code": "1" }));
    assert_eq!((&next["late"], &next["uncaught"]), (&Value::Null, &Value::Null), "it is told once");
}

#[test]
fn a_denial_names_the_rule_or_the_profile_that_denies() {
    let mut client = Client::start(&["--allow-read=/etc", "--deny-read=/etc/passwd", "--deny-env"]);
    let code =
        "for (const read of [() => require('fs').readFileSync('/etc/passwd'), () => process.env.HOME]) try { read() } catch {}";
    let told = client.tool("js_run", json!({ "code": code }));
    let uses = told["structuredContent"]["permissions"].as_array().unwrap();
    assert_eq!((&uses[0]["rule"], &uses[0]["by"]), (&json!("read /etc/passwd"), &json!("policy")), "{told}");
    let words = "read (the policy denies it, by its rule \"read /etc/passwd\")";
    assert!(notice(&told).contains(words), "{}", notice(&told));
    assert!(text(&told, "details").contains(": the policy denies it, by its rule \"read /etc/passwd\""), "{told}");
    assert!(uses.iter().any(|used| used["rule"] == "env everything"), "{told}");
    let session = client.call("js_sessions", json!({ "action": "open", "profile": "compute" }))["session"]["session"].clone();
    let told = client.tool("js_run", json!({ "session": session, "code": "require('fs').readFileSync('/etc/hostname')" }));
    assert_eq!(told["structuredContent"]["permissions"][0]["by"], "profile", "{told}");
    assert!(notice(&told).contains("read (the session was opened with the profile compute)"), "{}", notice(&told));
}

#[test]
fn calls_are_answered_before_a_server_ends_whose_input_has_ended() {
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2025-06-18",
        "capabilities": { "elicitation": { "form": {} } }, "clientInfo": { "name": "test", "version": "1" } } });
    let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let call = |id: u32, code: &str| {
        let params = json!({ "name": "js_run", "arguments": { "code": code, "yield_ms": 600_000 } });
        json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
    };
    let asks = call(2, "confirm('?')");
    let waits = call(3, "await new Promise((done) => setTimeout(done, 600000))");
    let said = run_with(&["mcp"], &format!("{initialize}\n{begun}\n{asks}\n{waits}\n"));
    let told = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    let answer = |id: u32| &told.iter().find(|message| message["id"] == id && message["result"].is_object()).unwrap()["result"];
    let asked = &answer(2)["structuredContent"];
    assert_eq!((&asked["value"], &asked["questions"][0]["by"]), (&json!(false), &json!("nobody")), "{asked}");
    assert_eq!(answer(3)["structuredContent"]["status"], "running");
    assert!(notice(answer(3)).contains("the server's input has ended, so this is its last answer"), "{}", notice(answer(3)));
    assert_eq!(said.status, Some(0), "{}", said.err);
}
