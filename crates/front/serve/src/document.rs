//! `SERVE.md` says what this crate does: its examples are read, and no message, field or limit is left out. And what is
//! read is damaged in many ways.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeSet;

use drupe_protocol::Payload;
use serde_json::Value;

use crate::message::{
    client::{Attach, ClientMessage, Hello, Open, Register, Run},
    envelope::{read_json, read_msgpack},
};

const SERVE_MD: &str = include_str!("../../../../protocol/SERVE.md");

/// An example: whether a client says it, its JSON, and its frame, if that is shown.
struct Example {
    of_client: bool,
    json: &'static str,
    frame: Vec<u8>,
}

fn examples() -> Vec<Example> {
    let mut examples = Vec::<Example>::new();
    for line in SERVE_MD.split("\n## 11.").nth(1).unwrap().lines() {
        if let Some(json) = line.strip_prefix("    → ") {
            examples.push(Example { of_client: true, json, frame: Vec::new() });
        } else if let Some(json) = line.strip_prefix("    ← ") {
            examples.push(Example { of_client: false, json, frame: Vec::new() });
        } else if let Some(digits) = line.strip_prefix("      ") {
            let bytes = digits.split(' ').map(|digits| u8::from_str_radix(digits, 16).unwrap());
            examples.last_mut().unwrap().frame.extend(bytes);
        }
    }
    examples
}

/// The words in backticks in the first column of the rows below a heading.
fn first_column(heading: &str) -> BTreeSet<&'static str> {
    let section = SERVE_MD.split(&format!("\n{heading}\n")).nth(1).unwrap_or_else(|| panic!("{heading}"));
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_examples_are_messages_in_either_form() {
    let examples = examples();
    assert!(examples.len() > 10);
    for Example { of_client, json, frame } in examples {
        let value = serde_json::from_str::<Value>(json).unwrap();
        if of_client {
            // One of them is wrong, and says why in its answer.
            let is_wrong = json.contains("\"code\":1");
            assert_eq!(read_json(json.as_bytes()).is_err(), is_wrong, "{json}");
        }
        if let Some((length, payload)) = frame.split_first_chunk::<4>() {
            assert_eq!(u32::from_le_bytes(*length) as usize, payload.len(), "{json}");
            assert_eq!(rmp_serde::from_slice::<Value>(payload).unwrap(), value);
            if of_client {
                read_msgpack(&Payload::Small(payload)).unwrap();
            }
        }
    }
}

#[test]
fn every_message_and_field_has_its_row() {
    for name in ClientMessage::NAMES {
        let is_row = [format!("| `{name}` |"), format!("### `{name}`"), format!("of `{name}`")];
        assert!(is_row.iter().any(|row| SERVE_MD.contains(row)), "{name}");
    }
    let fields = |fields: &[&'static str]| {
        fields.iter().copied().filter(|field| !matches!(*field, "id" | "kernel")).collect::<BTreeSet<_>>()
    };
    let told = first_column("### `open`");
    let replied = ["kernel", "generation", "pid", "engine"];
    let told = told.into_iter().filter(|field| !replied.contains(field)).collect::<BTreeSet<_>>();
    assert_eq!(told, fields(Open::FIELDS));
    assert_eq!(first_column("### `run`"), fields(Run::FIELDS));
    for (name, body) in [("attach", Attach::FIELDS), ("register", Register::FIELDS)] {
        let row = SERVE_MD.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
        for field in fields(body) {
            assert!(row.contains(&format!("`{field}`")), "{name} {field}");
        }
    }
    for field in Hello::FIELDS {
        assert!(SERVE_MD.contains(&format!("\n| `{field}` | ")), "{field}");
    }
}

