//! The bytes of every message and every kind of value, frozen per revision in `golden/rev<N>.txt`.
//!
//! Peers of one revision are built at different times, so what was once frozen stays as it is: `DRUPE_BLESS=1` writes
//! the file anew, which is right for what was added, and for what was changed in a new revision only.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use crate::samples;
use std::{collections::HashSet, fmt::Write as _, mem::discriminant, path::PathBuf};

use drupe_protocol::{
    Control, Event, REVISION, Reply, Request, decode, encode,
    event::End,
    frame::PREFIX,
    hello::{Greeting, Welcoming},
};
use serde::{Serialize, de::DeserializeOwned};

type Check = Box<dyn Fn(&[u8]) -> bool>;

/// One line of the file, with the check that its bytes still mean what they meant.
struct Golden {
    name: String,
    hex: String,
    means_the_same: Check,
}

fn golden<M>(group: &str, samples: Vec<(&str, M)>) -> impl Iterator<Item = Golden>
where
    M: Serialize + DeserializeOwned + std::fmt::Debug + 'static,
{
    samples.into_iter().map(move |(name, message)| {
        let mut frame = Vec::new();
        encode(&message, &mut frame).unwrap();
        Golden {
            name: format!("{group} {name}"),
            hex: hex(&frame[PREFIX..]),
            // As text, because NaN is not equal to itself.
            means_the_same: Box::new(move |bytes| {
                decode::<M>(bytes).is_ok_and(|decoded| format!("{decoded:?}") == format!("{message:?}"))
            }),
        }
    })
}

fn all() -> Vec<Golden> {
    golden("launch:", samples::launches())
        .chain(golden("greeting:", samples::greetings()))
        .chain(golden("welcoming:", samples::welcomings()))
        .chain(golden("request:", samples::requests()))
        .chain(golden("control:", samples::controls()))
        .chain(golden("event:", samples::events()))
        .chain(golden("reply:", samples::replies()))
        .chain(golden("value:", samples::values()))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", &format!("rev{REVISION}.txt")].iter().collect()
}

#[test]
fn frozen_bytes() {
    let all = all();
    if std::env::var_os("DRUPE_BLESS").is_some() {
        let text: String = all.iter().map(|golden| format!("{} = {}\n", golden.name, golden.hex)).collect();
        std::fs::write(file(), text).unwrap();
    }
    let frozen = std::fs::read_to_string(file()).unwrap_or_default();
    let frozen: Vec<(&str, &str)> = frozen.lines().map(|line| line.rsplit_once(" = ").unwrap()).collect();
    for (name, bytes) in &frozen {
        let golden = all.iter().find(|golden| golden.name == *name);
        let golden = golden.unwrap_or_else(|| panic!("{name} is frozen in revision {REVISION} and has no sample any more"));
        assert!(
            (golden.means_the_same)(&unhex(bytes)),
            "the bytes that revision {REVISION} froze for {name} no longer decode to the same message: {bytes}. Older peers send \
             them, so either undo the change or bump drupe_protocol::REVISION and bless its own file with DRUPE_BLESS=1"
        );
        assert_eq!(
            golden.hex, *bytes,
            "{name} is no longer spelled as revision {REVISION} froze it (left: now, right: frozen). Unless every older peer reads \
             the new bytes, undo the change or bump drupe_protocol::REVISION; then bless with DRUPE_BLESS=1"
        );
    }
    let known: HashSet<&str> = frozen.iter().map(|(name, _)| *name).collect();
    let new: Vec<&str> = all.iter().map(|golden| &*golden.name).filter(|name| !known.contains(name)).collect();
    assert!(new.is_empty(), "not frozen yet: {new:?}. Look at them, then bless with DRUPE_BLESS=1");
}

/// Whether the samples cover all names of an enum of messages.
fn covers<'a>(names: &[&str], samples: impl Iterator<Item = &'a str>) {
    let have: HashSet<&str> = samples.collect();
    let missing: Vec<_> = names.iter().filter(|name| !have.contains(**name)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

#[test]
fn every_message_and_every_kind_of_value_has_a_sample() {
    covers(Greeting::NAMES, samples::greetings().iter().map(|(_, message)| message.name()));
    covers(Welcoming::NAMES, samples::welcomings().iter().map(|(_, message)| message.name()));
    covers(Request::NAMES, samples::requests().iter().map(|(_, message)| message.name()));
    covers(Control::NAMES, samples::controls().iter().map(|(_, message)| message.name()));
    covers(Event::NAMES, samples::events().iter().map(|(_, message)| message.name()));
    covers(Reply::NAMES, samples::replies().iter().map(|(_, message)| message.name()));
    let events = samples::events();
    let ends = events.iter().filter_map(|(_, event)| if let Event::Outcome(outcome) = event { Some(&outcome.end) } else { None });
    covers(End::NAMES, ends.map(End::name));
    let kinds: HashSet<_> = samples::values().iter().map(|(_, value)| discriminant(value)).collect();
    // All but `Hole` and `Ref`, which stand within others.
    assert_eq!(kinds.len(), 17, "a kind of value without a sample, or a new one: count again");
}
