//! An exception as the parent sees it: name, message, frames and a text to print.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CodeFrame, FrameRow, Position, Value, value::present};

/// A thrown value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
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
    pub at: Option<crate::location::Location>,
    /// The user's stack frames, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
    /// The source around the innermost place whose source is known. **A kernel sends one only for text that `eval` or
    /// `new Function` evaluated, because only the kernel has that text. The client fills in the others, from the
    /// sources of chunks and modules.**
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_frame: Option<CodeFrame>,
    /// The thrown value within a small budget.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
}

impl Exception {
    /// A thrown value without a place, frames, a code frame and a value. `name` is `None` if it is not an error.
    #[must_use]
    pub fn new(name: Option<String>, message: impl Into<String>, text: impl Into<String>) -> Self {
        let (message, text) = (message.into(), text.into());
        Self { name, message, text, at: None, frames: Vec::new(), code_frame: None, value: None }
    }

    /// An error that no JavaScript threw: without a place, frames and a value.
    #[must_use]
    pub fn plain(name: &str, message: String) -> Self {
        let text = format!("{name}: {message}");
        Self::new(Some(name.to_owned()), message, text)
    }

    /// [`text`](Self::text) in two: what is wrong, after which a code frame reads well, and the stack with what comes
    /// after it, which begins with a line break unless it is empty.
    #[must_use]
    pub fn split_text(&self) -> (&str, &str) {
        // A message may look like frames itself.
        let message = if self.name.is_some() { self.text.find(&self.message).map_or(0, |at| at + self.message.len()) } else { 0 };
        let stack = self.text[message..].find("\n    at ").map(|at| message + at);
        self.text.split_at(stack.unwrap_or(self.text.len()))
    }
}

impl Exception {
    /// What is shown of the code frame, line by line. If it is not of where the error was thrown, but of who called
    /// that, it begins with its place.
    pub fn frame_rows(&self) -> impl Iterator<Item = FrameRow<'_>> {
        let thrown_in = self.at.as_ref().map(|at| &at.script).or_else(|| self.frames.first().map(|frame| &frame.script));
        let place =
            self.code_frame.as_ref().map(|frame| &frame.at).filter(|at| thrown_in.is_some_and(|script| *script != at.script));
        let place = place.map(|at| {
            let gutter = format!("{}:{}:{}", at.script, at.position.line.saturating_add(1), at.position.column.saturating_add(1));
            FrameRow { gutter, source: "", mark: String::new() }
        });
        place.into_iter().chain(self.code_frame.iter().flat_map(CodeFrame::rows))
    }
}

/// The text, with the code frame between message and stack.
impl fmt::Display for Exception {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (message, stack) = self.split_text();
        out.write_str(message)?;
        for FrameRow { gutter, source, mark } in self.frame_rows() {
            write!(out, "\n{gutter}{source}{mark}")?;
        }
        out.write_str(stack)
    }
}

/// One stack frame, in the user's coordinates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Frame {
    /// The function's name; absent at the top level and for anonymous functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The script's name.
    pub script: String,
    /// Where in it.
    pub position: Position,
}

impl Frame {
    /// A frame of `function`, or of a function without a name, at `position` in `script`.
    #[must_use]
    pub fn new(function: Option<String>, script: impl Into<String>, position: Position) -> Self {
        Self { function, script: script.into(), position }
    }
}