#[test]
fn every_error_code_and_limit_has_its_row() {
    let codes = first_column("## 9. Errors");
    for code in [
        "bad_message",
        "unknown_message",
        "unknown_kernel",
        "not_attached",
        "forbidden",
        "limit",
        "bad_name",
        "too_large",
        "version",
        "token",
        "expected_hello",
        "launch",
        "exited",
        "signal",
        "out_of_memory",
        "killed_for_memory",
        "seccomp_violation",
        "engine_failure",
        "protocol",
        "unresponsive",
        "restarted",
        "crash_loop",
        "encode",
        "preload",
        "input_name",
        "input_value",
        "journal",
        "stale_handle",
        "busy",
        "unsupported",
        "deadlock",
        "blocking_call",
        "terminated",
    ] {
        assert!(codes.contains(code), "{code}");
    }
    for limit in [
        drupe_protocol::frame::MAX_FRAME,
        drupe_protocol::codec::MAX_ITEMS,
        drupe_protocol::codec::MAX_DEPTH,
        crate::connection::MAX_REQUESTS,
        crate::connection::MAX_PARSED,
        crate::connection::MAX_NAME,
        crate::kernel::MAX_RUNS,
        crate::kernel::MAX_WAITING,
        crate::kernel::MAX_FUNCTIONS,
        crate::server::MAX_UNGREETED,
        crate::kernel::journal::MAX_EVENTS,
        crate::kernel::tags::MAX_TAGS,
        crate::ceiling::MAX_JOURNAL,
    ] {
        let limits = SERVE_MD.split("\n## 10.").nth(1).unwrap();
        let is_told =
            [format!("| {limit} "), format!("| {limit}, with "), format!("with {limit} bytes"), format!("to {limit} bytes")];
        assert!(is_told.iter().any(|told| limits.contains(told)) || limits.contains(&format!("| {limit}; ")), "{limit}");
    }
    let usual = crate::Ceiling::default();
    assert!(SERVE_MD.contains(&format!("| kernels of a server | {}, or", usual.kernels)));
    assert!(SERVE_MD.contains(&format!("| clients of a server | {}, or", usual.clients)));
}

/// A stream of numbers that is the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// Changes some bytes, cuts, or repeats a part.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        for _ in 0..=self.roll(4) {
            if damaged.is_empty() {
                break;
            }
            let at = self.roll(damaged.len());
            match self.roll(5) {
                0 => damaged[at] = u8::try_from(self.roll(256)).unwrap(),
                1 => damaged[at] ^= 1 << self.roll(8),
                2 => damaged.truncate(at),
                3 => drop(damaged.remove(at)),
                _ => {
                    let end = (at + 1 + self.roll(16)).min(damaged.len());
                    let part = damaged[at..end].to_vec();
                    damaged.splice(at..at, part);
                }
            }
        }
        damaged
    }
}

#[test]
fn a_million_damaged_messages_are_read_or_refused_with_words() {
    let mut said =
        examples().into_iter().filter(|example| example.of_client).map(|example| example.json.to_owned()).collect::<Vec<_>>();
    said.push(
        r#"["run",{"id":9,"kernel":"k","code":"x","inputs":{"a":{"$type":"Map","entries":[[1,{"$type":"bigint","value":"-0x1ff"}]]},
        "b":[{"$type":"hole"},{"$type":"Uint8Array","hex":"00ff"},{"$type":"Error","name":"E","message":"m"}]},"limits":{}}]"#
            .to_owned(),
    );
    let frames = said.iter().map(|json| rmp_serde::to_vec_named(&serde_json::from_str::<Value>(json).unwrap()).unwrap());
    let frames = frames.collect::<Vec<_>>();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut refused = 0;
    for round in 0..500_000 {
        let json = dice.damage(said[round % said.len()].as_bytes());
        let frame = dice.damage(&frames[round % frames.len()]);
        for read in [read_json(&json), read_msgpack(&Payload::Small(&frame))] {
            if let Err(unread) = read {
                assert!(!unread.message.is_empty(), "{:?}", String::from_utf8_lossy(&json));
                refused += 1;
            }
        }
    }
    assert!(refused > 400_000, "{refused}");
}
