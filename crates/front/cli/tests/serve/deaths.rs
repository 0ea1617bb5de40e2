//! The client, the kernel or the server is killed.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::client::{Server, is_alive, until};

fn kill(pid: u32) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn a_killed_kernel_is_told_and_the_next_run_gets_another() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    client.run(&kernel, "let x = 1");
    let run = client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}))["run"].as_u64().unwrap();
    while client.event()[1]["type"] != "started" {}
    server.kernels().into_iter().for_each(kill);
    let end = client.events_of(run).pop().unwrap();
    assert_eq!(
        (&end["type"], &end["cause"], &end["signal"], &end["started"]),
        (&json!("error"), &json!("signal"), &json!("SIGKILL"), &json!(true))
    );
    let run = client.ask("run", json!({"kernel": kernel, "code": "typeof x"}))["run"].as_u64().unwrap();
    let events = client.events_of(run);
    assert_eq!((&events[0]["type"], &events[0]["reason"]), (&json!("session"), &json!("respawned")));
    let end = events.last().unwrap();
    assert_eq!((&end["value"], &end["state"], &end["new_session"]), (&json!("undefined"), &json!("lost"), &json!(true)));
    assert!(end["message"].as_str().unwrap().starts_with("state lost: the kernel was ended by signal 9"), "{end}");
    assert_eq!(client.run(&kernel, "1")["state"], "kept");
    let stubborn = client.open(json!({"respawn": "never"}));
    client.run(&stubborn, "1");
    server.kernels().into_iter().for_each(kill);
    until("the kernel's end is known", || client.run(&stubborn, "1")["type"] == "error");
    client.ask("terminate", json!({"kernel": kernel}));
    let end = client.run(&kernel, "1");
    assert_eq!((&end["type"], &end["cause"]), (&json!("error"), &json!("terminated")));
}

#[test]
fn a_kernel_ends_with_its_last_client_unless_the_opener_asked_for_more() {
    let server = Server::on_socket(&[]);
    let mut watch = server.client();
    let mut client = server.client();
    client.open(json!({}));
    drop(client);
    until("the kernel has ended", || server.kernels().is_empty());
    assert_eq!(watch.ask("list", json!({}))["kernels"], json!([]));

    let mut client = server.client();
    let kept = client.open(json!({"linger_ms": 600_000, "on_disconnect": "keep"}));
    client
        .ask("run", json!({"kernel": kept, "code": "await new Promise((done) => setTimeout(done, 50)); globalThis.done = true"}));
    drop(client);
    until("the run has ended", || {
        let listed = watch.ask("list", json!({}));
        listed["kernels"][0]["clients"] == 0 && listed["kernels"][0]["runs"] == json!([])
    });
    watch.ask("attach", json!({"kernel": kept}));
    assert_eq!(watch.run(&kept, "done")["value"], true);
    watch.ask("close", json!({"kernel": kept}));

    let mut client = server.client();
    let kernel = client.open(json!({"linger_ms": 600_000}));
    let code = "let kept = 1; console.log('kept'); await new Promise((done) => setTimeout(done, 600000))";
    client.ask("run", json!({"kernel": kernel, "code": code}));
    client.ask("run", json!({"kernel": kernel, "code": "globalThis.never = 1"}));
    while client.event()[1]["type"] != "console" {}
    drop(client);
    until("the client is known to be gone", || watch.ask("list", json!({}))["kernels"][0]["clients"] == 0);
    watch.ask("attach", json!({"kernel": kernel, "after": 0}));
    let mut outcomes = Vec::new();
    while outcomes.len() < 2 {
        let event = watch.event()[1].take();
        if event["type"] == "outcome" {
            outcomes.push(event["outcome"].clone());
        }
    }
    assert_eq!(outcomes, ["interrupted", "interrupted"]);
    assert_eq!(watch.run(&kernel, "[kept, typeof never]")["value"], json!([1, "undefined"]));
}

#[test]
fn nothing_is_left_of_a_server_that_is_killed() {
    let mut server = Server::on_socket(&[]);
    let mut client = server.client();
    client.open(json!({}));
    client.open(json!({}));
    let kernels = server.kernels();
    assert_eq!(kernels.len(), 2);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert_eq!(client.hear(), Value::Null);
    until("the kernels have ended", || !kernels.iter().any(|pid| is_alive(*pid)));
    // Its socket is taken over.
    assert!(server.path().exists());
}

#[test]
fn a_server_that_is_asked_to_end_tells_its_clients() {
    let mut server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let pid = Pid::from_raw(i32::try_from(server.child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(client.hear(), json!(["closed", {"kernel": kernel, "reason": "shutdown"}]));
    assert_eq!(client.hear(), Value::Null);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(!server.path().exists());
}

#[test]
fn runs_of_a_kernel_that_is_closed_end_before_it_is_told() {
    let server = Server::on_socket(&[]);
    let (mut client, mut other) = (server.client(), server.client());
    let kernel = client.open(json!({}));
    other.ask("attach", json!({"kernel": kernel, "after": 0}));
    let busy = client.ask("run", json!({"kernel": kernel, "code": "for (;;);"}))["run"].as_u64().unwrap();
    let queued = client.ask("run", json!({"kernel": kernel, "code": "1"}))["run"].as_u64().unwrap();
    while client.event()[1]["type"] != "started" {}
    client.ask("close", json!({"kernel": kernel}));
    for reader in [&mut client, &mut other] {
        let mut ended = Vec::new();
        loop {
            let message = reader.event();
            if message[0] == "closed" {
                break;
            }
            if message[1]["type"] == "error" {
                assert_eq!(message[1]["cause"], "terminated");
                ended.push(message[1]["run"].as_u64().unwrap());
            }
        }
        assert_eq!(ended, [busy, queued]);
    }
    assert_eq!(other.refused("attach", json!({"kernel": kernel}))["code"], "unknown_kernel");
}
