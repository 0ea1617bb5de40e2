//! `drupe mcp` and messages that are none: each request has an answer, and its connection lives.

use std::{
    io::{Read, Write},
    process::{Child, Stdio},
};

use serde_json::{Value, json};

use crate::{
    common::{Running, drupe, eventually, run_with},
    mcp::Client,
};

/// Says a line, and returns the error that comes for it.
fn refused(server: &mut Running, line: &str) -> (Value, i64, String) {
    server.type_in(&format!("{line}\n"));
    let answer = server.line();
    let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let message = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (answer["id"].clone(), answer["error"]["code"].as_i64().unwrap(), message)
}

/// A request of a loop that is read over and over: it is larger than a message may be.
fn large(id: &str) -> String {
    let code = "x".repeat((32 << 20) + 1000);
    format!(r#"{{"method":"tools/call","params":{{"name":"js_run","arguments":{{"code":"{code}"}}}},"jsonrpc":"2.0"{id}}}"#)
}

#[test]
fn whatever_a_client_says_it_has_an_answer_and_goes_on() {
    let mut client = Client::start(&[]);
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":"deep","method":"ping","params":{{"a":{}1{}}}}}"#, "[".repeat(130), "]".repeat(130));
    for (line, id, code) in [
        ("nonsense", Value::Null, -32700),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,", Value::Null, -32700),
        ("[]", Value::Null, -32600),
        (r#"[{"jsonrpc":"2.0","id":70,"method":"ping"}]"#, Value::Null, -32600),
        (
            r#"{"jsonrpc":"2.0","id":71,"method":"tools/call","params":{"name":"js_run","arguments":{"code":"\ud800"}}}"#,
            json!(71),
            -32600,
        ),
        (&deep, json!("deep"), -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Value::Null, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, json!(1.5), -32600),
        (r#"{"id":72,"method":"ping"}"#, json!(72), -32600),
        (r#"{"jsonrpc":"2.0","id":73,"method":"tools/call","params":{}}"#, json!(73), -32602),
        (r#"{"jsonrpc":"2.0","id":74,"method":"tools/call","params":{"name":"js_fly"}}"#, json!(74), -32602),
        (r#"{"jsonrpc":"2.0","id":75,"method":"dance"}"#, json!(75), -32601),
        (r#"{"jsonrpc":"2.0","id":76,"method":"resources/list"}"#, json!(76), -32601),
        (r#"{"jsonrpc":"2.0","id":77,"method":"prompts/list"}"#, json!(77), -32601),
    ] {
        let (told, found, message) = refused(&mut client.server, line);
        assert_eq!((told, found), (id, code), "{line}: {message}");
    }
    // Too large to be kept: the id is found wherever it stands.
    for (id, told) in [(",\"id\":78", json!(78)), (",\"id\":\"large\"", json!("large"))] {
        let (found, code, message) = refused(&mut client.server, &large(id));
        assert_eq!((found, code), (told, -32600));
        assert!(message.contains("at most 33554432 bytes, and this one has 33555"), "{message}");
    }
    // Nobody waits for these.
    for line in ["", "  ", r#"{"jsonrpc":"2.0","method":"x","params":"\ud800"}"#, r#"{"jsonrpc":"2.0","id":99,"result":{}}"#] {
        client.server.type_in(&format!("{line}\n"));
    }
    assert_eq!(client.call("js_run", json!({ "code": "1 + 1" }))["value"], 2);
}

#[test]
fn two_requests_with_one_id_have_two_answers() {
    let mut client = Client::start(&[]);
    let session = client.call("js_sessions", json!({ "action": "open" }))["session"]["session"].clone();
    let call = |code: &str| json!({ "name": "js_run", "arguments": { "session": session, "code": code } });
    let first = client.send("tools/call", call("for (;;);"));
    client.say(&json!({ "jsonrpc": "2.0", "id": first, "method": "ping" }));
    let second = client.message();
    assert_eq!((&second["id"], &second["error"]["code"]), (&json!(first), &json!(-32600)));
    // The loop is still there, and its answer comes when it is stopped.
    let stopped = client.send("tools/call", json!({ "name": "js_interrupt", "arguments": { "session": session } }));
    let mut ids = [client.message(), client.message()].map(|answer| {
        assert!(answer["result"].is_object(), "{answer}");
        answer["id"].as_u64().unwrap()
    });
    ids.sort_unstable();
    assert_eq!(ids, [first, stopped]);
    // Once it has its answer, an id may be used again.
    client.say(&json!({ "jsonrpc": "2.0", "id": first, "method": "ping" }));
    assert_eq!(client.message()["result"], json!({}));
}

#[test]
fn a_client_that_begins_wrongly_may_begin_again() {
    let mut server = Running::start(&["mcp"]);
    server.type_in(
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}\n",
    );
    for (line, code) in [
        ("hello", -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"js_run","arguments":{"code":"1"}}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":7}}"#, -32602),
        (r#"{"jsonrpc":"2.0","id":4,"method":"initialize"}"#, -32602),
    ] {
        assert_eq!(refused(&mut server, line).1, code, "{line}");
    }
    server.type_in("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":9}}\n");
    let info = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
    server.type_in(&format!("{}\n", json!({ "jsonrpc": "2.0", "id": 5, "method": "initialize", "params": params })));
    let answer: Value = serde_json::from_str(&server.line()).unwrap();
    assert_eq!(answer["result"]["serverInfo"]["name"], "drupe");
    let said = server.finish();
    assert_eq!((said.status, &*said.err), (Some(0), ""));
}

#[test]
fn the_last_line_needs_no_end() {
    let info = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
    let begin = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let call = json!({ "name": "js_run", "arguments": { "code": "6 * 7" } });
    let run = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call });
    let said = run_with(&["mcp"], &format!("\u{feff}{begin}\r\n{run}"));
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["id"], &last["result"]["structuredContent"]["value"]), (&json!(2), &json!(42)));
    assert_eq!((said.status, &*said.err), (Some(0), ""));
}

/// A client that reads nothing of what it asks for, and leaves.
fn abandon(command: &[&str], first: &str, request: &[u8]) -> Child {
    let mut child = drupe(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(first.as_bytes()).unwrap();
    // The server stops reading when its output is full. The pipe to it is full then, too.
    let flags = rustix::fs::fcntl_getfl(&input).unwrap();
    rustix::fs::fcntl_setfl(&input, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut refusals = 0;
    while refusals < 100 {
        match rustix::io::write(&input, request) {
            Ok(_) => refusals = 0,
            Err(_) => {
                refusals += 1;
                // By the clock: the server does not say that it has stopped.
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
    drop(input);
    child
}

/// It ends by itself, and says nothing that is half.
fn until_ended(mut child: Child) {
    eventually("the end of a server whose client has left", || child.try_wait().unwrap());
    let mut rest = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
    assert!(!rest.is_empty());
}

#[test]
fn a_server_whose_client_reads_nothing_and_leaves_ends() {
    let info = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
    let begin = json!({ "jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params });
    // What is refused is answered at once, by as much as was said.
    let refused = format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{}\",\"method\":1}}\n", "x".repeat(900));
    let models = abandon(&["mcp"], &format!("{begin}\n"), refused.repeat(70).as_bytes());
    let pings = "[\"list\",{\"id\":1}]\n".repeat(3000);
    let clients = abandon(&["serve", "--stdio"], "[\"hello\",{\"versions\":[1]}]\n", pings.as_bytes());
    until_ended(models);
    until_ended(clients);
}
