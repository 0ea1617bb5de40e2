//! Two connected ends within one process.

use crate::{
    End,
    queue::{self, Feed, queue},
    receiver::{Receiver, Source, Wake, Waker},
    sender::{Sender, Sink},
};
#[cfg(feature = "tokio")]
use crate::{
    bytes::{ByteSink, ByteSource},
    parent::{FrameReader, FrameWriter},
};

/// Sends that fit between two ends before the sender blocks.
const CAPACITY: usize = 256;

/// A connected pair. Frames are encoded and decoded as on a socket; only the socket is missing.
#[must_use]
pub fn pair() -> (End, End) {
    let (to_left, left) = queue(CAPACITY);
    let (to_right, right) = queue(CAPACITY);
    (end(left, to_left.clone(), to_right.clone()), end(right, to_right, to_left))
}

/// The end that reads `own`, which `to_own` feeds, and writes `to_peer`.
fn end(own: queue::Source, to_own: Feed, to_peer: Feed) -> End {
    End { sender: Sender(Sink::Queue(to_peer)), receiver: Receiver::new(Source::Queue(own)), waker: Waker(Wake::Queue(to_own)) }
}

/// A connected pair whose one end is a parent's, asynchronous: a kernel on a thread serves the other.
#[cfg(feature = "tokio")]
#[must_use]
pub fn parent_pair() -> ((FrameReader, FrameWriter), End) {
    let (to_parent, parent) = tokio::sync::mpsc::channel(CAPACITY);
    let (to_kernel, kernel) = queue(CAPACITY);
    let waker = Waker(Wake::Queue(to_kernel.clone()));
    let end = End { sender: Sender(Sink::Channel(to_parent)), receiver: Receiver::new(Source::Queue(kernel)), waker };
    ((FrameReader::new(ByteSource::Memory(parent)), FrameWriter::new(ByteSink::Memory(Sender(Sink::Queue(to_kernel))))), end)
}
