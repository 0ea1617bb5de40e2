//! `--events json`: one JSON object a line on standard output for each event, as it happens.
//!
//! Every object has a `type`. Keys without content are left out, and new keys may come. Times are numbers. Lines and
//! columns count from 1, columns in UTF-16 code units. Values are as in `json_value`. In strings, characters that are
//! invisible, change the direction of text or have a meaning for a terminal are written as `\uXXXX`, so that a line is
//! safe to look at. Events of timers and promises have the `run` that caused them, and may follow its outcome. Events
//! of a chunk of `--input json` have its `id`, too; this holds for the newest 1,000 chunks. Errors before the first
//! event (a bad flag, say) are reported on standard error only.
//!
//! | `type` | keys |
//! |---|---|
//! | `session` | `run` that is its first, `generation`, `reason`: `spawned`, `reset`, `restarted`, `respawned`; if it died: `message` |
//! | `started` | `run`, `generation` |
//! | `console` | `run`, `method` (`log`, `group_end`, ..), `level` (`debug`, `log`, `info`, `warning`, `error`), `depth` of groups, `text` without their indentation, `args`, `time` in ms since the Unix epoch, `script`, `line`, `column` |
//! | `output` | `run`, `stream`: `stdout`, `stderr`; `text` that was written, which is no line; `time`; `hex`: the bytes that were written, where the text is not those |
//! | `result` | `run`, `text` as a console prints it, `value` |
//! | `exception` | `run`, `origin`: `chunk`, `callback`, `rejection`, `report`; `name`, `message`, `text`, `script`, `line`, `column`, `frames` of `function`, `script`, `line`, `column`; `code_frame` with `script`, `line`, `column`, the source `lines` up to that one (long ones cut), and how a mark stands under the last, in characters: `mark` before it, `marked`; `value` that was thrown |
//! | `outcome` | `run`, `outcome`: `value`, `threw`, `syntax_error`, `interrupted`, `timed_out`, `memory_limit`, `exited`, `unsettled`, `unknown` (of a newer kernel: `end` is its name for it); `exit_code` if the program has set one; `reason` of an interrupt: `request`, `reset`; `budget`: `vm`, `wall`; `limit_ms`; `limit_bytes`; `stopped`: `javascript`, `await`, `timers`, `queued`, `unknown`; `state`: `kept`, `lost`, `unknown`; `message` that says so in words, where it is no value and threw nothing; `generation`, `new_session`: true or false, `dropped_jobs`: true or false, `dropped_timers`: how many, `stopped_callbacks`: how many, `dropped_events`: how many, `wall_ms`, `cpu_ms` |
//! | `permission` | `run`, `permission`: `read`, `write`, `net`, `env`, `run`, `import`; `resource`, `api` that needs it, `granted`: true or false, `by`: `policy`, `person` |
//! | `reloaded` | `run` before which these changed, `modules`: their URLs, which the next import reads anew |
//! | `unknown` | `run` that was active, `event`: the name of what a newer kernel said, which is not known here |
//! | `notice` | `text` that the front end says, such as what is wrong with a command |
//! | `answer` | `text` that a command of the input (`.help`) answers |
//! | `bad_line` | `line` of the input, from 1, that is no chunk (`--input json`), `message` that says why |
//! | `doctor` | `works`: true or false, `version`, `kernel_program`, `kernel_version`, `v8`, `protocol`, `sandbox`, `layers` of `name`, `on`, `detail`; `programs`: how they are confined, `message` if it does not work, `ms` |
//! | `error` | `run` if one failed, `cause`: `exited`, `signal`, `out_of_memory`, `killed_for_memory`, `seccomp_violation`, `engine_failure`, `protocol`, `unresponsive`, `restarted`, `launch`, `crash_loop`, `encode`, `preload`, `input_name`, `input_value`, `journal`, `stale_handle`, `busy`, `unsupported`, `terminated`, `unknown`; of a death: `status`, `signal`, `signal_number`, `started`: true or false, absent if it is not known, `generation`, `last_chunk`, `stderr`; `message` |

use std::{
    collections::VecDeque,
    io::{self, BufWriter, Write},
    time::Duration,
};

use drupe_client::host::permissions::Basis;
use drupe_client::{
    Budget, Console, Error, Event, Exception, InterruptReason, Level, NewSession, Outcome, Output, Report, RunId, SessionReason,
    State, Stopped, Uncaught,
};
use drupe_repl::{Show, how_it_ended};

use crate::{
    json_escape,
    json_line::{ErrorLine, Line, OutcomeLine, Place, SourceLines, Tagged, Thrown, frames},
    json_value::{Json, hex},
};

/// Writes events as JSON lines. A line becomes visible as soon as nothing else is ready to be written: when it happens.
#[derive(Debug)]
pub(crate) struct EventsJson<O: Write> {
    out: BufWriter<O>,
    /// What the newest runs came with.
    ids: VecDeque<(RunId, serde_json::Value)>,
}

