//! Errors that the user's code has not caused.

use std::sync::Arc;

use drupe_protocol::RunId;
use serde::Serialize;

use crate::{Begun, Cause, Death, Error};

/// An error that the user's code has not caused.
#[derive(Debug, Default, Serialize)]
pub(super) struct ErrorLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<RunId>,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal_number: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_chunk: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<&'a str>,
    message: String,
}

impl<'a> ErrorLine<'a> {
    pub(super) fn new(run: Option<RunId>, error: &'a Error) -> Self {
        let line = Self { run, cause: error.name(), message: error.to_string(), ..Self::default() };
        match error {
            Error::Died { death, started } => line.died(death, *started),
            Error::Launch(_)
            | Error::CrashLoop { .. }
            | Error::Encode(_)
            | Error::Preload(_)
            | Error::Journal(_)
            | Error::StaleHandle(_)
            | Error::Busy { .. }
            | Error::Unsupported(_)
            | Error::Deadlock { .. }
            | Error::InputName(_)
            | Error::InputValue { .. }
            | Error::Terminated
            | Error::BlockingCall => line,
        }
    }

    fn died(mut self, death: &'a Arc<Death>, started: Begun) -> Self {
        match &death.cause {
            Cause::Exited(status) => self.status = Some(*status),
            Cause::Signal { number, name } => (self.signal_number, self.signal) = (Some(*number), Some(*name)),
            Cause::SeccompViolation
            | Cause::OutOfMemory
            | Cause::KilledForMemory
            | Cause::EngineFailure(_)
            | Cause::Protocol(_)
            | Cause::Unresponsive
            | Cause::Restarted => {}
        }
        self.started = match started {
            Begun::Yes => Some(true),
            Begun::No => Some(false),
            Begun::Unknown => None,
        };
        self.generation = Some(death.generation);
        self.last_chunk = death.last_chunk.as_deref();
        self.stderr = Some(death.stderr.as_str()).filter(|text| !text.is_empty());
        self
    }
}
