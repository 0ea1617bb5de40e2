//! The report of a run: its outcome, its state and its cost.

use std::{fmt, sync::Arc, time::Duration};

use drupe_protocol::{Exception, RunId, Value, event::Stopped};

use crate::{Death, NewSession, duration_in_words};

/// The end of a run, and its cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The run.
    pub run: RunId,
    /// The outcome.
    pub outcome: Outcome,
    /// The state of the session's variables.
    pub state: State,
    /// The session of the run.
    pub generation: u64,
    /// The reason for the session, if this was its first run.
    pub new_session: Option<NewSession>,
    /// Whether promise jobs that were due were thrown away when the run was stopped. Promises that these jobs would
    /// have settled stay pending.
    pub dropped_jobs: bool,
    /// The number of timers and immediates that were cancelled when the run was stopped: its own, or all of a session
    /// that was replaced.
    pub dropped_timers: u32,
    /// The number of calls of the host (functions, `fetch`, files, programs) that were cancelled because the run was
    /// stopped. What awaits them never goes on.
    pub dropped_calls: u32,
    /// The number of callbacks and promise jobs that a limit or an interrupt stopped while the run was active, not
    /// counting the one that ended it: those of earlier runs, of finalizers, or of this run after it had thrown. An
    /// [`Event::Exception`](crate::Event::Exception) reported each.
    pub stopped_callbacks: u32,
    /// The number of events of the run that were dropped: console output beyond its [limit](crate::Limits::console),
    /// and unhandled rejections beyond 10,000 of a turn of the event loop.
    pub dropped_events: u64,
    /// The exit status that `process.exitCode` or `process.exit` has set in the session; `None`: none.
    pub exit_code: Option<u8>,
    /// Whether this run has set that status. A status that an earlier run has set stays.
    pub exit_code_set: bool,
    /// The name of what the session begins with ([`Builder::preload`](crate::Builder::preload)), if the run ended in
    /// that: **none of the run's own code was executed**. The next run evaluates it again.
    pub preload: Option<String>,
    /// Wall time from start to end.
    pub wall: Duration,
    /// CPU time of the JavaScript thread in that span. **The kernel reports it, and an intruder may control the kernel:
    /// do not use it for billing.** [`Limits::vm_timeout`](crate::Limits::vm_timeout) holds as long as the kernel
    /// answers honestly or not at all: on Linux the client reads the clock of the process, and then asks how much of
    /// that the executing stretch has used. A wall timeout with
    /// [`Limits::kill_on_timeout`](crate::Limits::kill_on_timeout) holds always.
    pub cpu: Duration,
}

impl Report {
    /// Whether the run was stopped at an `await` of something else than its own timers and calls, and the session
    /// stays: **what it awaited may still settle, and then the code behind the `await` goes on**. A reset ends that.
    #[must_use]
    pub fn leaves_await(&self) -> bool {
        self.dropped_timers == 0 && self.dropped_calls == 0 && self.outcome.is_stopped_at_await()
    }

    /// The report of a run in the first session, without costs and losses.
    #[must_use]
    pub fn new(run: RunId, outcome: Outcome, state: State) -> Self {
        Self {
            run,
            outcome,
            state,
            generation: 1,
            new_session: None,
            dropped_jobs: false,
            dropped_timers: 0,
            dropped_calls: 0,
            stopped_callbacks: 0,
            dropped_events: 0,
            exit_code: None,
            exit_code_set: false,
            preload: None,
            wall: Duration::ZERO,
            cpu: Duration::ZERO,
        }
    }
}

