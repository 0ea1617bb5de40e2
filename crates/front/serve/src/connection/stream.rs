//! Cuts the bytes of a client into messages, and writes those of the server.

use std::{fmt, io};

use drupe_protocol::{FrameDecoder, FrameError, Payload, frame::MAX_FRAME};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::websocket::{WebReader, WebWriter};
use crate::form::{Form, Written};

/// What a client is read from.
pub(crate) struct Source(pub(crate) Box<dyn AsyncRead + Send + Unpin>);

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Source(..)")
    }
}

/// What a client is written to.
pub(crate) enum Outgoing {
    /// Bytes, as they are.
    Bytes(Box<dyn AsyncWrite + Send + Unpin>),
    /// Messages of a WebSocket.
    Web(WebWriter),
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Outgoing(..)")
    }
}

/// Pieces up to this size are copied into one buffer, and larger ones written as they are.
const SMALL: usize = 64 << 10;

impl Outgoing {
    /// Ends the connection as its form asks for.
    pub(crate) async fn finish(&mut self) {
        match self {
            Self::Web(web) => web.finish().await,
            // A peer that is gone needs no end.
            Self::Bytes(out) => drop(out.shutdown().await),
        }
    }

    /// Writes messages, with few system calls.
    pub(crate) async fn write_batch(&mut self, batch: Vec<Written>) -> io::Result<()> {
        match self {
            Self::Web(web) => web.write(batch).await,
            Self::Bytes(out) => {
                let mut small = Vec::new();
                for piece in batch.iter().flat_map(Written::pieces) {
                    if piece.len() > SMALL {
                        out.write_all(&small).await?;
                        small.clear();
                        out.write_all(piece).await?;
                    } else {
                        small.extend_from_slice(piece);
                    }
                }
                out.write_all(&small).await?;
                out.flush().await
            }
        }
    }
}

/// Why there are no more messages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("a message of {size} bytes or more is too large; the limit is {limit} bytes")]
    TooLarge { size: usize, limit: usize },
    #[error("the connection ended within a message")]
    Torn,
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

/// Messages of a client.
#[derive(Debug)]
pub(crate) struct Incoming {
    source: Source,
    cut: Cut,
    /// The most bytes that a message may have.
    limit: usize,
}

#[derive(Debug)]
enum Cut {
    Frames(FrameDecoder),
    Lines(Lines),
    Web(Box<WebReader>),
}

/// Cuts a text into lines.
#[derive(Debug, Default)]
struct Lines {
    buffer: Vec<u8>,
    /// The bytes of the line that was given out last.
    taken: usize,
    /// No line feed is before this.
    searched: usize,
}

impl Lines {
    /// The next whole line, without its line feed.
    fn next(&mut self) -> Option<std::ops::Range<usize>> {
        self.buffer.drain(..std::mem::take(&mut self.taken));
        let found = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        let Some(length) = found.map(|at| self.searched + at) else {
            self.searched = self.buffer.len();
            return None;
        };
        (self.taken, self.searched) = (length + 1, 0);
        Some(0..length)
    }
}

impl Incoming {
    /// Messages from `source`, whose first bytes are `first`.
    pub(crate) fn new(source: Source, form: Form, first: &[u8]) -> Self {
        let cut = match form {
            Form::Frames => {
                let mut decoder = FrameDecoder::new();
                decoder.feed(first);
                Cut::Frames(decoder)
            }
            Form::JsonLines => Cut::Lines(Lines { buffer: first.to_vec(), ..Lines::default() }),
        };
        Self { source, cut, limit: MAX_FRAME }
    }

    /// Messages of a WebSocket.
    pub(crate) fn of_web(reader: WebReader) -> Self {
        Self { source: Source(Box::new(tokio::io::empty())), cut: Cut::Web(Box::new(reader)), limit: MAX_FRAME }
    }

    /// Limits the size of messages from now on.
    pub(crate) fn limit(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// The client has greeted.
    pub(crate) fn let_on(&mut self) {
        self.limit = MAX_FRAME;
        if let Cut::Web(web) = &self.cut {
            web.let_on();
        }
    }

    /// The next message; `None` where the client has left. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Option<Payload<'_>>, ReadError> {
        let limit = self.limit;
        match &mut self.cut {
            Cut::Frames(decoder) => {
                while !decoder.has_frame() {
                    if let Some(size) = decoder.announced_length().filter(|size| *size > limit) {
                        return Err(ReadError::TooLarge { size, limit });
                    }
                    let count = self.source.0.read(decoder.spare()).await?;
                    if count == 0 {
                        return if decoder.in_frame() { Err(ReadError::Torn) } else { Ok(None) };
                    }
                    decoder.advance(count);
                }
                match decoder.next_frame() {
                    Ok(frame) => Ok(frame),
                    Err(FrameError::TooLarge { length }) => Err(ReadError::TooLarge { size: length, limit }),
                    Err(FrameError::Torn { .. }) => Err(ReadError::Torn),
                }
            }
            Cut::Web(web) => web.next(limit).await,
            Cut::Lines(lines) => loop {
                if let Some(range) = lines.next() {
                    // Empty lines are no messages.
                    if lines.buffer[range.clone()].iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    return Ok(Some(Payload::Small(&lines.buffer[range])));
                }
                if lines.buffer.len() > limit {
                    return Err(ReadError::TooLarge { size: lines.buffer.len(), limit });
                }
                lines.buffer.reserve(SMALL);
                if self.source.0.read_buf(&mut lines.buffer).await? == 0 {
                    return if lines.buffer.is_empty() { Ok(None) } else { Err(ReadError::Torn) };
                }
            },
        }
    }
}
