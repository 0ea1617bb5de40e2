//! `--events json`: one JSON object a line on standard output for everything that happens, as it happens.
//!
//! Every object has a `type`; keys that have nothing to say are left out, and new keys may come. Times are numbers; lines and columns
//! count from 1, columns in UTF-16 code units; values are as in `json_value`. Events of timers and promises bear the `run` that
//! caused them, and may follow its outcome. What could not be known before (a bad flag, say) is told on standard error alone.
//!
//! | `type` | keys |
//! |---|---|
//! | `session` | `run` that is its first, `generation`, `reason`: `spawned`, `reset`, `restarted`, `respawned`; if it died: `message` |
//! | `started` | `run`, `generation` |
//! | `console` | `run`, `method` (`log`, `group_end`, ..), `level` (`debug`, `log`, `info`, `warning`, `error`), `depth` of groups, `text` without their indentation, `args`, `time` in ms since the Unix epoch, `script`, `line`, `column` |
//! | `output` | `run`, `stream`: `stdout`, `stderr`; `text` that was written, which is no line; `time`; `hex`: the bytes that were written, where the text is not those |
//! | `result` | `run`, `text` as a console prints it, `value` |
//! | `exception` | `run`, `origin`: `chunk`, `callback`, `rejection`, `report`; `name`, `message`, `text`, `script`, `line`, `column`, `frames` of `function`, `script`, `line`, `column`; `code_frame` with `script`, `line`, `column`, the source `lines` up to that one (long ones cut), and how a mark stands under the last, in characters: `mark` before it, `marked`; `value` that was thrown |
//! | `outcome` | `run`, `outcome`: `value`, `threw`, `syntax_error`, `interrupted`, `timed_out`, `memory_limit`, `exited`, `unsettled`; `exit_code` if the program has set one; `reason` of an interrupt: `request`, `reset`; `budget`: `vm`, `wall`; `limit_ms`; `limit_bytes`; `stopped`: `javascript`, `await`, `timers`, `queued`; `state`: `kept`, `lost`; `message` that says so in words, where it is no value and threw nothing; `generation`, `new_session`: true or false, `dropped_jobs`: true or false, `dropped_timers`: how many, `stopped_callbacks`: how many, `dropped_events`: how many, `wall_ms`, `cpu_ms` |
//! | `permission` | `run`, `permission`: `read`, `write`, `net`, `env`, `run`, `import`; `resource`, `api` that needs it, `granted`: true or false, `by`: `policy`, `person` |
//! | `error` | `run` if one failed, `cause`: `exited`, `signal`, `out_of_memory`, `killed_for_memory`, `seccomp_violation`, `engine_failure`, `protocol`, `unresponsive`, `restarted`, `launch`, `crash_loop`, `encode`, `terminated`; of a death: `status`, `signal`, `signal_number`, `started`: true or false, absent if it is not known, `generation`, `last_chunk`, `stderr`; `message` |

use std::io::{self, BufWriter, Write};

use drupe_client::host::permissions::Basis;
use drupe_client::{
    Budget, Console, Error, Event, Exception, InterruptReason, Level, NewSession, Outcome, Output, Report, RunId, SessionReason,
    State, Stopped, Uncaught,
};
use drupe_repl::{Show, how_it_ended};

use crate::{
    json_line::{ErrorLine, Line, OutcomeLine, Place, SourceLines, Thrown, frames},
    json_value::{Json, hex},
};

/// Writes events as JSON lines. A line becomes visible as soon as nothing else is ready to be written: when it happens.
#[derive(Debug)]
pub(crate) struct EventsJson<O: Write> {
    out: BufWriter<O>,
}

impl<O: Write> EventsJson<O> {
    pub(crate) fn new(out: O) -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, out) }
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
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
                by: if audit.basis == Basis::Person { "person" } else { "policy" },
            }),
            _ => Ok(()),
        }
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.line(&Line::Outcome(outcome(report)))
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.line(&Line::Error(ErrorLine::new(run, error)))
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
        _ => ("other", None),
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

fn outcome(report: &Report) -> OutcomeLine {
    let (outcome, stopped) = match &report.outcome {
        Outcome::Value { .. } => ("value", None),
        Outcome::Threw(_) => ("threw", None),
        Outcome::SyntaxError(_) => ("syntax_error", None),
        Outcome::Interrupted { stopped, .. } => ("interrupted", Some(*stopped)),
        Outcome::TimedOut { stopped, .. } => ("timed_out", Some(*stopped)),
        Outcome::MemoryLimit { .. } => ("memory_limit", None),
        Outcome::Exited { .. } => ("exited", None),
        Outcome::Unsettled => ("unsettled", None),
        _ => ("other", None),
    };
    let (budget, limit) = match &report.outcome {
        Outcome::TimedOut { budget: Budget::Vm(limit), .. } => (Some("vm"), Some(*limit)),
        Outcome::TimedOut { budget: Budget::Wall(limit), .. } => (Some("wall"), Some(*limit)),
        _ => (None, None),
    };
    OutcomeLine {
        run: report.run,
        outcome,
        exit_code: report.exit_code,
        reason: match &report.outcome {
            Outcome::Interrupted { reason: InterruptReason::Request, .. } => Some("request"),
            Outcome::Interrupted { reason: InterruptReason::Reset, .. } => Some("reset"),
            _ => None,
        },
        budget,
        limit_ms: limit.map(|limit| limit.as_millis()),
        limit_bytes: if let Outcome::MemoryLimit { limit } = &report.outcome { Some(*limit) } else { None },
        stopped: stopped.map(|stopped| match stopped {
            Stopped::Javascript => "javascript",
            Stopped::Await => "await",
            Stopped::Timers => "timers",
            Stopped::Queued => "queued",
        }),
        state: if report.state == State::Kept { "kept" } else { "lost" },
        message: how_it_ended(report),
        generation: report.generation,
        new_session: report.new_session.is_some(),
        dropped_jobs: report.dropped_jobs,
        dropped_timers: report.dropped_timers,
        stopped_callbacks: report.stopped_callbacks,
        dropped_events: report.dropped_events,
        wall_ms: report.wall.as_secs_f64() * 1e3,
        cpu_ms: report.cpu.as_secs_f64() * 1e3,
    }
}
