//! The blocking receiver: one wait for a message, a deadline or a wake-up.

use std::time::Instant;

use drupe_protocol::{FrameDecoder, decode_frame};
use serde::de::DeserializeOwned;

use crate::{ReceiveError, queue, read::Read};

/// What ended a wait.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming<M> {
    /// A message.
    Message(M),
    /// [`Waker::wake`] was called.
    Woken,
    /// The deadline passed.
    Elapsed,
    /// The peer closed the connection between two frames. Every later wait says so again.
    Closed,
}

/// Receives messages from a peer.
#[derive(Debug)]
pub struct Receiver {
    decoder: FrameDecoder,
    source: Source,
}

#[derive(Debug)]
pub(crate) enum Source {
    /// Bytes handed over by a thread.
    Queue(queue::Source),
    #[cfg(unix)]
    Socket(crate::socket::Source),
}

impl Receiver {
    pub(crate) fn new(source: Source) -> Self {
        Self { decoder: FrameDecoder::new(), source }
    }

    /// Waits for the next message, but not past `deadline` (with one that has passed: takes what is there). Wake-ups
    /// that came while nobody waited are remembered, as one.
    pub fn wait<M: DeserializeOwned>(&mut self, deadline: Option<Instant>) -> Result<Incoming<M>, ReceiveError> {
        loop {
            if let Some(payload) = self.decoder.next_frame()? {
                return Ok(Incoming::Message(decode_frame(&payload)?));
            }
            let read = match &mut self.source {
                Source::Queue(queue) => queue.read(&mut self.decoder, deadline)?,
                #[cfg(unix)]
                Source::Socket(socket) => socket.read(&mut self.decoder, deadline)?,
            };
            match read {
                Read::Bytes => {}
                Read::Woken => return Ok(Incoming::Woken),
                Read::Elapsed => return Ok(Incoming::Elapsed),
                Read::End => {
                    self.decoder.end()?;
                    return Ok(Incoming::Closed);
                }
            }
        }
    }
}

/// Ends a [`Receiver::wait`] from any thread.
#[derive(Clone, Debug)]
pub struct Waker(pub(crate) Wake);

#[derive(Clone, Debug)]
pub(crate) enum Wake {
    Queue(queue::Feed),
    #[cfg(unix)]
    Socket(std::sync::Arc<std::os::unix::net::UnixStream>),
}

impl Waker {
    /// Ends the present wait or, if there is none, the next.
    pub fn wake(&self) {
        match &self.0 {
            Wake::Queue(queue) => queue.wake(),
            #[cfg(unix)]
            Wake::Socket(socket) => crate::socket::wake(socket),
        }
    }
}