/// The outcome of the user's code.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It completed.
    Value {
        /// The completion value, if it was requested and fits within the chunk's value limit.
        value: Option<Value>,
        /// The value as a console prints it, bounded.
        text: String,
    },
    /// It threw.
    Threw(Exception),
    /// It is no valid program; none of its code ran.
    SyntaxError(Exception),
    /// It was stopped on request.
    Interrupted {
        /// The origin of the request.
        reason: InterruptReason,
        /// The part that was stopped.
        stopped: Stopped,
    },
    /// It used up a budget.
    TimedOut {
        /// The budget.
        budget: Budget,
        /// The part that was stopped.
        stopped: Stopped,
    },
    /// It called `process.exit`. The session stays.
    Exited {
        /// The exit status.
        code: u8,
    },
    /// It awaits a promise that nothing can settle any more, and was to end then
    /// ([`Chunk::until_idle`](crate::Chunk::until_idle), [`Chunk::ends_unsettled`](crate::Chunk::ends_unsettled)).
    Unsettled,
    /// It reached the heap limit.
    MemoryLimit {
        /// The limit in bytes.
        limit: u64,
    },
    /// It ended in a way that this client does not know: the kernel is newer. **It may have failed.**
    Unknown {
        /// The end's name, its first 256 bytes.
        end: String,
    },
}

impl Outcome {
    /// Whether the code ran to its end.
    #[must_use]
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Value { .. })
    }

    /// The name for programs, such as `timed_out`. That of [`Unknown`](Self::Unknown) is `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Value { .. } => "value",
            Self::Threw(_) => "threw",
            Self::SyntaxError(_) => "syntax_error",
            Self::Interrupted { .. } => "interrupted",
            Self::TimedOut { .. } => "timed_out",
            Self::Exited { .. } => "exited",
            Self::Unsettled => "unsettled",
            Self::MemoryLimit { .. } => "memory_limit",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The exception, if it threw or is no valid program.
    #[must_use]
    pub fn exception(&self) -> Option<&Exception> {
        if let Self::Threw(exception) | Self::SyntaxError(exception) = self { Some(exception) } else { None }
    }

    /// Whether a request or a limit stopped the run.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Interrupted { .. } | Self::TimedOut { .. } | Self::MemoryLimit { .. } => true,
            Self::Value { .. }
            | Self::Threw(_)
            | Self::SyntaxError(_)
            | Self::Exited { .. }
            | Self::Unsettled
            | Self::Unknown { .. } => false,
        }
    }

    fn is_stopped_at_await(&self) -> bool {
        match self {
            Self::Interrupted { reason: InterruptReason::Request, stopped } | Self::TimedOut { stopped, .. } => {
                *stopped == Stopped::Await
            }
            Self::Interrupted { .. }
            | Self::MemoryLimit { .. }
            | Self::Value { .. }
            | Self::Threw(_)
            | Self::SyntaxError(_)
            | Self::Exited { .. }
            | Self::Unsettled
            | Self::Unknown { .. } => false,
        }
    }

    /// The facts besides the name, the value and the exception.
    #[must_use]
    pub fn details(&self) -> OutcomeDetails<'_> {
        let none = OutcomeDetails::default();
        match self {
            Self::Interrupted { reason, stopped } => OutcomeDetails { reason: Some(*reason), stopped: Some(*stopped), ..none },
            Self::TimedOut { budget, stopped } => OutcomeDetails { budget: Some(*budget), stopped: Some(*stopped), ..none },
            Self::MemoryLimit { limit } => OutcomeDetails { memory_limit: Some(*limit), ..none },
            Self::Unknown { end } => OutcomeDetails { end: Some(end), ..none },
            Self::Value { .. } | Self::Threw(_) | Self::SyntaxError(_) | Self::Exited { .. } | Self::Unsettled => none,
        }
    }

    /// Says in words for people what stopped the run. `None`: it came to its end, or its events have said what was
    /// wrong.
    pub(crate) fn describe_stop(&self) -> Option<String> {
        Some(match self {
            Self::Value { .. } | Self::Threw(_) | Self::SyntaxError(_) | Self::Exited { .. } => return None,
            Self::Interrupted { reason: InterruptReason::Reset, .. } => "Interrupted by a reset".to_owned(),
            Self::Interrupted { stopped: Stopped::Queued, .. } => "Interrupted before it began".to_owned(),
            Self::Interrupted { .. } => "Interrupted".to_owned(),
            Self::TimedOut { budget: Budget::Vm(limit), stopped } => {
                format!("Timed out: {} used up its CPU budget of {}", who(*stopped), duration_in_words(*limit))
            }
            Self::TimedOut { budget: Budget::Wall(limit), .. } => {
                format!("Timed out: it took longer than {}", duration_in_words(*limit))
            }
            Self::Unsettled => "Unsettled top-level await: nothing is left that could settle it".to_owned(),
            Self::MemoryLimit { limit } => format!("Out of memory: it reached the memory limit of {} MiB", limit >> 20),
            Self::Unknown { end } => {
                format!("The kernel is newer than this program: the run ended as {end:?}, which is not known here")
            }
        })
    }

    /// The completion value, if the report has it by value.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        if let Self::Value { value, .. } = self { value.as_ref() } else { None }
    }
}

