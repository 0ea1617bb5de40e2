//! Frames of ZMTP 3.0: messages of several frames, and commands.
//!
//! **No length is trusted**: memory grows with the bytes that arrive, and large frames take their room from one pool
//! for all peers.

use std::{io, sync::Arc};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, BufReader},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::ZmtpError;

/// Another frame of the message follows.
const MORE: u8 = 1;
/// The length has eight bytes.
const LONG: u8 = 2;
/// It is no message, but a command of the protocol.
const COMMAND: u8 = 4;

/// The largest message, in bytes of all its frames.
const MAX_MESSAGE: u64 = 256 << 20;
/// The most frames of a message.
const MAX_FRAMES: usize = 4_096;
/// The largest command, in bytes.
const MAX_COMMAND: u64 = 64 << 10;

/// A message that is smaller takes no room from the pool, in bytes: there are few enough of them.
const SMALL: u64 = 64 << 10;
/// Bytes of one unit of the pool.
const UNIT: u64 = 1 << 10;
/// Units of the pool: 512 MiB.
const ROOM: usize = 512 << 10;

/// A frame that is smaller is copied beside others, in bytes.
const COPIED: usize = 16 << 10;

/// The room that large messages take until they are read, for all peers of a process.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(ROOM)))
    }
}

impl Room {
    fn take(&self, bytes: u64) -> Result<OwnedSemaphorePermit, ZmtpError> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        self.0.clone().try_acquire_many_owned(units).map_err(|_| ZmtpError::NoRoom)
    }
}

/// A message: its frames, and the room that they take.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) frames: Vec<Bytes>,
    _room: Vec<OwnedSemaphorePermit>,
}

/// What a peer sends.
#[derive(Debug)]
pub(crate) enum Piece {
    Message(Received),
    Command { name: Bytes, body: Bytes },
}

/// Reads frames.
pub(crate) struct FrameReader<R> {
    from: BufReader<R>,
    room: Room,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(from: R, room: Room) -> Self {
        Self { from: BufReader::with_capacity(16 << 10, from), room }
    }

    /// Bytes that are no frame: the greeting.
    pub(super) async fn exactly<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    /// The next message or command; `None` at the end. **Not cancel safe.**
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, ZmtpError> {
        let (mut frames, mut room, mut total) = (Vec::new(), Vec::new(), 0_u64);
        loop {
            let flags = match self.from.read_u8().await {
                Ok(flags) => flags,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && frames.is_empty() => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            if flags & !(MORE | LONG | COMMAND) != 0 {
                return Err(ZmtpError::Broken("a frame has flags that ZMTP 3 does not have"));
            }
            let length = if flags & LONG == 0 { self.from.read_u8().await?.into() } else { self.from.read_u64().await? };
            if flags & COMMAND != 0 {
                return self.command(flags, length, !frames.is_empty()).await.map(Some);
            }
            total = total.saturating_add(length);
            if total > MAX_MESSAGE || frames.len() >= MAX_FRAMES {
                return Err(ZmtpError::TooLarge);
            }
            if length > SMALL {
                room.push(self.room.take(length)?);
            }
            frames.push(self.body(length).await?);
            if flags & MORE == 0 {
                return Ok(Some(Piece::Message(Received { frames, _room: room })));
            }
        }
    }

    async fn command(&mut self, flags: u8, length: u64, within: bool) -> Result<Piece, ZmtpError> {
        if flags & MORE != 0 || within || length > MAX_COMMAND {
            return Err(ZmtpError::Broken("a command is too long, or stands within a message"));
        }
        let mut body = self.body(length).await?;
        let Some(&name) = body.first() else { return Err(ZmtpError::Broken("a command has no name")) };
        if body.len() <= usize::from(name) {
            return Err(ZmtpError::Broken("a command is shorter than its name"));
        }
        let name = body.split_to(1 + usize::from(name)).slice(1..);
        Ok(Piece::Command { name, body })
    }

    /// `length` bytes. What is not there yet takes no memory.
    async fn body(&mut self, length: u64) -> Result<Bytes, ZmtpError> {
        let expected = usize::try_from(length).map_err(|_| ZmtpError::TooLarge)?;
        let mut body = Vec::with_capacity(expected.min(COPIED));
        (&mut self.from).take(length).read_to_end(&mut body).await?;
        if body.len() < expected {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(body.into())
    }
}

/// A message, or a command, as it goes out. Clones share the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pieces: Arc<[Bytes]>,
    size: usize,
}

impl Wire {
    /// A message of these frames. Large frames are not copied.
    pub(crate) fn message(frames: &[Bytes]) -> Self {
        let (mut pieces, mut small) = (Vec::new(), BytesMut::new());
        for (index, frame) in frames.iter().enumerate() {
            let more = if index + 1 < frames.len() { MORE } else { 0 };
            match u8::try_from(frame.len()) {
                Ok(length) => small.put_slice(&[more, length]),
                Err(_) => {
                    small.put_u8(more | LONG);
                    small.put_u64(frame.len() as u64);
                }
            }
            if frame.len() <= COPIED {
                small.put_slice(frame);
            } else {
                pieces.push(small.split().freeze());
                pieces.push(frame.clone());
            }
        }
        pieces.push(small.freeze());
        Self::new(pieces)
    }

