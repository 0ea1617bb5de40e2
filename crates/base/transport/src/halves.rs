//! The two halves of a Unix socket, asynchronous.
//!
//! A Unix socket has room again each time that its peer reads. Whoever waits for room on it is woken by each read of
//! the peer, and the wake-up is the peer's work. So these halves wait for room only while they have found none.

use std::{
    io,
    mem::MaybeUninit,
    net::Shutdown,
    os::{fd::AsFd, unix::net::UnixStream},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd};

/// Splits a socket. Must be called within a tokio runtime that drives I/O.
///
/// # Errors
/// When the runtime cannot wait for the socket.
pub fn halves(socket: UnixStream) -> io::Result<(ReadHalf, WriteHalf)> {
    let socket = Arc::new(socket);
    Ok((ReadHalf::new(socket.clone())?, WriteHalf::new(socket)?))
}

/// The half that is read.
#[derive(Debug)]
pub struct ReadHalf(AsyncFd<Arc<UnixStream>>);

impl ReadHalf {
    /// Reads `socket`. Must be called within a tokio runtime that drives I/O.
    ///
    /// # Errors
    /// When the runtime cannot wait for the socket.
    pub fn new(socket: Arc<UnixStream>) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self(waiting_for(socket, Interest::READABLE)?))
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.0.poll_read_ready(cx))?;
            // SAFETY: only bytes that were read are taken for initialised, and none becomes uninitialised.
            let room: &mut [MaybeUninit<u8>] = unsafe { buffer.unfilled_mut() };
            match rustix::io::read(self.0.get_ref(), room).map(|(read, _)| read.len()) {
                Ok(count) => {
                    // **A short read does not say that there is no more**: it ends before bytes that come with
                    // descriptors.
                    // SAFETY: the system has written so many bytes.
                    unsafe { buffer.assume_init(count) };
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(Errno::AGAIN) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }
}

/// The half that is written.
#[derive(Debug)]
pub struct WriteHalf {
    socket: Arc<UnixStream>,
    /// Since there was no room, until all that is to be written is.
    room: Option<AsyncFd<Arc<UnixStream>>>,
}

impl WriteHalf {
    /// Writes `socket`, into which much fits from now on, where the system lets it.
    ///
    /// # Errors
    /// When the system does not let it be written without waiting.
    pub fn new(socket: Arc<UnixStream>) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        crate::socket::widen(&*socket);
        Ok(Self { socket, room: None })
    }

    /// All is written: waits for room no longer.
    pub(crate) fn rest(&mut self) {
        self.room = None;
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Self { socket, room } = &mut *self;
        loop {
            match send(&**socket, bytes) {
                Err(Errno::AGAIN) => {}
                Err(Errno::INTR) => continue,
                sent => return Poll::Ready(sent.map_err(Into::into)),
            }
            let room = match room {
                Some(room) => room,
                // A descriptor of its own, because the other half may wait for the one that it has.
                None => room.insert(waiting_for(Arc::new(socket.try_clone()?), Interest::WRITABLE)?),
            };
            let mut ready = ready!(room.poll_write_ready(cx))?;
            match send(&**socket, bytes) {
                Err(Errno::AGAIN) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                sent => return Poll::Ready(sent.map_err(Into::into)),
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        self.rest();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket.shutdown(Shutdown::Write))
    }
}

fn waiting_for(socket: Arc<UnixStream>, interest: Interest) -> io::Result<AsyncFd<Arc<UnixStream>>> {
    // SAFETY: a socket keeps its descriptor until it is dropped, which the `Arc` does not let happen before.
    Ok(unsafe { AsyncFd::register_with_interest(socket, interest) }?)
}

fn send(socket: impl AsFd, bytes: &[u8]) -> rustix::io::Result<usize> {
    rustix::net::send(socket, bytes, crate::sender::NO_SIGNAL)
}
