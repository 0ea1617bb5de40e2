//! Code frames: the source around a compile error or an exception.

use std::ops;

use drupe_lexer::{is_line_terminator, is_space};
use drupe_protocol::{CodeFrame, Position, event::Location};

use crate::source::line_index::LineIndex;
use crate::source::position::{Lines, saturate};

/// How much of a line a code frame shows, in characters.
const FRAME_WIDTH: usize = 100;
/// How much of a long line is shown before the place that matters.
const FRAME_LEAD: usize = 40;
/// How many lines of context come before the line that matters.
const FRAME_CONTEXT: usize = 2;

/// The frame of a place in `source`, whose index is `lines`; `None` for a place that is not in it. The cost does not
/// grow with the source.
#[must_use]
pub fn code_frame(source: &str, lines: &LineIndex, at: &Location) -> Option<CodeFrame> {
    let offset = lines.offset(source, at.position)?;
    let position = lines.position(source, offset);
    let first = position.line.saturating_sub(saturate(FRAME_CONTEXT));
    let starts = (first..=position.line).map(|line| lines.offset(source, Position { line, column: 0 }));
    let starts = starts.collect::<Option<Vec<_>>>()?;
    let (&start, before) = starts.split_last()?;
    let shown = before.iter().map(|&start| window(beginning(source, start, start), 0).0).collect();
    let line = beginning(source, start, offset);
    Some(framed(shown, line, offset - start..offset - start, Location::new(&*at.script, position)))
}

/// The line from `start` to beyond `offset`, as far as a frame shows it.
fn beginning(source: &str, start: usize, offset: usize) -> &str {
    let most = source.floor_char_boundary(offset + 4 * (FRAME_WIDTH + 1));
    let length = source[offset..most].find(is_line_terminator).unwrap_or(most - offset);
    &source[start..offset + length]
}

/// The frame of `bytes`, which start at `position`, in the source called `name`.
pub(crate) fn frame(lines: &Lines<'_>, position: Position, bytes: ops::Range<usize>, name: &str) -> CodeFrame {
    let at = position.line as usize;
    let mut shown = Vec::new();
    for line in at.saturating_sub(FRAME_CONTEXT)..at {
        let (text, _) = lines.line(line);
        shown.push(window(text, 0).0);
    }
    let (text, start) = lines.line(at);
    let from = bytes.start.saturating_sub(start).min(text.len());
    let to = bytes.end.saturating_sub(start).clamp(from, text.len());
    framed(shown, text, from..to, Location::new(name, position))
}

/// The frame of `bytes` of a line, below the lines that are shown already.
fn framed(mut shown: Vec<String>, line: &str, bytes: ops::Range<usize>, at: Location) -> CodeFrame {
    let (cut, column) = window(line, bytes.start);
    let length = line[bytes].chars().take(FRAME_WIDTH).count().max(1);
    let room = cut.chars().count().saturating_sub(column).max(1);
    shown.push(cut);
    CodeFrame::new(at, shown, saturate(column), saturate(length.min(room)))
}

/// At most [`FRAME_WIDTH`] characters of a line around a byte offset, and the offset's character column in it. Tabs and
/// control characters become spaces, so that columns hold on every terminal.
fn window(line: &str, offset: usize) -> (String, usize) {
    let before: Vec<char> = line[..offset].chars().rev().take(FRAME_WIDTH).collect();
    let whole = line[..offset].chars().nth_back(FRAME_WIDTH).is_none();
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
