//! `drupe mcp`, and what it says to a model in words: what was done, what is gone, and what to do.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::{
    common::{run, run_with, terminal::Terminal, until_gone},
    mcp::Client,
};

/// The text of the blocks of a kind.
pub(crate) fn text(result: &Value, part: &str) -> String {
    let blocks = result["content"].as_array().unwrap_or_else(|| panic!("{result}"));
    let of = blocks.iter().filter(|block| block["_meta"]["drupe/part"] == part);
    of.map(|block| block["text"].as_str().unwrap()).collect()
}

pub(crate) fn notice(result: &Value) -> String {
    text(result, "notice")
}

#[test]
fn a_session_that_is_opened_or_gone_is_told_in_words() {
    let mut client = Client::start(&["--max-sessions", "1"]);
    let ran = client.tool("js_run", json!({ "code": "let kept = 7" }));
    let session = ran["structuredContent"]["session"].as_str().unwrap().to_owned();
    assert!(notice(&ran).contains(&format!("it opened session {session}, and nothing of earlier sessions is in it")));
    let again = client.tool("js_run", json!({ "session": session, "code": "kept" }));
    assert!(!notice(&again).contains("opened"), "{}", notice(&again));
    let full = client.tool("js_run", json!({ "code": "1" }));
    let wanted = "There is 1 session, which is the most, 1 of them yours: give `session` to use one again, or close some";
    assert!(notice(&full).starts_with(wanted), "{}", notice(&full));
    client.call("js_sessions", json!({ "action": "close", "session": session }));
    let closed = client.tool("js_run", json!({ "session": session, "code": "1" }));
    let wanted = format!("Session {session} is closed, and its variables are lost: js_sessions has closed it. js_run without");
    assert!(notice(&closed).starts_with(&wanted), "{}", notice(&closed));
    for (tool, argument, handle, advice) in [
        ("js_wait", "run", json!("r-0"), "where js_run finds it"),
        ("js_inspect", "handle", json!("v-0"), "Run the code again with js_run"),
        ("js_interrupt", "session", json!("s-0"), "js_run without `session` opens a new, empty one"),
    ] {
        let mut arguments = if tool == "js_inspect" { json!({ "what": "page" }) } else { json!({}) };
        arguments[argument] = handle;
        let refused = client.tool(tool, arguments);
        assert!(notice(&refused).contains(advice), "{}", notice(&refused));
        assert_eq!(refused["structuredContent"]["refusal"]["argument"], argument);
    }
}

#[test]
fn what_a_call_lacks_is_named() {
    let mut client = Client::start(&[]);
    for (tool, arguments, argument, words) in [
        ("js_sessions", json!({ "action": "close" }), "session", "The action \"close\" needs `session`"),
        ("js_sessions", json!({ "action": "reset" }), "session", "The action \"reset\" needs `session`"),
        ("js_inspect", json!({ "what": "names" }), "session", "This needs `session`"),
        ("js_inspect", json!({ "what": "page" }), "handle", "what=\"page\" needs `handle`"),
        ("js_run", json!({ "code": "1", "yield_ms": "soon" }), "yield_ms", "`yield_ms` must be a number, and is the string"),
        ("js_wait", json!({}), "run", "`run` is missing: it must be a string."),
    ] {
        let refused = client.tool(tool, arguments);
        assert_eq!(refused["structuredContent"]["refusal"]["argument"], argument, "{refused}");
        assert!(notice(&refused).starts_with(words), "{}", notice(&refused));
    }
}

#[test]
fn an_argument_that_would_do_nothing_is_refused_and_nothing_is_done() {
    let mut client = Client::start(&[]);
    let session = client.call("js_sessions", json!({ "action": "open" }))["session"]["session"].clone();
    for (tool, arguments, argument, chosen) in [
        ("js_sessions", json!({ "action": "open", "session": session }), "session", "the action \"open\""),
        ("js_sessions", json!({ "action": "list", "session": session }), "session", "the action \"list\""),
        ("js_sessions", json!({ "action": "list", "profile": "compute" }), "profile", "the action \"list\""),
        (
            "js_sessions",
            json!({ "action": "reset", "session": session, "vm_timeout_ms": 5 }),
            "vm_timeout_ms",
            "the action \"reset\"",
        ),
        (
            "js_sessions",
            json!({ "action": "close", "session": session, "memory_limit_mib": 64 }),
            "memory_limit_mib",
            "the action",
        ),
        ("js_inspect", json!({ "what": "names", "session": session, "code": "x" }), "code", "what=\"names\""),
        ("js_inspect", json!({ "what": "complete", "session": session, "code": "x", "from": 1 }), "from", "what=\"complete\""),
        ("js_inspect", json!({ "what": "page", "handle": "v-0", "session": session }), "session", "what=\"page\""),
    ] {
        let refused = client.tool(tool, arguments);
        assert_eq!(refused["structuredContent"]["refusal"]["argument"], argument, "{refused}");
        let words = format!("`{argument}` has no effect with {chosen}");
        assert!(notice(&refused).starts_with(&words) && notice(&refused).contains("Nothing was done"), "{}", notice(&refused));
    }
    let list = client.call("js_sessions", json!({ "action": "list", "session": null }));
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(1), "{list}");
}