/// So many runs are remembered: timers may tell of them later.
const MAX_IDS: usize = 1_000;

impl<O: Write> EventsJson<O> {
    pub(crate) fn new(out: O) -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, out), ids: VecDeque::new() }
    }

    pub(crate) fn line(&mut self, line: &Line) -> io::Result<()> {
        let known = line.run().and_then(|run| self.ids.iter().rev().find(|(known, _)| *known == run));
        match known {
            Some((_, id)) => json_escape::write(&mut self.out, &Tagged { id, line })?,
            None => json_escape::write(&mut self.out, line)?,
        }
        self.out.write_all(b"\n")
    }
}

impl<O: Write> Show for EventsJson<O> {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        match event {
            Event::Session(new) => self.line(&session(run, new)),
            Event::Started(started) => self.line(&Line::Started { run: started.run, generation: started.generation }),
            Event::Console(said) => self.line(&console(said)),
            Event::Output(Output { run, stream, text, time, bytes }) => {
                let hex = bytes.as_deref().map(hex);
                self.line(&Line::Output { run: *run, stream: *stream, text, time: *time, hex })
            }
            Event::Result(result) => {
                self.line(&Line::Result { run: result.run, text: &result.text, value: result.value.as_ref().map(Json) })
            }
            Event::Exception(uncaught) => self.line(&exception(uncaught)),
            Event::Permission(audit) => self.line(&Line::Permission {
                run: audit.wish.run,
                permission: audit.wish.kind.name(),
                resource: &audit.wish.resource,
                api: &audit.wish.api,
                granted: audit.granted,
                by: match audit.basis {
                    Basis::Person => "person",
                    Basis::Policy => "policy",
                },
            }),
            Event::Reloaded(modules) => self.line(&Line::Reloaded { run, modules }),
            Event::Unknown { name } => self.line(&Line::Unknown { run, event: name }),
            // An event of a newer client library.
            other => self.line(&Line::Unknown { run: other.run().or(run), event: "event" }),
        }
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.line(&Line::Outcome(outcome(report)))
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.line(&Line::Error(ErrorLine::new(run, error)))
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.line(&Line::Notice { text })
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.line(&Line::Answer { text })
    }

    fn tag(&mut self, run: RunId, id: &serde_json::Value) {
        if self.ids.len() >= MAX_IDS {
            self.ids.pop_front();
        }
        self.ids.push_back((run, id.clone()));
    }

    fn bad_line(&mut self, line: u64, id: Option<&serde_json::Value>, message: &str) -> io::Result<()> {
        let bad = Line::NoChunk { line, message };
        match id {
            Some(id) => {
                json_escape::write(&mut self.out, &Tagged { id, line: &bad })?;
                self.out.write_all(b"\n")
            }
            None => self.line(&bad),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn session(run: Option<RunId>, session: &NewSession) -> Line<'_> {
    let (reason, message) = match &session.reason {
        SessionReason::Spawned => ("spawned", None),
        SessionReason::Reset => ("reset", None),
        SessionReason::Restarted => ("restarted", None),
        SessionReason::Respawned(death) => ("respawned", Some(death.to_string())),
        _ => ("unknown", None),
    };
    Line::Session { run, generation: session.generation, reason, message }
}

fn console(said: &Console) -> Line<'_> {
    let level = match said.method.level() {
        Level::Debug => "debug",
        Level::Log => "log",
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    Line::Console {
        run: said.run,
        method: said.method,
        level,
        depth: said.depth,
        text: said.text(),
        args: said.args.iter().map(Json).collect(),
        time: said.time,
        place: said.at.as_ref().map(Place::new),
    }
}

fn exception(uncaught: &Uncaught) -> Line<'_> {
    let Exception { name, message, text, at, frames: stack, code_frame, value } = &uncaught.exception;
    Line::Exception(Thrown {
        run: uncaught.run,
        origin: uncaught.origin,
        name: name.as_deref(),
        message,
        text,
        place: at.as_ref().map(Place::new),
        frames: frames(stack),
        code_frame: code_frame.as_ref().map(SourceLines::new),
        value: value.as_ref().map(Json),
    })
}

