//! The requests of a kernel to its parent, its *host*: calls, their answers, and the functions that an embedder
//! registers for JavaScript.
//!
//! A call is answered once, by a value, an error or a stream. The items of a stream are requested one by one, so a slow
//! consumer slows its producer down. **Ids of calls are never used again in a process**, so an answer that comes after
//! its session has ended is dropped.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

use crate::{RunId, Value, codec::messages, done::Done, value::present};

/// Names one call of a kernel to its host.
pub type CallId = u64;

/// How many calls a kernel may have open at once; one that opens more breaks the protocol. The kernel lets further ones
/// wait.
pub const MAX_OPEN_CALLS: usize = 256;

/// What the messages of the calls that are open may [weigh](crate::codec::weight) together, in bytes; a kernel whose
/// calls weigh more breaks the protocol. The kernel lets further ones wait long before.
pub const MAX_CALLS_WEIGHT: usize = 320 << 20;

/// How many sources of an error are told.
const MAX_SOURCES: usize = 16;

/// A request for something outside of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostCall {
    /// Repeated in every answer.
    pub call: CallId,
    /// The run that caused it, by async causality; absent when no run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What is asked for: a service and, after a dot, one of its operations, such as `fs.read`; `fn.` and a name is a
    /// function that the embedder has registered.
    pub op: String,
    /// The arguments, by value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Value>,
}

/// Asks for the next item of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNext {
    /// The call that the stream answered.
    pub call: CallId,
}

/// Nobody waits for the answer any more, or for the rest of the stream. There is none to this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCancel {
    /// The call.
    pub call: CallId,
}

/// The answer to a call, or to the question for the next item of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostReply {
    /// The call.
    pub call: CallId,
    /// The answer.
    pub answer: Answer,
}

messages! {
    /// What a host says to a call.
    pub enum Answer {
        /// Here it is; the call is over.
        "value" => Value(Answered),
        /// It failed; the call is over.
        "error" => Error(HostError),
        /// Items will come when they are asked for.
        "stream" => Stream(Done),
        /// The item that was asked for.
        "item" => Item(Answered),
        /// The stream has no more; the call is over.
        "end" => End(Done),
    }
}

/// A value that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The value.
    pub value: Value,
}

/// Why a call failed, as the error that JavaScript sees.
///
/// It is made from every type that implements [`std::error::Error`], so that `?` works in a host's function: the class
/// is then `Error`, the message is what the error and its sources say, and the code of an [`std::io::Error`] is Node's
/// (`ENOENT`). For that it is no `std::error::Error` itself. `Box<dyn Error>` and `anyhow::Error` implement that trait
/// neither; [`from_source`](Self::from_source) makes one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostError {
    /// The class of the error: one that the global environment knows, such as `TypeError`; any other name becomes the
    /// `name` of an `Error`.
    pub name: String,
    /// What went wrong, for people.
    pub message: String,
    /// What went wrong, for programs, such as `ENOENT`: the error's `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Further properties of the error, such as `errno`, `syscall` and `path`: an object.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub properties: Option<Value>,
}

impl HostError {
    /// An error of the class `name` that says `message`.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { name: name.into(), message: message.into(), ..Self::default() }
    }

    /// The message is what the error says, and after colons what its sources say, unless the error has said that
    /// already.
    ///
    /// ```
    /// use drupe_protocol::host::HostError;
    ///
    /// let boxed: Box<dyn std::error::Error> = "12x".parse::<u32>().unwrap_err().into();
    /// assert_eq!(HostError::from_source(&*boxed).message, "invalid digit found in string");
    /// ```
    #[must_use]
    pub fn from_source(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut made = Self::new("Error", error.to_string());
        let mut next = Some(error);
        for _ in 0..MAX_SOURCES {
            let Some(source) = next else { break };
            let text = source.to_string();
            if !made.message.ends_with(&text) {
                made.message = format!("{}: {text}", made.message);
            }
            if let (None, Some(error)) = (&made.code, source.downcast_ref::<io::Error>()) {
                made.code = code_of(error).map(str::to_owned);
            }
            next = source.source();
        }
        made
    }

    /// With a `code` for programs.
    #[must_use]
    pub fn with_code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// With one property more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        match self.properties.get_or_insert_with(|| Value::Object(Vec::new())) {
            Value::Object(entries) => entries.push((name.to_owned(), value.into())),
            other => *other = Value::Object(vec![(name.to_owned(), value.into())]),
        }
        self
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// As [`HostError::from_source`].
impl<E: std::error::Error + 'static> From<E> for HostError {
    fn from(error: E) -> Self {
        Self::from_source(&error)
    }
}

/// Node's code for an error of the system.
fn code_of(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        io::ErrorKind::NotFound => "ENOENT",
        io::ErrorKind::PermissionDenied => "EACCES",
        io::ErrorKind::AlreadyExists => "EEXIST",
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::ConnectionReset => "ECONNRESET",
        io::ErrorKind::ConnectionAborted => "ECONNABORTED",
        io::ErrorKind::AddrInUse => "EADDRINUSE",
        io::ErrorKind::BrokenPipe => "EPIPE",
        io::ErrorKind::TimedOut => "ETIMEDOUT",
        io::ErrorKind::IsADirectory => "EISDIR",
        io::ErrorKind::NotADirectory => "ENOTDIR",
        io::ErrorKind::DirectoryNotEmpty => "ENOTEMPTY",
        io::ErrorKind::StorageFull => "ENOSPC",
        io::ErrorKind::ReadOnlyFilesystem => "EROFS",
        _ => return None,
    })
}

/// The functions that an embedder lends to JavaScript, all of them; this and later sessions have them below the global
/// `host`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Functions {
    /// Their names, words joined by dots: `db.query` is `host.db.query`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}
