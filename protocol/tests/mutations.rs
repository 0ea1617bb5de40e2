//! A million damaged inputs through each decoder of the protocol, frames among them: none panics, nothing is left
//! allocated, memory stays bounded, and the damage is such that decoders say yes and no in all their ways. The same
//! inputs in every run.
//!
//! `DRUPE_MUTATIONS` says how many, `DRUPE_SEED` (a number) asks for others. For a long run, optimised:
//!
//! ```sh
//! DRUPE_SEED=$RANDOM DRUPE_MUTATIONS=50000000 cargo test -p drupe-protocol --release --test mutations -- --nocapture
//! ```

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod counting;
mod mutating;
mod samples;

use std::collections::BTreeMap;

use drupe_protocol::{
    Control, DecodeError, Event, FrameDecoder, FrameError, Reply, Request, Value,
    codec::MAX_ITEMS,
    decode, encode,
    frame::{MAX_FRAME, PREFIX},
    hello::{Greeting, Launch, Welcoming},
    preview::Node,
};
use mutating::{Culprit, Random, count, damage, most_memory};
use rmp_serde::decode::Error as Msgpack;
use serde::{Serialize, de::DeserializeOwned};

/// What the decoders may hold at a time, and the whole process besides what it starts with: neither follows the number
/// of inputs.
const MOST_HELD: usize = 16 << 20;
const MOST_MEMORY: usize = 64 << 20;

/// One input in so many has more items than a frame may.
const CROWDED: u64 = 100_000;

fn payloads<M: Serialize>(messages: Vec<(&'static str, M)>) -> Vec<Vec<u8>> {
    let payload = |(_, message)| {
        let mut frame = Vec::new();
        encode(&message, &mut frame).unwrap();
        frame.split_off(PREFIX)
    };
    messages.into_iter().map(payload).collect()
}

/// How a decoder answered, and how often.
type Tally = BTreeMap<&'static str, u64>;

fn answer<T>(result: &Result<T, DecodeError>) -> &'static str {
    match result {
        Ok(_) => "decoded",
        Err(DecodeError::TrailingBytes) => "trailing bytes",
        Err(DecodeError::TooManyItems) => "too many items",
        Err(DecodeError::Msgpack(error)) => match error {
            Msgpack::InvalidMarkerRead(_) | Msgpack::InvalidDataRead(_) => "cut short",
            Msgpack::TypeMismatch(_) => "no msgpack",
            Msgpack::Utf8Error(_) => "no UTF-8",
            Msgpack::DepthLimitExceeded => "too deep",
            Msgpack::Uncategorized(_) | Msgpack::Syntax(_) | Msgpack::LengthMismatch(_) | Msgpack::OutOfRange => "wrong shape",
        },
    }
}

/// What decodes and can be sent decodes again, to the same. (The bytes are compared: a NaN differs from itself.)
fn round_trip<M: Serialize + DeserializeOwned>(message: &M) {
    let mut first = Vec::new();
    // A message of the future decodes, and is not sent.
    if encode(message, &mut first).is_ok() {
        let mut second = Vec::new();
        encode(&decode::<M>(&first[PREFIX..]).unwrap(), &mut second).unwrap();
        assert_eq!(first, second, "a message changed on its way");
    }
}

