//! Hover: a question of the control channel about a name or member, and its answer. Like the
//! questions of [`introspection`](crate::introspection) it is answered once by its `id`, also while a run is busy, and
//! runs none of the user's code.

use serde::{Deserialize, Serialize};

use crate::{chain::Chain, location::Location};

/// What is this name or member? Answered by [`InspectReply`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inspect {
    /// Repeated in the answer.
    pub id: u64,
    /// The name or key.
    pub name: String,
    /// The object whose member it is; without it, it is a name in scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Chain>,
    /// Whether only a function or a class is meant, because it is called.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub call: bool,
}

/// Answers [`Inspect`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectReply {
    /// That of the question.
    pub id: u64,
    /// What it is; absent where nothing is known without running code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

/// What a name or member leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What sort of thing it is.
    pub sort: Sort,
    /// As in [`Global::type_name`](crate::introspection::Global::type_name).
    #[serde(rename = "type")]
    pub type_name: String,
    /// The value on one line, short; empty for what was not looked at.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub preview: String,
    /// How many arguments a function expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Where a function of the language or of the console is found: `parseInt`, `Reflect.get`, `Map.prototype.get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builtin: Option<String>,
    /// The text of a function or class as it runs, cut at 32,768 UTF-16 code units; absent for what is not JavaScript.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The parameters of a function or constructor of the environment as its documentation writes them, where its text
    /// says others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// Whether the text is the environment's own.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub is_internal: bool,
    /// Where that text begins: of a function at its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
    /// The name of what a class extends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What a class has, static members first. Bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// What sort of thing a [`Subject`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Anything that is not called.
    #[default]
    Value,
    /// A plain function or method.
    Function,
    /// An `async` function.
    AsyncFunction,
    /// A generator.
    GeneratorFunction,
    /// An `async` generator.
    AsyncGeneratorFunction,
    /// A class, or a constructor of the engine.
    Class,
    /// A getter or setter, which is not run.
    Accessor,
    /// A variable whose declaration has not been reached.
    Uninitialized,
    /// A sort that a newer kernel knows.
    #[serde(other)]
    Unknown,
}

/// A member of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: MemberKind,
    /// Whether it belongs to the class and not to its instances.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub is_static: bool,
}

impl Member {
    /// A member of a class, or of its instances if not `is_static`.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: MemberKind, is_static: bool) -> Self {
        Self { name: name.into(), kind, is_static }
    }
}

/// What a member of a class is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// A function.
    Method,
    /// A getter, a setter, or both.
    Accessor,
    /// Anything else that is stored.
    Field,
    /// A kind that a newer kernel knows.
    #[serde(other)]
    Unknown,
}
