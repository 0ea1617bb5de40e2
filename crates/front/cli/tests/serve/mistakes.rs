//! Bad input: a typed error names what is wrong, and the connection lives where its messages can still be told apart.

use std::io::{Read, Write};

use serde_json::{Value, json};

use super::client::{Client, Server};

#[test]
fn a_message_that_is_wrong_is_refused_by_its_field_and_the_next_is_carried_out() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let reference = |index| json!([{"$type": "ref", "index": index}, []]);
    let regexp = |source: &str, flags: &str| json!({"$type": "RegExp", "source": source, "flags": flags});
    for (name, body, code, field) in [
        ("run", json!({"kernel": kernel}), "bad_message", "code"),
        ("run", json!({"kernel": kernel, "code": "1", "module": "x"}), "bad_message", "code"),
        ("run", json!({"kernel": kernel, "code": 1}), "bad_message", "code"),
        ("run", json!({"kernel": kernel, "code": "1", "vm_timeout_ms": -1}), "bad_message", "vm_timeout_ms"),
        ("run", json!({"kernel": kernel, "code": "1", "vm_timeout_ms": 1e300}), "bad_message", "vm_timeout_ms"),
        ("run", json!({"kernel": kernel, "code": "1", "language": "cobol"}), "bad_message", "language"),
        ("run", json!({"kernel": kernel, "code": "1", "inputs": {"a": {"$type": "No"}}}), "bad_message", "inputs.a"),
        ("run", json!({"kernel": kernel, "code": "1", "inputs": {"a": reference(1)}}), "bad_message", "inputs.a"),
        ("run", json!({"kernel": kernel, "code": "1", "inputs": {"a": [regexp("(", "gg")]}}), "bad_message", "inputs.a"),
        ("run", json!({"kernel": kernel, "code": "1", "memory_limit": 1e30}), "bad_message", "memory_limit"),
        ("run", json!({"kernel": "k", "code": "1"}), "unknown_kernel", "kernel"),
        ("run", json!({"code": "1"}), "bad_message", "kernel"),
        ("open", json!({"permissions": {"read": 1}}), "bad_message", "permissions.read"),
        ("open", json!({"permissions": {"raed": true}}), "bad_message", "permissions.raed"),
        ("open", json!({"deny": {"everything": true}}), "bad_message", "deny.everything"),
        ("open", json!({"folder": "/no/such/folder"}), "forbidden", "folder"),
        ("open", json!({"answers": ["everything"]}), "bad_message", "answers[0]"),
        ("open", json!({"events": ["everything"]}), "bad_message", "events[0]"),
        ("complete", json!({"kernel": kernel, "code": "x", "cursor": -1}), "bad_message", "cursor"),
        ("attach", json!({"kernel": kernel, "after": "now"}), "bad_message", "after"),
        ("interrupt", json!({"kernel": kernel, "run": 0}), "bad_message", "run"),
        ("interrupt", json!({"kernel": kernel, "run": 99}), "bad_message", "run"),
        ("format", json!({"code": "let let"}), "bad_message", "code"),
    ] {
        let refused = client.refused(name, body.clone());
        assert_eq!((refused["code"].as_str(), refused["field"].as_str()), (Some(code), Some(field)), "{name} {body}: {refused}");
    }
    for text in ["nonsense", "[]", "{}", "[\"run\"]", "[\"ping\",{}]", "\u{feff}", "[\"ping\",{\"id\":\"1\"}]", "[[[[[[", "null"]
    {
        client.stream_write(format!("{text}\n").as_bytes());
        let message = client.hear();
        assert_eq!((&message[0], &message[1]["code"]), (&json!("error"), &json!("bad_message")), "{text}: {message}");
    }
    client.stream_write(b"\xff\xfe\n\n  \n");
    assert_eq!(client.hear()[1]["code"], "bad_message");
    client.say(&json!(["dance", {}]));
    assert_eq!(client.hear()[1]["code"], "unknown_message");
    client.say(&json!(["hello", {"versions": [1]}]));
    assert_eq!(client.hear()[1]["code"], "bad_message");
    client.say(&json!(["answer", {"call": 99, "value": 1}]));
    // One that begins with a number that no integer type holds is still told by its own number.
    client.stream_write(b"[\"ping\",{\"other\":1e999,\"id\":77}]\n");
    assert_eq!(client.hear()[1]["id"], 77);
    // What went wrong in a run is told as its end.
    let end = client.run_with(json!({"kernel": kernel, "code": "1", "inputs": {"not a name": 1}}));
    assert_eq!((&end["type"], &end["cause"]), (&json!("error"), &json!("input_name")));
    // Only an engine knows whether the source of a regular expression is one.
    let end = client.run_with(json!({"kernel": kernel, "code": "1", "inputs": {"fine": 1, "bad": {"in": regexp("(", "g")}}}));
    assert_eq!((&end["outcome"], &end["exception"]["name"]), (&json!("threw"), &json!("TypeError")));
    let message = end["exception"]["message"].as_str().unwrap();
    assert!(message.starts_with("the input \"bad\" cannot be defined: Invalid regular expression: /(/g: "), "{message}");
    assert_eq!(client.run(&kernel, "'alive'")["value"], "alive");
}

