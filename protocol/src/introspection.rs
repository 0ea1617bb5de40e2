//! Questions of the control channel that only the JavaScript thread can answer, and their answers.
//!
//! A kernel answers each by its `id`, once, as soon as the engine allows it: also while a run is busy, and then in any
//! order. A question about something that it does not know gets empty lists.

use serde::{Deserialize, Serialize};

use crate::{RunId, chain::Chain, location::Location};

/// What could stand here? Answered by [`CompleteReply`], without running any of the user's code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Complete {
    /// Repeated in the answer.
    pub id: u64,
    /// The object whose members are meant; without it, names in scope are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Chain>,
    /// What is typed of the name or key, as it stands there.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub prefix: String,
    /// The quote before it, if it is a key in brackets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// What the code itself offers beside the names in scope: those that it declares, the newest last, and words of the
    /// language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Completion>,
}

/// Which names has the session? Answered by [`GlobalsReply`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Globals {
    /// Repeated in the answer.
    pub id: u64,
}

/// What is going on? Answered by [`StatusReply`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Repeated in the answer.
    pub id: u64,
}

/// Which value would this have? Answered by [`PreviewReply`]: only while nothing runs or awaits, and without any effect
/// on the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Repeated in the answer.
    pub id: u64,
    /// A classic script that **declares nothing**: declarations have effects before anything is evaluated.
    pub code: String,
}

/// Answers [`Complete`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteReply {
    /// That of the question.
    pub id: u64,
    /// What may stand there, the likeliest first. Bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Completion>,
    /// Whether the names of environment variables belong here, too, which the kernel does not know: it is members of
    /// `process.env` that are completed.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub environment: bool,
}

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Completion {
    /// What replaces the prefix. Within a string key it is escaped as the quotes around it ask for.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// More about it, for people: the type of a value, or `accessor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Completion {
    /// A completion by `text`, with a `detail` for people, if there is one.
    #[must_use]
    pub fn new(text: impl Into<String>, kind: CompletionKind, detail: Option<String>) -> Self {
        Self { text: text.into(), kind, detail }
    }
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// A property of an object, whatever it holds.
    Property,
    /// A property that holds a function.
    Method,
    /// A class or another constructor.
    Class,
    /// A function in scope.
    Function,
    /// A variable in scope.
    Variable,
    /// A property or variable that cannot change.
    Constant,
    /// A word of the language.
    Keyword,
    /// A kind that a newer kernel knows.
    #[serde(other)]
    Unknown,
}

/// Answers [`Globals`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalsReply {
    /// That of the question.
    pub id: u64,
    /// The names that the session has beyond those it began with: lexical ones first, each kind in the order of its
    /// making. Bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Global>,
}

/// A name of the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Global {
    /// The name.
    pub name: String,
    /// How it is bound.
    pub kind: GlobalKind,
    /// What it holds: `typeof` of a primitive, `function`, `class`, an object's class; `accessor` for a getter, which
    /// is not run, `uninitialized` for a variable whose declaration has not been reached.
    #[serde(rename = "type")]
    pub type_name: String,
    /// How large it is: UTF-16 code units of a string, elements of an array, `Map` or `Set`, bytes of a buffer or typed
    /// array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// About how many bytes its value takes by itself, without what it refers to; an estimate by the engine's usual
    /// layouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The value on one line, short; empty if it was not looked at.
    pub preview: String,
}

/// How a name is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlobalKind {
    /// By `let`, `const`, `class` or `using`: the engine does not tell which.
    Lexical,
    /// As a property of the global object: by `var`, `function`, an assignment, or an input of a run.
    Property,
    /// A kind that a newer kernel knows.
    #[serde(other)]
    Unknown,
}

/// Answers [`Status`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReply {
    /// That of the question.
    pub id: u64,
    /// The run that is active, executing or awaiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Whether JavaScript was executing, of that run or a callback of an earlier one.
    pub executing: bool,
    /// Wall time since the run began, in milliseconds; 0 without one.
    pub elapsed_ms: u64,
    /// CPU time of the JavaScript thread since then, in milliseconds.
    pub cpu_ms: u64,
    /// Bytes of JavaScript's heap in use.
    pub heap_used: u64,
    /// Bytes it may grow to.
    pub heap_limit: u64,
    /// Bytes that objects hold outside the heap, such as buffers.
    pub external: u64,
    /// The line of the user's that was executing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
}

/// Answers [`Preview`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewReply {
    /// That of the question.
    pub id: u64,
    /// The value on one line, bounded. Absent where it cannot be known without effects, soon, or at all: the code
    /// throws, loops, changes something or calls what may, or something else runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
