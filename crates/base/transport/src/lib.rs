//! Typed endpoints over which a kernel and its parent exchange frames.
//!
//! * [`Listener`](parent::Listener) and its connection (feature `tokio`): the parent's side, asynchronous.
//! * [`connect`]: the kernel's side, blocking; [`Receiver::wait`] is one wait for the socket, the next timer and a
//!   [`Waker`].
//! * [`memory::pair`]: the same blocking interface without a socket, for tests; `memory::parent_pair` with a parent's
//!   end.
//!
//! Sockets are `interprocess` local sockets under an unguessable [name](unguessable_name). Each listener accepts one
//! connection and closes. `drupe-protocol` defines the meaning of the bytes. The caller decides about a peer that
//! misbehaves: here that is a [`ReceiveError`]. Standard input and output are never used as a wire.

#[cfg(feature = "tokio")]
mod bytes;
#[cfg(feature = "tokio")]
pub mod deadline;
#[cfg(all(unix, feature = "tokio"))]
mod halves;
pub mod memory;
mod name;
#[cfg(feature = "tokio")]
pub mod parent;
#[cfg(unix)]
mod polled;
mod queue;
mod read;
mod receiver;
mod sender;
#[cfg(unix)]
mod socket;
#[cfg(not(unix))]
mod threaded;

use std::io;

use drupe_protocol::{DecodeError, FrameError};
use interprocess::local_socket::{ConnectOptions, GenericNamespaced, prelude::*};

#[cfg(all(unix, feature = "tokio"))]
pub use halves::{ReadHalf, WriteHalf, halves};
pub use name::{Token, unguessable_name};
pub use receiver::{Incoming, Receiver, Waker};
pub use sender::Sender;

/// Why nothing more can be received from a peer.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The operating system failed the read.
    #[error("cannot read from the peer: {0}")]
    Io(#[from] io::Error),
    /// The bytes are no frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame began to arrive and did not end.
    #[error("a frame that had begun did not arrive within {} ms", .0.as_millis())]
    Slow(std::time::Duration),
    /// A frame is no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// One end of a connection, blocking.
#[derive(Debug)]
pub struct End {
    /// Sends frames.
    pub sender: Sender,
    /// Receives messages.
    pub receiver: Receiver,
    /// Interrupts [`Receiver::wait`] from another thread.
    pub waker: Waker,
}

/// Connects to the local socket called `name`.
pub fn connect(name: &str) -> io::Result<End> {
    let name = name.to_ns_name::<GenericNamespaced>()?;
    let stream = ConnectOptions::new().name(name).connect_sync()?;
    #[cfg(unix)]
    return polled::end(stream);
    #[cfg(not(unix))]
    return threaded::end(stream);
}
