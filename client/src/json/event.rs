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
        pid: Option<u32>,
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
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<&'a str>,
    },
    Console {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        method: Method,
        level: &'static str,
        depth: u32,
        text: &'a str,
        #[serde(skip_serializing_if = "is_zero")]
        cut_bytes: u64,
        #[serde(skip_serializing_if = "is_zero")]
        cut_args: u64,
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
    Custom {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        name: &'a str,
        args: Vec<TypedJson<'a>>,
    },
    Unknown {
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<RunId>,
        event: &'a str,
    },
    Exception(Thrown<'a>),
}

impl<'a> EventLine<'a> {
    /// An event that tells of `run`.
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
                rule: audit.rule.as_deref(),
            },
            Event::Reloaded(modules) => Self::Reloaded { run, modules },
            Event::Custom(custom) => {
                Self::Custom { run: custom.run, name: &custom.name, args: custom.args.iter().map(TypedJson).collect() }
            }
            Event::Unknown { name } => Self::Unknown { run, event: name },
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
    EventLine::Session { run, generation: session.generation, reason, pid: session.pid, message }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
fn is_zero(count: &u64) -> bool {
    *count == 0
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
        cut_bytes: said.cut_bytes,
        cut_args: said.cut_args,
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

#[cfg(test)]
mod tests {
    use drupe_host::permissions::{Audit, Basis, Kind, PermissionRequest};
    use drupe_protocol::{
        Exception,
        event::{Console, Method, Origin, RunResult, Started, Uncaught},
        output::{Output, Stream},
    };

    use crate::{
        Custom, Event, NewSession, SessionReason,
        json::{Line, write},
    };

    /// An event of the kind that comes after that of `before`, so that none goes unsaid: a new kind of event does not
    /// compile until it is here.
    fn after(before: Option<&Event>) -> Option<Event> {
        let Some(before) = before else { return Some(Event::Session(NewSession::new(1, SessionReason::Spawned))) };
        Some(match before {
            Event::Session(_) => Event::Started(Started::new(1, 1)),
            Event::Started(_) => {
                let mut console = Console::new(Method::Log, Vec::new(), 0.0);
                console.run = Some(1);
                console.text = Some("\u{9b}2J".into());
                Event::Console(console)
            }
            Event::Console(_) => Event::Output(Output::new(None, Stream::Stdout, "", 0.0)),
            Event::Output(_) => Event::Result(RunResult::new(1, "")),
            Event::Result(_) => Event::Exception(Uncaught::new(None, Origin::Callback, Exception::new(None, "", ""))),
            Event::Exception(_) => {
                let request = PermissionRequest::new(Kind::Read, "/x", "fs.readFile", Some(1));
                Event::Permission(Audit::new(request, true, Basis::Policy))
            }
            Event::Permission(_) => Event::Reloaded(vec!["file:///a.ts".into()]),
            Event::Reloaded(_) => Event::Custom(Custom::new(Some(1), "note", vec![1.into()])),
            Event::Custom(_) => Event::Unknown { name: "later".into() },
            Event::Unknown { .. } => return None,
        })
    }

    #[test]
    fn every_event_is_a_line_that_can_be_looked_at() {
        let mut lines = Vec::new();
        let events = std::iter::successors(after(None), |event| after(Some(event)));
        for event in events {
            let (line, mut out) = (Line::event(Some(1), &event), Vec::new());
            write(&mut out, &line).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.chars().all(|char| !char.is_control()), "{text:?}");
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(json["type"].is_string(), "{text}");
            assert_eq!(json["run"].as_u64(), line.run(), "{text}");
            lines.push(text);
        }
        assert_eq!(
            lines[7..],
            [
                "{\"type\":\"reloaded\",\"run\":1,\"modules\":[\"file:///a.ts\"]}",
                "{\"type\":\"custom\",\"run\":1,\"name\":\"note\",\"args\":[1]}",
                "{\"type\":\"unknown\",\"run\":1,\"event\":\"later\"}",
            ]
        );
    }
}
