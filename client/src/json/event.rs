//! Events of runs.

use drupe_host::permissions::Basis;
use drupe_protocol::{
    Exception, RunId,
    event::{Console, Level, Method, Origin, Uncaught},
    hex,
    output::{Output, Stream},
};
use serde::Serialize;

use super::{
    place::{FrameLine, Place, SourceLines, frames},
    value::TypedJson,
};
use crate::{Event, NewSession, SessionReason};

/// An event of a run.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum EventLine<'a> {
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
        args: Vec<TypedJson<'a>>,
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
        value: Option<TypedJson<'a>>,
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
    Exception(Thrown<'a>),
}

impl<'a> EventLine<'a> {
    pub(super) fn new(run: Option<RunId>, event: &'a Event) -> Self {
        match event {
            Event::Session(new) => session(run, new),
            Event::Started(started) => Self::Started { run: started.run, generation: started.generation },
            Event::Console(said) => console(said),
            Event::Output(Output { run, stream, text, time, bytes, .. }) => {
                let hex = bytes.as_deref().map(hex);
                Self::Output { run: *run, stream: *stream, text, time: *time, hex }
            }
            Event::Result(result) => {
                Self::Result { run: result.run, text: &result.text, value: result.value.as_ref().map(TypedJson) }
            }
            Event::Exception(uncaught) => exception(uncaught),
            Event::Permission(audit) => Self::Permission {
                run: audit.request.run,
                permission: audit.request.kind.name(),
                resource: &audit.request.resource,
                api: &audit.request.api,
                granted: audit.granted,
                by: match audit.basis {
                    Basis::Person => "person",
                    Basis::Policy => "policy",
                },
            },
            Event::Reloaded(modules) => Self::Reloaded { run, modules },
            Event::Unknown { name } => Self::Unknown { run, event: name },
        }
    }

    /// The run that it tells of.
    pub(super) fn run(&self) -> Option<RunId> {
        match self {
            Self::Session { run, .. }
            | Self::Permission { run, .. }
            | Self::Console { run, .. }
            | Self::Output { run, .. }
            | Self::Reloaded { run, .. }
            | Self::Unknown { run, .. }
            | Self::Exception(Thrown { run, .. }) => *run,
            Self::Started { run, .. } | Self::Result { run, .. } => Some(*run),
        }
    }
}

/// An exception that was not caught.
#[derive(Debug, Serialize)]
pub(super) struct Thrown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
    origin: Origin,
    #[serde(flatten)]
    exception: ExceptionLine<'a>,
}

/// An exception.
#[derive(Debug, Serialize)]
pub(super) struct ExceptionLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    message: &'a str,
    text: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    frames: Vec<FrameLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_frame: Option<SourceLines<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<TypedJson<'a>>,
}

fn session(run: Option<RunId>, session: &NewSession) -> EventLine<'_> {
    let (reason, message) = match &session.reason {
        SessionReason::Spawned => ("spawned", None),
        SessionReason::Reset => ("reset", None),
        SessionReason::Restarted => ("restarted", None),
        SessionReason::Respawned(death) => ("respawned", Some(death.to_string())),
    };
    EventLine::Session { run, generation: session.generation, reason, message }
}

fn console(said: &Console) -> EventLine<'_> {
    let level = match said.method.level() {
        Level::Debug => "debug",
        Level::Log => "log",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    EventLine::Console {
        run: said.run,
        method: said.method,
        level,
        depth: said.depth,
        text: said.text(),
        args: said.args.iter().map(TypedJson).collect(),
        time: said.time,
        place: said.at.as_ref().map(Place::new),
    }
}

fn exception(uncaught: &Uncaught) -> EventLine<'_> {
    let exception = ExceptionLine::new(&uncaught.exception);
    EventLine::Exception(Thrown { run: uncaught.run, origin: uncaught.origin, exception })
}

impl<'a> ExceptionLine<'a> {
    pub(super) fn new(exception: &'a Exception) -> Self {
        let Exception { name, message, text, at, frames: stack, code_frame, value, .. } = exception;
        Self {
            name: name.as_deref(),
            message,
            text,
            place: at.as_ref().map(Place::new),
            frames: frames(stack),
            code_frame: code_frame.as_ref().map(SourceLines::new),
            value: value.as_ref().map(TypedJson),
        }
    }
}