#[test]
fn what_became_of_a_cancelled_call_is_told_by_the_next_answer() {
    let mut client = Client::start(&[]);
    let session = client.call("js_sessions", json!({ "action": "open" }))["session"]["session"].clone();
    let loop_ = "console.log('going'); for (;;);";
    // One in a session that is known, and one that opens a session of its own.
    for arguments in [json!({ "session": session, "code": loop_ }), json!({ "code": loop_ })] {
        let params = json!({ "name": "js_run", "arguments": arguments, "_meta": { "progressToken": 7 } });
        let id = client.send("tools/call", params);
        assert_eq!(client.message()["method"], "notifications/progress");
        client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }));
        let mut told = Value::Null;
        // The run may take a moment to stop. A run behind it begins when it has stopped.
        for _ in 0..100 {
            told = client.tool("js_run", json!({ "session": session, "code": "1" }));
            if told["structuredContent"]["earlier"].is_array() {
                break;
            }
        }
        let earlier = &told["structuredContent"]["earlier"][0];
        assert!(earlier["message"].as_str().unwrap().contains("was cancelled before its answer, which stopped"), "{told}");
        assert!(notice(&told).contains(earlier["message"].as_str().unwrap()));
        if arguments["session"].is_string() {
            assert_eq!((&earlier["outcome"], &earlier["state"]), (&json!("interrupted"), &json!("kept")), "{earlier}");
        } else {
            assert_eq!((&earlier["run"], &earlier["state"]), (&Value::Null, &json!("lost")), "{earlier}");
        }
        let next = client.call("js_run", json!({ "session": session, "code": "1" }));
        assert_eq!(next["earlier"], Value::Null, "it is told once");
    }
}

#[test]
fn a_call_yields_while_a_question_is_open_and_the_answer_counts_all_the_same() {
    let mut client = Client::start_as(&[], &json!({ "elicitation": { "form": {} } }));
    let call =
        client.send("tools/call", json!({ "name": "js_run", "arguments": { "code": "prompt('name?')", "yield_ms": 100 } }));
    let question = client.message();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let yielded = client.message();
    assert_eq!(yielded["id"], call, "{yielded}");
    let told = &yielded["result"]["structuredContent"];
    assert_eq!((&told["status"], &told["waits_for"]["kind"]), (&json!("running"), &json!("prompt")), "{told}");
    let run = told["run"].as_str().unwrap().to_owned();
    assert_eq!(told["waits_for"]["run"], json!(run));
    let lead =
        format!("It waits for a person's answer to a prompt question: js_wait with run {run} has the person asked, or waits");
    assert!(notice(&yielded["result"]).starts_with(&lead), "{}", notice(&yielded["result"]));
    // Another run of the session waits behind it, and says for what; so does the list.
    let behind = client.tool("js_run", json!({ "session": told["session"], "code": "1", "yield_ms": 50 }));
    let words = notice(&behind);
    assert!(
        words.contains("another run of the session") && words.contains(&format!("js_interrupt with run {run} stops")),
        "{words}"
    );
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    assert_eq!(list["structuredContent"]["sessions"][0]["state"], "asks");
    assert!(notice(&list).contains(&format!("js_wait with run {run}")), "{}", notice(&list));
    client.say(
        &json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": { "answer": "Ada" } } }),
    );
    let ended = client.call("js_wait", json!({ "run": run }));
    assert_eq!((&ended["value"], &ended["questions"][0]["by"]), (&json!("Ada"), &json!("person")), "{ended}");
}

