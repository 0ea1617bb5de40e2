//! What a peer takes from a newer one, and what it does not: the rules of WIRE.md, "Tolerance".

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::collections::BTreeMap;

use drupe_protocol::{
    Control, DecodeError, Event, Reply, Request, Value, decode,
    describe::{MemberKind, Sort},
    encode,
    event::{Method, Origin, State, Stopped},
    frame::PREFIX,
    handles::Stale,
    hello::{Greeting, Launch},
    introspection::{CompletionKind, GlobalKind},
    module::Usage,
    output::Stream,
    request::StopReason,
};
use serde::de::DeserializeOwned;

fn payload<M: serde::Serialize>(message: &M) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    frame.split_off(PREFIX)
}

/// A message from its parts, as `[name, {fields}]`.
fn message(name: &str, fields: &[(&str, Value)]) -> Vec<u8> {
    let body = Value::Object(fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect());
    payload(&(name, body))
}

fn started(extra: &[(&str, Value)]) -> Vec<u8> {
    message("started", &[&[("run", Value::from(3)), ("generation", Value::from(1))], extra].concat())
}

#[test]
fn unknown_fields_are_skipped_whatever_they_hold() {
    let plain: Event = decode(&started(&[])).unwrap();
    let extra = [
        Value::Null,
        Value::from("text"),
        Value::Undefined,
        Value::ArrayBuffer(vec![1; 300].into()),
        Value::Map(vec![(Value::from(1), Value::Array(vec![Value::Hole]))]),
    ];
    for value in extra {
        assert_eq!(decode::<Event>(&started(&[("later", value.clone())])).unwrap(), plain, "{value:?}");
    }
    // Even what no value may be: {"later": bin, "odd": "\xff", 5: nil}.
    let odd =
        [&[0x92, 0xa4][..], b"pong", &[0x84, 0xa5], b"nonce", &[9, 0xa5], b"later", &[0xc4, 1, 0, 0xa3], b"odd", &[0xa1, 0xff]];
    let odd = [odd.concat(), vec![0xa1, b'x', 0xc0]].concat();
    assert!(matches!(decode::<Reply>(&odd).unwrap(), Reply::Pong(pong) if pong.nonce == 9));
}

#[test]
fn unknown_messages_keep_their_name() {
    let later = message("later", &[("run", Value::from(1)), ("deep", Value::from(vec![Value::Undefined]))]);
    assert_eq!(decode::<Request>(&later).unwrap(), Request::Unknown("later".into()));
    assert_eq!(decode::<Control>(&later).unwrap(), Control::Unknown("later".into()));
    assert_eq!(decode::<Event>(&later).unwrap(), Event::Unknown("later".into()));
    assert_eq!(decode::<Reply>(&later).unwrap(), Reply::Unknown("later".into()));
    // A message of the other channel, or of the other direction, is unknown too.
    assert_eq!(decode::<Control>(&message("run", &[])).unwrap(), Control::Unknown("run".into()));
    // Its body need not be a map.
    assert_eq!(decode::<Event>(&payload(&("later", 7))).unwrap(), Event::Unknown("later".into()));
}

#[test]
fn required_fields_are_required() {
    let error = decode::<Event>(&message("started", &[("run", Value::from(3))])).unwrap_err();
    assert!(matches!(&error, DecodeError::Msgpack(_)) && error.to_string().contains("missing field `generation`"), "{error}");
    assert!(decode::<Event>(&message("started", &[("run", Value::from(3)), ("generation", Value::Null)])).is_err());
    assert!(decode::<Event>(&message("started", &[("run", Value::from(-3)), ("generation", Value::from(1))])).is_err());
    assert!(decode::<Event>(&message("started", &[("run", Value::from(1.5)), ("generation", Value::from(1))])).is_err());
}

#[test]
fn fields_come_in_any_order_and_once() {
    let turned = message("started", &[("generation", Value::from(1)), ("run", Value::from(3))]);
    assert_eq!(decode::<Event>(&turned).unwrap(), decode::<Event>(&started(&[])).unwrap());
    // threat E11
    let twice = [&[0x92, 0xa4][..], b"pong", &[0x82, 0xa5], b"nonce", &[1, 0xa5], b"nonce", &[1]].concat();
    assert!(decode::<Reply>(&twice).unwrap_err().to_string().contains("duplicate field `nonce`"));
}

