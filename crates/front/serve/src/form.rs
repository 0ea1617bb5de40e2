//! The two forms of messages: msgpack in frames, and JSON lines.

use bytes::Bytes;
use drupe_protocol::frame::MAX_FRAME;
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

impl Form {
    /// The form that the first four bytes of a client say.
    pub(crate) fn of_first(bytes: [u8; 4]) -> Self {
        if bytes[2..] == [0, 0] { Self::Frames } else { Self::JsonLines }
    }

    /// The bytes of a message, with its length or its line feed. One that is too large becomes an error, which says so.
    pub(crate) fn write(self, message: &Message<impl Serialize>) -> Bytes {
        match self.try_write(message) {
            Ok(bytes) => bytes,
            Err(error) => {
                let text = format!("the message {:?} cannot be sent: {error}", message.0);
                self.try_write(&Message("error", Failure::new("encode", text))).unwrap_or_default()
            }
        }
    }

    /// As [`write`](Self::write); says why a message cannot be sent.
    pub(crate) fn try_write(self, message: &Message<impl Serialize>) -> Result<Bytes, String> {
        self.try_write_sized(message, 0)
    }

    /// The same, for a message of about `size` bytes.
    pub(crate) fn try_write_sized(self, message: &Message<impl Serialize>, size: usize) -> Result<Bytes, String> {
        match self {
            Self::Frames => {
                let mut out = Vec::with_capacity(size.min(MAX_FRAME));
                drupe_protocol::encode(message, &mut out).map_err(|error| error.to_string())?;
                Ok(out.into())
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
    pub(crate) fn read(self, payload: &[u8]) -> Result<ClientMessage, Unread> {
        match self {
            Self::Frames => read_msgpack(payload),
            Self::JsonLines => read_json(payload),
        }
    }
}
