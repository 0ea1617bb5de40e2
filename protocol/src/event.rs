//! The messages of a kernel: [`Event`] on the data channel, [`Reply`] on the control channel.
//!
//! The events of one run are `started`, then any number of `console`, `result` and `exception`, then one `outcome`.
//! Later events of the run's timers and promises still have its id: `console`, `output` and `exception` may follow the
//! `outcome`.

use serde::{Deserialize, Serialize};

use crate::{
    Exception, RunId, Value,
    codec::messages,
    describe::InspectReply,
    handles::{Handle, PropertiesReply, StaleReply},
    host::{HostCall, HostCancel, HostNext},
    introspection::{CompleteReply, GlobalsReply, PreviewReply, StatusReply},
    output::Output,
    preview::Node,
    value::present,
};

pub use crate::{
    done::Done,
    location::Location,
    outcome::{End, MemoryLimit, Outcome, State, Stopped, StoppedBy, VmTimeout},
};

messages! {
    /// Kernel to parent, data channel.
    pub enum Event {
        /// A run begins.
        "started" => Started(Started),
        /// A console method was called.
        "console" => Console(Console),
        /// Something was written to a standard stream.
        "output" => Output(Output),
        /// The chunk's completion value.
        "result" => Result(RunResult),
        /// Something was thrown and not caught.
        "exception" => Exception(Uncaught),
        /// A run has ended.
        "outcome" => Outcome(Outcome),
        /// A new session is ready.
        "reset_done" => ResetDone(ResetDone),
        /// The host is asked for something.
        "host_call" => HostCall(HostCall),
        /// The host is asked for the next item of a stream.
        "host_next" => HostNext(HostNext),
        /// A call's answer is no longer wanted.
        "host_cancel" => HostCancel(HostCancel),
        /// The kernel could not make sense of a request and ignored it.
        "unsupported" => Unsupported(Unsupported),
    }
}

messages! {
    /// Kernel to parent, control channel.
    pub enum Reply {
        /// Answers a ping.
        "pong" => Pong(Pong),
        /// Answers an interrupt.
        "interrupt_reply" => Interrupt(InterruptReply),
        /// Not an answer: JavaScript cannot be stopped.
        "stuck" => Stuck(Stuck),
        /// Answers a request for completions.
        "complete_reply" => Complete(CompleteReply),
        /// Answers a question for the session's names.
        "globals_reply" => Globals(GlobalsReply),
        /// Answers a question for what is going on.
        "status_reply" => Status(StatusReply),
        /// Answers `preview`.
        "preview_reply" => Preview(PreviewReply),
        /// Answers a question for an object's properties.
        "properties_reply" => Properties(Box<PropertiesReply>),
        /// Answers a question for an object's properties, if the handle leads to none.
        "stale_reply" => Stale(StaleReply),
        /// Answers `inspect`.
        "inspect_reply" => Inspect(Box<InspectReply>),
        /// The kernel could not make sense of a control message and ignored it.
        "unsupported" => Unsupported(Unsupported),
    }
}

/// A run begins: its chunk is about to be compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Started {
    /// The run.
    pub run: RunId,
    /// The session it runs in.
    pub generation: u64,
}

impl Started {
    /// The start of `run` in the session `generation`.
    #[must_use]
    pub fn new(run: RunId, generation: u64) -> Self {
        Self { run, generation }
    }
}

/// One call of a console method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Console {
    /// The run that caused it, by async causality; absent when no run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The method.
    pub method: Method,
    /// How many groups are open around it.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub depth: u32,
    /// The arguments, within a small budget each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Value>,
    /// The arguments' handles, if [`Run::handles`](crate::request::Run::handles) asked for them: one place for each
    /// argument, empty for what has none. No places if nothing has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<Option<Handle>>,
    /// The formatted text, without group indentation. **Absent when it is exactly the one string in `args`.**
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bytes of the text that are not here: it is cut after 1 MiB, and says so.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub cut_bytes: u64,
    /// Arguments that were not formatted, because the text was cut before them.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub cut_args: u64,
    /// Where the call stands in the user's source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// When, in milliseconds since the Unix epoch.
    pub time: f64,
}

impl Console {
    /// A call of `method` outside of groups, without a run, a place, handles and a text of its own.
    #[must_use]
    pub fn new(method: Method, args: Vec<Value>, time: f64) -> Self {
        let (run, text, at, handles) = (None, None, None, Vec::new());
        Self { run, method, depth: 0, args, handles, text, cut_bytes: 0, cut_args: 0, at, time }
    }

    /// The formatted text.
    #[must_use]
    pub fn text(&self) -> &str {
        match (&self.text, self.args.as_slice()) {
            (Some(text), _) => text,
            (None, [Value::String(text)]) => text,
            _ => "",
        }
    }
}

