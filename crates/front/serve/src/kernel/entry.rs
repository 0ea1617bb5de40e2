//! One event of a journal, and its bytes in each form.

use std::sync::OnceLock;

use bytes::Bytes;
use drupe_client::{Error, Event, Report, RunId, json::Line};
use drupe_protocol::event::RunResult;

use crate::{
    form::Form,
    message::server::{EventBody, Message},
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
}

impl Told {
    fn line(&self) -> Line<'_> {
        match self {
            Self::Event(run, event) => Line::event(*run, event),
            Self::End(report, result) => Line::end(report, result.as_deref()),
            Self::Failed(run, error) => Line::error(Some(*run), error),
        }
    }

    fn line_without_value(&self) -> Line<'_> {
        match self {
            Self::End(report, _) => Line::end(report, None),
            Self::Event(..) | Self::Failed(..) => self.line(),
        }
    }

    /// Its type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Event(_, event) => event.name(),
            Self::End(..) => "outcome",
            Self::Failed(..) => "error",
        }
    }

    /// The run that it ends.
    pub(crate) fn ended(&self) -> Option<RunId> {
        match self {
            Self::Event(..) => None,
            Self::End(report, _) => Some(report.run),
            Self::Failed(run, _) => Some(*run),
        }
    }

    /// About how many bytes it takes.
    fn weight(&self) -> usize {
        let own = match self {
            Self::Event(_, event) => event.weight(),
            Self::End(_, Some(result)) => result.text.len() + result.value.as_ref().map_or(0, drupe_client::Value::weight),
            Self::End(..) | Self::Failed(..) => 0,
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
        let message = |line| Message("event", EventBody { kernel, seq: self.seq, line });
        let write = || match form.try_write(&message(self.told.line())) {
            Ok(bytes) => bytes,
            // The end of a run is told, though its value is too large.
            Err(_) => form.write(&message(self.told.line_without_value())),
        };
        cell.get_or_init(write).clone()
    }
}
