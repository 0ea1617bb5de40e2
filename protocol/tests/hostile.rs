//! What a hostile or broken peer puts into a frame: decoding never panics, never nests without end, and allocates no
//! more than was paid for in bytes. What a frame itself can do wrong is in `frame.rs`; what is merely new, in
//! `tolerance.rs`.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod arbitrary;
mod counting;

use drupe_protocol::{
    Control, DecodeError, EncodeError, Event, Reply, Request, Value,
    codec::{MAX_DEPTH, MAX_ITEMS, weight},
    decode, encode,
    frame::PREFIX,
    hello::{Greeting, Launch, Welcoming},
};
use proptest::{collection::vec, prelude::*, sample::Index};

/// The most bytes that one byte of input may cost, and what may be had for nothing.
///
/// A nil of one byte is a `Value` in a vector that doubles as it grows, and old and new stand side by side while it
/// grows.
const PER_BYTE: usize = size_of::<Value>() * 3;
const _: () = assert!(size_of::<Value>() <= 40);
/// The serde crate's own reserve for a list on the word of its header is up to 1 MiB.
const FREE: usize = (1 << 20) + (64 << 10);

/// Decodes `bytes` as everything that is ever decoded, within the budget.
fn decode_as_all(bytes: &[u8]) {
    fn one<M: serde::de::DeserializeOwned>(bytes: &[u8]) {
        let (result, peak) = counting::peak(|| decode::<M>(bytes).is_ok());
        let (name, length) = (std::any::type_name::<M>(), bytes.len());
        assert!(peak <= PER_BYTE * length + FREE, "{name}: {peak} bytes for {length} (decoded: {result})");
    }
    one::<Launch>(bytes);
    one::<Greeting>(bytes);
    one::<Welcoming>(bytes);
    one::<Request>(bytes);
    one::<Control>(bytes);
    one::<Event>(bytes);
    one::<Reply>(bytes);
    one::<Value>(bytes);
}

fn payload<M: serde::Serialize>(message: &M) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    frame.split_off(PREFIX)
}

/// The payload of an arbitrary message of any kind.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => arbitrary::value().prop_map(|value| payload(&value)),
        1 => arbitrary::launch().prop_map(|launch| payload(&launch)),
        1 => arbitrary::greeting().prop_map(|greeting| payload(&greeting)),
        1 => arbitrary::welcoming().prop_map(|welcoming| payload(&welcoming)),
        2 => arbitrary::request().prop_map(|request| payload(&request)),
        1 => arbitrary::control().prop_map(|control| payload(&control)),
        3 => arbitrary::event().prop_map(|event| payload(&event)),
        1 => arbitrary::reply().prop_map(|reply| payload(&reply)),
    ]
}

/// Headers that promise 2^32-1 elements or bytes: array32, map32, bin32, str32, ext32.
const LIES: [&[u8]; 5] = [
    &[0xdd, 0xff, 0xff, 0xff, 0xff],
    &[0xdf, 0xff, 0xff, 0xff, 0xff],
    &[0xc6, 0xff, 0xff, 0xff, 0xff],
    &[0xdb, 0xff, 0xff, 0xff, 0xff],
    &[0xc9, 0xff, 0xff, 0xff, 0xff, 0x10],
];

proptest! {
    #![proptest_config(arbitrary::config(1000))]

    // threat E11, E12
    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..600)) {
        decode_as_all(&bytes);
    }

    /// Arbitrary bytes where a body stands, so that more than the message's name is looked at.
    // threat E11, E12
    #[test]
    fn arbitrary_bodies(bytes in vec(any::<u8>(), 0..300)) {
        let names = [Request::NAMES, Control::NAMES, Event::NAMES, Reply::NAMES].concat();
        for name in names {
            let mut message = vec![0x92, 0xa0 | u8::try_from(name.len()).unwrap()];
            message.extend_from_slice(name.as_bytes());
            message.extend_from_slice(&bytes);
            decode_as_all(&message);
        }
    }

    /// Real messages with some bytes changed, and cut short: nearly right is where decoders stumble.
    // threat E11, E12
    #[test]
    fn damaged_messages(mut bytes in any_payload(), damage in vec(any::<(Index, u8)>(), 1..4), cut in any::<Option<Index>>()) {
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        decode_as_all(&bytes);
    }

    /// A lie about a length in any place of a real message.
    // threat E3
    #[test]
    fn lies_anywhere(bytes in any_payload(), at in any::<Index>()) {
        let at = at.index(bytes.len());
        for lie in LIES {
            decode_as_all(&[&bytes[..at], lie, &bytes[at..]].concat());
        }
    }
}

