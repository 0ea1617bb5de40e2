//! Kernels, runs and questions, as a client sees them.

use serde_json::json;

use super::client::Server;

#[test]
fn a_session_keeps_its_state_and_tells_values_console_and_errors() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let end = client.run(&kernel, "let x: number = 41; console.log('x is', x); x + 1");
    assert_eq!((&end["outcome"], &end["value"], &end["text"]), (&json!("value"), &json!(42), &json!("42")));
    let run = client.ask("run", json!({"kernel": kernel, "code": "console.warn({ a: [1n] }); x"}))["run"].as_u64().unwrap();
    let events = client.events_of(run);
    let types = events.iter().map(|event| event["type"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(types, ["started", "console", "outcome"]);
    assert_eq!(events[1]["args"], json!([{"a": [{"$type": "bigint", "value": "1"}]}]));
    assert_eq!(events[1]["level"], "warning");
    let thrown = client.run(&kernel, "\nthrow new RangeError('no')");
    assert_eq!((&thrown["outcome"], &thrown["state"]), (&json!("threw"), &json!("kept")));
    let exception = &thrown["exception"];
    assert_eq!((&exception["name"], &exception["message"], &exception["line"]), (&json!("RangeError"), &json!("no"), &json!(2)));
    let wrong = client.run(&kernel, "let let = 1");
    assert_eq!(wrong["outcome"], "syntax_error");
    client.ask("close", json!({"kernel": kernel}));
}

#[test]
fn events_are_numbered_without_gaps() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let mut seqs = Vec::new();
    for _ in 0..3 {
        let run = client.ask("run", json!({"kernel": kernel, "code": "console.log(1); console.log(2)"}))["run"].as_u64().unwrap();
        seqs.extend(client.events_of(run).iter().map(|event| event["seq"].as_u64().unwrap()));
    }
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

#[test]
fn runs_are_executed_in_their_order_and_reset_takes_its_turn() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    // Nothing is waited for in between.
    let mut runs = Vec::new();
    for number in 0..50 {
        let id = client
            .request("run", json!({"kernel": kernel, "code": format!("globalThis.n = (globalThis.n ?? 0) * 3 + {number}")}));
        runs.push(id);
    }
    let last = client.request("run", json!({"kernel": kernel, "code": "n"}));
    for id in runs {
        client.answer(id);
    }
    let (_, reply) = client.answer(last);
    let end = client.events_of(reply["run"].as_u64().unwrap()).pop().unwrap();
    let expected = (0..50).fold(0.0, |n: f64, number| n * 3.0 + f64::from(number));
    assert_eq!(end["value"].as_f64(), Some(expected));
    let reset = client.ask("reset", json!({"kernel": kernel}));
    assert_eq!(reset["generation"], 2);
    let end = client.run(&kernel, "typeof n");
    assert_eq!((&end["value"], &end["new_session"]), (&json!("undefined"), &json!(true)));
    let restarted = client.ask("restart", json!({"kernel": kernel}));
    assert_eq!(restarted["generation"], 3);
    assert!(reset["pid"].is_u64() && restarted["pid"].is_u64() && reset["pid"] != restarted["pid"], "{reset} {restarted}");
}

#[test]
fn limits_and_interrupts_stop_runs_and_say_so() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"vm_timeout_ms": 30000}));
    let end = client.run_with(json!({"kernel": kernel, "code": "let kept = 1; for (;;);", "vm_timeout_ms": 50}));
    assert_eq!((&end["outcome"], &end["budget"], &end["state"]), (&json!("timed_out"), &json!("vm"), &json!("kept")));
    let long = "await new Promise((done) => setTimeout(done, 600000))";
    let end = client.run_with(json!({"kernel": kernel, "code": long, "wall_timeout_ms": 50}));
    assert_eq!((&end["outcome"], &end["budget"], &end["stopped"]), (&json!("timed_out"), &json!("wall"), &json!("await")));
    let run = client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}))["run"].as_u64().unwrap();
    while client.event()[1]["type"] != "started" {}
    assert_eq!(client.ask("interrupt", json!({"kernel": kernel}))["stopped"], true);
    assert_eq!(client.events_of(run).pop().unwrap()["outcome"], "interrupted");
    assert_eq!(client.run(&kernel, "kept")["value"], 1);
}

