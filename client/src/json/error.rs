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
        let line = Self { run, message: error.to_string(), ..Self::default() };
        match error {
            Error::Launch(_) => Self { cause: "launch", ..line },
            Error::Died { death, started } => line.died(death, *started),
            Error::CrashLoop { .. } => Self { cause: "crash_loop", ..line },
            Error::Encode(_) => Self { cause: "encode", ..line },
            Error::Preload(_) => Self { cause: "preload", ..line },
            Error::Journal(_) => Self { cause: "journal", ..line },
            Error::StaleHandle(_) => Self { cause: "stale_handle", ..line },
            Error::Busy { .. } => Self { cause: "busy", ..line },
            Error::Unsupported(_) => Self { cause: "unsupported", ..line },
            Error::Deadlock { .. } => Self { cause: "deadlock", ..line },
            Error::InputName(_) => Self { cause: "input_name", ..line },
            Error::InputValue { .. } => Self { cause: "input_value", ..line },
            Error::Terminated => Self { cause: "terminated", ..line },
            Error::BlockingCall => Self { cause: "blocking_call", ..line },
        }
    }

    fn died(mut self, death: &'a Arc<Death>, started: Begun) -> Self {
        self.cause = match &death.cause {
            Cause::Exited(status) => {
                self.status = Some(*status);
                "exited"
            }
            Cause::Signal { number, name } => {
                (self.signal_number, self.signal) = (Some(*number), Some(*name));
                "signal"
            }
            Cause::SeccompViolation => "seccomp_violation",
            Cause::OutOfMemory => "out_of_memory",
            Cause::KilledForMemory => "killed_for_memory",
            Cause::EngineFailure(_) => "engine_failure",
            Cause::Protocol(_) => "protocol",
            Cause::Unresponsive => "unresponsive",
            Cause::Restarted => "restarted",
        };
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