// threat E3
#[test]
fn a_lie_alone_buys_next_to_nothing() {
    for lie in LIES {
        for head in [&[][..], &[0xc7, 0, 0x20], &[0xc7, 0, 0x21], &[0xc7, 0, 0x22], &[0xc0], &[0xa0, 0xc0]] {
            let bytes = [lie, head].concat();
            let (result, peak) = counting::peak(|| decode::<Value>(&bytes).is_err());
            assert!(result && peak < 32 << 10, "{bytes:02x?}: {peak} bytes");
        }
    }
    // One within the other as deep as it goes.
    for lie in [LIES[0], LIES[1], &[0xdd, 0xff, 0xff, 0xff, 0xff, 0xc7, 0, 0x20]] {
        let bytes = lie.repeat(2 * MAX_DEPTH);
        let (result, peak) = counting::peak(|| decode::<Value>(&bytes).is_err());
        assert!(result && peak < 512 << 10, "{lie:02x?}, nested: {peak} bytes");
    }
}

/// The dearest honest input: small values in great number.
// threat E3
#[test]
fn small_values_in_great_number_stay_within_the_budget() {
    // Just past a doubling.
    let count = (1_u32 << 18) + 2;
    for (header, item) in [
        (0xdd, &[0xc0][..]),
        (0xdd, &[0x90]),
        (0xdd, &[0xa1, b'x']),
        (0xdd, &[0x91, 0x90]),
        (0xdd, &[0x93, 0xc7, 0, 0x23, 0xa0, 0xa0]),
        (0xdd, &[0x96, 0xc7, 0, 0x22, 0xa0, 0xa0, 0xc0, 0xc0, 0xc0]),
    ] {
        let mut bytes = vec![header];
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend(item.iter().cycle().take(item.len() * count as usize));
        decode_as_all(&bytes);
    }
    let mut bytes = vec![0xdf];
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend((0..count).flat_map(|key| {
        let key = format!("{key:05x}");
        [&[0xa5], key.as_bytes(), &[0xc0]].concat()
    }));
    decode_as_all(&bytes);
}

/// What one byte costs forty is bounded by the number, in whatever shape it comes, and long before the frame's own
/// limit.
// threat E3
#[test]
fn items_are_counted_before_they_are_decoded() {
    let list = |count: usize| {
        let mut bytes = vec![0xdd];
        bytes.extend_from_slice(&u32::try_from(count).unwrap().to_be_bytes());
        bytes.resize(bytes.len() + count, 0xc0);
        bytes
    };
    // The list itself counts.
    assert!(decode::<Value>(&list(MAX_ITEMS - 1)).is_ok());
    for (item, items) in [(&[0xc0][..], 1), (&[0x90], 1), (&[0x91, 0xc0], 2), (&[0xc7, 0, 0x01], 1), (&[0xd9, 1, b'x'], 1)] {
        let count = MAX_ITEMS / items;
        let mut bytes = list(count);
        bytes.truncate(5);
        bytes.extend(item.iter().cycle().take(item.len() * count));
        let (result, peak) = counting::peak(|| decode::<Value>(&bytes));
        assert!(matches!(result, Err(DecodeError::TooManyItems)), "{item:02x?}");
        assert!(peak < 4096, "{peak} bytes for what is refused");
    }
    // Bytes are bytes, in any number; and what is skipped counts too.
    let mut blob = vec![0xc9, 0, 0x40, 0, 0, 0x10];
    blob.resize(blob.len() + (4 << 20), 0xc0);
    assert!(decode::<Value>(&blob).is_ok());
    let unknown = [&[0x92, 0xa5][..], b"later", &list(MAX_ITEMS)].concat();
    assert!(matches!(decode::<Event>(&unknown), Err(DecodeError::TooManyItems)));
    // A writer does not send what no reader takes.
    let mut out = Vec::new();
    let many = Value::Array(vec![Value::Null; MAX_ITEMS]);
    assert!(matches!(encode(&many, &mut out), Err(EncodeError::TooManyItems)) && out.is_empty());
}

/// Weights lead whoever bounds memory by them: never far below what a message takes, never far above.
// threat D2
#[test]
fn a_weight_is_near_the_truth() {
    for value in [
        Value::Array(vec![Value::Null; 100_000]),
        Value::Array(vec![Value::Array(Vec::new()); 1000]),
        Value::String("x".repeat(1 << 20)),
        Value::Array((0..1000).map(|n: u32| Value::String(n.to_string())).collect()),
        Value::TypedArray(drupe_protocol::value::TypedArrayKind::Uint8, vec![7; 1 << 20].into()),
        Value::Object((0..1000).map(|n: u32| (n.to_string(), Value::Null)).collect()),
    ] {
        let bytes = payload(&value);
        let (weight, (_, held)) = (weight(&bytes), counting::left(|| std::mem::forget(decode::<Value>(&bytes).unwrap())));
        let held = usize::try_from(held).unwrap();
        assert!(held <= 2 * weight && weight <= 4 * held + 4096, "{weight} for {held}");
        let weight = value.weight();
        assert!(held <= 2 * weight && weight <= held + 4096, "{weight} for {held}, by itself");
    }
}

