//! Encodes messages to bytes and decodes them: named-field msgpack inside length-prefixed frames.
//!
//! A message is a two-element array `[name, body]`; the body is a map with named fields. Receivers skip fields that
//! they do not know, and decode a message that they do not know as `Unknown(name)`, so that either peer may be newer
//! than the other within one revision.

use std::io;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Visitor},
};

use crate::{
    frame::{MAX_FRAME, PREFIX, Payload},
    pages, shared,
    value::Bytes,
};

/// How deep msgpack arrays, maps and extensions may nest in one frame, the message's own two levels included.
pub const MAX_DEPTH: usize = 64;

/// How deep they may nest in one [`Value`](crate::Value): what [`MAX_DEPTH`] leaves under the deepest place for a
/// value, an input of a run. Values are refused by the encoder rather than by the peer, which would take them for an
/// attack.
pub const MAX_VALUE_DEPTH: usize = MAX_DEPTH - 4;

/// How many msgpack objects one frame may hold: arrays, maps, keys, numbers, whatever stands by itself. A nil of one
/// byte becomes a [`Value`](crate::Value) of 40, so **this is what bounds the memory that a frame of small values costs
/// its receiver**: 2,097,152.
pub const MAX_ITEMS: usize = 1 << 21;

/// What an item is taken to cost when a frame is [weighed](weight), in bytes.
const ITEM_WEIGHT: usize = 40;

/// Why a message could not be put into a frame.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The encoded message is larger than [`MAX_FRAME`].
    #[error("message of {size} bytes exceeds the frame limit of {MAX_FRAME} bytes; send less at once")]
    TooLarge {
        /// Encoded size in bytes.
        size: usize,
    },
    /// The message has more than [`MAX_ITEMS`] objects.
    #[error("message of more than {MAX_ITEMS} msgpack objects; send less at once, or numbers as a typed array")]
    TooManyItems,
    /// The message has something that the wire cannot carry, such as a value nested deeper than [`MAX_VALUE_DEPTH`].
    #[error("message cannot be encoded: {0}")]
    Msgpack(#[from] rmp_serde::encode::Error),
}

/// Why the bytes of a frame are not a message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not the msgpack of the expected message: wrong shape, a bad value, nesting deeper than [`MAX_DEPTH`], or cut
    /// short.
    #[error("frame is not a valid message: {0}")]
    Msgpack(#[from] rmp_serde::decode::Error),
    /// The message ended before the frame did.
    #[error("frame has bytes after its message")]
    TrailingBytes,
    /// More than [`MAX_ITEMS`] objects, each of which would cost many times its bytes.
    #[error("frame has more than {MAX_ITEMS} msgpack objects")]
    TooManyItems,
}

/// Appends `message` to `out` as one whole frame, length prefix included. On an error `out` is as it was.
pub fn encode<M: Serialize + ?Sized>(message: &M, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_with(message, out).map(drop)
}

/// Appends the beginning of `message` to `out` as [`encode`] does, and returns the pieces that follow it. **Large byte
/// strings of values are pieces of their own, which are not copied**: most messages have none, and are whole.
pub fn encode_in_pieces<M: Serialize + ?Sized>(message: &M, out: &mut Vec<u8>) -> Result<Vec<Bytes>, EncodeError> {
    shared::encoding(|| encode_with(message, out))
}

