//! The types of the lines of `--events json`; `events_json` documents them.

use std::sync::Arc;

use drupe_client::{Begun, Cause, CodeFrame, Death, Error, Frame, Location, Method, Origin, RunId, Stream};
use serde::Serialize;

use crate::json_value::Json;

/// A line.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    Session {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        generation: u64,
        reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    Started {
        run: RunId,
        generation: u64,
    },
    Permission {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        permission: &'static str,
        resource: &'a str,
        api: &'a str,
        granted: bool,
        by: &'static str,
    },
    Console {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        method: Method,
        level: &'static str,
        depth: u32,
        text: &'a str,
        args: Vec<Json<'a>>,
        time: f64,
        #[serde(flatten)]
        place: Option<Place<'a>>,
    },
    Output {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        stream: Stream,
        text: &'a str,
        time: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        hex: Option<String>,
    },
    Result {
        run: RunId,
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Json<'a>>,
    },
    Reloaded {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        modules: &'a [String],
    },
    Unknown {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        event: &'a str,
    },
    Notice {
        text: &'a str,
    },
    Answer {
        text: &'a str,
    },
    #[serde(rename = "bad_line")]
    NoChunk {
        line: u64,
        message: &'a str,
    },
    Doctor(Examination<'a>),
    Exception(Thrown<'a>),
    Outcome(OutcomeLine<'a>),
    Error(ErrorLine<'a>),
}

impl Line<'_> {
    /// The run that it tells of.
    pub(crate) fn run(&self) -> Option<RunId> {
        match self {
            Self::Session { run, .. }
            | Self::Permission { run, .. }
            | Self::Console { run, .. }
            | Self::Output { run, .. }
            | Self::Reloaded { run, .. }
            | Self::Unknown { run, .. }
            | Self::Exception(Thrown { run, .. })
            | Self::Error(ErrorLine { run, .. }) => *run,
            Self::Started { run, .. } | Self::Result { run, .. } | Self::Outcome(OutcomeLine { run, .. }) => Some(*run),
            Self::Notice { .. } | Self::Answer { .. } | Self::NoChunk { .. } | Self::Doctor(_) => None,
        }
    }
}

/// A line, and the `id` that its run came with.
#[derive(Debug, Serialize)]
pub(crate) struct Tagged<'a> {
    pub(crate) id: &'a serde_json::Value,
    #[serde(flatten)]
    pub(crate) line: &'a Line<'a>,
}

/// What an installation is, and whether it works.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Examination<'a> {
    pub(crate) works: bool,
    pub(crate) version: &'a str,
    pub(crate) kernel_program: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kernel_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) v8: Option<&'a str>,
    pub(crate) protocol: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sandbox: Option<String>,
    pub(crate) layers: Vec<LayerLine<'a>>,
    pub(crate) programs: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'a str>,
    pub(crate) ms: f64,
}

/// A layer of what confines a kernel.
#[derive(Debug, Serialize)]
pub(crate) struct LayerLine<'a> {
    pub(crate) name: &'a str,
    pub(crate) on: bool,
    pub(crate) detail: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Thrown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<RunId>,
    pub(crate) origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    pub(crate) message: &'a str,
    pub(crate) text: &'a str,
    #[serde(flatten)]
    pub(crate) place: Option<Place<'a>>,
    pub(crate) frames: Vec<FrameLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_frame: Option<SourceLines<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Json<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct OutcomeLine<'a> {
    pub(crate) run: RunId,
    pub(crate) outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_ms: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<&'a str>,
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    pub(crate) generation: u64,
    pub(crate) new_session: bool,
    pub(crate) dropped_jobs: bool,
    pub(crate) dropped_timers: u32,
    pub(crate) stopped_callbacks: u32,
    pub(crate) dropped_events: u64,
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
}

/// A place in a script, counted from 1.
#[derive(Debug, Serialize)]
pub(crate) struct Place<'a> {
    script: &'a str,
    line: u64,
    column: u64,
}

impl<'a> Place<'a> {
    pub(crate) fn new(at: &'a Location) -> Self {
        Self { script: &at.script, line: u64::from(at.position.line) + 1, column: u64::from(at.position.column) + 1 }
    }
}

/// The source around a place.
#[derive(Debug, Serialize)]
pub(crate) struct SourceLines<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    lines: &'a [String],
    mark: u32,
    marked: u32,
}

impl<'a> SourceLines<'a> {
    pub(crate) fn new(frame: &'a CodeFrame) -> Self {
        Self { place: Place::new(&frame.at), lines: &frame.lines, mark: frame.mark, marked: frame.marked }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct FrameLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
}

pub(crate) fn frames(frames: &[Frame]) -> Vec<FrameLine<'_>> {
    let line = |frame: &'_ Frame| (u64::from(frame.position.line) + 1, u64::from(frame.position.column) + 1);
    let of = |frame| {
        let (line, column) = line(frame);
        FrameLine { function: frame.function.as_deref(), place: Place { script: &frame.script, line, column } }
    };
    frames.iter().map(of).collect()
}

/// An error that the user's code has not caused.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ErrorLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
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
    pub(crate) fn new(run: Option<RunId>, error: &'a Error) -> Self {
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
            // Nothing here waits by blocking.
            Error::BlockingCall | _ => Self { cause: "unknown", ..line },
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
            _ => "unknown",
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
