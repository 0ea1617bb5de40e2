//! One event of a journal, and its bytes in each form.

use std::sync::OnceLock;

use bytes::Bytes;
use drupe_client::{Error, Event, Report, RunId, json::Line};
use drupe_protocol::event::RunResult;

use crate::{
    form::Form,
    message::server::{Closed, EventBody, Message},
};

/// What a kernel said.
#[derive(Debug)]
pub(crate) enum Told {
    /// An event of a run, or of none.
    Event(Option<RunId>, Event),
    /// A run has ended, and what it came to.
    End(Box<Report>, Option<Box<RunResult>>),
    /// A run has ended by an error that its code has not caused.
    Failed(RunId, Error),
    /// The kernel is gone, and why. Nothing follows.
    Closed(&'static str),
}

impl Told {
    fn write(&self, kernel: &str, seq: u64, form: Form) -> Bytes {
        let event = |line| Message("event", EventBody { kernel, seq, line });
        match self {
            Self::Event(run, told) => form.write(&event(Line::event(*run, told))),
            Self::Failed(run, error) => form.write(&event(Line::error(Some(*run), error))),
            Self::Closed(reason) => form.write(&Message("closed", Closed { kernel, reason })),
            Self::End(report, result) => match form.try_write(&event(Line::end(report, result.as_deref()))) {
                Ok(bytes) => bytes,
                // The end of a run is told, though its value is too large.
                Err(_) => form.write(&event(Line::end(report, None))),
            },
        }
    }

    /// Its type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Event(_, event) => event.name(),
            Self::End(..) => "outcome",
            Self::Failed(..) => "error",
            Self::Closed(_) => "closed",
        }
    }

    /// Whether it comes whatever a client wants: it ends a run, or all.
    pub(crate) fn is_end(&self) -> bool {
        match self {
            Self::Event(..) => false,
            Self::End(..) | Self::Failed(..) | Self::Closed(_) => true,
        }
    }

    /// The run that it ends.
    pub(crate) fn ended(&self) -> Option<RunId> {
        match self {
            Self::Event(..) | Self::Closed(_) => None,
            Self::End(report, _) => Some(report.run),
            Self::Failed(run, _) => Some(*run),
        }
    }

    /// About how many bytes it takes.
    fn weight(&self) -> usize {
        let own = match self {
            Self::Event(_, event) => event.weight(),
            Self::End(_, Some(result)) => result.text.len() + result.value.as_ref().map_or(0, drupe_client::Value::weight),
            Self::End(..) | Self::Failed(..) | Self::Closed(_) => 0,
        };
        own + size_of::<Entry>()
    }
}

/// An event with its number.
#[derive(Debug)]
pub(crate) struct Entry {
    seq: u64,
    weight: usize,
    told: Told,
    msgpack: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
}

impl Entry {
    pub(super) fn new(seq: u64, told: Told) -> Self {
        Self { seq, weight: told.weight(), told, msgpack: OnceLock::new(), json: OnceLock::new() }
    }

    /// Its number.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// What was said.
    pub(crate) fn told(&self) -> &Told {
        &self.told
    }

    /// Its message in a form. **It is written once for all clients of this form.**
    pub(crate) fn message(&self, kernel: &str, form: Form) -> Bytes {
        let cell = if form.is_json() { &self.json } else { &self.msgpack };
        cell.get_or_init(|| self.told.write(kernel, self.seq, form)).clone()
    }
}
