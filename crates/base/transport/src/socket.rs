//! Reads from a Unix local socket: `poll` over the socket and a wake-up pair.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::Arc,
    time::Instant,
};

use drupe_protocol::FrameDecoder;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::read::Read;

#[derive(Debug)]
pub(crate) struct Source {
    stream: UnixStream,
    /// Readable after a wake-up.
    wakes: UnixStream,
    /// The other half of `wakes`. **Lives as long**: without it `wakes` would read as ended, which looks like waking
    /// for ever.
    _waker: Arc<UnixStream>,
}

/// What fits into a socket before its writer waits for the reader: with the usual 200 KiB, sixteen times as many
/// wake-ups carry a large value across. The system may grant less.
const SEND_BUFFER: usize = 2 << 20;

/// Widens what fits into a socket. One that stays narrow is only slower.
pub(crate) fn widen(socket: impl AsFd) {
    let _ = rustix::net::sockopt::set_socket_send_buffer_size(socket, SEND_BUFFER);
}

/// A byte in the pair; when it is full, earlier wake-ups are still unread and this one adds nothing.
pub(crate) fn wake(mut waker: &UnixStream) {
    drop(waker.write(&[0]));
}

impl Source {
    /// Reads from `stream`, and what [`wake`] wakes it by.
    pub(crate) fn new(stream: UnixStream) -> io::Result<(Self, Arc<UnixStream>)> {
        let (waker, wakes) = UnixStream::pair()?;
        waker.set_nonblocking(true)?;
        wakes.set_nonblocking(true)?;
        let waker = Arc::new(waker);
        Ok((Self { stream, wakes, _waker: waker.clone() }, waker))
    }

    pub(crate) fn read(&mut self, decoder: &mut FrameDecoder, deadline: Option<Instant>) -> io::Result<Read> {
        loop {
            let mut ready = [PollFd::new(&self.stream, PollFlags::IN), PollFd::new(&self.wakes, PollFlags::IN)];
            let timeout = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let timeout = timeout.map(|timeout| Timespec::try_from(timeout).unwrap_or(LONG));
            match poll(&mut ready, timeout.as_ref()) {
                Ok(0) => return Ok(Read::Elapsed),
                Err(Errno::INTR) => continue,
                result => result?,
            };
            let (data, woken) = (!ready[0].revents().is_empty(), !ready[1].revents().is_empty());
            if woken {
                self.drain_wakes();
                return Ok(Read::Woken);
            }
            if data {
                match self.stream.read(decoder.spare()) {
                    Ok(0) => return Ok(Read::End),
                    Ok(count) => {
                        decoder.advance(count);
                        return Ok(Read::Bytes);
                    }
                    // The peer is gone with our bytes unread: an end like any other, perhaps inside a frame.
                    Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(Read::End),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    fn drain_wakes(&mut self) {
        let mut bytes = [0; 64];
        while matches!(self.wakes.read(&mut bytes), Ok(count) if count == bytes.len()) {}
    }
}

/// What a timeout too long for the system is cut to: half a year.
const LONG: Timespec = Timespec { tv_sec: 1 << 24, tv_nsec: 0 };
