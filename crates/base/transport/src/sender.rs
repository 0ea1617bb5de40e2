//! The blocking sender.

use std::io::{self, Write};

use crate::queue::Feed;

/// Sends frames to a peer. Blocks while the peer does not read: **that is how a slow reader slows JavaScript down**.
#[derive(Debug)]
pub struct Sender(pub(crate) Sink);

#[derive(Debug)]
pub(crate) enum Sink {
    Queue(Feed),
    /// To a parent that waits asynchronously.
    #[cfg(feature = "tokio")]
    Channel(tokio::sync::mpsc::Sender<Vec<u8>>),
    Stream(SinkStream),
}

#[cfg(unix)]
type Socket = std::os::unix::net::UnixStream;
#[cfg(not(unix))]
type Socket = interprocess::local_socket::Stream;

#[cfg(unix)]
pub(crate) type SinkStream = Socket;
#[cfg(not(unix))]
pub(crate) type SinkStream = std::sync::Arc<Socket>;

impl Sender {
    /// Sends bytes that are one or more whole frames, as `drupe_protocol::encode` makes them.
    pub fn send(&mut self, frames: &[u8]) -> io::Result<()> {
        // To whoever reads, no bytes are the end.
        if frames.is_empty() {
            return Ok(());
        }
        match &mut self.0 {
            Sink::Queue(queue) => queue.send(frames.to_vec()),
            #[cfg(feature = "tokio")]
            Sink::Channel(channel) => channel.blocking_send(frames.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe.into()),
            Sink::Stream(stream) => {
                let mut socket: &Socket = stream;
                socket.write_all(frames)
            }
        }
    }

    /// Sends as much of `frames` as can be taken without waiting for the peer, and returns how many bytes that was.
    /// **The rest must be sent next**, or the peer finds a torn frame.
    pub fn send_what_fits(&mut self, frames: &[u8]) -> io::Result<usize> {
        if frames.is_empty() {
            return Ok(0);
        }
        match &mut self.0 {
            Sink::Queue(queue) => queue.try_send(frames.to_vec()).map(|sent| if sent { frames.len() } else { 0 }),
            #[cfg(feature = "tokio")]
            Sink::Channel(channel) => match channel.try_send(frames.to_vec()) {
                Ok(()) => Ok(frames.len()),
                Err(tokio::sync::mpsc::error::TrySendError::Full(_)) => Ok(0),
                Err(tokio::sync::mpsc::error::TrySendError::Closed(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            },
            #[cfg(unix)]
            Sink::Stream(stream) => send_now(stream, frames),
            // A pipe has no such call: whoever must not wait there has a thread of its own.
            #[cfg(not(unix))]
            Sink::Stream(_) => self.send(frames).map(|()| frames.len()),
        }
    }
}

#[cfg(unix)]
fn send_now(socket: &Socket, frames: &[u8]) -> io::Result<usize> {
    use rustix::{
        io::Errno,
        net::{SendFlags, send},
    };
    let mut sent = 0;
    while sent < frames.len() {
        match send(socket, &frames[sent..], SendFlags::DONTWAIT | NO_SIGNAL) {
            Ok(count) => sent += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

/// A peer that is gone is an error, and no signal.
#[cfg(any(target_os = "linux", target_os = "freebsd"))]
pub(crate) const NO_SIGNAL: rustix::net::SendFlags = rustix::net::SendFlags::NOSIGNAL;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "freebsd"))))]
pub(crate) const NO_SIGNAL: rustix::net::SendFlags = rustix::net::SendFlags::empty();

impl Drop for Sender {
    fn drop(&mut self) {
        if let Sink::Queue(queue) = &self.0 {
            queue.end();
        }
    }
}
