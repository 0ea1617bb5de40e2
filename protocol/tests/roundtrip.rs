//! `decode(encode(m)) = m`, for every message and every value.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use crate::arbitrary;
use std::fmt::Debug;

use drupe_protocol::{
    EncodeError, Event, Request, Value,
    codec::{MAX_DEPTH, MAX_VALUE_DEPTH},
    decode, encode,
    event::RunResult,
    frame::{MAX_FRAME, PREFIX},
    request::{Input, Run},
    value::{ErrorValue, RegExp, TypedArrayKind},
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

fn payload<M: Serialize>(message: &M) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    assert_eq!(frame[..PREFIX], u32::try_from(frame.len() - PREFIX).unwrap().to_le_bytes());
    frame.split_off(PREFIX)
}

/// The text tells all but the bits of a NaN apart, and the bytes do that.
fn survives<M: Serialize + DeserializeOwned + Debug>(message: &M) {
    let bytes = payload(message);
    let decoded: M = decode(&bytes).unwrap();
    assert_eq!(format!("{decoded:?}"), format!("{message:?}"));
    assert_eq!(payload(&decoded), bytes);
}

proptest! {
    #![proptest_config(arbitrary::config(1000))]

    #[test]
    fn values(value in arbitrary::value()) { survives(&value); }

    #[test]
    fn launches(launch in arbitrary::launch()) { survives(&launch); }

    #[test]
    fn greetings(greeting in arbitrary::greeting()) { survives(&greeting); }

    #[test]
    fn welcomings(welcoming in arbitrary::welcoming()) { survives(&welcoming); }

    #[test]
    fn requests(request in arbitrary::request()) { survives(&request); }

    #[test]
    fn controls(control in arbitrary::control()) { survives(&control); }

    #[test]
    fn events(event in arbitrary::event()) { survives(&event); }

    #[test]
    fn replies(reply in arbitrary::reply()) { survives(&reply); }
}

#[test]
fn numbers_keep_their_bits() {
    let safe = 9_007_199_254_740_991.0;
    for number in [0.0, -0.0, safe, -safe, safe + 1.0, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324, 0.1] {
        let decoded: Value = decode(&payload(&Value::Number(number))).unwrap();
        assert_eq!(decoded.as_f64().unwrap().to_bits(), number.to_bits(), "{number}");
    }
    let odd_nan = f64::from_bits(0xfff0_dead_beef_0001);
    let decoded: Value = decode(&payload(&Value::Number(odd_nan))).unwrap();
    assert_eq!(decoded.as_f64().unwrap().to_bits(), odd_nan.to_bits());
}

#[test]
fn null_is_a_value_and_not_an_absent_one() {
    for value in [Some(Value::Null), Some(Value::Undefined), None] {
        let mut result = RunResult::new(1, "");
        result.value = value;
        survives(&Event::Result(result));
    }
}

fn arrays(levels: usize, inmost: Value) -> Value {
    (0..levels).fold(inmost, |inner, _| Value::Array(vec![inner]))
}

/// A run with a value in the deepest place that a message has for one.
fn run_with(value: Value) -> Request {
    Request::Run(Box::new(Run { inputs: vec![Input { name: "x".into(), value }], ..Run::default() }))
}

#[test]
fn values_go_to_the_depth_limit_and_no_further() {
    assert_eq!(MAX_VALUE_DEPTH + 4, MAX_DEPTH);
    let set = |inner| Value::Set(vec![inner]);
    let error = |cause| Value::Error(Box::new(ErrorValue { cause, ..ErrorValue::default() }));
    let regexp = || Value::RegExp(Box::new(RegExp { source: String::new(), flags: String::new() }));
    // What is in the middle, and how many levels it takes itself: an extension takes one, and a head is an extension.
    let inmost = [
        (Value::Null, 0),
        (Value::Number(0.5), 0),
        (Value::Undefined, 1),
        (Value::TypedArray(TypedArrayKind::Uint8, vec![1].into()), 1),
        (Value::Array(vec![]), 1),
        (Value::Array(vec![Value::Hole]), 2),
        (Value::Object(vec![("k".into(), Value::Null)]), 1),
        (set(Value::Null), 2),
        (set(Value::Array(vec![])), 2),
        (Value::Map(vec![(Value::Null, Value::Undefined)]), 2),
        (regexp(), 2),
        (error(None), 2),
        (error(Some(Value::Array(vec![Value::Undefined]))), 3),
    ];
    for (value, levels) in inmost {
        survives(&run_with(arrays(MAX_VALUE_DEPTH - levels, value.clone())));
        let mut out = vec![7];
        let refused = encode(&run_with(arrays(MAX_VALUE_DEPTH - levels + 1, value.clone())), &mut out);
        assert!(matches!(refused, Err(EncodeError::Msgpack(_))), "{value:?}");
        assert_eq!(out, [7], "a refused message leaves nothing behind");
    }
}

#[test]
fn what_must_not_be_sent_is_refused() {
    let refused = |value: Value| encode(&value, &mut Vec::new()).is_err();
    assert!(refused(Value::Hole));
    assert!(refused(Value::Object(vec![("k".into(), Value::Hole)])));
    assert!(refused(Value::Map(vec![(Value::Hole, Value::Null)])));
    assert!(refused(Value::Set(vec![Value::Hole])));
    assert!(refused(Value::Error(Box::new(ErrorValue { cause: Some(Value::Hole), ..ErrorValue::default() }))));
    assert!(encode(&Event::Unknown("later".into()), &mut Vec::new()).is_err());
}

#[test]
fn frames_end_at_the_limit() {
    let mut out = vec![7];
    // Five bytes of header and one of type stand before the data.
    encode(&Value::ArrayBuffer(vec![0; MAX_FRAME - 6].into()), &mut out).unwrap();
    assert_eq!(out.len(), 1 + PREFIX + MAX_FRAME);
    out.truncate(1);
    let refused = encode(&Value::ArrayBuffer(vec![0; MAX_FRAME - 5].into()), &mut out);
    assert!(matches!(refused, Err(EncodeError::TooLarge { size }) if size == MAX_FRAME + 1));
    assert_eq!(out, [7]);
}

#[test]
fn several_messages_share_a_buffer() {
    let mut out = Vec::new();
    for number in 0..3_u8 {
        encode(&Value::from(number), &mut out).unwrap();
    }
    assert_eq!(out, [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 2]);
}