    /// A command, whose body has at most 200 bytes.
    pub(crate) fn command(name: &str, body: &[u8]) -> Self {
        let mut wire = BytesMut::new();
        let length = 1 + name.len() + body.len();
        wire.put_slice(&[COMMAND, u8::try_from(length).unwrap_or(u8::MAX), u8::try_from(name.len()).unwrap_or(u8::MAX)]);
        wire.put_slice(name.as_bytes());
        wire.put_slice(body);
        Self::new(vec![wire.freeze()])
    }

    /// What goes out one after the other, as one.
    pub(crate) fn joined(wires: impl Iterator<Item = Self>) -> Self {
        let mut bytes = BytesMut::new();
        wires.for_each(|wire| wire.pieces.iter().for_each(|piece| bytes.put_slice(piece)));
        Self::new(vec![bytes.freeze()])
    }

    fn new(mut pieces: Vec<Bytes>) -> Self {
        pieces.retain(|piece| !piece.is_empty());
        Self { size: pieces.iter().map(Bytes::len).sum(), pieces: pieces.into() }
    }

    /// Its bytes, piece by piece.
    pub(crate) fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    async fn read(bytes: &[u8]) -> Result<Option<Piece>, ZmtpError> {
        FrameReader::new(bytes, Room::default()).next().await
    }

    fn frames(piece: Option<Piece>) -> Vec<Bytes> {
        let Some(Piece::Message(received)) = piece else { panic!("a message") };
        received.frames
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let large = Bytes::from(vec![7; COPIED + 1]);
        let sent = [Bytes::new(), Bytes::from_static(b"a"), large.clone(), Bytes::from(vec![1; 255]), Bytes::from(vec![2; 256])];
        let wire = Wire::message(&sent);
        let bytes = wire.pieces().concat();
        assert_eq!(bytes.len(), wire.size());
        assert_eq!(frames(read(&bytes).await.unwrap()), sent);
        assert!(wire.pieces().iter().any(|piece| piece.as_ptr() == large.as_ptr()), "it was copied");
        assert!(read(&[]).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn commands_have_a_name() {
        let wire = Wire::command("PING", b"\0\0x");
        let Ok(Some(Piece::Command { name, body })) = read(&wire.pieces().concat()).await else { panic!() };
        assert_eq!((&*name, &*body), (&b"PING"[..], &b"\0\0x"[..]));
        for broken in
            [&[4, 0][..], &[4, 1, 4], &[4, 2, 9, 0], &[5, 2, 1, 65], &[1, 0, 4, 2, 1, 65], &[64, 0], &[6, 0, 0, 0, 0, 0, 2, 0, 0]]
        {
            assert!(matches!(read(broken).await, Err(ZmtpError::Broken(_))), "{broken:?}");
        }
    }

    #[tokio::test]
    async fn a_length_alone_takes_no_memory() {
        let claim = |length: u64| [&[2][..], &length.to_be_bytes(), b"few"].concat();
        for length in [MAX_MESSAGE + 1, u64::MAX] {
            assert!(matches!(read(&claim(length)).await, Err(ZmtpError::TooLarge)));
        }
        assert!(matches!(read(&claim(MAX_MESSAGE)).await, Err(ZmtpError::Io(_))));
        let many = [1, 0].repeat(MAX_FRAMES + 1);
        assert!(matches!(read(&many).await, Err(ZmtpError::TooLarge)));
        let room = Room::default();
        let _taken = room.take(MAX_MESSAGE).unwrap();
        let _taken_too = room.take(MAX_MESSAGE).unwrap();
        let claim = claim(1 << 20);
        let third = FrameReader::new(&claim[..], room).next().await;
        assert!(matches!(third, Err(ZmtpError::NoRoom)));
    }
}
