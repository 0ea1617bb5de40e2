//! A client of a kernel: where it reads in the journal, and what it wants.

use std::sync::Arc;

use tokio::time::Instant;

use super::journal::Next;
use crate::{
    connection::outbox::{ConnectionId, Outbox},
    message::{
        client::{Question, Slow},
        event_type::EventType,
    },
};

/// What a client wants of a kernel.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    pub(crate) answers: Vec<Question>,
    pub(crate) slow: Slow,
    /// The types of events; `None`: all.
    pub(crate) events: Option<Vec<EventType>>,
}

impl Wishes {
    /// What a message says, and what is usual where it says nothing.
    pub(crate) fn new(answers: Option<Vec<Question>>, slow: Option<Slow>, events: Option<Vec<EventType>>) -> Self {
        Self { answers: answers.unwrap_or_default(), slow: slow.unwrap_or(Slow::Wait), events }
    }
}

/// A client of a kernel.
#[derive(Debug)]
pub(crate) struct Attachment {
    outbox: Arc<Outbox>,
    /// The last event that it has.
    cursor: u64,
    wishes: Wishes,
    /// When it read last.
    read: Instant,
}

impl Attachment {
    pub(super) fn new(outbox: Arc<Outbox>, cursor: u64, wishes: Wishes) -> Self {
        Self { outbox, cursor, wishes, read: Instant::now() }
    }

    pub(super) fn is_of(&self, client: ConnectionId) -> bool {
        self.outbox.id() == client
    }

    pub(super) fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    pub(super) fn answers(&self, question: Question) -> bool {
        self.wishes.answers.contains(&question)
    }

    /// Whether the kernel waits until it has read.
    pub(super) fn is_waited_for(&self) -> bool {
        self.wishes.slow == Slow::Wait
    }

    /// Waits no longer for it.
    pub(super) fn give_up(&mut self) {
        self.wishes.slow = Slow::Drop;
    }

    /// When it read last.
    pub(super) fn last_read(&self) -> Instant {
        self.read
    }

    /// Whether it is to be told.
    pub(super) fn wants(&self, next: &Next) -> bool {
        match (next, &self.wishes.events) {
            (Next::Event(entry), Some(events)) => {
                let told = entry.told();
                told.is_end() || events.iter().any(|event| event.name() == told.kind())
            }
            (Next::Event(_) | Next::Missed(_), _) => true,
        }
    }

    pub(super) fn advance(&mut self, next: &Next) {
        self.cursor = match next {
            Next::Event(entry) => entry.seq(),
            Next::Missed(gap) => gap.last,
        };
        self.read = Instant::now();
    }
}