#[test]
fn a_client_that_does_not_greet_is_refused() {
    let server = Server::on_socket(&[]);
    for (first, code) in [
        (json!(["ping", {"id": 1}]), "expected_hello"),
        (json!(["hello", {"versions": [2, 3]}]), "version"),
        (json!(["hello", {}]), "bad_message"),
        (json!("hello"), "bad_message"),
    ] {
        let mut client = server.connect();
        client.say(&first);
        let refused = client.hear();
        assert_eq!((&refused[0], &refused[1]["code"]), (&json!("refused"), &json!(code)), "{first}");
        assert_eq!(client.hear(), Value::Null);
    }
    // What it is told to write is what must come first.
    let mut client = server.connect();
    client.say(&json!("hello"));
    let refused = client.hear();
    assert!(refused[1]["message"].as_str().unwrap().contains(r#"such as ["hello",{"versions":[1]}]"#), "{refused}");
    let mut client = server.connect();
    client.stream_write(&vec![b'x'; 70_000]);
    assert_eq!(client.hear()[1]["code"], "too_large");
    drop(client);
    server.client();
}

#[test]
fn frames_are_msgpack_and_a_damaged_one_does_not_end_the_connection() {
    let server = Server::on_socket(&[]);
    let mut frames = Frames(server.connect());
    frames.say(&json!(["hello", {"versions": [1]}]));
    assert_eq!(frames.hear()[0], "welcome");
    frames.raw(b"\xc1");
    assert_eq!(frames.hear()[1]["code"], "bad_message");
    frames.raw(b"");
    assert_eq!(frames.hear()[1]["code"], "bad_message");
    frames.say(&json!(["ping", {"id": 5}]));
    assert_eq!(frames.hear(), json!(["reply", {"id": 5}]));
    frames.say(&json!(["run", {"id": 6, "kernel": "x", "code": 1}]));
    let error = frames.hear();
    assert_eq!((&error[1]["id"], &error[1]["field"]), (&json!(6), &json!("code")));
    // A frame that is too large ends it.
    frames.0.stream_write(&u32::MAX.to_le_bytes());
    assert_eq!(frames.hear()[1]["code"], "too_large");
    assert!(frames.0.rest().is_empty());
}

#[test]
fn json_flag_makes_every_connection_json_lines() {
    let mut child = crate::common::drupe(&["serve", "--stdio", "--json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"[\"hello\",{\"versions\":[1]}]\n[\"ping\",{\"id\":1}]\n").unwrap();
    drop(input);
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    assert_eq!(lines[0][0], "welcome");
    assert_eq!(lines[1], json!(["reply", {"id": 1}]));
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_client_that_speaks_msgpack_is_told_that_the_server_speaks_json_lines() {
    let server = Server::on_socket(&["--json"]);
    let mut frames = Frames(server.connect());
    frames.say(&json!(["hello", {"versions": [1]}]));
    let refused = frames.hear();
    assert_eq!((&refused[0], &refused[1]["code"]), (&json!("refused"), &json!("bad_message")), "{refused}");
    assert!(refused[1]["message"].as_str().unwrap().contains("JSON lines alone"), "{refused}");
    assert!(frames.0.rest().is_empty());
}

#[test]
fn an_answer_that_a_question_cannot_have_is_told_to_who_gave_it() {
    let server = Server::on_socket(&["--allow-read=/etc/hostname"]);
    let mut client = server.client();
    let kernel = client.open(json!({"answers": ["permission", "confirm", "prompt"]}));
    for (code, wrong, wanted, got) in [
        (
            "try { require('fs').readFileSync('/etc/hostname') } catch (error) { error.deniedBy }",
            json!("yes"),
            "\"once\", \"session\" or \"deny\"",
            "question",
        ),
        ("String(confirm('?'))", json!("yes"), "true or false", "false"),
        ("String(prompt('?'))", json!(5), "a string or null", "null"),
    ] {
        let run = client.ask("run", json!({"kernel": kernel, "code": code}));
        let call = loop {
            let message = client.hear();
            if message[0] == "call" {
                break message[1]["call"].clone();
            }
        };
        client.say(&json!(["answer", {"call": call, "value": wrong}]));
        let error = loop {
            let message = client.hear();
            if message[0] == "error" {
                break message[1].clone();
            }
        };
        assert_eq!((&error["call"], &error["code"], &error["field"]), (&call, &json!("bad_message"), &json!("value")), "{error}");
        assert_eq!(error["message"], format!("the answer must be {wanted}"));
        let end = client.events_of(run["run"].as_u64().unwrap()).pop().unwrap();
        assert_eq!(end["value"], got, "{code}: {end}");
    }
}

/// A client that speaks msgpack in frames.
struct Frames(Client);

impl Frames {
    fn raw(&mut self, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
        self.0.stream_write(&[&length, payload].concat());
    }

    fn say(&mut self, message: &Value) {
        self.raw(&rmp_serde::to_vec_named(message).unwrap());
    }

    fn hear(&mut self) -> Value {
        let mut length = [0; 4];
        self.0.read_exact(&mut length);
        let mut payload = vec![0; u32::from_le_bytes(length) as usize];
        self.0.read_exact(&mut payload);
        rmp_serde::from_slice(&payload).unwrap()
    }
}

impl Client {
    pub(super) fn stream_write(&mut self, bytes: &[u8]) {
        let mut stream = self.stream();
        stream.write_all(bytes).unwrap();
    }
}

#[test]
fn a_client_that_says_no_more_gets_its_answers_and_is_let_go_while_its_kernel_floods() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let started = client.ask("run", json!({"kernel": kernel, "code": "for (;;) console.log('x')"}));
    assert_eq!(started["run"], 1);
    // It waits for its client now, and could not answer.
    super::client::until("the kernel is held back", || is_idle(server.kernels()[0]));
    client.request("globals", json!({"kernel": kernel}));
    client.stream().shutdown(std::net::Shutdown::Write).unwrap();
    let rest = String::from_utf8(client.rest()).unwrap();
    assert!(rest.lines().any(|line| line.starts_with("[\"reply\",{\"id\":3")), "{}", rest.len());
    super::client::until("the kernel has ended", || server.kernels().is_empty());
}

/// Whether a process uses no time of a processor for a while.
fn is_idle(pid: u32) -> bool {
    let used = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.split(' ').skip(13).take(2).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let before = used();
    std::thread::sleep(std::time::Duration::from_millis(200));
    used() == before
}

#[test]
fn more_objects_than_a_message_may_have_are_refused_before_they_are_made() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    client.stream_write(format!("[\"answer\",{{\"call\":1,\"value\":[{}0]}}]\n", "[],".repeat(1 << 20)).as_bytes());
    let refused = client.hear();
    assert!(refused[1]["message"].as_str().unwrap().contains("more than 2097152 objects"), "{refused}");
    client.ask("ping", json!({}));
}