fn outcome(report: &Report) -> OutcomeLine<'_> {
    // Field by field, so that the compiler asks about a new one.
    let Report {
        run,
        outcome,
        state,
        generation,
        new_session,
        dropped_jobs,
        dropped_timers,
        stopped_callbacks,
        dropped_events,
        exit_code,
        wall,
        cpu,
    } = report;
    let how = How::of(outcome);
    OutcomeLine {
        run: *run,
        outcome: outcome.name(),
        exit_code: *exit_code,
        reason: how.reason,
        budget: how.budget,
        limit_ms: how.limit.map(|limit| limit.as_millis()),
        limit_bytes: how.limit_bytes,
        stopped: how.stopped.map(|stopped| match stopped {
            Stopped::Javascript => "javascript",
            Stopped::Await => "await",
            Stopped::Timers => "timers",
            Stopped::Queued => "queued",
            Stopped::Unknown => "unknown",
        }),
        end: how.end,
        state: match state {
            State::Kept => "kept",
            State::Lost | State::LostWithProcess(_) => "lost",
            State::Unknown => "unknown",
        },
        message: how_it_ended(report),
        generation: *generation,
        new_session: new_session.is_some(),
        dropped_jobs: *dropped_jobs,
        dropped_timers: *dropped_timers,
        stopped_callbacks: *stopped_callbacks,
        dropped_events: *dropped_events,
        wall_ms: wall.as_secs_f64() * 1e3,
        cpu_ms: cpu.as_secs_f64() * 1e3,
    }
}

/// What an outcome has to say besides its name.
#[derive(Debug, Default)]
struct How<'a> {
    reason: Option<&'static str>,
    budget: Option<&'static str>,
    limit: Option<Duration>,
    limit_bytes: Option<u64>,
    stopped: Option<Stopped>,
    end: Option<&'a str>,
}

impl<'a> How<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let nothing = Self::default();
        match outcome {
            Outcome::Interrupted { reason, stopped } => {
                let reason = match reason {
                    InterruptReason::Request => "request",
                    InterruptReason::Reset => "reset",
                    _ => "unknown",
                };
                Self { reason: Some(reason), stopped: Some(*stopped), ..nothing }
            }
            Outcome::TimedOut { budget, stopped } => {
                let (budget, limit) = match budget {
                    Budget::Vm(limit) => ("vm", Some(*limit)),
                    Budget::Wall(limit) => ("wall", Some(*limit)),
                    _ => ("unknown", None),
                };
                Self { budget: Some(budget), limit, stopped: Some(*stopped), ..nothing }
            }
            Outcome::MemoryLimit { limit } => Self { limit_bytes: Some(*limit), ..nothing },
            Outcome::Unknown { end } => Self { end: Some(end), ..nothing },
            Outcome::Value { .. } | Outcome::Threw(_) | Outcome::SyntaxError(_) | Outcome::Exited { .. } | Outcome::Unsettled => {
                nothing
            }
            // Its name says what is known.
            _ => nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use drupe_client::{
        Console, Event, Method, NewSession, Output, RunResult, SessionReason, Started, Stream, Uncaught,
        host::permissions::{Audit, Basis, Kind, Wish},
    };
    use drupe_repl::Show;

    use super::EventsJson;

    /// One of each, so that none goes unsaid.
    fn events() -> Vec<Event> {
        let exception = drupe_client::Exception {
            name: None,
            message: String::new(),
            text: String::new(),
            at: None,
            frames: Vec::new(),
            code_frame: None,
            value: None,
        };
        let wish = Wish::new(Kind::Read, "/x", "fs.readFile", Some(1));
        vec![
            Event::Session(NewSession { generation: 1, reason: SessionReason::Spawned }),
            Event::Started(Started { run: 1, generation: 1 }),
            Event::Console(Console {
                run: Some(1),
                method: Method::Log,
                depth: 0,
                args: Vec::new(),
                handles: Vec::new(),
                text: Some("\u{9b}2J".into()),
                at: None,
                time: 0.0,
            }),
            Event::Output(Output { run: None, stream: Stream::Stdout, text: String::new(), time: 0.0, bytes: None }),
            Event::Result(RunResult { run: 1, ..RunResult::default() }),
            Event::Exception(Uncaught { run: None, origin: drupe_client::Origin::Callback, exception }),
            Event::Permission(Audit { wish, granted: true, basis: Basis::Policy }),
            Event::Reloaded(vec!["file:///a.ts".into()]),
            Event::Unknown { name: "later".into() },
        ]
    }

    #[test]
    fn every_event_is_a_line_that_can_be_looked_at() {
        let mut lines = Vec::new();
        for event in events() {
            let mut json = EventsJson::new(Vec::new());
            json.event(Some(1), &event).unwrap();
            json.flush().unwrap();
            let line = String::from_utf8(json.out.into_inner().unwrap()).unwrap();
            assert!(line.ends_with('\n') && line.lines().count() == 1, "{event:?}: {line:?}");
            assert!(line.trim_end().chars().all(|char| !char.is_control()), "{line:?}");
            lines.push(line);
        }
        assert_eq!(lines[7], "{\"type\":\"reloaded\",\"run\":1,\"modules\":[\"file:///a.ts\"]}\n");
        assert_eq!(lines[8], "{\"type\":\"unknown\",\"run\":1,\"event\":\"later\"}\n");
    }
}
