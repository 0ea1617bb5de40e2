//! The parent's side, asynchronous.

use std::{fmt, io, time::Duration};

use drupe_protocol::{EncodeError, FrameDecoder, codec::weight, decode_frame, encode};
use interprocess::local_socket::{
    GenericNamespaced, ListenerOptions, ToNsName,
    tokio::{Stream, prelude::*},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};

use crate::{
    ReceiveError,
    bytes::{ByteSink, ByteSource},
    deadline::after,
    unguessable_name,
};

/// A buffer that grew past this is given back once it is written.
const KEEP: usize = 1 << 20;

/// How long a peer may take for a frame that it has begun, or for the next [`PIECE`] of it, unless told otherwise.
const FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// A frame that is this much further, in bytes, is given its time again.
const PIECE: usize = 64 << 10;

/// A local socket that waits for one peer.
pub struct Listener {
    name: String,
    listener: interprocess::local_socket::tokio::Listener,
}

impl Listener {
    /// Listens under a fresh unguessable name. Must be called within a tokio runtime that drives I/O.
    pub fn bind() -> io::Result<Self> {
        let name = unguessable_name()?;
        let listener = ListenerOptions::new().name(name.as_str().to_ns_name::<GenericNamespaced>()?).create_tokio()?;
        Ok(Self { name, listener })
    }

    /// The name to connect to.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for the peer. **The listener is closed with the first accept**: nobody else can connect. On Linux names
    /// are no secret to other users of the machine, so connections from these do not count, and are dropped.
    pub async fn accept(self) -> io::Result<(FrameReader, FrameWriter)> {
        let stream = loop {
            let stream = self.listener.accept().await?;
            if is_own(&stream) {
                break stream;
            }
        };
        #[cfg(unix)]
        let (reads, writes) = {
            let Stream::UdSocket(socket) = stream;
            let socket = std::os::fd::OwnedFd::try_from(socket).map_err(io::Error::other)?;
            crate::halves(socket.into())?
        };
        #[cfg(not(unix))]
        let (reads, writes) = {
            let stream = std::sync::Arc::new(stream);
            (stream.clone(), stream)
        };
        Ok((FrameReader::new(ByteSource::Socket(reads)), FrameWriter::new(ByteSink::Socket(writes))))
    }
}

