//! Frames: a four-byte little-endian length, then that many bytes of payload.
//!
//! [`FrameDecoder`] takes any received bytes and returns whole payloads. It trusts nothing: a length over [`MAX_FRAME`]
//! is an error before a byte is reserved for it, and memory grows only as bytes really arrive.

use std::ops::Deref;

use crate::{pages, value::Bytes};

/// Bytes in a frame's length prefix.
pub const PREFIX: usize = 4;

/// The largest payload a frame may have, in bytes: 128 MiB.
pub const MAX_FRAME: usize = 128 << 20;

/// The least room [`FrameDecoder::spare`] offers.
const MIN_SPARE: usize = 64 << 10;

/// A buffer larger than this is given back once its frames are consumed.
const KEEP: usize = 1 << 20;

/// A sixteenth of a frame that has arrived is trusted: then there is room for all of it at once, so that it is not
/// moved any more. **The system gives that room its memory as bytes arrive.**
const TRUSTED: usize = 16;

/// Why a byte stream is not a stream of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A length prefix larger than the cap. The stream cannot be resynchronised.
    #[error("peer announced a frame of {length} bytes; the limit is {MAX_FRAME}")]
    TooLarge {
        /// The announced length in bytes.
        length: usize,
    },
    /// The stream ended inside a frame: the peer died or lied.
    #[error("stream ended inside a frame: {missing} bytes were still to come")]
    Torn {
        /// How many bytes the frame, or its length prefix, still wanted.
        missing: usize,
    },
}

/// The payload of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// It stands in the decoder's buffer.
    Small(&'a [u8]),
    /// It has memory of its own, which values may share.
    Large(Bytes),
}

impl Deref for Payload<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Large(bytes) => bytes,
        }
    }
}

/// Cuts a byte stream into frame payloads.
///
/// ```
/// let mut decoder = drupe_protocol::FrameDecoder::new();
/// decoder.feed(&[2, 0, 0, 0, 7]);
/// assert_eq!(decoder.next_frame(), Ok(None));
/// decoder.feed(&[8]);
/// assert_eq!(decoder.next_frame(), Ok(Some(drupe_protocol::Payload::Small(&[7, 8]))));
/// assert_eq!(decoder.end(), Ok(()));
/// ```
#[derive(Debug, Default)]
pub struct FrameDecoder {
    /// Received bytes are `buffer[start..end]`; what follows `end` is initialised room for reads.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl FrameDecoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Room to read into; then tell [`advance`](Self::advance) how many bytes arrived. Never empty.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > KEEP {
                self.buffer = Vec::new();
            }
        } else if self.start > 0 && self.buffer.len() > KEEP && self.end - self.start <= MIN_SPARE {
            // A steady stream may never find the decoder empty.
            let mut small = self.buffer[self.start..self.end].to_vec();
            (self.start, self.end) = (0, small.len());
            small.resize(small.len() + MIN_SPARE, 0);
            self.buffer = small;
        }
        if self.buffer.len() - self.end < MIN_SPARE / 2 {
            self.make_room();
        }
        &mut self.buffer[self.end..]
    }

    /// Says that the first `count` bytes of [`spare`](Self::spare) were filled.
    ///
    /// # Panics
    /// When `count` exceeds the room that was offered.
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.end, "advanced past the offered room");
        self.end += count;
    }

    /// Copies `bytes` in: `spare` and `advance` in one.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let spare = self.spare();
            let count = spare.len().min(bytes.len());
            spare[..count].copy_from_slice(&bytes[..count]);
            self.advance(count);
            bytes = &bytes[count..];
        }
    }

    /// The next whole payload, or `None` when more bytes are needed.
    pub fn next_frame(&mut self) -> Result<Option<Payload<'_>>, FrameError> {
        let Some(length) = self.announced()? else { return Ok(None) };
        let payload = self.start + PREFIX;
        let end = payload + length;
        if self.end < end {
            return Ok(None);
        }
        if length > KEEP {
            return Ok(Some(Payload::Large(self.take_buffer(payload, end))));
        }
        self.start = end;
        Ok(Some(Payload::Small(&self.buffer[payload..end])))
    }

    /// Gives the buffer away for the payload in it. What arrived behind that is the beginning of a new buffer.
    fn take_buffer(&mut self, payload: usize, end: usize) -> Bytes {
        let mut rest = self.buffer[end..self.end].to_vec();
        (self.start, self.end) = (0, rest.len());
        if !rest.is_empty() {
            rest.resize(rest.len() + MIN_SPARE, 0);
        }
        let mut buffer = std::mem::replace(&mut self.buffer, rest);
        buffer.truncate(end);
        Bytes(bytes::Bytes::from(buffer).slice(payload..))
    }

    /// Whether a whole frame waits to be taken (or an error, which counts as something to take).
    #[must_use]
    pub fn has_frame(&self) -> bool {
        match self.announced() {
            Ok(None) => false,
            Ok(Some(length)) => self.end - self.start - PREFIX >= length,
            Err(_) => true,
        }
    }

    /// Whether a frame has begun to arrive and is not whole.
    #[must_use]
    pub fn in_frame(&self) -> bool {
        matches!(self.end(), Err(FrameError::Torn { .. }))
    }

    /// Checks that the stream may end here: clean between frames, [`FrameError::Torn`] inside one.
    pub fn end(&self) -> Result<(), FrameError> {
        let have = self.end - self.start;
        match self.announced()? {
            None if have == 0 => Ok(()),
            None => Err(FrameError::Torn { missing: PREFIX - have }),
            Some(length) if have - PREFIX >= length => Ok(()),
            Some(length) => Err(FrameError::Torn { missing: length - (have - PREFIX) }),
        }
    }

    /// The length that the next frame has announced, once its prefix has arrived, whether or not it is too large.
    #[must_use]
    pub fn announced_length(&self) -> Option<usize> {
        match self.announced() {
            Ok(length) => length,
            Err(FrameError::TooLarge { length }) => Some(length),
            Err(FrameError::Torn { .. }) => None,
        }
    }

    /// The payload length that the prefix at `start` announces, once it is whole.
    fn announced(&self) -> Result<Option<usize>, FrameError> {
        let Some(prefix) = self.buffer[self.start..self.end].first_chunk::<PREFIX>() else { return Ok(None) };
        let length = u32::from_le_bytes(*prefix) as usize;
        if length > MAX_FRAME { Err(FrameError::TooLarge { length }) } else { Ok(Some(length)) }
    }

    /// Moves what is unread to the front and grows: to twice what has arrived, or to the whole frame once enough of it
    /// has, and to little more than that.
    fn make_room(&mut self) {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let whole = self.announced().ok().flatten().map_or(0, |length| PREFIX + length);
        let missing = whole.saturating_sub(self.end);
        let is_trusted = self.end > KEEP && self.end >= whole / TRUSTED;
        let room = if is_trusted { missing + MIN_SPARE } else { self.end.min(missing).max(MIN_SPARE) };
        if self.buffer.len() < self.end + room {
            let mut larger = pages::zeroed(self.end + room);
            larger[..self.end].copy_from_slice(&self.buffer[..self.end]);
            self.buffer = larger;
        }
    }
}
