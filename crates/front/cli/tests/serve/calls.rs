//! Functions and questions that clients answer.

use serde_json::{Value, json};

use super::client::{Client, Server};

/// The next call, past events.
fn call(client: &mut Client) -> Value {
    loop {
        let message = client.hear();
        match message[0].as_str() {
            Some("call") => return message[1].clone(),
            Some("event") => client.events.push(message),
            _ => panic!("{message}"),
        }
    }
}

#[test]
fn functions_of_a_client_are_called_with_values_and_may_fail_or_stream() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"functions": ["add", "db.rows"], "reserved": ["secret"]}));
    let run = client.ask("run", json!({"kernel": kernel, "code": "await host.add(1, 2n)"}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    let expected = json!([1, {"$type": "bigint", "value": "2"}]);
    assert_eq!(
        (&asked["op"], &asked["function"], &asked["args"], &asked["run"]),
        (&json!("function"), &json!("add"), &expected, &json!(run))
    );
    client.say(&json!(["answer", {"call": asked["call"], "value": {"sum": 3}}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], json!({"sum": 3}));

    let code = "try { await host.add() } catch (error) { [error instanceof TypeError, error.message, error.code, error.line] }";
    let run = client.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.say(&json!(["fail", {"call": asked["call"], "name": "TypeError", "message": "two, please", "code": "E_TWO", "properties": {"line": 7}}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], json!([true, "two, please", "E_TWO", 7]));

    let code = "const all = []; for await (const row of host.db.rows()) { all.push(row); if (all.length === 2) break }; all";
    let run = client.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.say(&json!(["stream", {"call": asked["call"]}]));
    for row in 0..2 {
        loop {
            let message = client.hear();
            if message[0] == "next" {
                break;
            }
            client.events.push(message);
        }
        client.say(&json!(["item", {"call": asked["call"], "value": row}]));
    }
    // Nobody wants the rest.
    loop {
        let message = client.hear();
        if message[0] == "cancel" {
            assert_eq!(message[1]["call"], asked["call"]);
            break;
        }
        client.events.push(message);
    }
    assert_eq!(client.events_of(run).pop().unwrap()["value"], json!([0, 1]));

    let code = "try { await host.add() } catch (error) { error.code }";
    let run = client.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.say(&json!(["answer", {"call": asked["call"], "value": {"$type": "Nope"}}]));
    let refused = client.hear_past_events();
    assert_eq!((&refused[0], &refused[1]["call"], &refused[1]["field"]), (&json!("error"), &asked["call"], &json!("value")));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], "ERR_INVALID_RETURN_VALUE");

    let end = client.run(&kernel, "await host.secret()");
    assert_eq!(end["outcome"], "threw");
    let run =
        client.ask("run", json!({"kernel": kernel, "code": "await host.secret()", "grant": ["secret"]}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.say(&json!(["answer", {"call": asked["call"], "value": 1}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], 1);
    let bad = client.refused("register", json!({"kernel": kernel, "functions": ["no name"]}));
    assert_eq!((&bad["code"], &bad["field"]), (&json!("bad_name"), &json!("functions")));
}

#[test]
fn a_call_is_taken_back_when_its_run_is_stopped_and_fails_when_its_client_goes() {
    let server = Server::on_socket(&[]);
    let (mut client, mut other) = (server.client(), server.client());
    let kernel = client.open(json!({"functions": ["wait"]}));
    let run = client.ask("run", json!({"kernel": kernel, "code": "await host.wait()"}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.ask_skipping("interrupt", json!({"kernel": kernel}), &asked["call"]);
    assert_eq!(client.events_of(run).pop().unwrap()["outcome"], "interrupted");
    // An answer that comes too late is skipped.
    client.say(&json!(["answer", {"call": asked["call"], "value": 1}]));

    other.ask("attach", json!({"kernel": kernel}));
    let code = "try { await host.wait() } catch (error) { error.code }";
    let run = other.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    call(&mut client);
    drop(client);
    assert_eq!(other.events_of(run).pop().unwrap()["value"], "ERR_CLIENT_GONE");
    assert_eq!(other.run(&kernel, code)["value"], "ERR_CLIENT_GONE");
    other.ask("register", json!({"kernel": kernel, "functions": ["wait"]}));
    let run = other.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
    let asked = call(&mut other);
    other.say(&json!(["answer", {"call": asked["call"], "value": "mine"}]));
    assert_eq!(other.events_of(run).pop().unwrap()["value"], "mine");
}

#[test]
fn what_a_policy_lets_ask_for_a_person_alone_grants() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let (file, policy) = (folder.join("data.txt"), folder.join("p.toml"));
    std::fs::write(&file, "text").unwrap();
    std::fs::write(&policy, format!("[ask]\nread = [{file:?}]\n")).unwrap();
    let server = Server::on_socket(&["--policy", policy.to_str().unwrap()]);
    let mut client = server.client();
    let refused = client.refused("open", json!({"permissions": {"read": [file]}}));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("forbidden"), &json!("permissions.read")), "{refused}");
    let kernel = client.open(json!({"answers": ["permission"]}));
    let read = format!("require('fs').readFileSync({:?}, 'utf8')", file.display().to_string());
    let run = client.ask("run", json!({"kernel": kernel, "code": read}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    assert_eq!((&asked["permission"], &asked["resource"]), (&json!("read"), &json!(file)));
    client.say(&json!(["answer", {"call": asked["call"], "value": "once"}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], "text");
    let end = client.run(&kernel, "require('fs').readFileSync('/etc/passwd', 'utf8')");
    assert_eq!(end["outcome"], "threw", "{end}");
}

#[test]
fn questions_go_to_a_client_that_answers_them_and_are_denied_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().canonicalize().unwrap().join("data.txt");
    std::fs::write(&file, "text").unwrap();
    let server = Server::on_socket(&[&format!("--allow-read={}", file.display())]);
    let mut client = server.client();
    let kernel = client.open(json!({"answers": ["permission", "confirm", "prompt"]}));
    let read = format!("require('fs').readFileSync({:?}, 'utf8')", file.display().to_string());
    let run = client.ask("run", json!({"kernel": kernel, "code": read}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    assert_eq!((&asked["op"], &asked["permission"], &asked["resource"]), (&json!("permission"), &json!("read"), &json!(file)));
    client.say(&json!(["answer", {"call": asked["call"], "value": "once"}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], "text");
    // A no is told as a person's.
    let run = client.ask("run", json!({"kernel": kernel, "code": read}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    client.say(&json!(["answer", {"call": asked["call"], "value": "deny"}]));
    let end = client.events_of(run).pop().unwrap().to_string();
    assert!(end.contains("and the person who was asked said no; the next attempt asks again"), "{end}");
    // Nobody is asked for what the server does not allow.
    let end = client.run(&kernel, "require('fs').readFileSync('/etc/passwd', 'utf8')");
    assert_eq!((&end["outcome"], &end["exception"]["value"]["name"]), (&json!("threw"), &json!("PermissionDenied")), "{end}");

    let run =
        client.ask("run", json!({"kernel": kernel, "code": "[confirm('sure?'), prompt('name?', 'x')]"}))["run"].as_u64().unwrap();
    let asked = call(&mut client);
    assert_eq!((&asked["op"], &asked["message"]), (&json!("confirm"), &json!("sure?")));
    client.say(&json!(["answer", {"call": asked["call"], "value": true}]));
    let asked = call(&mut client);
    assert_eq!((&asked["op"], &asked["default"]), (&json!("prompt"), &json!("x")));
    client.say(&json!(["answer", {"call": asked["call"], "value": "me"}]));
    assert_eq!(client.events_of(run).pop().unwrap()["value"], json!([true, "me"]));

    let silent = client.open(json!({}));
    assert_eq!(client.run(&silent, "[confirm('sure?'), prompt('name?')]")["value"], json!([false, null]));
    assert_eq!(client.run(&silent, &read)["outcome"], "threw");
}

impl Client {
    /// The next message that is no event.
    fn hear_past_events(&mut self) -> Value {
        loop {
            let message = self.hear();
            if message[0] != "event" {
                return message;
            }
            self.events.push(message);
        }
    }

    /// As `ask`, past the cancel of a call.
    fn ask_skipping(&mut self, name: &str, body: Value, call: &Value) -> Value {
        let id = self.request(name, body);
        let mut cancelled = false;
        let mut reply = None;
        while !cancelled || reply.is_none() {
            let message = self.hear();
            match message[0].as_str() {
                Some("cancel") => cancelled = message[1]["call"] == *call,
                Some("reply") if message[1]["id"] == id => reply = Some(message[1].clone()),
                _ => self.events.push(message),
            }
        }
        reply.unwrap()
    }
}

/// A stop may come while the kernel looks at something else, such as the next run: nothing wakes it up then.
#[test]
fn an_interrupt_that_comes_with_the_next_run_is_not_lost() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    // In the first run of a kernel, its engine still has tasks of its own.
    for round in 0..150 {
        let kernel = client.open(json!({"functions": ["press"]}));
        let code = "await host.press(); for (;;);";
        let run = client.ask("run", json!({"kernel": kernel, "code": code}))["run"].as_u64().unwrap();
        call(&mut client);
        // Other times are met in other rounds.
        let begun = std::time::Instant::now();
        while begun.elapsed() < std::time::Duration::from_micros(round * 7) {}
        let interrupt = json!(["interrupt", {"id": 900_000, "kernel": kernel, "run": run}]);
        let next = json!(["run", {"id": 900_001, "kernel": kernel, "code": "1"}]);
        client.stream_write(format!("{interrupt}\n{next}\n").as_bytes());
        let (mut ends, mut replies) = (Vec::new(), 0);
        while ends.len() < 2 || replies < 2 {
            let message = if client.events.is_empty() { client.hear() } else { client.events.remove(0) };
            replies += usize::from(message[0] == "reply");
            if message[1]["type"] == "outcome" {
                ends.push(message[1]["outcome"].clone());
            }
        }
        assert_eq!(ends, ["interrupted", "value"], "{round}");
        client.ask("close", json!({"kernel": kernel}));
        client.events.clear();
    }
}
