//! Replies on the control channel.

use std::sync::{Arc, Mutex, PoisonError};

use drupe_protocol::{Reply, encode};
use drupe_transport::Sender;

/// The way back on the control channel, for the control thread and for the one that runs JavaScript.
#[derive(Clone, Debug)]
pub(crate) struct Replies(Arc<Mutex<Sender>>);

impl Replies {
    pub(crate) fn new(sender: Sender) -> Self {
        Self(Arc::new(Mutex::new(sender)))
    }

    /// Sends a reply, whole.
    pub(crate) fn say(&self, reply: &Reply) {
        let mut frame = Vec::new();
        if encode(reply, &mut frame).is_ok() {
            // A parent that is gone is noticed by the next read.
            drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).send(&frame));
        }
    }
}
