//! The bytes of a connection: of a local socket, of a stream of the embedder's, or of a kernel on a thread.

use std::{fmt, io};

use drupe_protocol::FrameDecoder;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};

#[cfg(unix)]
use crate::halves::{ReadHalf, WriteHalf};
use crate::{Sender, sender::Sink};

#[cfg(not(unix))]
type ReadHalf = std::sync::Arc<interprocess::local_socket::tokio::Stream>;
#[cfg(not(unix))]
type WriteHalf = std::sync::Arc<interprocess::local_socket::tokio::Stream>;

/// Where bytes come from.
pub(crate) enum ByteSource {
    Socket(ReadHalf),
    /// A stream of the embedder's.
    Stream(Box<dyn AsyncRead + Send + Unpin>),
    /// A kernel on a thread of this process.
    Memory(mpsc::Receiver<Vec<u8>>),
}

impl ByteSource {
    /// Reads into the decoder; how many bytes, 0 at the end. Cancel safe.
    pub(crate) async fn read(&mut self, decoder: &mut FrameDecoder) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => {
                #[cfg(not(unix))]
                let mut socket = &**socket;
                let count = socket.read(decoder.spare()).await?;
                decoder.advance(count);
                Ok(count)
            }
            Self::Stream(stream) => {
                let count = stream.read(decoder.spare()).await?;
                decoder.advance(count);
                Ok(count)
            }
            Self::Memory(packets) => Ok(packets.recv().await.map_or(0, |bytes| {
                decoder.feed(&bytes);
                bytes.len()
            })),
        }
    }
}

impl fmt::Debug for ByteSource {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Socket(_) => "Socket",
            Self::Stream(_) => "Stream",
            Self::Memory(_) => "Memory",
        })
    }
}

/// Where bytes go.
pub(crate) enum ByteSink {
    Socket(WriteHalf),
    /// A stream of the embedder's.
    Stream(Box<dyn AsyncWrite + Send + Unpin>),
    /// A kernel on a thread of this process. **Its sender tells the end when it is dropped.**
    Memory(Sender),
}

impl ByteSink {
    /// Writes some bytes; how many. Cancel safe.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(socket) => {
                #[cfg(not(unix))]
                let mut socket = &**socket;
                socket.write(bytes).await
            }
            Self::Stream(stream) => stream.write(bytes).await,
            Self::Memory(Sender(Sink::Queue(queue))) => queue.send_when_room(bytes).await.map(|()| bytes.len()),
            Self::Memory(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Whether it may hold back what was written.
    pub(crate) fn is_buffered(&self) -> bool {
        matches!(self, Self::Stream(_))
    }

    /// Hands on what it holds back. Cancel safe.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if let Self::Stream(stream) = self { stream.flush().await } else { Ok(()) }
    }

    /// All is written: waits for room no longer.
    pub(crate) fn rest(&mut self) {
        #[cfg(unix)]
        if let Self::Socket(socket) = self {
            socket.rest();
        }
    }
}

impl fmt::Debug for ByteSink {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Socket(_) => "Socket",
            Self::Stream(_) => "Stream",
            Self::Memory(_) => "Memory",
        })
    }
}
