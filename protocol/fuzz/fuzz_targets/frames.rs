//! Arbitrary bytes in arbitrary pieces, through the frame decoder and the decoder of every message.
//!
//! Nothing may panic or reserve much more than it was sent. However the bytes were cut, the same frames must come out,
//! and what decodes must survive being encoded and decoded again.

#![no_main]

use arbitrary::Arbitrary;
use drupe_protocol::hello::{Greeting, Welcoming};
use drupe_protocol::{Control, Event, FrameDecoder, FrameError, Reply, Request, decode, encode};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

/// A stream, and how it arrives.
#[derive(Arbitrary, Debug)]
struct Stream<'a> {
    /// Sizes of the pieces, in bytes, taken in turn; the last piece is what is left.
    cuts: Vec<u8>,
    bytes: &'a [u8],
}

fuzz_target!(|stream: Stream<'_>| {
    let whole = frames(std::iter::once(stream.bytes));
    assert_eq!(whole, frames(pieces(&stream)), "the cuts changed what came out");
    for payload in whole.0.iter().map(Vec::as_slice).chain([stream.bytes]) {
        round_trip::<Greeting>(payload);
        round_trip::<Welcoming>(payload);
        round_trip::<Request>(payload);
        round_trip::<Control>(payload);
        round_trip::<Event>(payload);
        round_trip::<Reply>(payload);
    }
});

/// The payloads that the decoder finds, and how the stream ended for it.
fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Result<(), FrameError>) {
    let mut decoder = FrameDecoder::new();
    let mut payloads = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        loop {
            match decoder.next_frame() {
                Ok(Some(payload)) => payloads.push(payload.to_vec()),
                Ok(None) => break,
                Err(error) => return (payloads, Err(error)),
            }
        }
    }
    let end = decoder.end();
    (payloads, end)
}

/// The bytes as the cuts say.
fn pieces<'a>(stream: &'a Stream<'a>) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = stream.bytes;
    let mut cuts = stream.cuts.iter();
    std::iter::from_fn(move || {
        let cut = cuts.next().map_or(rest.len(), |size| usize::from(*size).min(rest.len()));
        let (piece, after) = rest.split_at(cut);
        rest = after;
        (!piece.is_empty() || !rest.is_empty()).then_some(piece)
    })
}

/// What decodes and can be sent decodes again, to the same. (A message of the future decodes but is not sent; a NaN
/// differs from itself, so the bytes are compared.)
fn round_trip<M: Serialize + DeserializeOwned>(payload: &[u8]) {
    let Ok(message) = decode::<M>(payload) else { return };
    let mut first = Vec::new();
    if encode(&message, &mut first).is_err() {
        return;
    }
    let again = frames(std::iter::once(first.as_slice()));
    assert_eq!((again.0.len(), again.1), (1, Ok(())), "one message made other than one frame");
    let decoded = decode::<M>(&again.0[0]).expect("what was encoded decodes");
    let mut second = Vec::new();
    encode(&decoded, &mut second).expect("what was encoded once encodes again");
    assert_eq!(first, second, "a message changed on its way");
}
