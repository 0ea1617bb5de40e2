//! The wire between a drupe kernel and its parent: messages, values, frames, and nothing that does I/O.
//!
//! The crate has the messages ([`hello`], [`request`], [`event`], [`host`], [`value`], [`exception`]) and their
//! encoding ([`codec`]: named msgpack; [`frame`]: length-prefixed frames). It deliberately has no socket, no thread, no
//! clock of its own and no JavaScript engine: both peers, the tests and the fuzzers share it. `WIRE.md` beside this
//! crate describes the same in words, completely enough to write a client.
//!
//! Start reading at [`request::Request`] and [`event::Event`]; then [`codec`] for their encoding.

pub mod chain;
pub mod clock;
mod code_frame;
pub mod codec;
pub mod describe;
mod done;
pub mod event;
pub mod exception;
pub mod frame;
pub mod handles;
pub mod hello;
pub mod host;
pub mod introspection;
mod location;
pub mod marks;
pub mod module;
mod outcome;
pub mod output;
pub mod pages;
pub mod preview;
pub mod request;
pub mod sandbox;
mod shared;
mod source_map;
pub mod value;

pub use code_frame::{CodeFrame, FrameRow};
pub use codec::{DecodeError, EncodeError, decode, decode_frame, encode, encode_in_pieces};
pub use event::{Event, Reply};
pub use exception::{Exception, Frame};
pub use frame::{FrameDecoder, FrameError, Payload};
pub use hello::REVISION;
pub use host::{CallId, HostError};
pub use request::{Control, Request};
pub use source_map::{NOWHERE, Position, SourceMap};
pub use value::Value;

/// Names one execution of a chunk. The parent chooses it; **ids of one kernel process strictly increase and are never
/// reused**.
pub type RunId = u64;

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a field has the value that its absence stands for: then it is not sent.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
