//! What is said in words: of preloads that fail, of limits, of kernels that are gone, and of names.

use serde_json::{Value, json};

use super::client::{Server, until};

#[test]
fn a_preload_that_is_no_program_is_refused_by_open_and_leaves_no_kernel() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let refused = client.refused("open", json!({"preload": "let let = 1"}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("preload"), &json!("preload")), "{refused}");
    let message = refused["message"].as_str().unwrap();
    assert!(message.starts_with("the preload does not compile: SyntaxError: "), "{message}");
    assert!(message.ends_with("; no kernel was opened"), "{message}");
    assert_eq!(client.ask("list", json!({}))["kernels"], json!([]));
}

#[test]
fn a_run_that_ends_in_the_preload_says_so_and_the_next_evaluates_it_again() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let none = "none of the run's own code was executed, and the next run evaluates the preload again";
    let preload = "globalThis.tries = (globalThis.tries ?? 0) + 1; if (tries < 2) throw new Error('not yet')";
    let kernel = client.open(json!({"preload": preload}));
    let end = client.run(&kernel, "globalThis.ran = true");
    assert_eq!((&end["outcome"], &end["preload"], &end["state"]), (&json!("threw"), &json!("preload"), &json!("kept")), "{end}");
    assert_eq!(end["message"], format!("The preload \"preload\" failed: {none}; state kept"));
    assert_eq!(end["exception"]["message"], "not yet");
    let end = client.run(&kernel, "[tries, typeof ran]");
    assert_eq!((&end["value"], &end["preload"]), (&json!([2, "undefined"]), &Value::Null), "{end}");
    let end = client.run(&kernel, "throw new Error('its own')");
    assert_eq!((&end["outcome"], &end["preload"], &end["message"]), (&json!("threw"), &Value::Null, &Value::Null), "{end}");

    let kernel = client.open(json!({"preload": "for (;;);", "vm_timeout_ms": 50}));
    let end = client.run(&kernel, "1");
    assert_eq!((&end["outcome"], &end["preload"]), (&json!("timed_out"), &json!("preload")), "{end}");
    let message = end["message"].as_str().unwrap();
    assert!(message.starts_with("Timed out: it used up its CPU budget of 50 ms, in the preload \"preload\": none"), "{message}");
    let kernel = client.open(json!({"preload": "await new Promise((done) => setTimeout(done, 600000))", "wall_timeout_ms": 50}));
    let end = client.run(&kernel, "1");
    assert_eq!((&end["stopped"], &end["preload"]), (&json!("await"), &json!("preload")), "{end}");
}

