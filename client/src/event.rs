//! The events of a run.

use std::sync::Arc;

use drupe_host::permissions::Audit;
use drupe_protocol::{
    RunId, Value,
    event::{Console, RunResult, Started, Uncaught},
    output::Output,
};

use crate::Death;

/// An event of a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The run is the first in a new session: nothing of earlier runs exists in it.
    Session(NewSession),
    /// The run begins.
    Started(Started),
    /// It called a console method.
    Console(Console),
    /// It wrote to a standard stream; the text need not be a whole line.
    Output(Output),
    /// It has a value.
    Result(RunResult),
    /// It, or a callback that it left behind, threw, and the exception was not caught.
    Exception(Uncaught),
    /// It used a permission, or was denied one. Reported before the effect, or the error, reaches JavaScript.
    Permission(Audit),
    /// Before the run, the modules of these URLs were forgotten, because their files have changed; see
    /// [`Builder::auto_reload`](crate::Builder::auto_reload).
    Reloaded(Vec<String>),
    /// It called a function that was registered as an event; see
    /// [`Kernel::register_event`](crate::Kernel::register_event).
    Custom(Custom),
    /// The kernel sent a message that this client does not know: the kernel is newer. It belongs to the active run.
    Unknown {
        /// The message's name, its first 256 bytes.
        name: String,
    },
}

/// Declares the names of all events, once.
macro_rules! names {
    ($($event:pat => $name:literal,)*) => {
        /// The names of all events.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The name for programs, such as `console`.
        #[must_use]
        pub fn name(&self) -> &'static str {
            match self {
                $($event => $name,)*
            }
        }
    };
}

impl Event {
    names! {
        Self::Session(_) => "session",
        Self::Started(_) => "started",
        Self::Console(_) => "console",
        Self::Output(_) => "output",
        Self::Result(_) => "result",
        Self::Exception(_) => "exception",
        Self::Permission(_) => "permission",
        Self::Reloaded(_) => "reloaded",
        Self::Custom(_) => "custom",
        Self::Unknown { .. } => "unknown",
    }

    /// Describes the event in words for people. `None`: it is a part of the run that a front end shows in a way of its
    /// own, or there is nothing to say.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        match self {
            Self::Reloaded(modules) => Some(format!("changed, and read anew by the next import: {}", modules.join(", "))),
            Self::Unknown { name } => {
                Some(format!("the kernel is newer than this program: it said {name:?}, which is not known here"))
            }
            Self::Session(session) => match &session.reason {
                SessionReason::Respawned(death) => Some(death.describe_loss()),
                SessionReason::Spawned | SessionReason::Reset | SessionReason::Restarted => None,
            },
            Self::Started(_) | Self::Console(_) | Self::Output(_) | Self::Result(_) => None,
            Self::Exception(_) | Self::Permission(_) | Self::Custom(_) => None,
        }
    }

    /// About how many bytes it takes in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        let of_values = |values: &[Value]| values.iter().map(Value::weight).sum::<usize>();
        size_of::<Self>()
            + match self {
                Self::Session(_) | Self::Started(_) => 0,
                Self::Console(said) => said.text().len() + of_values(&said.args),
                Self::Output(output) => output.text.len() + output.bytes.as_ref().map_or(0, |bytes| bytes.len()),
                Self::Result(result) => result.text.len() + result.value.as_ref().map_or(0, Value::weight),
                Self::Exception(uncaught) => {
                    let thrown = &uncaught.exception;
                    thrown.message.len() + thrown.text.len() + thrown.value.as_ref().map_or(0, Value::weight)
                }
                Self::Permission(audit) => audit.request.resource.len(),
                Self::Reloaded(modules) => modules.iter().map(String::len).sum(),
                Self::Custom(custom) => custom.name.len() + of_values(&custom.args),
                Self::Unknown { name } => name.len(),
            }
    }

    /// The run that the event belongs to, if it belongs to one.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        self.run_among(None)
    }

    /// The same for an event among those of the run `reader`: to that belong events that cannot tell of a run.
    pub(crate) fn run_among(&self, reader: Option<RunId>) -> Option<RunId> {
        match self {
            Self::Session(_) | Self::Reloaded(_) | Self::Unknown { .. } => reader,
            Self::Started(started) => Some(started.run),
            Self::Console(console) => console.run,
            Self::Output(output) => output.run,
            Self::Result(result) => Some(result.run),
            Self::Exception(uncaught) => uncaught.run,
            Self::Permission(audit) => audit.request.run,
            Self::Custom(custom) => custom.run,
        }
    }
}

/// A call of a function that was registered as an event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Custom {
    /// The run that caused the call; `None` if no run did.
    pub run: Option<RunId>,
    /// The name of the function.
    pub name: String,
    /// The arguments.
    pub args: Vec<Value>,
}

impl Custom {
    /// A call of the function `name` by `run`.
    #[must_use]
    pub fn new(run: Option<RunId>, name: impl Into<String>, args: Vec<Value>) -> Self {
        Self { run, name: name.into(), args }
    }
}

/// A session has begun.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NewSession {
    /// Its number: 1 for a kernel's first, larger for each that follows.
    pub generation: u64,
    /// The process that has it, if it is one that this program started.
    pub pid: Option<u32>,
    /// The reason for the new session.
    pub reason: SessionReason,
}

impl NewSession {
    /// The session `generation`.
    #[must_use]
    pub fn new(generation: u64, reason: SessionReason) -> Self {
        Self { generation, pid: None, reason }
    }
}

/// The reason for a new session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SessionReason {
    /// The kernel was spawned.
    Spawned,
    /// [`Kernel::reset`](crate::Kernel::reset).
    Reset,
    /// [`Kernel::restart`](crate::Kernel::restart).
    Restarted,
    /// The process before had died.
    Respawned(Arc<Death>),
}
