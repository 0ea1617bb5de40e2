//! Diagnostics: the error of a chunk and its place, in the user's own coordinates.

use std::fmt;
use std::ops;

use drupe_protocol::{CodeFrame, Position};

use crate::source::code_frame::frame;
use crate::source::options::Options;
use crate::source::position::Lines;

/// A stretch of the user's source: from its first place up to, but not including, its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// Where it starts.
    pub start: Position,
    /// Where it ends; never before `start`.
    pub end: Position,
}

/// What sort of problem a [`Diagnostic`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// The chunk is no program in its language.
    Syntax,
    /// The chunk is valid, but uses what chunks cannot do (yet).
    Unsupported,
    /// The chunk is too long, nested too deeply, or too ambiguous.
    Limit,
    /// Somebody [stopped](crate::Stop) the work on it.
    Stopped,
    /// The compiler failed; nothing is wrong with the chunk as far as one can tell.
    Internal,
}

/// A problem in a chunk, with its place and the source lines around it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", Location(self))]
#[non_exhaustive]
pub struct Diagnostic {
    /// What sort of problem.
    pub kind: DiagnosticKind,
    /// What is wrong, as a sentence without a final stop.
    pub message: String,
    /// Where, in the user's source.
    pub range: Range,
    /// The chunk's name, empty for none.
    pub name: String,
    /// The place in the source; `None` for a problem of the chunk as a whole.
    pub code_frame: Option<Box<CodeFrame>>,
}

impl Diagnostic {
    pub(crate) fn new(
        kind: DiagnosticKind,
        message: impl Into<String>,
        source: &str,
        bytes: ops::Range<usize>,
        options: &Options,
    ) -> Self {
        let lines = Lines::new(source);
        let start = lines.position(bytes.start);
        let range = Range { start, end: lines.position(bytes.end.max(bytes.start)) };
        let code_frame = Some(Box::new(frame(&lines, start, bytes, &options.name)));
        Self { kind, message: message.into(), range, name: options.name.clone(), code_frame }
    }

    /// A problem of the chunk as a whole.
    pub(crate) fn whole(kind: DiagnosticKind, message: impl Into<String>, options: &Options) -> Self {
        Self { kind, message: message.into(), range: Range::default(), name: options.name.clone(), code_frame: None }
    }
}

/// The head of a diagnostic's one-line form: `name:line:column: `, counted from 1.
struct Location<'a>(&'a Diagnostic);

impl fmt::Display for Location<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.code_frame.is_none() {
            return Ok(());
        }
        if !self.0.name.is_empty() {
            write!(out, "{}:", self.0.name)?;
        }
        let start = self.0.range.start;
        write!(out, "{}:{}: ", start.line.saturating_add(1), start.column.saturating_add(1))
    }
}
