//! What was thrown, as seen from outside: name, message, frames and a text to print.

use serde::{Deserialize, Serialize};

use crate::{Position, Value, value::present};

/// A thrown value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exception {
    /// The error's name, such as `TypeError`; absent when what was thrown is not an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The error's message; for other values their text.
    pub message: String,
    /// What a console prints: stack, causes and extra properties, in the user's coordinates and bounded.
    pub text: String,
    /// Where it was thrown or, for a syntax error, where the mistake is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<crate::event::Location>,
    /// The user's stack frames, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
    /// The thrown value within a small budget.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
}

/// One stack frame, in the user's coordinates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The function's name; absent at the top level and for anonymous functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The script's name.
    pub script: String,
    /// Where in it.
    pub position: Position,
}
