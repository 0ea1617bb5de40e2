//! What is wrong with a chunk, and where, in the user's own coordinates.

use std::fmt::{self, Write as _};
use std::ops;

use drupe_protocol::Position;

use crate::chunk::Options;
use crate::position::{Lines, is_space};

/// How much of a line a code frame shows, in characters.
const FRAME_WIDTH: usize = 100;
/// How much of a long line is shown before the place that matters.
const FRAME_LEAD: usize = 40;
/// How many lines of context come before the line that matters.
const FRAME_CONTEXT: usize = 2;

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
    /// The chunk is too long or nested too deeply.
    Limit,
    /// The compiler failed; nothing is wrong with the chunk as far as one can tell.
    Internal,
}

/// A problem in a chunk, with its place and the source lines around it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", Location(self))]
pub struct Diagnostic {
    /// What sort of problem.
    pub kind: DiagnosticKind,
    /// What is wrong, as a sentence without a final stop.
    pub message: String,
    /// Where, in the user's source.
    pub range: Range,
    /// The chunk's name, empty for none.
    pub name: String,
    /// Up to three source lines (number, text), the last of which is the one where `range` starts; shortened where long.
    lines: Vec<(u32, String)>,
    /// Where the caret stands under the last of `lines`, and how many carets, both in characters.
    caret: (usize, usize),
}

impl Diagnostic {
    /// A syntax error that somebody else found, such as V8: `message` at `position` of `source`, the chunk called `name`.
    #[must_use]
    pub fn syntax_error(message: impl Into<String>, source: &str, position: Position, name: &str) -> Self {
        let offset = Lines::new(source).offset(position);
        let options = Options { name: name.to_owned(), ..Options::default() };
        Self::new(DiagnosticKind::Syntax, message, source, offset..offset, &options)
    }

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
        let (shown, caret) = frame(&lines, start.line as usize, bytes);
        Self { kind, message: message.into(), range, name: options.name.clone(), lines: shown, caret }
    }

    /// A problem of the chunk as a whole.
    pub(crate) fn whole(kind: DiagnosticKind, message: impl Into<String>, options: &Options) -> Self {
        Self {
            kind,
            message: message.into(),
            range: Range::default(),
            name: options.name.clone(),
            lines: Vec::new(),
            caret: (0, 0),
        }
    }

    /// The place in the source, with carets under what is meant; empty for a problem of the chunk as a whole. Lines are numbered
    /// from 1, long lines are cut to a window around the place. Ends without a line break.
    #[must_use]
    pub fn code_frame(&self) -> String {
        let Some((last, _)) = self.lines.last() else { return String::new() };
        let width = last.to_string().len();
        let mut frame = String::new();
        for (number, text) in &self.lines {
            let _ = writeln!(frame, "{number:>width$} | {text}");
        }
        let (column, length) = self.caret;
        let _ = write!(frame, "{:>width$} | {}{}", "", " ".repeat(column), "^".repeat(length));
        frame
    }
}

/// The head of a diagnostic's one-line form: `name:line:column: `, counted from 1.
struct Location<'a>(&'a Diagnostic);

impl fmt::Display for Location<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.lines.is_empty() {
            return Ok(());
        }
        if !self.0.name.is_empty() {
            write!(out, "{}:", self.0.name)?;
        }
        let start = self.0.range.start;
        write!(out, "{}:{}: ", start.line.saturating_add(1), start.column.saturating_add(1))
    }
}

/// The lines to show and the caret under the last.
fn frame(lines: &Lines<'_>, at: usize, bytes: ops::Range<usize>) -> (Vec<(u32, String)>, (usize, usize)) {
    let mut shown = Vec::new();
    for line in at.saturating_sub(FRAME_CONTEXT)..at {
        let (text, _) = lines.line(line);
        shown.push((number(line), window(text, 0).0));
    }
    let (text, start) = lines.line(at);
    let from = bytes.start.saturating_sub(start).min(text.len());
    let to = bytes.end.saturating_sub(start).clamp(from, text.len());
    let (cut, column) = window(text, from);
    let length = text[from..to].chars().take(FRAME_WIDTH).count().max(1);
    let room = cut.chars().count().saturating_sub(column).max(1);
    shown.push((number(at), cut));
    (shown, (column, length.min(room)))
}

/// At most [`FRAME_WIDTH`] characters of a line around a byte offset, and the offset's character column in it. Tabs and control
/// characters become spaces, so that columns hold on every terminal.
fn window(line: &str, offset: usize) -> (String, usize) {
    let before: Vec<char> = line[..offset].chars().rev().take(FRAME_WIDTH).collect();
    let whole = offset == 0 || line[..offset].chars().count() == before.len();
    let lead = if whole && before.len() < FRAME_WIDTH - FRAME_LEAD / 2 { before.len() } else { FRAME_LEAD.min(before.len()) };
    let cut_left = !whole || lead < before.len();
    let mut text = String::from(if cut_left { "…" } else { "" });
    let column = lead + usize::from(cut_left);
    let mut rest = line[offset..].chars();
    let visible = before.into_iter().take(lead).rev().chain(rest.by_ref().take(FRAME_WIDTH - lead));
    text.extend(visible.map(|c| if c.is_control() || is_space(c) { ' ' } else { c }));
    if rest.next().is_some() {
        text.push('…');
    }
    (text, column)
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1)
}