fn encode_with<M: Serialize + ?Sized>(message: &M, out: &mut Vec<u8>) -> Result<Vec<Bytes>, EncodeError> {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX]);
    let mut serializer = rmp_serde::Serializer::new(Output { first: out, later: Vec::new(), last: Vec::new() }).with_struct_map();
    let encoded = message.serialize(&mut serializer);
    let later = serializer.into_inner().finish();
    let checked = encoded.map_err(EncodeError::from).and_then(|()| frame_length(&out[start + PREFIX..], &later));
    match checked {
        Ok(length) => {
            out[start..start + PREFIX].copy_from_slice(&length.to_le_bytes());
            Ok(later)
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

/// The length of the frame that these pieces are, if it keeps the limits.
fn frame_length(first: &[u8], later: &[Bytes]) -> Result<u32, EncodeError> {
    let size = first.len() + later.iter().map(|piece| piece.len()).sum::<usize>();
    // What is shared is an item of the piece before it. Taken for a piece of its own, it could count for more.
    let pieces = || std::iter::once(first).chain(later.iter().skip(1).step_by(2).map(|piece| &**piece));
    if size > MAX_ITEMS && pieces().map(items).sum::<usize>() > MAX_ITEMS {
        return Err(EncodeError::TooManyItems);
    }
    u32::try_from(size).ok().filter(|_| size <= MAX_FRAME).ok_or(EncodeError::TooLarge { size })
}

/// Where encoded bytes go.
struct Output<'a> {
    first: &'a mut Vec<u8>,
    /// What follows the first piece: byte strings that are shared, each with what stands behind it.
    later: Vec<Bytes>,
    /// What is written behind the last byte string.
    last: Vec<u8>,
}

impl Output<'_> {
    fn finish(mut self) -> Vec<Bytes> {
        if !self.later.is_empty() {
            self.later.push(self.last.into());
        }
        self.later
    }
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match shared::take(bytes) {
            Some(piece) => {
                if !self.later.is_empty() {
                    self.later.push(std::mem::take(&mut self.last).into());
                }
                self.later.push(Bytes(piece));
            }
            None if self.later.is_empty() => pages::extend(self.first, bytes),
            None => pages::extend(&mut self.last, bytes),
        }
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Decodes a frame as [`decode`] does. Large byte strings of values are parts of it, and not copied.
pub fn decode_frame<M: DeserializeOwned>(payload: &Payload) -> Result<M, DecodeError> {
    match payload {
        Payload::Small(bytes) => decode(bytes),
        Payload::Large(bytes) => shared::decoding(&bytes.0, || decode(bytes)),
    }
}

/// Decodes the payload of one frame (without its length prefix).
///
/// Allocates no more than a small multiple of `payload`'s length, whatever lengths the bytes claim.
pub fn decode<M: DeserializeOwned>(payload: &[u8]) -> Result<M, DecodeError> {
    // Every item has a byte of its own.
    if payload.len() > MAX_ITEMS && items(payload) > MAX_ITEMS {
        return Err(DecodeError::TooManyItems);
    }
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(payload);
    // Its count reaches zero, and fails, one level early.
    deserializer.set_max_depth(MAX_DEPTH + 1);
    let message = M::deserialize(&mut deserializer)?;
    match More::deserialize(&mut deserializer) {
        Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(message),
        _ => Err(DecodeError::TrailingBytes),
    }
}

/// About how many bytes the message in `payload` takes in memory once it is decoded.
#[must_use]
pub fn weight(payload: &[u8]) -> usize {
    payload.len() + ITEM_WEIGHT * if payload.len() < SMALL { payload.len() } else { items(payload) }
}

/// Payloads of which only the length is weighed.
const SMALL: usize = 512;

/// How many msgpack objects begin in `payload`, counted to a little past [`MAX_ITEMS`] at most. Each header counts
/// once, and what it promises only as it comes; what is malformed counts for something, because it is refused when it
/// is decoded.
fn items(payload: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let (Some(marker), true) = (payload.get(at), count <= MAX_ITEMS) {
        let length = |bytes: usize| {
            let field = payload.get(at + 1..at + 1 + bytes).unwrap_or_default();
            bytes + field.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        };
        let body = match marker {
            0xa0..=0xbf => usize::from(marker & 0x1f),
            0xc4 | 0xd9 => length(1),
            0xc5 | 0xda => length(2),
            0xc6 | 0xdb => length(4),
            // An extension's type is one byte more.
            0xc7 => length(1) + 1,
            0xc8 => length(2) + 1,
            0xc9 => length(4) + 1,
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 | 0xd4 | 0xdc | 0xde => 2,
            0xd5 => 3,
            0xca | 0xce | 0xd2 | 0xdd | 0xdf => 4,
            0xd6 => 5,
            0xcb | 0xcf | 0xd3 => 8,
            0xd7 => 9,
            0xd8 => 17,
            _ => 0,
        };
        count += 1;
        at = at.saturating_add(1 + body);
    }
    count
}

/// Deserializes from anything but the end of the input; the deserializer does not tell how much it has left.
struct More;

impl<'de> Deserialize<'de> for More {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(More)
    }
}

impl<'de> Visitor<'de> for More {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("more input")
    }

    fn visit_none<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_some<D: Deserializer<'de>>(self, _: D) -> Result<Self, D::Error> {
        Ok(self)
    }
}

/// Declares an enum of messages by wire name, with the `[name, body]` encoding and an `Unknown` variant for names of
/// the future.
///
/// The enum is exhaustive, so that the compiler lists every match that a new message must be added to.
macro_rules! messages {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $wire:literal => $variant:ident($body:ty)),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant($body),)*
            /// A message this revision does not know, by its wire name. Decoded, never sent.
            Unknown(String),
        }

        impl $name {
            /// The wire names of all messages, in the order of their declaration.
            pub const NAMES: &[&str] = &[$($wire),*];

            /// The message's name on the wire.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $wire,)*
                    Self::Unknown(name) => name,
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeTuple;
                let mut message = serializer.serialize_tuple(2)?;
                message.serialize_element(self.name())?;
                match self {
                    $(Self::$variant(body) => message.serialize_element(body)?,)*
                    Self::Unknown(name) => {
                        return Err(serde::ser::Error::custom(format_args!("the unknown message {name:?} is not for sending")));
                    }
                }
                message.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Message;
                impl<'de> serde::de::Visitor<'de> for Message {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                        f.write_str("an array [name, body]")
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<$name, A::Error> {
                        use serde::de::Error;
                        let name: std::borrow::Cow<'de, str> =
                            seq.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                        match &*name {
                            $($wire => match seq.next_element::<$body>()? {
                                Some(body) => Ok($name::$variant(body)),
                                None => Err(A::Error::invalid_length(1, &self)),
                            },)*
                            _ => match seq.next_element::<serde::de::IgnoredAny>()? {
                                Some(_) => Ok($name::Unknown(name.into_owned())),
                                None => Err(A::Error::invalid_length(1, &self)),
                            },
                        }
                    }
                }
                deserializer.deserialize_tuple(2, Message)
            }
        }
    };
}
pub(crate) use messages;