fn too_deep<M: serde::de::DeserializeOwned>(bytes: &[u8]) -> bool {
    matches!(decode::<M>(bytes), Err(error @ DecodeError::Msgpack(_)) if error.to_string().contains("depth limit"))
}

// threat E2
#[test]
fn depth_ends_at_64() {
    // Arrays, maps, and arrays that a Map or a Set heads, with the Set or Map's empty inmost: each step is one level,
    // and an extension in the middle one more.
    let shapes: [(&[u8], &[u8], usize); 5] = [
        (&[0x91], &[0x90], 1),
        (&[0x91], &[0xc7, 0, 0x01], 1),
        (&[0x81, 0xa1, b'k'], &[0x80], 1),
        (&[0x92, 0xc7, 0, 0x21], &[0x90], 1),
        (&[0x93, 0xc7, 0, 0x20, 0xc0], &[0x91, 0xc7, 0, 0x20], 2),
    ];
    for (step, inmost, levels) in shapes {
        let nested = |depth: usize| [&*step.repeat(depth - levels), inmost].concat();
        assert!(decode::<Value>(&nested(MAX_DEPTH)).is_ok(), "{step:02x?}");
        assert!(too_deep::<Value>(&nested(MAX_DEPTH + 1)), "{step:02x?}");
        // No stack is lost to the depth that is refused.
        assert!(too_deep::<Value>(&nested(1 << 19)), "{step:02x?}");
    }
    decode_as_all(&vec![0x91; 1 << 20]);
}

// threat E2
#[test]
fn depth_counts_in_what_is_skipped() {
    let name = [0x92, 0xa5, b'l', b'a', b't', b'e', b'r'];
    for step in [&[0x91][..], &[0x81, 0xc0]] {
        let message = |depth: usize| [&name, &*step.repeat(depth - 2), &[0x90]].concat();
        assert_eq!(decode::<Event>(&message(MAX_DEPTH)).unwrap(), Event::Unknown("later".into()));
        assert!(too_deep::<Event>(&message(MAX_DEPTH + 1)));
        assert!(too_deep::<Event>(&message(1 << 20)));
    }
}

/// Whether a value is refused, and with these words.
fn refused(bytes: &[u8], words: &str) {
    let error = decode::<Value>(bytes).expect_err(&format!("{bytes:02x?}")).to_string();
    assert!(error.contains(words), "{bytes:02x?}: {error}");
}

// threat E11
#[test]
fn strings_are_utf8_and_nothing_else_is_a_string() {
    refused(&[0xa1, 0xff], "invalid utf8");
    // A lone surrogate as UTF-8 would spell it, and one byte of two.
    refused(&[0xa3, 0xed, 0xa0, 0x80], "invalid utf8");
    refused(&[0xa1, 0xc3], "invalid utf8");
    refused(&[0x81, 0xa1, 0xff, 0xc0], "invalid utf8");
    refused(&[0xc4, 1, b'x'], "a JavaScript value");
    refused(&[0xc5, 0, 1, b'x'], "a JavaScript value");
    refused(&[0xc6, 0, 0, 0, 0], "a JavaScript value");
    // The texts within a value too.
    refused(&[0x93, 0xc7, 0, 0x23, 0xa1, 0xff, 0xa0], "invalid utf8");
    refused(&[0x93, 0xc7, 0, 0x24, 0xc4, 1, b'x', 0xa0], "a string");
    // And the fields of messages: ["unsupported", {"name": "\xff"}].
    let message = [&[0x92, 0xab][..], b"unsupported", &[0x81, 0xa4], b"name", &[0xa1, 0xff]].concat();
    assert!(decode::<Event>(&message).unwrap_err().to_string().contains("invalid utf8"));
}

// threat E11
#[test]
fn keys_are_strings_and_unique() {
    refused(&[0x81, 0x01, 0xc0], "a string");
    refused(&[0x81, 0xc0, 0xc0], "a string");
    refused(&[0x81, 0xc4, 1, b'k', 0xc0], "a string");
    refused(&[0x81, 0x90, 0xc0], "a string");
    refused(&[0x81, 0xd4, 0x01, 0x00, 0xc0], "a string");
    refused(&[0x82, 0xa1, b'k', 0xc0, 0xa1, b'k', 0xc0], "duplicate key \"k\"");
    // Few keys and many are compared in different ways.
    let mut bytes = vec![0xde, 0, 20];
    (0..20).for_each(|key| bytes.extend_from_slice(&[0xa1, b'a' + key % 19, 0xc0]));
    refused(&bytes, "duplicate key \"a\"");
}