#[test]
fn a_run_that_is_interrupted_before_it_began_ends_at_once() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let mut submit = |code: &str| client.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    let busy = submit("let kept = 1; console.log('on'); for (;;);");
    let (first, second, last) = (submit("globalThis.never = 1"), submit("globalThis.never = 2"), submit("[kept, typeof never]"));
    while client.event()[1]["type"] != "console" {}
    for queued in [second, first] {
        client.ask("interrupt", json!({"kernel": kernel, "run": queued}));
        let end = client.events_of(queued).pop().unwrap();
        assert_eq!((&end["outcome"], &end["stopped"], &end["state"]), (&json!("interrupted"), &json!("queued"), &json!("kept")));
        assert_eq!(end["message"], "Interrupted before it began; state kept");
    }
    let standing = client.ask("list", json!({}))["kernels"][0]["runs"].clone();
    assert_eq!(standing, json!([busy, last]), "the run before them goes on");
    client.ask("interrupt", json!({"kernel": kernel, "run": busy}));
    assert_eq!(client.events_of(busy).pop().unwrap()["stopped"], "javascript");
    let events = client.events_of(last);
    assert!(events.iter().all(|event| event["run"] == last), "each has one end: {events:?}");
    assert_eq!(events.last().unwrap()["value"], json!([1, "undefined"]));
}

#[test]
fn a_run_that_awaits_what_cannot_come_ends_and_one_that_may_go_on_does_not() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let end = client.run(&kernel, "let kept = 1; await new Promise(() => {})");
    assert_eq!((&end["outcome"], &end["state"]), (&json!("unsettled"), &json!("kept")));
    assert!(end["message"].as_str().unwrap().starts_with("Unsettled top-level await"), "{end}");
    // A timer of an earlier run may still bring it.
    client.run(&kernel, "let bring; const later = new Promise((done) => { bring = done }); setTimeout(() => bring(7), 50)");
    assert_eq!(client.run(&kernel, "await later + kept")["value"], 8);
}

#[test]
fn inputs_cross_in_their_types_and_results_come_as_asked() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let inputs = json!({
        "b": {"$type": "Uint8Array", "hex": "00ff"},
        "a": {"$type": "Map", "entries": [[1, {"$type": "undefined"}]]},
        "d": {"$type": "Date", "value": 5},
    });
    let end = client.run_with(json!({"kernel": kernel, "code": "[b[1], a.get(1), d.getTime(), a]", "inputs": inputs}));
    let expected = json!([255, {"$type": "undefined"}, 5, {"$type": "Map", "entries": [[1, {"$type": "undefined"}]]}]);
    assert_eq!(end["value"], expected);
    let end = client.run_with(json!({
        "kernel": kernel, "code": "({ a: { b: 1 } })", "value_limit": 0, "preview": true, "handle": true
    }));
    assert!(end.get("value").is_none());
    assert_eq!(end["preview"]["object"]["class"], "Object");
    let page = client.ask("properties", json!({"kernel": kernel, "handle": end["handle"], "start": 0, "count": 10}));
    assert_eq!(
        (&page["total"], &page["items"][0]["name"], &page["items"][0]["text"]),
        (&json!(1), &json!("a"), &json!("{ b: 1 }"))
    );
    client.ask("release", json!({"kernel": kernel, "handles": [end["handle"]]}));
    let stale = client.refused("properties", json!({"kernel": kernel, "handle": end["handle"], "start": 0, "count": 10}));
    assert_eq!(stale["code"], "stale_handle");
    // The rest lasts until its timers are done.
    let end = client.run_with(json!({
        "kernel": kernel, "code": "setTimeout(() => { globalThis.late = 1 }, 20); 0", "until_idle": true
    }));
    assert_eq!(end["outcome"], "value");
    assert_eq!(client.run(&kernel, "late")["value"], 1);
}

#[test]
fn questions_are_answered_also_while_a_run_is_busy() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"builtin_names": true}));
    client.run(&kernel, "/** Adds. */ function add(a: number, b: number) { return a + b }; const list = [1, 2]");
    let busy = client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}))["run"].as_u64().unwrap();
    while client.event()[1]["type"] != "started" {}
    let found = client.ask("complete", json!({"kernel": kernel, "code": "list.ma", "cursor": 7}));
    assert_eq!((&found["start"], &found["items"][0]["name"]), (&json!(5), &json!("map")));
    let found = client.ask("inspect", json!({"kernel": kernel, "code": "add", "cursor": 1}));
    assert_eq!((&found["found"]["name"], &found["found"]["doc"]), (&json!("add"), &json!("Adds.")));
    let found = client.ask("signature", json!({"kernel": kernel, "code": "add(1, ", "cursor": 7}));
    assert_eq!((&found["found"]["parameters"], &found["found"]["active"]), (&json!(["a: number", "b: number"]), &json!(1)));
    let globals = client.ask("globals", json!({"kernel": kernel}));
    let names = globals["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect::<Vec<_>>();
    assert!(names.contains(&"add") && names.contains(&"list"), "{names:?}");
    let status = client.ask("status", json!({"kernel": kernel}));
    assert_eq!((&status["run"], &status["executing"]), (&json!(busy), &json!(true)));
    client.ask("interrupt", json!({"kernel": kernel}));
    client.events_of(busy);
    assert_eq!(client.ask("preview", json!({"kernel": kernel, "code": "list.length"}))["text"], "2");
    assert_eq!(client.ask("is_complete", json!({"code": "if (x) {"}))["status"], "incomplete");
    assert_eq!(client.ask("is_complete", json!({"code": "1 +* 2"}))["status"], "invalid");
    assert_eq!(client.ask("is_complete", json!({"code": "1"}))["status"], "complete");
    assert_eq!(client.ask("format", json!({"code": "a  =  1"}))["code"], "a = 1;\n");
}