#[test]
fn an_interrupt_says_whether_it_stopped_anything() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "1" }));
    let late = client.tool("js_interrupt", json!({ "run": ran["run"] }));
    assert!(notice(&late).contains("had ended before this call, so js_interrupt has stopped nothing"), "{}", notice(&late));
    let going = client.call("js_run", json!({ "session": ran["session"], "code": "for (;;);", "yield_ms": 0 }));
    let stopped = client.tool("js_interrupt", json!({ "run": going["run"] }));
    assert!(notice(&stopped).contains("; js_interrupt has stopped it"), "{}", notice(&stopped));
    let again = client.tool("js_interrupt", json!({ "run": going["run"] }));
    assert!(notice(&again).contains("had ended before this call"), "{}", notice(&again));
    let idle = client.tool("js_interrupt", json!({ "session": ran["session"] }));
    assert!(notice(&idle).starts_with("Nothing was running, so nothing was stopped"), "{}", notice(&idle));
}

#[test]
fn an_exit_status_is_told_and_decides_whether_it_is_an_error() {
    let mut client = Client::start(&[]);
    for (code, status, is_error) in
        [("process.exit(3)", Some(3), true), ("process.exit(0)", Some(0), false), ("process.exitCode = 5; 1", Some(5), false)]
    {
        let ran = client.tool("js_run", json!({ "code": code }));
        assert_eq!((&ran["structuredContent"]["exit_code"], &ran["isError"]), (&json!(status), &json!(is_error)), "{ran}");
        let words = format!("exit code {}", status.unwrap());
        assert!(notice(&ran).contains(&words), "{}", notice(&ran));
    }
}

#[test]
fn a_page_of_an_array_has_its_elements_and_one_behind_the_end_says_so() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "Object.assign([10, 20, 30], { extra: { a: 1 } })" }));
    let mut page = |from: u64, count: u64| {
        let told =
            client.tool("js_inspect", json!({ "what": "page", "handle": ran["result_handle"], "from": from, "count": count }));
        let page = told["structuredContent"]["page"].clone();
        let keys = page["items"].as_array().unwrap_or_else(|| panic!("{told}")).iter().map(|item| item["key"].clone());
        let keys = keys.map(|key| key.as_str().unwrap().to_owned()).collect::<String>();
        (keys, page["from"].as_u64().unwrap(), page["next"].as_u64().unwrap(), page["total"].as_u64().unwrap(), told)
    };
    for (from, count, keys, next) in
        [(0, 100, "012extra", 4), (0, 2, "01", 2), (2, 1, "2", 3), (2, 2, "2", 3), (3, 5, "extra", 4), (1, 3, "12", 3)]
    {
        let (found, begun, behind, total, told) = page(from, count);
        assert_eq!((&*found, begun, behind, total), (keys, from, next, 4), "{from} {count}: {told}");
    }
    let (.., told) = page(0, 100);
    let handle = told["structuredContent"]["page"]["items"][3]["handle"].as_str().unwrap().to_owned();
    assert!(text(&told, "result").contains(&format!("(handle {handle})")), "{}", text(&told, "result"));
    let (keys, from, next, total, told) = page(9999, 10);
    assert_eq!((&*keys, from, next, total), ("", 4, 4, 4));
    assert_eq!(notice(&told), "there is nothing at 9999: there are 4, so the last is at 3");
    // A proxy of an array has no elements of its own, and no other object loses a property.
    for (code, keys) in [("new Proxy([1], {})", "[[Target]][[Handler]]"), ("({ length: 1, a: 2 })", "lengtha")] {
        let ran = client.call("js_run", json!({ "code": code }));
        let told = client.call("js_inspect", json!({ "what": "page", "handle": ran["result_handle"] }));
        let found = told["page"]["items"].as_array().unwrap_or_else(|| panic!("{told}")).iter();
        assert_eq!(found.map(|item| item["key"].as_str().unwrap()).collect::<String>(), keys, "{told}");
        assert_eq!(told["page"]["total"], 2, "{told}");
    }
}

