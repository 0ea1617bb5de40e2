//! The requests of a parent to a kernel: [`Request`] on the data channel, [`Control`] on the control channel.

use serde::{Deserialize, Serialize};

use crate::{
    RunId, SourceMap, Value,
    codec::messages,
    describe::Inspect,
    handles::{Properties, Release},
    host::{Functions, HostReply},
    introspection::{Complete, Globals, Preview, Status},
    module::{Entry, StaticImport},
    output::Stream,
};

messages! {
    /// Parent to kernel, data channel. Runs are executed one after the other, in the order they arrive.
    pub enum Request {
        /// Execute a chunk.
        "run" => Run(Box<Run>),
        /// Replace the session by a new one.
        "reset" => Reset(Reset),
        /// The host answers a call.
        "host_reply" => HostReply(HostReply),
        /// Lend functions of the host to JavaScript.
        "functions" => Functions(Functions),
        /// What sessions begin with.
        "preload" => Preload(Preload),
    }
}

messages! {
    /// Parent to kernel, control channel. Answered while JavaScript is busy.
    pub enum Control {
        /// Stop a run and keep the state.
        "interrupt" => Interrupt(Interrupt),
        /// Are you there?
        "ping" => Ping(Ping),
        /// Leave: stop what runs and exit with status 0.
        "shutdown" => Shutdown(Shutdown),
        /// What could stand here?
        "complete" => Complete(Complete),
        /// Which names has the session?
        "globals" => Globals(Globals),
        /// What is going on?
        "status" => Status(Status),
        /// Which value would this have?
        "preview" => Preview(Preview),
        /// What is in this object?
        "properties" => Properties(Properties),
        /// These handles are not needed any more. Not answered.
        "release" => Release(Release),
        /// What is this name or member?
        "inspect" => Inspect(Inspect),
    }
}

/// One chunk to execute.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The run's id; see [`RunId`].
    pub run: RunId,
    /// A classic script for the engine's REPL mode: JavaScript, with top-level `await`.
    pub code: String,
    /// The script's name in stack frames, such as `chunk:3` or a `file:` URL. No white space, quotes or control
    /// characters.
    pub name: String,
    /// Where `code` came from, when its positions differ from the user's source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_map: Option<SourceMap>,
    /// The static imports of the chunk, in order: `code` makes each once, before all else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<StaticImport>,
    /// What the run does in place of `code`, which is then not evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// Values to define as global variables before the chunk runs, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// CPU budget of each stretch of JavaScript that this run causes, in milliseconds; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm_timeout_ms: Option<u64>,
    /// What the heap may grow to while this run is active, in bytes, if that is less than
    /// [`Launch::memory_limit`](crate::hello::Launch::memory_limit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// How many bytes of console output the run may say while it is active, as frames; what comes after the event that
    /// reaches that is dropped, and counted in the outcome. No limit but the reader's pace if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_limit: Option<u64>,
    /// Whether the outcome waits until no timer of the session is left that would keep a program from its exit.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub until_idle: bool,
    /// Whether the run ends when it awaits what nothing is left to bring, as one with `until_idle` does.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub ends_unsettled: bool,
    /// Whether the session gets the variables `_` and `_error`, and this run's result or error is remembered in them.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub keep_last: bool,
    /// How many bytes of msgpack the result may take by value; 0 asks for its text only. A larger result comes as text
    /// alone.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub value_limit: u64,
    /// Whether the result also comes as a tree, for those who show it in their own way.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub preview: bool,
    /// How many levels of objects below the first the text and the tree of the result show with their contents: 2 if
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// Whether the result, and the arguments of console calls, come with handles by which they can be looked into. What
    /// the run that started last asked for holds for late console calls too.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub handles: bool,
    /// Whether the result comes with a handle, whatever `handles` says.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub result_handle: bool,
    /// Whether objects that have a function for it (`Symbol.for("nodejs.util.inspect.custom")`) say themselves how the
    /// result and the arguments of console calls are shown. **That runs the user's code**, under this run's budget. As
    /// with `handles`, for late console calls the run counts that started last.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub inspect_hooks: bool,
    /// Whether the host has standard streams for the program: then it may be asked what they are (`stdio.describe`).
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub streams: bool,
    /// The streams whose console text comes in colours, as escape sequences: what is shown of values, not the strings
    /// of the program's own. As with `handles`, for late console calls the run counts that started last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colors: Vec<Stream>,
    /// Whether the run may begin while an earlier run that is beside others, too, awaits. **One that lasts until the
    /// session is idle, or has a memory limit of its own, is beside none.**
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub beside: bool,
    /// Whether a result that can say itself how it is shown (`Symbol.for("Jupyter.display")`) is asked for that. **That
    /// runs the user's code**, under this run's budget, and awaits its promise.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub bundle: bool,
}

/// A script that every session runs before its first chunk, as part of that run. One that fails fails the run, and is
/// tried again by the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preload {
    /// As [`Run::code`].
    pub code: String,
    /// As [`Run::name`].
    pub name: String,
    /// As [`Run::source_map`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_map: Option<SourceMap>,
    /// As [`Run::imports`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<StaticImport>,
}

/// A named value for a chunk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Name of the global variable.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// Ends the session: the active run and those queued before this message end as interrupted by `reset`, their state
/// lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// The new session's number; larger than every earlier one.
    pub generation: u64,
}

/// Why a run is to stop. The kernel repeats it in the run's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Somebody asked.
    Request,
    /// The parent's wall clock ran out.
    WallTimeout,
    /// The session is being reset.
    Reset,
    /// A reason that a newer peer knows.
    #[serde(other)]
    Unknown,
}

/// Stops one run, or whatever is executing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupt {
    /// The run to stop, active or queued. Without it: the active run, or the late callback that is executing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Why.
    pub reason: StopReason,
}

/// A question that [`Reply::Pong`](crate::Reply::Pong) answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Repeated in the answer.
    pub nonce: u64,
}

/// Asks the kernel to leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shutdown {}
