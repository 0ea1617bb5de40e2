//! The two forms of messages: msgpack in frames, and JSON lines.

use bytes::{Bytes, BytesMut};
use drupe_protocol::{Payload, frame::MAX_FRAME, value};
use serde::Serialize;

use crate::message::{
    client::ClientMessage,
    envelope::{Unread, read_json, read_msgpack},
    server::{Failure, Message},
};

/// How messages are written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Length-prefixed msgpack.
    Frames,
    /// One JSON text a line.
    JsonLines,
}

/// A message with its length or its line feed.
#[derive(Debug, Default)]
pub(crate) struct Written {
    first: Bytes,
    /// What follows; large byte strings were not copied.
    later: Vec<value::Bytes>,
}

impl Written {
    /// Its size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Its bytes, in pieces.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&*self.first).chain(self.later.iter().map(|piece| &**piece))
    }

    /// Its bytes in one piece.
    pub(crate) fn into_bytes(self) -> Bytes {
        if self.later.is_empty() {
            return self.first;
        }
        let mut whole = BytesMut::with_capacity(self.len());
        self.pieces().for_each(|piece| whole.extend_from_slice(piece));
        whole.freeze()
    }
}

impl From<Vec<u8>> for Written {
    fn from(bytes: Vec<u8>) -> Self {
        Self { first: bytes.into(), later: Vec::new() }
    }
}

impl Form {
    /// The form that the first four bytes of a client say.
    pub(crate) fn of_first(bytes: [u8; 4]) -> Self {
        if bytes[2..] == [0, 0] { Self::Frames } else { Self::JsonLines }
    }

    /// The bytes of a message, with its length or its line feed. One that is too large becomes an error, which says so.
    pub(crate) fn write(self, message: &Message<impl Serialize>) -> Written {
        match self.try_write(message) {
            Ok(bytes) => bytes,
            Err(error) => {
                let text = format!("the message {:?} cannot be sent: {error}", message.0);
                self.try_write(&Message("error", Failure::new("encode", text))).unwrap_or_default()
            }
        }
    }

    /// As [`write`](Self::write); says why a message cannot be sent.
    pub(crate) fn try_write(self, message: &Message<impl Serialize>) -> Result<Written, String> {
        self.try_write_sized(message, 0)
    }

    /// The same, for a message of about `size` bytes.
    pub(crate) fn try_write_sized(self, message: &Message<impl Serialize>, size: usize) -> Result<Written, String> {
        match self {
            Self::Frames => {
                let mut out = Vec::with_capacity(size.min(MAX_FRAME));
                let later = drupe_protocol::encode_in_pieces(message, &mut out).map_err(|error| error.to_string())?;
                Ok(Written { first: out.into(), later })
            }
            Self::JsonLines => {
                let mut out = serde_json::to_vec(message).map_err(|error| error.to_string())?;
                if out.len() > MAX_FRAME {
                    return Err(format!("it has {} bytes; the limit is {MAX_FRAME}", out.len()));
                }
                out.push(b'\n');
                Ok(out.into())
            }
        }
    }

    /// Reads the message in `payload`.
    pub(crate) fn read(self, payload: &Payload) -> Result<ClientMessage, Unread> {
        match self {
            Self::Frames => read_msgpack(payload),
            Self::JsonLines => read_json(payload),
        }
    }
}
