//! One event of a journal, and its message in each form.

use drupe_client::{Error, Event, Exception, Part, Report, RunId, Value, json::Line};
use drupe_protocol::event::RunResult;

use crate::{
    form::{Form, Written},
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
    /// Its message, of about `size` bytes.
    fn write(&self, kernel: &str, seq: u64, form: Form, size: usize) -> Written {
        let event = |line| Message("event", EventBody { kernel, seq, line });
        match self {
            Self::Event(run, told) => form.try_write(&event(Line::event(*run, told))).unwrap_or_else(|_| {
                // It has its number, and cannot be shown.
                let unknown = Event::Unknown { name: told.name().to_owned() };
                form.write(&Message("event", EventBody { kernel, seq, line: Line::event(*run, &unknown) }))
            }),
            Self::Failed(run, error) => form.write(&event(Line::error(Some(*run), error))),
            Self::Closed(reason) => form.write(&Message("closed", Closed { kernel, reason })),
            Self::End(report, result) => match form.try_write_sized(&event(Line::end(report, result.as_deref())), size) {
                Ok(written) => written,
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
            Self::End(report, result) => {
                result.as_deref().map_or(0, of_result) + report.outcome.exception().map_or(0, of_exception)
            }
            Self::Failed(_, Error::Died { death, .. }) => death.stderr.len() + death.last_chunk.as_ref().map_or(0, String::len),
            Self::Failed(..) | Self::Closed(_) => 0,
        };
        own + size_of::<Entry>()
    }
}

/// About how many bytes an exception takes.
fn of_exception(thrown: &Exception) -> usize {
    thrown.message.len() + thrown.text.len() + thrown.value.as_ref().map_or(0, Value::weight)
}

/// About how many bytes a result takes.
fn of_result(result: &RunResult) -> usize {
    let of_bundle = |part: &Part| part.mime.len() + part.data.as_ref().map_or(0, Value::weight);
    // A tree says what the text says, and takes several times as much.
    let of_tree = if result.preview.is_some() { result.text.len() * 16 } else { 0 };
    let of_value = result.value.as_ref().map_or(0, Value::weight);
    result.text.len() + of_value + of_tree + result.bundle.iter().map(of_bundle).sum::<usize>()
}

/// An event with its number.
#[derive(Debug)]
pub(crate) struct Entry {
    seq: u64,
    weight: usize,
    told: Told,
}

impl Entry {
    pub(super) fn new(seq: u64, told: Told) -> Self {
        Self { seq, weight: told.weight(), told }
    }

    /// Its number.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// What was said.
    pub(crate) fn told(&self) -> &Told {
        &self.told
    }

    /// Its message in a form.
    pub(crate) fn message(&self, kernel: &str, form: Form) -> Written {
        self.told.write(kernel, self.seq, form, self.weight)
    }
}