#[test]
fn a_handle_of_a_session_that_was_emptied_says_what_is_gone() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "[1, 2]" }));
    client.call("js_sessions", json!({ "action": "reset", "session": ran["session"] }));
    let stale = client.tool("js_inspect", json!({ "what": "page", "handle": ran["result_handle"] }));
    let words = notice(&stale);
    assert!(words.contains("led to is gone: its session was emptied since") && words.contains("Run the code again"), "{words}");
    let fresh = client.tool("js_run", json!({ "session": ran["session"], "code": "1" }));
    assert_eq!(fresh["structuredContent"]["state"], "new");
    let words = notice(&fresh);
    assert!(words.contains("state new") && !words.contains("state kept"), "{words}");
    assert!(words.contains("lost: all variables of earlier runs: the session was reset"), "{words}");
    let next = client.call("js_run", json!({ "session": ran["session"], "code": "1" }));
    assert_eq!((&next["state"], &next["lost"]), (&json!("kept"), &Value::Null));
}

#[test]
fn a_long_text_is_in_an_answer_once() {
    let mut client = Client::start(&[]);
    let ran = client.tool("js_run", json!({ "code": "'x'.repeat(10000)" }));
    let data = &ran["structuredContent"];
    assert_eq!((data["text_bytes"].as_u64().unwrap() >= 10_000, &data["value"]), (true, &Value::Null), "{data}");
    assert!(text(&ran, "result").contains(&"x".repeat(10_000)));
    assert!(data.to_string().len() < 3000, "{data}");
    let page = client.tool("js_inspect", json!({ "what": "page", "handle": data["result_handle"] }));
    assert_eq!(text(&page, "result").len(), 10_000);
    assert!(page["structuredContent"].to_string().len() < 2000, "{page}");
    assert_eq!(page["structuredContent"]["page"]["text_bytes"], 10_000);
    let thrown = client.tool("js_run", json!({ "code": "throw new Error('y'.repeat(9000))" }));
    assert!(text(&thrown, "error").contains(&"y".repeat(9000)));
    assert!(thrown["structuredContent"].to_string().len() < 3000, "{thrown}");
    // A short text is not cut.
    let short = client.call("js_run", json!({ "code": "'abc'" }));
    assert_eq!((&short["value"], &short["text"]), (&json!("abc"), &json!("'abc'")), "{short}");
}

#[test]
fn limits_have_a_bound_and_the_answer_says_what_was_granted() {
    let mut client = Client::start(&[]);
    let ran = client.tool("js_run", json!({ "code": "1", "vm_timeout_ms": 1500, "wall_timeout_ms": 2500 }));
    let granted = json!({ "vm_timeout_ms": 1500, "wall_timeout_ms": 2500, "memory_limit_mib": 512 });
    assert_eq!(ran["structuredContent"]["limits"], granted);
    let words = "limits: 1500 ms CPU for a stretch of JavaScript, 2500 ms for the run, a heap of 512 MiB";
    assert!(notice(&ran).contains(words), "{}", notice(&ran));
    for (tool, arguments, argument) in [
        ("js_run", json!({ "code": "1", "vm_timeout_ms": 1e12 }), "vm_timeout_ms"),
        ("js_run", json!({ "code": "1", "wall_timeout_ms": 1e12 }), "wall_timeout_ms"),
        ("js_sessions", json!({ "action": "open", "memory_limit_mib": 1_000_000 }), "memory_limit_mib"),
    ] {
        let refusal = client.call(tool, arguments)["refusal"].clone();
        assert_eq!((&refusal["code"], &refusal["argument"]), (&json!("forbidden"), &json!(argument)), "{refusal}");
        assert!(refusal["message"].as_str().unwrap().contains("is at most"), "{refusal}");
    }
}

