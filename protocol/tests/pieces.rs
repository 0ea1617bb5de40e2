//! Large byte strings, which values and frames share.

use drupe_protocol::{
    EncodeError, FrameDecoder, Payload, Value, codec::MAX_ITEMS, decode, decode_frame, encode, encode_in_pieces,
    frame::MAX_FRAME, value::Bytes,
};
use proptest::prelude::*;

use crate::arbitrary;

/// Byte strings of at least so many bytes are shared.
const LARGE: usize = 64 << 10;

fn bytes(size: usize) -> Bytes {
    (0..size).map(|index| index.to_le_bytes()[0]).collect::<Vec<_>>().into()
}

fn frame(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode(value, &mut out).unwrap();
    out
}

/// Its frame in pieces.
fn pieces(value: &Value) -> (Vec<u8>, Vec<Bytes>) {
    let mut out = Vec::new();
    let later = encode_in_pieces(value, &mut out).unwrap();
    (out, later)
}

fn joined((mut first, later): (Vec<u8>, Vec<Bytes>)) -> Vec<u8> {
    later.iter().for_each(|piece| first.extend_from_slice(piece));
    first
}

fn is_part(inner: &[u8], outer: &[u8]) -> bool {
    let (inner, outer) = (inner.as_ptr_range(), outer.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}

proptest! {
    #![proptest_config(arbitrary::config(300))]

    #[test]
    fn pieces_are_the_frame(value in arbitrary::value(), sizes in prop::collection::vec(LARGE - 2..LARGE + 2, 0..4)) {
        let large = sizes.into_iter().map(|size| Value::ArrayBuffer(bytes(size)));
        let value = Value::Array(large.flat_map(|large| [value.clone(), large]).collect());
        prop_assert!(joined(pieces(&value)) == frame(&value));
    }
}

#[test]
fn large_bytes_are_pieces_of_their_own() {
    let (one, other) = (bytes(LARGE), bytes(LARGE + 1));
    let value = Value::Array(vec![one.clone().into(), bytes(LARGE - 1).into(), other.clone().into()]);
    let (first, later) = pieces(&value);
    assert!(std::ptr::eq(&*later[0], &*one) && std::ptr::eq(&*later[2], &*other));
    // Each is followed by what stands behind it, which may be nothing.
    assert_eq!(later.iter().map(|piece| piece.len()).collect::<Vec<_>>(), [LARGE, LARGE - 1 + 4 + 6, LARGE + 1, 0]);
    assert!(first.len() < 20);
    assert!(pieces(&bytes(LARGE - 1).into()).1.is_empty());
    assert_eq!(joined(pieces(&one.clone().into())), frame(&one.into()));
}

#[test]
fn what_is_encoded_at_once_stands_in_one_place() {
    let value = Value::from(bytes(LARGE));
    assert_eq!(frame(&value), joined(pieces(&value)));
}

// threat E1, E12
#[test]
fn limits_hold_for_all_pieces_together() {
    let nulls = |count| Value::Array(vec![Value::Null; count]);
    let half = MAX_ITEMS / 2;
    let around = |before, after| Value::Array(vec![nulls(before), bytes(LARGE).into(), nulls(after)]);
    for (value, fits) in [(around(half, half - 4), true), (around(half, half - 3), false)] {
        let mut out = vec![7];
        let encoded = encode_in_pieces(&value, &mut out);
        assert_eq!(encode(&value, &mut Vec::new()).is_ok(), fits);
        match encoded {
            Ok(_) => assert!(fits),
            Err(error) => assert!(!fits && matches!(error, EncodeError::TooManyItems) && out == [7], "{error}"),
        }
    }
    let mut out = vec![7];
    let large = Value::Array(vec![bytes(MAX_FRAME / 2).into(), bytes(MAX_FRAME / 2).into()]);
    let refused = encode_in_pieces(&large, &mut out);
    assert!(matches!(refused, Err(EncodeError::TooLarge { size }) if size == MAX_FRAME + 13));
    assert_eq!(out, [7]);
}

#[test]
fn bytes_of_a_large_frame_are_a_part_of_it() {
    let size = 3 << 20;
    let value = Value::Object(vec![("data".into(), bytes(size).into()), ("rest".into(), bytes(size / 64).into())]);
    let mut decoder = FrameDecoder::new();
    decoder.feed(&frame(&value));
    decoder.feed(&frame(&Value::Null));
    let payload = decoder.next_frame().unwrap().unwrap();
    assert!(matches!(payload, Payload::Large(_)));
    let decoded = decode_frame::<Value>(&payload).unwrap();
    assert_eq!(decoded, value);
    let part = |key| decoded.get(key).and_then(Value::as_bytes).unwrap();
    assert!(is_part(part("data"), &payload));
    assert!(!is_part(part("rest"), &payload), "it would keep a frame that is more than sixteen times as large");
    assert!(!is_part(decode::<Value>(&payload).unwrap().get("data").and_then(Value::as_bytes).unwrap(), &payload));
    drop(payload);
    assert_eq!(decoded, value, "what is shared outlives the frame");
    assert_eq!(decoder.next_frame(), Ok(Some(Payload::Small(&[0xc0]))));
}

#[test]
fn bytes_become_a_vector_without_a_copy_where_nobody_else_has_them() {
    let made = vec![7; LARGE];
    let at = made.as_ptr();
    let alone = Bytes::from(made);
    let shared = alone.clone();
    let (copy, own) = (shared.into_vec(), alone.into_vec());
    assert_ne!(copy.as_ptr(), at);
    assert_eq!(own.as_ptr(), at);
}