/// One sentence, or for an exception its text with the stack.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Value { text, .. } => f.write_str(text),
            Self::Threw(exception) => write!(f, "the code threw: {}", exception.text),
            Self::SyntaxError(exception) => write!(f, "the code is no valid program: {}", exception.text),
            Self::Interrupted { .. } => f.write_str("the run was interrupted"),
            Self::TimedOut { budget, .. } => match budget {
                Budget::Vm(limit) => write!(f, "the run used up its CPU budget of {limit:?}"),
                Budget::Wall(limit) => write!(f, "the run took longer than {limit:?}"),
            },
            Self::Exited { code } => write!(f, "the code called process.exit({code})"),
            Self::Unsettled => f.write_str("the code awaits a promise that nothing can settle"),
            Self::MemoryLimit { limit } => write!(f, "the run reached the memory limit of {} MiB", limit >> 20),
            Self::Unknown { end } => write!(f, "the run ended in a way that this client does not know: {end}"),
        }
    }
}

/// The part of a run that was stopped, for people.
fn who(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Javascript => "it",
        Stopped::Await => "what it awaited",
        Stopped::Timers => "its timers",
        Stopped::Queued => "what ran before it",
        Stopped::Unknown => "something",
    }
}

/// The facts of an outcome besides its name, its value and its exception, so that a program can tell them on without
/// knowing every outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutcomeDetails<'a> {
    /// The origin of the interrupt that stopped the run.
    pub reason: Option<InterruptReason>,
    /// The budget that it used up.
    pub budget: Option<Budget>,
    /// The heap limit that it reached, in bytes.
    pub memory_limit: Option<u64>,
    /// The part that was stopped.
    pub stopped: Option<Stopped>,
    /// The name of an end that this client does not know.
    pub end: Option<&'a str>,
}

/// The origin of an interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InterruptReason {
    /// [`Kernel::interrupt`](crate::Kernel::interrupt) or [`Run::interrupt`](crate::Run::interrupt).
    Request,
    /// [`Kernel::reset`](crate::Kernel::reset).
    Reset,
}

impl InterruptReason {
    /// The name for programs, such as `request`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reset => "reset",
        }
    }
}

/// A time budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Budget {
    /// CPU time of a stretch of JavaScript; or, with some grace, of the transpiling of the chunk.
    Vm(Duration),
    /// Wall time of the run; or of the transpiling of the chunk.
    Wall(Duration),
}

impl Budget {
    /// The name for programs: `vm` or `wall`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vm(_) => "vm",
            Self::Wall(_) => "wall",
        }
    }

    /// The time.
    #[must_use]
    pub fn limit(self) -> Duration {
        match self {
            Self::Vm(limit) | Self::Wall(limit) => limit,
        }
    }
}

/// The state of the session's variables after a run.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// They are as the run left them.
    Kept,
    /// The session was replaced within the same process.
    Lost,
    /// The process was killed, or died; the death has the cause.
    LostWithProcess(Arc<Death>),
    /// The kernel told it by a word that this client does not know: it may be lost.
    Unknown,
}
