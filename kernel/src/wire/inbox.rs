//! The inbox: requests from the data channel. The event loop takes them, or JavaScript that blocks until its host has
//! answered.

use std::{cell::RefCell, collections::VecDeque, time::Instant};

use drupe_protocol::{
    Request,
    hello::Welcoming,
    host::{Answer, CallId},
};
use drupe_transport::{Incoming, ReceiveError, Receiver};

/// The data channel's receiver. Only the main thread has it.
#[derive(Debug)]
pub(crate) struct Inbox {
    receiver: RefCell<Receiver>,
    /// What came while JavaScript waited for something else, in order.
    kept: RefCell<VecDeque<Request>>,
}

/// What a wait for an answer came to.
pub(crate) enum Waited {
    Answer(Answer),
    Woken,
    /// The parent is gone, or talks nonsense: the event loop will find the same.
    Gone,
}

impl Inbox {
    pub(crate) fn new(receiver: Receiver) -> Self {
        Self { receiver: RefCell::new(receiver), kept: RefCell::default() }
    }

    /// The parent's answer to the greeting; `None` when it is gone. Who wakes the main thread meanwhile is heard by the
    /// event loop.
    pub(crate) fn welcoming(&self) -> Result<Option<Welcoming>, ReceiveError> {
        loop {
            match self.receiver.borrow_mut().wait(None)? {
                Incoming::Message(answer) => return Ok(Some(answer)),
                Incoming::Closed => return Ok(None),
                Incoming::Woken | Incoming::Elapsed => {}
            }
        }
    }

    /// The next request, as [`Receiver::wait`].
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Result<Incoming<Request>, ReceiveError> {
        match self.kept.borrow_mut().pop_front() {
            Some(request) => Ok(Incoming::Message(request)),
            None => self.receiver.borrow_mut().wait(deadline),
        }
    }

    /// Waits for the answer to `call`; what else comes is kept.
    pub(crate) fn wait_for(&self, call: CallId) -> Waited {
        loop {
            match self.receiver.borrow_mut().wait(None) {
                Ok(Incoming::Message(Request::HostReply(reply))) if reply.call == call => return Waited::Answer(reply.answer),
                Ok(Incoming::Message(request)) => self.kept.borrow_mut().push_back(request),
                Ok(Incoming::Woken | Incoming::Elapsed) => return Waited::Woken,
                Ok(Incoming::Closed) | Err(_) => return Waited::Gone,
            }
        }
    }
}
