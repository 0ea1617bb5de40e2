//! The source around a place: of a mistake that the compiler found, and of an exception.

use std::ops;

use drupe_protocol::{CodeFrame, Position, event::Location};

use crate::position::{Lines, is_space, saturate};

/// How much of a line a code frame shows, in characters.
const FRAME_WIDTH: usize = 100;
/// How much of a long line is shown before the place that matters.
const FRAME_LEAD: usize = 40;
/// How many lines of context come before the line that matters.
const FRAME_CONTEXT: usize = 2;

/// The frame of a place in `source`; `None` for a place that is not in it.
#[must_use]
pub fn code_frame(source: &str, at: &Location) -> Option<CodeFrame> {
    let lines = Lines::new(source);
    if at.position.line as usize >= lines.count() {
        return None;
    }
    let offset = lines.offset(at.position);
    Some(frame(&lines, lines.position(offset), offset..offset, &at.script))
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
    let (cut, column) = window(text, from);
    let length = text[from..to].chars().take(FRAME_WIDTH).count().max(1);
    let room = cut.chars().count().saturating_sub(column).max(1);
    shown.push(cut);
    CodeFrame {
        at: Location { script: name.to_owned(), position },
        lines: shown,
        mark: saturate(column),
        marked: saturate(length.min(room)),
    }
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
