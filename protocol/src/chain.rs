//! An expression whose value can be found without running code: a root, and the steps that lead from it. The parent
//! reads it from the source that is being typed, because a kernel reads no source.

use serde::{Deserialize, Serialize};

use crate::{codec::messages, done::Done};

/// A value that can be found without running code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// Where it begins.
    pub root: Root,
    /// What leads on from there, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

messages! {
    /// Where a chain begins.
    pub enum Root {
        /// A variable or a property of the global object.
        "name" => Name(String),
        /// The global object.
        "global" => Global(Done),
        /// Some value of a literal's class.
        "literal" => Literal(Literal),
        /// `require("fs")`: what a module exports.
        "module" => Module(String),
        /// `import("fs")`: a promise of what a module exports.
        "import" => Import(Imported),
    }
}

messages! {
    /// A step of a chain.
    pub enum Step {
        /// A member.
        "key" => Key(String),
        /// `new`: an instance of the class so far, which does not exist yet.
        "instance" => Instance(Done),
        /// `await`: what the promise so far is fulfilled with.
        "awaited" => Awaited(Done),
    }
}

/// The module of an `import()`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Its specifier, if that is a literal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specifier: Option<String>,
}

/// A kind of literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// A string or a template.
    String,
    /// A number.
    Number,
    /// A `bigint`.
    #[serde(rename = "bigint")]
    BigInt,
    /// `true` or `false`.
    Boolean,
    /// A regular expression.
    #[serde(rename = "regexp")]
    RegExp,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A kind that a newer parent knows.
    #[serde(other)]
    Unknown,
}