#[test]
fn a_stopped_run_loses_its_timers_and_those_of_others_stay() {
    let server = Server::on_socket(&["--allow-run"]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    client.run(&kernel, "var others = 0; var each = setInterval(() => others++, 1); each.unref(); 1");
    let code = "var turns = 0; for (;;) { await new Promise((done) => setTimeout(done, 30)); turns++; }";
    let end = client.run_with(json!({"kernel": kernel, "code": code, "wall_timeout_ms": 100}));
    assert_eq!(end["message"], "Timed out: it took longer than 100 ms; its timer is cancelled; state kept");
    // A timer that was due before another comes before it.
    let code = "var before = [turns, others]; await new Promise((done) => setTimeout(done, 60)); [turns === before[0], others > before[1]]";
    assert_eq!(client.run(&kernel, code)["value"], json!([true, true]));
    // So it is with calls of the host: nothing behind them goes on.
    let code = "var went = 0; setTimeout(() => {}, 1e6); \
                try { await new Promise((done) => require('child_process').exec('sleep 600', done)) } finally { went = 1 }";
    let trusted = client.open(json!({"permissions": {"run": true}}));
    let end = client.run_with(json!({"kernel": trusted, "code": code, "wall_timeout_ms": 300}));
    assert_eq!(end["message"], "Timed out: it took longer than 300 ms; its timer and its calls are cancelled; state kept");
    assert!(end["dropped_calls"].as_u64() > Some(0), "{end}");
    assert_eq!(client.run(&trusted, "went")["value"], 0);
    let code = "setInterval(() => turns++, 10); setImmediate(() => turns++); for (;;);";
    let end = client.run_with(json!({"kernel": kernel, "code": code, "vm_timeout_ms": 50}));
    let words = "Timed out: it used up its CPU budget of 50 ms; its 2 timers are cancelled; state kept";
    assert_eq!((&end["message"], &end["dropped_timers"]), (&json!(words), &json!(2)));
}

#[test]
fn a_run_that_is_stopped_at_an_await_says_that_what_it_awaited_may_go_on() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    client.run(&kernel, "var [later, never] = [200, 600000].map((time) => new Promise((done) => setTimeout(done, time))); 1");
    let code = "await later; globalThis.went = true";
    let end = client.run_with(json!({"kernel": kernel, "code": code, "wall_timeout_ms": 20}));
    assert_eq!(end["message"], "Timed out: it took longer than 20 ms; its code goes on when what it awaits is done; state kept");
    until("the code behind the await goes on", || client.run(&kernel, "typeof went")["value"] == "boolean");
    let run = client.ask("run", json!({"kernel": kernel, "code": "console.log(1); await never"}));
    while client.event()[1]["type"] != "console" {}
    client.ask("interrupt", json!({"kernel": kernel}));
    let end = client.events_of(run["run"].as_u64().unwrap()).pop().unwrap();
    assert_eq!(end["message"], "Interrupted; its code goes on when what it awaits is done; state kept");
    let run = client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}));
    while client.event()[1]["type"] != "started" {}
    client.ask("reset", json!({"kernel": kernel}));
    let end = client.events_of(run["run"].as_u64().unwrap()).pop().unwrap();
    assert_eq!(end["message"], "Interrupted by a reset; state lost: the session was reset", "it is one line");
}

#[test]
fn a_kernel_that_is_gone_says_why() {
    let server = Server::on_socket(&[]);
    let (mut client, mut other) = (server.client(), server.client());
    let closed = client.open(json!({}));
    client.ask("close", json!({"kernel": closed}));
    let (left, lingered) = (client.open(json!({})), client.open(json!({"linger_ms": 5})));
    drop(client);
    until("both have ended", || server.kernels().is_empty());
    for (kernel, why) in [
        (&*closed, "a client has closed it"),
        (&left, "its last client has left it, and its `linger_ms` was 0"),
        (&lingered, "it had no client for 5 ms, which is as long as its `linger_ms` lets it live without one"),
        ("k", "it was never opened here, or is gone for long"),
    ] {
        let refused = other.refused("attach", json!({"kernel": kernel}));
        assert_eq!(refused["message"], format!("there is no kernel {kernel:?}: {why}"));
    }
}

#[test]
fn a_name_is_encoded_in_frames_as_the_document_says() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    for (name, shown) in [
        ("my file's.ts", "my%20file%27s.ts"),
        ("/a b/100%.ts", "/a%20b/100%25.ts"),
        ("100%.ts", "100%.ts"),
        ("h\u{e9}.ts", "h\u{e9}.ts"),
    ] {
        let end = client.run_with(json!({"kernel": kernel, "code": "throw new Error('x')", "name": name}));
        let exception = &end["exception"];
        assert_eq!((&exception["script"], &exception["frames"][0]["script"]), (&json!(shown), &json!(shown)), "{name}");
        assert!(exception["text"].as_str().unwrap().contains(shown), "{exception}");
    }
}

#[test]
fn the_run_that_sets_an_exit_status_is_told_from_later_ones() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    for (code, status, is_set) in [
        ("process.exitCode = 3; 1", 3, json!(true)),
        ("2", 3, Value::Null),
        ("process.exit(5)", 5, json!(true)),
        ("4", 3, Value::Null),
        ("process.exitCode = 3", 3, json!(true)),
    ] {
        let end = client.run(&kernel, code);
        assert_eq!((&end["exit_code"], &end["exit_code_set"]), (&json!(status), &is_set), "{code}: {end}");
    }
}