#[test]
fn sessions_are_listed_with_what_they_hold_and_do() {
    let mut client = Client::start(&[]);
    let session = client.call("js_run", json!({ "code": "let alpha = 1, beta = 2" }))["session"].clone();
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    let one = &list["structuredContent"]["sessions"][0];
    assert_eq!(
        (&one["state"], &one["names"], &one["name_count"]),
        (&json!("idle"), &json!(["alpha", "beta"]), &json!(2)),
        "{one}"
    );
    let words = notice(&list);
    assert!(words.contains("opened ") && words.contains(" ago, 2 names; idle"), "{words}");
    // The program chose the names.
    assert!(text(&list, "result").contains("alpha, beta") && !words.contains("alpha"), "{list}");
    let going = client.call("js_run", json!({ "session": session, "code": "for (;;);", "yield_ms": 0 }));
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    assert_eq!(list["structuredContent"]["sessions"][0]["state"], "busy");
    assert!(notice(&list).contains(&format!("busy with run {}", going["run"].as_str().unwrap())), "{}", notice(&list));
    assert!(!going["message"].as_str().unwrap().contains("an earlier run"), "{going}");
    let waiting = client.call("js_run", json!({ "session": session, "code": "3", "yield_ms": 0 }));
    let (first, second) = (going["run"].as_str().unwrap(), waiting["run"].as_str().unwrap());
    assert!(waiting["message"].as_str().unwrap().contains(&format!("waits for run {first} of the session")), "{waiting}");
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    assert_eq!(list["structuredContent"]["sessions"][0]["queued"], json!([second]));
    assert!(notice(&list).contains(&format!("; behind it waits run {second}")), "{}", notice(&list));
    client.call("js_interrupt", json!({ "run": first }));
    assert_eq!(client.call("js_wait", json!({ "run": second }))["value"], 3);
    let kernel = client.server.kernel();
    client.server.kill_kernel();
    until_gone(kernel, "it was killed");
    let list = client.tool("js_sessions", json!({ "action": "list" }));
    let state = list["structuredContent"]["sessions"][0]["state"].clone();
    // The server may not have read the end of the kernel yet.
    assert!(state == "gone" || state == "idle", "{list}");
}

#[test]
fn an_interrupt_takes_back_what_a_callback_asks() {
    let mut client = Client::start_as(&[], &json!({ "elicitation": { "form": {} } }));
    let session = client.call("js_run", json!({ "code": "var said; 1" }))["session"].clone();
    for by in ["run", "session"] {
        let code = "said = null; setTimeout(() => { said = [confirm('sure?'), prompt('name?')] }, 0); 1";
        let asks = client.call("js_run", json!({ "session": session, "code": code }));
        assert_eq!(asks["status"], "ended", "{asks}");
        let list = loop {
            let list = client.tool("js_sessions", json!({ "action": "list" }));
            if list["structuredContent"]["sessions"][0]["state"] == "asks" {
                break list;
            }
        };
        let lead = format!("js_interrupt with run {} takes the question back", asks["run"].as_str().unwrap());
        assert!(notice(&list).contains(&lead), "{}", notice(&list));
        // The next run waits behind the callback, and has the person asked, if the call before did not yet.
        let behind = client.send("tools/call", json!({ "name": "js_run", "arguments": { "session": session, "code": "said" } }));
        client.request("elicitation/create");
        let named = client.send("tools/call", json!({ "name": "js_interrupt", "arguments": { by: asks[by] } }));
        let (mut told, mut after) = (None, None);
        while told.is_none() || after.is_none() {
            let message = client.message();
            match &message["id"] {
                id if *id == named => told = Some(message["result"].clone()),
                id if *id == behind => after = Some(message["result"]["structuredContent"].clone()),
                _ => assert_eq!(message["method"], "notifications/cancelled", "{message}"),
            }
        }
        let (told, after) = (told.unwrap(), after.unwrap());
        let words = "A callback of a run that has ended waited for a person: its confirm question was taken back: the code got false, and goes on.";
        assert!(notice(&told).starts_with(words), "{}", notice(&told));
        assert_eq!(told["structuredContent"]["interrupted"], true);
        // What it asks then is turned down, and the run behind it was not stopped.
        assert_eq!((&after["outcome"], &after["value"]), (&json!("value"), &json!([false, null])), "{after}");
    }
}

#[test]
fn an_interrupt_of_a_session_stops_the_callback_that_executes() {
    let mut client = Client::start(&[]);
    let code = "setTimeout(() => { for (;;); }, 0); 1";
    let session = client.call("js_run", json!({ "code": code, "vm_timeout_ms": 600_000 }))["session"].clone();
    // Until one waits behind the callback.
    let behind = loop {
        let told = client.call("js_run", json!({ "session": session, "code": "1", "yield_ms": 200 }));
        if told["status"] == "running" {
            break told;
        }
    };
    let stopped = client.call("js_interrupt", json!({ "session": session }));
    assert_eq!((&stopped["run"], &stopped["status"]), (&behind["run"], &json!("ended")), "{stopped}");
    assert_eq!(client.call("js_run", json!({ "session": session, "code": "2" }))["value"], 2);
}

