//! The outcome of a run: its last own event.

use serde::{Deserialize, Serialize};

use crate::{RunId, codec::messages, done::Done, request::StopReason};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The run.
    pub run: RunId,
    /// How it ended.
    pub end: End,
    /// Whether the session's state survived.
    pub state: State,
    /// Whether promise jobs that were due were thrown away, as the engine does when it is stopped inside them.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub dropped_jobs: bool,
    /// How many timers and immediates were cancelled: those of a run that was stopped, or those of a session that is
    /// gone.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub dropped_timers: u32,
    /// How many calls to the host were cancelled because the run was stopped.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub dropped_calls: u32,
    /// How many stretches of JavaScript that were not the run's own, or came after it had failed, were stopped by a
    /// limit or an interrupt while it was active. An `exception` told of each.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub stopped_callbacks: u32,
    /// How many events of this run were not told: console output beyond
    /// [`Run::console_limit`](crate::request::Run::console_limit), and unhandled rejections beyond 10,000 of a turn of
    /// the event loop.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub dropped_events: u64,
    /// The exit status that the session's program has set, 0 to 255.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u32>,
    /// Whether the run has set that status.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub exit_code_set: bool,
    /// Whether the run ended before its own code began, in what the session begins with.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub in_preload: bool,
    /// Wall time from start to end, in microseconds.
    pub wall_us: u64,
    /// CPU time of the JavaScript thread in that span, in microseconds.
    pub cpu_us: u64,
}

impl Outcome {
    /// With nothing lost and nothing measured.
    #[must_use]
    pub fn new(run: RunId, end: End) -> Self {
        Self {
            run,
            end,
            state: State::Kept,
            dropped_jobs: false,
            dropped_timers: 0,
            dropped_calls: 0,
            stopped_callbacks: 0,
            dropped_events: 0,
            exit_code: None,
            exit_code_set: false,
            in_preload: false,
            wall_us: 0,
            cpu_us: 0,
        }
    }
}

messages! {
    /// How a run ended.
    pub enum End {
        /// With a value, sent before as `result`.
        "value" => Value(Done),
        /// By throwing; sent before as `exception`.
        "threw" => Threw(Done),
        /// It did not compile; sent before as `exception`.
        "syntax_error" => SyntaxError(Done),
        /// It was stopped.
        "interrupted" => Interrupted(StoppedBy),
        /// A stretch of JavaScript used up its CPU budget.
        "vm_timeout" => VmTimeout(VmTimeout),
        /// The heap limit was reached.
        "memory_limit" => MemoryLimit(MemoryLimit),
        /// It called `process.exit`.
        "exited" => Exited(Done),
        /// It waits for what nothing is left to bring.
        "unsettled" => Unsettled(Done),
    }
}

/// Who stopped a run, and where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedBy {
    /// The reason that was given.
    pub reason: StopReason,
    /// What was stopped.
    pub stopped: Stopped,
}

/// A CPU budget that was used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmTimeout {
    /// The budget in milliseconds.
    pub limit_ms: u64,
    /// What was stopped.
    pub stopped: Stopped,
}

/// A heap limit that was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryLimit {
    /// The limit in bytes.
    pub limit: u64,
}

/// What a stop found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// JavaScript that was executing.
    Javascript,
    /// A pending `await`.
    Await,
    /// Timers: the chunk itself was done, and the run lasted until the session would be idle.
    Timers,
    /// A run that waited for its turn and never started.
    Queued,
    /// Something that a newer kernel knows.
    #[serde(other)]
    Unknown,
}

impl Stopped {
    /// The name for programs, as on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Javascript => "javascript",
            Self::Await => "await",
            Self::Timers => "timers",
            Self::Queued => "queued",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of the session's variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All is as the run left it.
    Kept,
    /// The session is gone; the next run starts in an empty one.
    Lost,
    /// In a way that a newer kernel knows: it may be lost.
    #[serde(other)]
    Unknown,
}