// threat E11
#[test]
fn integers_are_exact() {
    let number = |bytes: &[u8]| decode::<Value>(bytes).unwrap().as_f64().unwrap();
    assert_eq!(number(&[0xcf, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 9_007_199_254_740_991.0);
    assert_eq!(number(&[0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 1]), -9_007_199_254_740_991.0);
    refused(&[0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0], "not exact");
    refused(&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "not exact");
    refused(&[0xd3, 0xff, 0xe0, 0, 0, 0, 0, 0, 0], "not exact");
    refused(&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], "not exact");
    // Shorter and longer spellings of one number are all right, and so is binary32.
    assert_eq!(number(&[0xd3, 0, 0, 0, 0, 0, 0, 0, 7]), 7.0);
    assert_eq!(number(&[0xca, 0x3f, 0xc0, 0, 0]), 1.5);
}

// threat E11
#[test]
fn extensions_are_whole() {
    for unknown in [0x00, 0x07, 0x0e, 0x1d, 0x1f, 0x25, 0x7f, 0x80, 0xff] {
        refused(&[0xc7, 0, unknown], "extension");
        refused(&[0xd4, unknown, 0], "extension");
    }
    let malformed: [&[u8]; 14] = [
        &[0xd4, 0x01, 0],                   // undefined with data
        &[0xd4, 0x02, 0],                   // a hole with data
        &[0xc7, 0, 0x03],                   // BigInt without a sign
        &[0xd4, 0x03, 2],                   // a sign that is none
        &[0xd4, 0x03, 1],                   // BigInt -0
        &[0xd5, 0x03, 0, 0],                // BigInt with a trailing zero
        &[0xd4, 0x04, 0],                   // half a code unit
        &[0xd6, 0x05, 0, 0, 0, 0],          // Date of four bytes
        &[0xd5, 0x06, 0, 0],                // reference of two bytes
        &[0xd4, 0x13, 0],                   // half an Int16
        &[0xd6, 0x1b, 0, 0, 0, 0],          // half a Float64
        &[0xd4, 0x20, 0],                   // a head with data
        &[0xc7, 0, 0x20],                   // a head outside an array
        &[0x81, 0xa1, b'k', 0xc7, 0, 0x21], // a head as a property
    ];
    malformed.iter().for_each(|bytes| refused(bytes, ""));
    refused(&[0x92, 0xc0, 0xc7, 0, 0x20], "head of an array");
    refused(&[0x91, 0x91, 0x92, 0xc0, 0xc7, 0, 0x24], "head of an array");
    refused(&[0x92, 0xc7, 0, 0x20, 0xc0], "a value for each key");
    refused(&[0x92, 0xc7, 0, 0x23, 0xa0], "flags");
    refused(&[0x94, 0xc7, 0, 0x23, 0xa0, 0xa0, 0xc0], "");
    refused(&[0x95, 0xc7, 0, 0x22, 0xa0, 0xa0, 0xc0, 0xc0], "errors");
    refused(&[0x97, 0xc7, 0, 0x22, 0xa0, 0xa0, 0xc0, 0xc0, 0xc0, 0xc0], "");
    refused(&[0x93, 0xc7, 0, 0x24, 0x01, 0xa0], "a string");
    refused(&[0xc7, 5, 0x0f, 0, 0], "");
    refused(&[0xc1], "");
}

// threat E11
#[test]
fn holes_stand_only_in_arrays() {
    let hole = [0xc7, 0, 0x02];
    assert_eq!(decode::<Value>(&[&[0x91], &hole[..]].concat()).unwrap(), Value::Array(vec![Value::Hole]));
    for before in [&[][..], &[0x81, 0xa1, b'k'], &[0x92, 0xc7, 0, 0x21], &[0x93, 0xc7, 0, 0x20, 0xc0]] {
        refused(&[before, &hole].concat(), "hole");
    }
}

// threat E11
#[test]
fn a_frame_holds_one_message_and_no_more() {
    for extra in [&[0xc0][..], &[0x91], &[0xc1], &[0xff], &[0xc6, 0xff, 0xff]] {
        let bytes = [&[0xc0], extra].concat();
        assert!(matches!(decode::<Value>(&bytes), Err(DecodeError::TrailingBytes)), "{extra:02x?}");
    }
    assert!(matches!(decode::<Value>(&[]), Err(DecodeError::Msgpack(_))));
}
