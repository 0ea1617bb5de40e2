//! WIRE.md says what this crate does: its examples decode to what they are said to mean, and no message or field is
//! left out.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use crate::samples;
use std::collections::{BTreeMap, BTreeSet};

use drupe_protocol::{
    Control, Event, REVISION, Reply, Request, Value,
    codec::{MAX_DEPTH, MAX_ITEMS, MAX_VALUE_DEPTH},
    decode, encode,
    event::{Console, Done, End, Method, Outcome, Pong, RunResult, Started},
    frame::{MAX_FRAME, PREFIX},
    hello::{Channel, Engine, Greeting, Hello, Launch, Welcome, Welcoming},
    preview,
    request::{Ping, Run, Shutdown},
    sandbox::SandboxLevel,
};
use serde::{Serialize, de::IgnoredAny};

const WIRE_MD: &str = include_str!("../WIRE.md");

fn frame<M: Serialize>(message: &M) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    frame
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The blocks that are fenced as `hex`, by what their fence says they are.
fn blocks() -> Vec<(&'static str, Vec<u8>)> {
    let mut blocks = Vec::new();
    for rest in WIRE_MD.split("\n```hex ").skip(1) {
        let (name, rest) = rest.split_once('\n').unwrap();
        let (block, _) = rest.split_once("\n```").unwrap();
        let digits: Vec<&str> = block.lines().map(|line| line.split(';').next().unwrap()).collect();
        blocks.push((name, unhex(&digits.join(" "))));
    }
    blocks
}

/// The messages of the example session, by the names of their blocks.
fn session() -> Vec<(&'static str, Vec<u8>)> {
    let token: Vec<u8> = (0..32).collect();
    let hello = |channel| {
        let engine = Engine { name: "V8".into(), version: "15.2.1-rusty".into() };
        let (version, sandbox, layers) = ("0.1.0".into(), SandboxLevel::Off, Vec::new());
        frame(&Greeting::Hello(Hello { revision: 1, token: token.clone(), channel, pid: 42, version, engine, sandbox, layers }))
    };
    let (data, control) = ("drupe-41-d".into(), "drupe-41-c".into());
    let token_copy = token.clone();
    let launch = Launch {
        revision: 1,
        data,
        control,
        token: token_copy,
        generation: 1,
        memory_limit: None,
        machine_memory: None,
        builtin_names: false,
        sandbox: None,
        time_zone: None,
        locale: None,
    };
    let run = Run { run: 1, code: "1+1".into(), name: "chunk:1".into(), value_limit: 4096, ..Run::default() };
    let end = End::Value(Done {});
    let (args, method) = (vec![Value::from("hi")], Method::Log);
    let mut result = RunResult::new(1, "2");
    result.value = Some(Value::from(2));
    let mut console = Console::new(method, args, 0.0);
    console.run = Some(1);
    vec![
        ("launch", frame(&launch)),
        ("hello on data", hello(Channel::Data)),
        ("hello on control", hello(Channel::Control)),
        ("welcome", frame(&Welcoming::Welcome(Welcome { revision: 1 }))),
        ("run", frame(&Request::Run(Box::new(run)))),
        ("started", frame(&Event::Started(Started::new(1, 1)))),
        ("result", frame(&Event::Result(result))),
        ("outcome", frame(&Event::Outcome(Outcome { wall_us: 180, cpu_us: 95, ..Outcome::new(1, end) }))),
        ("console", frame(&Event::Console(console))),
        ("ping", frame(&Control::Ping(Ping { nonce: 7 }))),
        ("pong", frame(&Reply::Pong(Pong { nonce: 7, run: None, stretch_us: None }))),
        ("shutdown", frame(&Control::Shutdown(Shutdown {}))),
    ]
}

#[test]
fn the_example_session_is_real() {
    let (written, real) = (blocks(), session());
    assert_eq!(written.iter().map(|(name, _)| *name).collect::<Vec<_>>(), real.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for ((name, written), (_, real)) in written.iter().zip(&real) {
        assert_eq!(written, real, "the block of {name}; left as written, right as it should be");
    }
}

#[test]
fn the_examples_of_values_are_real() {
    let samples = samples::values();
    let table = WIRE_MD.split("| JavaScript | hex |\n|-|-|\n").nth(1).unwrap();
    let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), samples.len());
    for (row, (name, value)) in rows.iter().zip(&samples) {
        let (written, hex) = row.strip_prefix("| `").unwrap().strip_suffix("` |").unwrap().split_once("` | `").unwrap();
        assert_eq!(written, *name);
        assert_eq!(unhex(hex), frame(value)[PREFIX..], "{name}");
        let decoded: Value = decode(&unhex(hex)).unwrap();
        assert_eq!(format!("{decoded:?}"), format!("{value:?}"), "{name}");
    }
}