#[test]
fn optional_fields_may_be_nil() {
    let bare = decode::<Reply>(&message("pong", &[("nonce", Value::from(9))])).unwrap();
    assert_eq!(decode::<Reply>(&message("pong", &[("nonce", Value::from(9)), ("run", Value::Null)])).unwrap(), bare);
}

#[test]
fn unknown_words_of_the_handshake_are_refused() {
    let hello = |channel: &str, level: &str| {
        let fields = [("revision", 1), ("pid", 7)].map(|(key, number)| (key, Value::from(number)));
        let words = [("channel", channel), ("sandbox", level), ("version", "1")].map(|(key, word)| (key, Value::from(word)));
        let engine = Value::Object(vec![("name".to_owned(), "V8".into()), ("version".to_owned(), "15".into())]);
        let body = [fields.to_vec(), words.to_vec(), vec![("engine", engine)]].concat();
        let body = body.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        // The token is of bytes, which no value is.
        let mut bytes = payload(&("hello", Value::Object(body)));
        bytes[7] += 1;
        bytes.extend([&[0xa5][..], b"token", &[0xc4, 1, 0]].concat());
        decode::<Greeting>(&bytes)
    };
    assert!(hello("data", "strict").is_ok(), "{:?}", hello("data", "strict"));
    assert!(hello("telepathy", "strict").is_err());
    assert!(hello("data", "impregnable").is_err());
    assert!(hello("data", "Strict").is_err());
}

/// Everywhere else, but in previews, a word of a newer peer is known to be unknown, and the message around it is read.
#[test]
fn unknown_words_are_known_as_such() {
    fn word<W: DeserializeOwned + PartialEq + std::fmt::Debug>(known: &str, unknown: &W) {
        let read = |word: &str| decode::<W>(&payload(&word)).unwrap();
        assert_ne!(read(known), *unknown);
        for later in ["later", "", "Known", &known.to_uppercase()] {
            assert_eq!(read(later), *unknown, "{later}");
        }
        assert!(decode::<W>(&[0xc0]).is_err(), "nil is no word");
    }
    word("log", &Method::Unknown);
    word("chunk", &Origin::Unknown);
    word("await", &Stopped::Unknown);
    word("kept", &State::Unknown);
    word("stdout", &Stream::Unknown);
    word("request", &StopReason::Unknown);
    word("method", &CompletionKind::Unknown);
    word("lexical", &GlobalKind::Unknown);
    word("class", &Sort::Unknown);
    word("field", &MemberKind::Unknown);
    word("session", &Stale::Unknown);
    word("type", &Usage::Unknown);
}

#[test]
fn unknown_ways_to_end_are_known_as_such() {
    let outcome = BTreeMap::from([("run", 3), ("wall_us", 1), ("cpu_us", 1)]);
    let mut fields: Vec<_> = outcome.into_iter().map(|(key, number)| (key, Value::from(number))).collect();
    fields.push(("state", Value::from("kept")));
    fields.push(("end", Value::Array(vec![Value::from("later"), Value::Object(vec![])])));
    let decoded = decode::<Event>(&message("outcome", &fields)).unwrap();
    assert!(matches!(decoded, Event::Outcome(outcome) if outcome.end.name() == "later"));
}

#[test]
fn a_message_is_a_name_and_a_body() {
    for bad in [
        payload(&("pong",)),
        payload(&("pong", BTreeMap::from([("nonce", 9)]), 0)),
        payload(&BTreeMap::from([("pong", 9)])),
        payload(&"pong"),
        payload(&(7, BTreeMap::from([("nonce", 9)]))),
        payload(&("later",)),
        payload(&("later", 1, 2)),
        vec![0x90],
    ] {
        assert!(decode::<Reply>(&bad).is_err(), "{bad:02x?}");
    }
}

// threat E12
#[test]
fn a_launch_is_a_bare_map() {
    assert!(decode::<Launch>(&message("launch", &[])).is_err());
    assert!(decode::<Launch>(&[0x80]).unwrap_err().to_string().contains("missing field `revision`"));
}
