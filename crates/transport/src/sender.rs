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
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Sink::Queue(queue) = &self.0 {
            queue.end();
        }
    }
}