/// Damaged messages through the decoder of their kind; some are of the other kinds.
fn million<M: Serialize + DeserializeOwned>(name: &str, own: Vec<(&'static str, M)>) {
    let (own, inputs) = (payloads(own), count(1_000_000));
    let others = [payloads(samples::events()), payloads(samples::requests()), payloads(samples::values())].concat();
    let mut random = Random::new(name);
    let mut tally = Tally::new();
    let mut bytes = Vec::with_capacity(MAX_ITEMS + 8192);
    let (((), most), left) = counting::left(|| {
        counting::peak(|| {
            for input in 0..inputs {
                bytes.clear();
                let seeds = if random.one_in(8) { &others } else { &own };
                bytes.extend_from_slice(random.pick::<Vec<u8>>(seeds));
                damage(&mut random, &mut bytes);
                if input % CROWDED == 0 {
                    bytes.resize(bytes.len() + MAX_ITEMS + 4096, 0xc0);
                }
                let culprit = Culprit(name, &bytes);
                let result = decode::<M>(culprit.1);
                *tally.entry(answer(&result)).or_default() += 1;
                if let Ok(message) = result {
                    round_trip(&message);
                }
            }
        })
    });
    eprintln!("{name}: {inputs} inputs, at most {most} bytes held: {tally:?}");
    assert!(most <= MOST_HELD && left.unsigned_abs() < 64 << 10, "{name}: {most} bytes held, {left} left");
    enough(
        name,
        inputs,
        &tally,
        &[
            ("decoded", 10),
            ("cut short", 100),
            ("no UTF-8", 2000),
            ("no msgpack", 2000),
            ("too deep", 2000),
            ("too many items", 2 * CROWDED),
            ("trailing bytes", 100),
            ("wrong shape", 50),
        ],
    );
}

/// Each answer was had once in so many inputs at least: a test in which all inputs fail alike has gone blind.
fn enough(name: &str, inputs: u64, tally: &Tally, least: &[(&'static str, u64)]) {
    for (answer, one_in) in least {
        let had = tally.get(answer).copied().unwrap_or_default();
        assert!(had >= inputs / one_in, "{name} said \"{answer}\" {had} times of {inputs}: {tally:?}");
    }
    if let Some(memory) = most_memory() {
        assert!(memory <= MOST_MEMORY, "{name}: the process held {memory} bytes");
    }
}

// threats E2, E3, E11, E12
#[test]
fn a_million_damaged_messages_pass_each_decoder() {
    million::<Launch>("launch", samples::launches());
    million::<Greeting>("greeting", samples::greetings());
    million::<Welcoming>("welcoming", samples::welcomings());
    million::<Request>("request", samples::requests());
    million::<Control>("control", samples::controls());
    million::<Event>("event", samples::events());
    million::<Reply>("reply", samples::replies());
    million::<Value>("value", samples::values());
    million::<Node>("preview", vec![("everything", samples::preview::preview())]);
}

/// What a stream has in it, as a reader sees it that has all of it at once: where the payloads lie, and how it ends.
fn oracle(stream: &[u8]) -> (Vec<&[u8]>, Result<(), FrameError>) {
    let (mut frames, mut rest) = (Vec::new(), stream);
    loop {
        let Some((prefix, body)) = rest.split_first_chunk::<PREFIX>() else {
            let torn = FrameError::Torn { missing: PREFIX - rest.len() };
            return (frames, if rest.is_empty() { Ok(()) } else { Err(torn) });
        };
        let length = u32::from_le_bytes(*prefix) as usize;
        if length > MAX_FRAME {
            return (frames, Err(FrameError::TooLarge { length }));
        }
        if body.len() < length {
            return (frames, Err(FrameError::Torn { missing: length - body.len() }));
        }
        frames.push(&body[..length]);
        rest = &body[length..];
    }
}

/// Some frames, one after the other, and mostly damage: to a length, or anywhere.
fn write_stream(random: &mut Random, seeds: &[Vec<u8>], stream: &mut Vec<u8>) {
    stream.clear();
    for _ in 0..random.below(5) {
        // Once in a while more than a decoder makes room for.
        let long = random.one_in(2000).then(|| vec![random.byte(); 20_000 + random.below(200_000)]);
        let payload = long.as_ref().unwrap_or_else(|| random.pick(seeds));
        let length = match random.below(40) {
            0 => random.below(1 << 10),
            1 => MAX_FRAME + random.below(3) - 1,
            2 => random.below(1 << 32),
            _ => payload.len(),
        };
        stream.extend_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        stream.extend_from_slice(payload);
    }
    match random.below(8) {
        0 => stream.truncate(random.below(stream.len() + 1)),
        1 if !stream.is_empty() && stream.len() < 1000 => damage(random, stream),
        _ => {}
    }
}

// threats E1, E4, E5, E12
#[test]
fn a_million_streams_are_cut_into_frames_wherever_they_are_cut_themselves() {
    let inputs = count(1_000_000);
    let seeds = [payloads(samples::events()), payloads(samples::requests()), vec![Vec::new()]].concat();
    let mut random = Random::new("frames");
    let (mut tally, mut stream) = (Tally::new(), Vec::with_capacity(2 << 20));
    let (((), most), left) = counting::left(|| {
        counting::peak(|| {
            let mut decoder = FrameDecoder::new();
            for _ in 0..inputs {
                write_stream(&mut random, &seeds, &mut stream);
                let culprit = Culprit("the frame decoder", &stream);
                let (frames, end) = oracle(culprit.1);
                let mut expected = frames.iter();
                let (lazy, longest) = (random.one_in(4), *random.pick(&[1, 2, 7, 64, 1000, 1 << 17]));
                let mut rest = culprit.1;
                while !rest.is_empty() {
                    let (now, later) = rest.split_at((1 + random.below(longest * (1 + rest.len() / 500))).min(rest.len()));
                    decoder.feed(now);
                    *tally.entry("pieces").or_default() += 1;
                    rest = later;
                    while !lazy && let Ok(Some(frame)) = decoder.next_frame() {
                        assert_eq!(Some(&*frame), expected.next().copied());
                    }
                    *tally.entry("pieces that end in a frame").or_default() += u64::from(decoder.in_frame());
                }
                while let Ok(Some(frame)) = decoder.next_frame() {
                    assert_eq!(Some(&*frame), expected.next().copied());
                }
                assert_eq!((expected.next(), decoder.end()), (None, end));
                assert_eq!(
                    (decoder.has_frame(), decoder.in_frame()),
                    match end {
                        Ok(()) => (false, false),
                        Err(FrameError::Torn { .. }) => (false, true),
                        Err(FrameError::TooLarge { .. }) => (true, false),
                    }
                );
                *tally.entry("frames").or_default() += frames.len() as u64;
                let ended = match end {
                    Ok(()) => "clean end",
                    Err(FrameError::Torn { missing: 1..=3 }) if frames.is_empty() => "torn at once",
                    Err(FrameError::Torn { .. }) => "torn",
                    Err(FrameError::TooLarge { .. }) => "too large",
                };
                *tally.entry(ended).or_default() += 1;
                // A stream that ends well may go on.
                if end.is_err() || random.one_in(16) {
                    decoder = FrameDecoder::new();
                }
            }
        })
    });
    eprintln!("frames: {inputs} streams, at most {most} bytes held: {tally:?}");
    assert!(most <= MOST_HELD && left.unsigned_abs() < 64 << 10, "{most} bytes held, {left} left");
    enough(
        "the frame decoder",
        inputs,
        &tally,
        &[
            ("clean end", 2),
            ("torn", 10),
            ("torn at once", 1000),
            ("too large", 20),
            ("frames", 1),
            ("pieces", 1),
            ("pieces that end in a frame", 1),
        ],
    );
}