/// The text below the heading of a message, up to the next heading.
fn section(name: &str) -> &'static str {
    let found = ["### ", "#### "].iter().find_map(|level| WIRE_MD.split_once(&format!("\n{level}{name}\n")));
    let (_, rest) = found.unwrap_or_else(|| panic!("WIRE.md has no section {name}"));
    rest.split("\n#").next().unwrap()
}

/// Checks that the table of a section has exactly these fields, and says of each whether it is optional.
fn table(name: &str, full: &BTreeSet<String>, bare: &BTreeSet<String>) {
    let first = section(name).split("| field | type | |\n|-|-|-|\n").nth(1).unwrap_or_default();
    let rows: Vec<&str> = first.lines().take_while(|line| line.starts_with('|')).collect();
    let field = |row: &&str| row.strip_prefix("| `").unwrap().split_once('`').unwrap().0.to_owned();
    assert_eq!(rows.iter().map(field).collect::<BTreeSet<_>>(), *full, "fields of {name}; left as written");
    for row in rows {
        let optional = row.split(" | ").nth(1).unwrap().ends_with(", optional");
        assert_eq!(optional, !bare.contains(&field(&row)), "whether {name}'s {} is optional", field(&row));
    }
}

#[test]
fn every_message_and_field_is_in_the_tables() {
    let mut fields: BTreeMap<String, (BTreeSet<String>, Option<BTreeSet<String>>)> = BTreeMap::new();
    let mut add = |name: String, body: BTreeMap<String, IgnoredAny>| {
        let keys: BTreeSet<String> = body.into_keys().collect();
        let (full, bare) = fields.entry(name).or_default();
        full.extend(keys.iter().cloned());
        *bare = Some(bare.as_ref().map_or(keys.clone(), |bare| bare & &keys));
    };
    let mut frames: Vec<Vec<u8>> = Vec::new();
    frames.extend(samples::greetings().iter().map(|(_, message)| frame(message)));
    frames.extend(samples::welcomings().iter().map(|(_, message)| frame(message)));
    frames.extend(samples::requests().iter().map(|(_, message)| frame(message)));
    frames.extend(samples::controls().iter().map(|(_, message)| frame(message)));
    frames.extend(samples::events().iter().map(|(_, message)| frame(message)));
    frames.extend(samples::replies().iter().map(|(_, message)| frame(message)));
    for frame in frames {
        let (name, body) = decode(&frame[PREFIX..]).unwrap();
        add(format!("`{}`", String::as_str(&name)), body);
    }
    for (_, launch) in samples::launches() {
        add("Launch".into(), decode(&frame(&launch)[PREFIX..]).unwrap());
    }
    for (_, event) in samples::events() {
        if let Event::Exception(uncaught) = event {
            add("Exception".into(), decode(&frame(&uncaught.exception)[PREFIX..]).unwrap());
        }
    }
    for (name, (full, bare)) in fields {
        table(&name, &full, &bare.unwrap());
    }
}

#[test]
fn words_and_figures_are_those_of_the_code() {
    assert!(WIRE_MD.contains(&format!("\nRevision **{REVISION}**.\n")));
    assert!(WIRE_MD.contains(&format!("| payload of a frame | {MAX_FRAME} bytes |")));
    assert!(WIRE_MD.contains(&format!("| msgpack objects in a payload | {MAX_ITEMS} |")));
    assert!(WIRE_MD.contains(&format!("| nesting in a payload | {MAX_DEPTH} levels |")));
    assert!(WIRE_MD.contains(&format!("| nesting in one value | {MAX_VALUE_DEPTH} levels |")));
    let previews = format!("| levels of objects below the first that have contents in a preview | {} |", preview::MAX_DEPTH);
    assert!(WIRE_MD.contains(&previews));
    let console = section("`console`");
    for (name, _) in samples::METHODS {
        let word = name.strip_prefix("console ").unwrap();
        assert!(console.contains(&format!("`{word}`")), "console method {word}");
    }
    for end in End::NAMES {
        assert!(section("`outcome`").contains(&format!("\n| `{end}` |")), "end {end}");
    }
    for kind in drupe_protocol::value::TypedArrayKind::ALL {
        let code = 0x10 + kind as u8;
        let name = if code == 0x1c { "DataView".into() } else { format!("{kind:?}Array") };
        assert!(WIRE_MD.contains(&format!("\n| `{code:#04x}` | `{name}` |")), "{name}");
    }
}
