//! Two connected ends within one process.

use crate::{
    End,
    queue::{self, Feed, queue},
    receiver::{Receiver, Source, Wake, Waker},
    sender::{Sender, Sink},
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
