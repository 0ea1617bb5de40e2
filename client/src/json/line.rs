//! A line of JSON.

use drupe_protocol::{RunId, event::RunResult};
use serde::{Serialize, Serializer};

use super::{
    error::ErrorLine,
    event::EventLine,
    outcome::{EndLine, OutcomeLine},
};
use crate::{Error, Event, Report};

/// What one event, report or error is as JSON: an object with a `type`, as [the module](super) lists it.
#[derive(Debug)]
pub struct Line<'a>(Kind<'a>);

#[derive(Debug)]
enum Kind<'a> {
    /// With the run that it tells of.
    Event(Option<RunId>, EventLine<'a>),
    Report(OutcomeLine<'a>),
    End(Box<EndLine<'a>>),
    Error(ErrorLine<'a>),
}

impl<'a> Line<'a> {
    /// An event among those of the run `run`.
    #[must_use]
    pub fn event(run: Option<RunId>, event: &'a Event) -> Self {
        let run = event.run_among(run);
        Self(Kind::Event(run, EventLine::new(run, event)))
    }

    /// The end of a run.
    #[must_use]
    pub fn report(report: &'a Report) -> Self {
        Self(Kind::Report(OutcomeLine::new(report)))
    }

    /// The end of a run, and what it came to, in one line: an `outcome` that also has the keys `text`, `value`,
    /// `preview`, `handle` and `bundle` of `result`, or the `exception`.
    #[must_use]
    pub fn end(report: &'a Report, result: Option<&'a RunResult>) -> Self {
        Self(Kind::End(Box::new(EndLine::new(report, result))))
    }

    /// An error, of the run `run` if one failed.
    #[must_use]
    pub fn error(run: Option<RunId>, error: &'a Error) -> Self {
        Self(Kind::Error(ErrorLine::new(run, error)))
    }

    /// The run that it tells of.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        match &self.0 {
            Kind::Event(run, _) => *run,
            Kind::Report(line) => Some(line.run),
            Kind::End(line) => Some(line.outcome.run),
            Kind::Error(line) => line.run,
        }
    }
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        enum Tagged<'a> {
            Outcome(&'a OutcomeLine<'a>),
            #[serde(rename = "outcome")]
            End(&'a EndLine<'a>),
            Error(&'a ErrorLine<'a>),
        }
        match &self.0 {
            Kind::Event(_, line) => line.serialize(serializer),
            Kind::Report(line) => Tagged::Outcome(line).serialize(serializer),
            Kind::End(line) => Tagged::End(line).serialize(serializer),
            Kind::Error(line) => Tagged::Error(line).serialize(serializer),
        }
    }
}