impl Console {
    /// The call as a console prints it: lines that the groups around them indent, with a line break at the end. `None`:
    /// the call prints nothing.
    #[must_use]
    pub fn printed(&self) -> Option<String> {
        let is_silent = match self.method {
            Method::GroupEnd | Method::Clear => true,
            Method::Group | Method::GroupCollapsed => self.args.is_empty(),
            Method::Time => self.text().is_empty(),
            _ => false,
        };
        if is_silent {
            return None;
        }
        let indent = "  ".repeat(usize::try_from(self.depth.min(MAX_GROUPS)).unwrap_or(0));
        let lines = self.text().split('\n').flat_map(|line| [&*indent, line, "\n"]);
        Some(lines.collect())
    }
}

/// How many groups indent what a console prints.
const MAX_GROUPS: u32 = 32;

/// The methods of the console standard and of Node's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the console method of that name")]
pub enum Method {
    Log,
    Debug,
    Info,
    Warn,
    Error,
    Trace,
    Assert,
    Dir,
    Dirxml,
    Table,
    Count,
    CountReset,
    Group,
    GroupCollapsed,
    GroupEnd,
    Time,
    TimeLog,
    TimeEnd,
    Clear,
    /// A method that a newer kernel has.
    #[serde(other)]
    Unknown,
}

/// How loud a console call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the log levels of the console standard")]
pub enum Level {
    Debug,
    Log,
    Info,
    Warning,
    Error,
}

impl Method {
    /// The level that the console standard gives the method. `warning` and `error` belong on standard error.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Debug => Level::Debug,
            Self::Info | Self::Count | Self::TimeEnd => Level::Info,
            Self::Warn | Self::CountReset => Level::Warning,
            Self::Error | Self::Assert | Self::Trace => Level::Error,
            Self::Log
            | Self::Dir
            | Self::Dirxml
            | Self::Table
            | Self::Group
            | Self::GroupCollapsed
            | Self::GroupEnd
            | Self::Time
            | Self::TimeLog
            | Self::Clear
            | Self::Unknown => Level::Log,
        }
    }
}

/// The completion value of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunResult {
    /// The run.
    pub run: RunId,
    /// The value, if asked for and within [`Run::value_limit`](crate::request::Run::value_limit).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
    /// The value as a console prints it, bounded.
    pub text: String,
    /// The same as a tree, if [`Run::preview`](crate::request::Run::preview) asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Node>,
    /// Leads to the value, if it is an object and [`Run::handles`](crate::request::Run::handles) asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<Handle>,
    /// What the value says of itself, in several formats, if [`Run::bundle`](crate::request::Run::bundle) asked for it
    /// and it has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundle: Vec<Part>,
}

impl RunResult {
    /// The result of `run` as text only.
    #[must_use]
    pub fn new(run: RunId, text: impl Into<String>) -> Self {
        Self { run, text: text.into(), ..Self::default() }
    }
}

/// A value in one format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The format, such as `text/html`.
    pub mime: String,
    /// The content: text, bytes, or data for the formats that are data. Absent if it was too large to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub data: Option<Value>,
}

impl Part {
    /// A value in the format `mime`; `data` is `None` if it is too large to be sent.
    #[must_use]
    pub fn new(mime: impl Into<String>, data: Option<Value>) -> Self {
        Self { mime: mime.into(), data }
    }
}

/// Something thrown that nobody caught: by the run itself before its outcome, or by what it left behind, later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Uncaught {
    /// The run that caused it, by async causality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Where it surfaced.
    pub origin: Origin,
    /// What was thrown.
    pub exception: Exception,
}

impl Uncaught {
    /// An exception that `run` caused, if a run did.
    #[must_use]
    pub fn new(run: Option<RunId>, origin: Origin, exception: Exception) -> Self {
        Self { run, origin, exception }
    }
}

/// Where an exception surfaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The chunk itself: its outcome is `threw` or `syntax_error`.
    Chunk,
    /// A timer, immediate, microtask or event callback.
    Callback,
    /// A promise that was rejected and had no handler.
    Rejection,
    /// `reportError()`.
    Report,
    /// A place that a newer kernel knows.
    #[serde(other)]
    Unknown,
}

/// A new session is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetDone {
    /// Its number, as requested.
    pub generation: u64,
}

/// A request or a control message was not understood: its sender is newer than the kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// The message's name.
    pub name: String,
}

/// Answers [`Control::Ping`](crate::Control::Ping).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pong {
    /// The nonce of the ping.
    pub nonce: u64,
    /// The run that is active, executing or awaiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// CPU time that the stretch of JavaScript that is executing has used, in microseconds, if it has a CPU budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stretch_us: Option<u64>,
}

/// Answers [`Control::Interrupt`](crate::Control::Interrupt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterruptReply {
    /// The run that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Whether there was anything to stop.
    pub found: bool,
    /// Where no run was named, the run that was active, and is to stop. Without one, what executed was a callback, or
    /// work of the kernel's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<RunId>,
    /// Whether that is a run which has not begun. It will not.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub queued: bool,
}

/// A CPU budget is used up, the engine was told to stop, and has not: it is in a native built-in that does not listen.
/// The kernel can do no more; its parent can kill it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// The active run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The budget in milliseconds.
    pub limit_ms: u64,
}