#[test]
fn a_handle_of_another_kind_is_told_as_such() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "[1]" }));
    let [session, run, page] = ["session", "run", "result_handle"].map(|name| ran[name].as_str().unwrap().to_owned());
    for (tool, arguments, words) in [
        (
            "js_wait",
            json!({ "run": session }),
            format!("{session:?} is the handle of a session, and `run` takes that of a run, which begins with r-."),
        ),
        (
            "js_run",
            json!({ "session": run, "code": "1" }),
            format!("{run:?} is the handle of a run, and `session` takes that of a session, which begins with s-."),
        ),
        (
            "js_interrupt",
            json!({ "run": page }),
            format!("{page:?} is the handle of a page, and `run` takes that of a run, which begins with r-."),
        ),
        (
            "js_inspect",
            json!({ "what": "page", "handle": run }),
            format!("{run:?} is the handle of a run, and `handle` takes that of a page, which begins with v- or c-."),
        ),
    ] {
        let refused = client.call(tool, arguments);
        assert_eq!((&refused["status"], &refused["refusal"]["message"]), (&json!("refused"), &json!(words)), "{refused}");
    }
    assert_eq!(client.call("js_run", json!({ "session": session, "code": "2" }))["value"], 2);
}

#[test]
fn a_denial_says_who_has_denied() {
    let code = "require('fs').readFileSync('/etc/passwd')";
    let mut client = Client::start(&[]);
    let denied = client.tool("js_run", json!({ "code": code }));
    assert_eq!(denied["structuredContent"]["permissions"][0]["by"], "policy");
    assert!(notice(&denied).contains("1 permission denied, listed above: read (the policy does not grant it)"));
    assert_eq!(text(&denied, "details"), "permission denied: read \"/etc/passwd\" (open): the policy does not grant it");
    let mut client = Client::start(&["--ask=read"]);
    let unasked = client.tool("js_run", json!({ "code": code }));
    assert!(notice(&unasked).contains("read (this client cannot ask a person)"), "{}", notice(&unasked));
    let mut client = Client::start_as(&["--ask=read"], &json!({ "elicitation": { "form": {} } }));
    let no = "and the person who was asked said no; the next attempt asks again";
    let none = "the question whether to grant it got no valid answer";
    for (answer, by, words, thrown) in [
        (json!({ "action": "decline" }), "person_declined", "read (a person said no)", no),
        (json!({ "action": "accept", "content": { "decision": "deny" } }), "person", "read (a person said no)", no),
        (json!({ "action": "cancel" }), "person_dismissed", "read (a person closed the question without an answer)", none),
        (json!({ "action": "accept" }), "client_error", "read (what the client answered is no valid answer", none),
    ] {
        let call = client.send("tools/call", json!({ "name": "js_run", "arguments": { "code": code } }));
        let question = client.message();
        client.say(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
        let told = client.message();
        assert_eq!(told["id"], call);
        assert_eq!(told["result"]["structuredContent"]["permissions"][0]["by"], by, "{told}");
        assert!(notice(&told["result"]).contains(words), "{}", notice(&told["result"]));
        assert!(text(&told["result"], "error").contains(thrown), "{told}");
    }
}

#[test]
fn what_is_no_client_is_told_so() {
    let said = run_with(&["mcp"], "hello\n");
    let answer: Value = serde_json::from_str(said.out.trim()).unwrap_or_else(|error| panic!("{error}: {}", said.out));
    assert_eq!(answer["error"]["code"], -32700);
    assert_eq!(said.status, Some(2));
    assert!(said.err.contains("no client has spoken: the message is no JSON"), "{}", said.err);
    assert_eq!(run_with(&["mcp"], "").status, Some(0));
    let Some(terminal) = Terminal::start_with("NO_COLOR=1", "mcp") else { return };
    terminal.wait_for("drupe mcp lends JavaScript kernels to models.");
    terminal.wait_for("It waits for messages now. Ctrl-C ends it.");
}

#[test]
fn an_address_that_is_taken_is_told_in_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in [["mcp", "--http", &address], ["serve", "--listen", &address]] {
        let said = run(&command);
        assert_eq!(said.status, Some(2), "{command:?}");
        assert!(said.err.contains(&format!("cannot listen at {address}: another program listens there")), "{}", said.err);
        assert!(!said.err.contains("os error"), "{}", said.err);
    }
    let said = run(&["serve", "--listen", "192.0.2.1:0"]);
    assert!(said.err.contains("this machine has no such address"), "{}", said.err);
    let said = run(&["mcp", "--policy", "/no/such/file"]);
    assert!(said.err.contains("No such file or directory") && !said.err.contains("os error"), "{}", said.err);
}