#[test]
fn two_clients_see_the_same_events_of_a_kernel() {
    let server = Server::on_socket(&[]);
    let (mut one, mut other) = (server.client(), server.client());
    let kernel = one.open(json!({"name": "shared"}));
    let listed = other.ask("list", json!({}));
    assert_eq!((&listed["kernels"][0]["kernel"], &listed["kernels"][0]["name"]), (&json!(kernel), &json!("shared")));
    let attached = other.ask("attach", json!({"kernel": kernel}));
    assert_eq!((&attached["generation"], &attached["seq"]), (&json!(1), &json!(0)));
    let run = other.ask("run", json!({"kernel": kernel, "code": "console.log('both'); 7"}))["run"].as_u64().unwrap();
    let seen = one.events_of(run);
    assert_eq!(seen, other.events_of(run));
    assert_eq!(seen.last().unwrap()["value"], 7);
    other.ask("detach", json!({"kernel": kernel}));
    assert_eq!(other.refused("detach", json!({"kernel": kernel}))["code"], "not_attached");
    one.run(&kernel, "8");
    one.ask("close", json!({"kernel": kernel}));
    assert_eq!(one.refused("run", json!({"kernel": kernel, "code": "1"}))["code"], "unknown_kernel");
    assert_eq!(one.ask("list", json!({}))["kernels"], json!([]));
}

#[test]
fn a_run_needs_a_client_that_is_attached() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"linger_ms": 20_000}));
    client.ask("detach", json!({"kernel": kernel}));
    let refused = client.refused("run", json!({"kernel": kernel, "code": "globalThis.ran = true"}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("not_attached"), &json!("kernel")));
    client.ask("interrupt", json!({"kernel": kernel}));
    client.ask("attach", json!({"kernel": kernel}));
    let run = client.ask("run", json!({"kernel": kernel, "code": "typeof ran"}))["run"].as_u64().unwrap();
    assert_eq!(client.events_of(run).last().unwrap()["value"], "undefined");
}

#[test]
fn a_client_gets_the_events_that_it_wants() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"events": ["console"]}));
    let run = client.ask("run", json!({"kernel": kernel, "code": "console.log(1); process.stdout.write('x'); 2"}));
    let events = client.events_of(run["run"].as_u64().unwrap());
    let types = events.iter().map(|event| event["type"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(types, ["console", "outcome"]);
}

#[test]
fn a_module_is_run_as_a_program_in_the_folder_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.ts"), "console.log(process.argv.slice(2), process.cwd() === import.meta.dirname)")
        .unwrap();
    let server = Server::on_socket(&["--allow-read"]);
    let mut client = server.client();
    let kernel = client.open(json!({"folder": folder.path(), "permissions": {"read": true}}));
    let run = client.ask("run", json!({"kernel": kernel, "module": "./main.ts", "args": ["a"]}))["run"].as_u64().unwrap();
    let events = client.events_of(run);
    let said = events.iter().find(|event| event["type"] == "console").unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(said["text"], "[ 'a' ] true");
    // A module has no globals of CommonJS. The chunks after it have them, also after a module that failed.
    let names = "[typeof require, typeof module, typeof exports].join()";
    for (end, outcome, until_idle) in
        [("", "value", false), ("", "value", true), ("throw 1", "threw", false), ("for (;;);", "timed_out", true)]
    {
        client.ask("reset", json!({"kernel": kernel}));
        for module in ["./one.ts", "./two.ts"] {
            let text = format!("export {{}}; console.log({names}); {end}");
            std::fs::write(folder.path().join(module), text).unwrap();
            let asked = json!({"kernel": kernel, "module": module, "until_idle": until_idle, "vm_timeout_ms": 200});
            let run = client.ask("run", asked)["run"].as_u64().unwrap();
            let events = client.events_of(run);
            let of = |kind: &str| events.iter().find(|event| event["type"] == kind).unwrap_or_else(|| panic!("{events:?}"));
            assert_eq!(
                (&of("console")["text"], &of("outcome")["outcome"]),
                (&json!("undefined,undefined,undefined"), &json!(outcome))
            );
            assert_eq!(client.run(&kernel, names)["value"], "function,object,object");
        }
    }
}
