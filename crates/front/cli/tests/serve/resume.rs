//! A client that comes back gets what it missed, or is told exactly what is not there any more.

use std::{collections::BTreeMap, io::Write};

use serde_json::{Value, json};

use super::client::{Client, Server};

#[test]
fn events_after_a_number_come_again() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"linger_ms": 600_000, "on_disconnect": "keep"}));
    let run = client.ask("run", json!({"kernel": kernel, "code": "for (let i = 0; i < 20; i++) console.log(i)"}))["run"]
        .as_u64()
        .unwrap();
    let all = client.events_of(run);
    drop(client);
    for after in 0..=all.len() {
        let mut client = server.client();
        let attached = client.ask("attach", json!({"kernel": kernel, "after": after}));
        assert_eq!((attached["seq"].as_u64(), attached["first"].as_u64()), (Some(all.len() as u64), Some(1)));
        for expected in &all[after..] {
            assert_eq!(client.event()[1], *expected);
        }
    }
}

#[test]
fn events_that_are_gone_are_told_by_their_types() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"linger_ms": 600_000, "on_disconnect": "keep", "journal_limit": 4096}));
    let mut types = BTreeMap::<String, u64>::new();
    let mut ended = Vec::new();
    let mut last = 0;
    for _ in 0..30 {
        let run = client.ask("run", json!({"kernel": kernel, "code": "console.log('x'.repeat(100))"}))["run"].as_u64().unwrap();
        for event in client.events_of(run) {
            *types.entry(event["type"].as_str().unwrap().to_owned()).or_default() += 1;
            last = event["seq"].as_u64().unwrap();
        }
        ended.push(run);
    }
    let mut again = server.client();
    let attached = again.ask("attach", json!({"kernel": kernel, "after": 0}));
    let first = attached["first"].as_u64().unwrap();
    assert!(first > 1 && attached["seq"] == last, "{attached}");
    let missed = again.event();
    assert_eq!((&missed[0], &missed[1]["first"], &missed[1]["last"]), (&json!("missed"), &json!(1), &json!(first - 1)));
    let mut told = missed[1]["types"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, count)| (name.clone(), count.as_u64().unwrap()))
        .collect::<BTreeMap<_, _>>();
    let mut told_ended = missed[1]["ended"].as_array().unwrap().iter().map(|run| run.as_u64().unwrap()).collect::<Vec<_>>();
    for seq in first..=last {
        let event = again.event();
        assert_eq!(event[1]["seq"], seq);
        *told.entry(event[1]["type"].as_str().unwrap().to_owned()).or_default() += 1;
        if event[1]["type"] == "outcome" {
            told_ended.push(event[1]["run"].as_u64().unwrap());
        }
    }
    assert_eq!((told, told_ended), (types, ended));
}

#[test]
fn a_tag_is_run_once() {
    let server = Server::on_socket(&[]);
    let mut client = server.client();
    let kernel = client.open(json!({"linger_ms": 600_000, "on_disconnect": "keep"}));
    let body = json!({"kernel": kernel, "code": "globalThis.count = (globalThis.count ?? 0) + 1", "tag": "a"});
    let first = client.ask("run", body.clone());
    let again = client.ask("run", body.clone());
    assert_eq!((&again["run"], &again["again"]), (&first["run"], &json!(true)));
    assert!(first.get("again").is_none());
    client.events_of(first["run"].as_u64().unwrap());
    assert_eq!(client.ask("run", body.clone())["ended"], true);
    drop(client);
    let mut client = server.client();
    client.ask("attach", json!({"kernel": kernel, "after": 0}));
    assert_eq!(client.ask("run", body)["again"], true);
    assert_eq!(client.run(&kernel, "count")["value"], 1);
}

/// What a client says in a session: runs, each with a tag, and pings.
fn script(kernel: &str, session: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut id = 10;
    let mut say = |name: &str, mut body: Value| {
        id += 1;
        body["id"] = json!(id);
        bytes.extend_from_slice(format!("{}\n", json!([name, body])).as_bytes());
    };
    for number in 0..12 {
        let code = format!("console.log({number}); globalThis.ran = ({number} ? ran : []).concat({number}); {number}");
        let tag = format!("{session}-{number}");
        say("run", json!({"kernel": kernel, "code": code, "tag": tag, "inputs": {"pad": "x".repeat(200)}}));
        say("ping", json!({}));
    }
    bytes
}

/// A connection is cut at a byte. The client comes back and says everything again. Each run has run once.
#[test]
fn a_connection_that_is_cut_anywhere_can_be_resumed() {
    let server = Server::on_socket(&[]);
    let mut opener = server.client();
    let kernel = opener.open(json!({"linger_ms": 600_000, "on_disconnect": "keep"}));
    let mut seq = 0;
    // All of them take a minute. A prime step meets every place in a message over the rounds.
    let step = if std::env::var_os("DRUPE_EVERY_BYTE").is_some() { 1 } else { 13 };
    for cut in (0..4096).step_by(step) {
        let whole = script(&kernel, cut);
        assert!(whole.len() > 4096);
        let mut client = server.client();
        client.ask("attach", json!({"kernel": kernel, "after": seq}));
        client.stream().write_all(&whole[..cut]).unwrap();
        drop(client);
        let mut client = server.client();
        client.ask("attach", json!({"kernel": kernel, "after": seq}));
        client.stream().write_all(&whole).unwrap();
        seq = check_whole(&mut client, &kernel, cut, seq);
        // The opener reads, too.
        opener.ask("ping", json!({}));
        opener.events.clear();
    }
}

/// The last event.
fn check_whole(client: &mut Client, kernel: &str, cut: usize, before: u64) -> u64 {
    let mut runs = Vec::new();
    for id in 11..35 {
        let (name, reply) = client.answer(id);
        assert_eq!(name, "reply", "{cut}: {reply}");
        runs.extend(reply["run"].as_u64());
    }
    let events = client.events_of(*runs.last().unwrap());
    let seqs = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs, (before + 1..=before + seqs.len() as u64).collect::<Vec<_>>(), "{cut}");
    let ends = events.iter().filter(|event| event["type"] == "outcome").map(|end| end["run"].as_u64().unwrap());
    assert_eq!(ends.collect::<Vec<_>>(), runs, "{cut}");
    let ran = client.run(kernel, "ran");
    assert_eq!(ran["value"], json!((0..12).collect::<Vec<_>>()), "{cut}");
    ran["seq"].as_u64().unwrap()
}
