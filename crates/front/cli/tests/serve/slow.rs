//! Clients that do not read.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Client, Server};

/// 40 MB of console output, in pieces.
const FLOOD: &str = "for (let i = 0; i < 4000; i++) console.log('x'.repeat(10_000)); 'done'";

#[test]
fn a_client_that_is_waited_for_slows_its_kernel_and_loses_nothing() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({}));
    let run = client.ask("run", json!({"kernel": kernel, "code": FLOOD}))["run"].as_u64().unwrap();
    // Another client sees that the run does not end while nobody reads.
    let mut other = server.client();
    let mut last = 0;
    super::client::until("the kernel waits", || {
        std::thread::sleep(Duration::from_millis(50));
        let listed = other.ask("list", json!({}));
        let seq = listed["kernels"][0]["seq"].as_u64().unwrap();
        seq > 0 && seq == std::mem::replace(&mut last, seq)
    });
    assert!(last < 4000, "{last}");
    let events = client.events_of(run);
    assert_eq!(events.iter().filter(|event| event["type"] == "console").count(), 4000);
    assert_eq!(events.last().unwrap()["value"], "done");
}

#[test]
fn a_client_that_is_not_waited_for_is_told_what_it_missed() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"slow": "drop"}));
    let run = client.ask("run", json!({"kernel": kernel, "code": FLOOD}))["run"].as_u64().unwrap();
    let mut other = server.client();
    super::client::until("the run has ended", || other.ask("list", json!({}))["kernels"][0]["runs"] == json!([]));
    let (mut told, mut missed, mut next) = (0, 0, 1);
    loop {
        let message = client.event();
        if message[0] == "missed" {
            assert_eq!(message[1]["first"], next);
            missed += message[1]["types"]["console"].as_u64().unwrap_or(0);
            next = message[1]["last"].as_u64().unwrap() + 1;
            continue;
        }
        assert_eq!(message[1]["seq"], next);
        next += 1;
        told += u64::from(message[1]["type"] == "console");
        if message[1]["type"] == "outcome" {
            assert_eq!(message[1]["run"], run);
            break;
        }
    }
    assert!(missed > 0, "nothing was missed");
    assert_eq!(told + missed, 4000);
}

#[test]
fn a_large_end_reaches_a_client_that_is_not_waited_for() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"slow": "drop", "journal_limit": 4096}));
    for _ in 0..3 {
        let end = client.run(&kernel, "'x'.repeat(3_000_000)");
        assert_eq!(end["value"].as_str().map(str::len), Some(3_000_000));
    }
}

#[test]
fn a_client_that_reads_nothing_is_given_up_for_one_that_reads_all() {
    let server = Server::on_socket(&[]);
    let (mut reader, mut stalled) = (server.client(), server.client());
    let kernel = reader.open(json!({}));
    stalled.ask("attach", json!({"kernel": kernel, "slow": "wait"}));
    let start = Instant::now();
    let run = reader.ask("run", json!({"kernel": kernel, "code": FLOOD}))["run"].as_u64().unwrap();
    // What the reader says meanwhile does not put it off.
    let mut events = Vec::new();
    while events.last().is_none_or(|event: &serde_json::Value| event["type"] != "outcome") {
        events.push(reader.event()[1].clone());
        if events.len() % 500 == 0 {
            reader.ask("ping", json!({}));
        }
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    assert_eq!(events.last().unwrap()["run"], run);
    // The reader is still waited for.
    let again = reader.ask("run", json!({"kernel": kernel, "code": FLOOD}))["run"].as_u64().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let events = reader.events_of(again);
    assert_eq!(events.iter().filter(|event| event["type"] == "console").count(), 4000);
}

/// The time that 99 of 100 runs take at most, over some clients.
fn p99(clients: &mut [(Client, String)], rounds: usize) -> Duration {
    let mut times = Vec::new();
    for _ in 0..rounds {
        for (client, kernel) in &mut *clients {
            let start = Instant::now();
            assert_eq!(client.run(kernel, "1 + 1")["value"], 2);
            times.push(start.elapsed());
        }
    }
    times.sort();
    times[times.len() * 99 / 100]
}

#[test]
fn one_stalled_client_of_many_does_not_slow_the_others() {
    let server = Server::on_socket(&["--max-kernels", "64"]);
    let mut stalled = server.client();
    let flooded = stalled.open(json!({"vm_timeout_ms": 600_000}));
    let mut clients = (0..63).map(|_| {
        let mut client = server.client();
        let kernel = client.open(json!({}));
        (client, kernel)
    });
    let mut clients = clients.by_ref().collect::<Vec<_>>();
    p99(&mut clients, 1);
    let before = p99(&mut clients, 5);
    stalled.ask("run", json!({"kernel": flooded, "code": FLOOD}));
    let mut other = server.client();
    super::client::until("the kernel of the stalled client waits", || {
        let seq = |client: &mut Client| client.ask("list", json!({}))["kernels"].to_string();
        let first = seq(&mut other);
        std::thread::sleep(Duration::from_millis(100));
        first == seq(&mut other)
    });
    let after = p99(&mut clients, 5);
    // Other work of the machine is in both.
    assert!(after < before * 2 + Duration::from_millis(20), "{before:?} {after:?}");
}