/// Whether the peer belongs to the same user, where the system can tell.
fn is_own(stream: &Stream) -> bool {
    #[cfg(unix)]
    {
        let peer = stream.peer_creds().ok().and_then(|creds| creds.euid());
        peer.is_none_or(|peer| peer == rustix::process::geteuid().as_raw())
    }
    #[cfg(not(unix))]
    {
        let _ = stream;
        true
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Receives messages.
#[derive(Debug)]
pub struct FrameReader {
    source: ByteSource,
    decoder: FrameDecoder,
    /// What the last message weighs.
    weight: usize,
    timeout: Duration,
    /// When the frame that has begun must be whole, or a piece further. **Set while a frame is under way and somebody
    /// waits for it.**
    deadline: Option<Instant>,
    /// Bytes that arrived since the deadline was set.
    arrived: usize,
    left_unread: bool,
}

impl FrameReader {
    /// Receives from a stream of the embedder's.
    pub fn over(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        Self::new(ByteSource::Stream(Box::new(stream)))
    }

    pub(crate) fn new(source: ByteSource) -> Self {
        Self {
            source,
            decoder: FrameDecoder::new(),
            weight: 0,
            timeout: FRAME_TIMEOUT,
            deadline: None,
            arrived: 0,
            left_unread: false,
        }
    }

    /// Sets how long a frame may take that has begun to arrive, or each 64 KiB of it: 10 s by default.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// The next message; `None` once the peer has closed the connection between two frames. Cancel safe.
    ///
    /// Descriptors that a peer passes along are never received: the bytes are read without ancillary data.
    pub async fn receive<M: DeserializeOwned>(&mut self) -> Result<Option<M>, ReceiveError> {
        loop {
            if let Some(message) = self.buffered()? {
                return Ok(Some(message));
            }
            match self.read().await {
                Ok(0) => {
                    self.decoder.end()?;
                    return Ok(None);
                }
                Ok(_) => {}
                // A peer that died with our bytes unread.
                Err(ReceiveError::Io(error)) if error.kind() == io::ErrorKind::ConnectionReset => {
                    self.left_unread = true;
                    self.decoder.end()?;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn read(&mut self) -> Result<usize, ReceiveError> {
        if !self.decoder.in_frame() {
            self.deadline = None;
            return Ok(self.source.read(&mut self.decoder).await?);
        }
        let deadline = *self.deadline.get_or_insert_with(|| {
            self.arrived = 0;
            after(self.timeout)
        });
        match timeout_at(deadline, self.source.read(&mut self.decoder)).await {
            Ok(read) => {
                let count = read?;
                self.arrived += count;
                if self.arrived >= PIECE {
                    self.deadline = None;
                }
                Ok(count)
            }
            Err(_) => Err(ReceiveError::Slow(self.timeout)),
        }
    }

    /// Says that nobody waits for the peer just now: the time until somebody does is not the peer's.
    pub fn pause(&mut self) {
        self.deadline = None;
    }

    /// Whether a frame has begun to arrive, and is not whole.
    #[must_use]
    pub fn is_in_frame(&self) -> bool {
        self.deadline.is_some()
    }

    /// Whether a whole frame has already arrived.
    #[must_use]
    pub fn has_frame(&self) -> bool {
        self.decoder.has_frame()
    }

    /// The next message that has already arrived whole, if any.
    pub fn buffered<M: DeserializeOwned>(&mut self) -> Result<Option<M>, ReceiveError> {
        Ok(match self.decoder.next_frame()? {
            Some(payload) => {
                self.deadline = None;
                self.weight = weight(&payload);
                Some(decode_frame(&payload)?)
            }
            None => None,
        })
    }

    /// Whether the peer is known to have gone before it had read all that the system had taken for it.
    #[must_use]
    pub fn left_unread(&self) -> bool {
        self.left_unread && self.is_direct()
    }

    /// Whether the bytes come from the peer itself. A stream of the embedder's may end while bytes are under way: **its
    /// end says nothing of what the peer has read or written**.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        !matches!(self.source, ByteSource::Stream(_))
    }

    /// About how many bytes the message that was received last takes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }
}

/// Sends messages. [`queue`](Self::queue) and [`flush`](Self::flush) are apart so that a caller can wait for other
/// things meanwhile.
#[derive(Debug)]
pub struct FrameWriter {
    sink: ByteSink,
    buffer: Vec<u8>,
    written: usize,
    /// Bytes that were written or given up, since the beginning.
    through: u64,
    /// Bytes that were written, since the beginning.
    sent: u64,
    /// Whether the stream may hold bytes back that were written to it.
    unflushed: bool,
}

impl FrameWriter {
    /// Sends to a stream of the embedder's.
    pub fn over(stream: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::new(ByteSink::Stream(Box::new(stream)))
    }

    pub(crate) fn new(sink: ByteSink) -> Self {
        Self { sink, buffer: Vec::new(), written: 0, through: 0, sent: 0, unflushed: false }
    }

    /// Appends a message to what is to be sent.
    pub fn queue<M: Serialize>(&mut self, message: &M) -> Result<(), EncodeError> {
        // A writer that is never quite done must not keep what it has sent.
        if self.written > self.buffer.len() / 2 {
            self.buffer.drain(..self.written);
            self.written = 0;
        }
        encode(message, &mut self.buffer)
    }

    /// Whether anything waits to be flushed.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.unsent() > 0 || self.unflushed
    }

    /// How many bytes wait to be flushed.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.buffer.len() - self.written
    }

    /// How many bytes were written since the beginning; what was given up counts, too.
    #[must_use]
    pub fn through(&self) -> u64 {
        self.through
    }

    /// How many bytes the system has taken since the beginning: **the peer cannot have read more**.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Forgets what is queued: the peer no longer reads.
    pub fn discard(&mut self) {
        self.through += self.unsent() as u64;
        self.unflushed = false;
        self.buffer.clear();
        self.written = 0;
    }

    /// Writes out what is queued. Cancel safe: what was not written stays queued.
    pub async fn flush(&mut self) -> io::Result<()> {
        while self.is_pending() {
            self.flush_some().await?;
        }
        Ok(())
    }

    /// Writes out as much of what is queued as the peer has room for. Cancel safe, as above.
    pub async fn flush_some(&mut self) -> io::Result<()> {
        if self.unsent() > 0 {
            match self.sink.write(&self.buffer[self.written..]).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                count => {
                    self.written += count;
                    self.through += count as u64;
                    self.sent += count as u64;
                    self.unflushed = self.sink.is_buffered();
                }
            }
        }
        if self.unsent() > 0 {
            return Ok(());
        }
        if self.unflushed {
            self.sink.flush().await?;
            self.unflushed = false;
        }
        self.sink.rest();
        self.written = 0;
        if self.buffer.capacity() > KEEP {
            self.buffer = Vec::new()
        } else {
            self.buffer.clear()
        }
        Ok(())
    }
}
