//! A code frame: a few lines of source with a mark under a place.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::location::Location;

/// A place in the user's source, with the lines around it. Shown as text, it ends without a line break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CodeFrame {
    /// The place.
    pub at: Location,
    /// The source lines up to the one of `at`, which is the last; few, and never empty. Long lines are cut to a window
    /// around the place; tabs and control characters are spaces.
    pub lines: Vec<String>,
    /// Where the mark begins under the last of `lines`, in characters (code points) of that line.
    pub mark: u32,
    /// How many characters are marked; at least 1.
    pub marked: u32,
}

impl CodeFrame {
    /// A code frame of `lines` for the place `at`. It marks `marked` characters of the last line, from the character
    /// `mark` on.
    #[must_use]
    pub fn new(at: Location, lines: Vec<String>, mark: u32, marked: u32) -> Self {
        Self { at, lines, mark, marked }
    }
}

/// A line of a [`CodeFrame`] as it is shown: the gutter, and what stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRow<'a> {
    /// The line's number, counted from 1, and a bar.
    pub gutter: String,
    /// A source line.
    pub source: &'a str,
    /// Carets at their place, in a row of their own.
    pub mark: String,
}

impl CodeFrame {
    /// What is shown, line by line: the source lines, and the carets below the last.
    pub fn rows(&self) -> impl Iterator<Item = FrameRow<'_>> {
        let last = u64::from(self.at.position.line) + 1;
        let width = last.to_string().len();
        let first = (last + 1).saturating_sub(self.lines.len() as u64);
        let lines = (first..).zip(&self.lines).map(move |(number, source)| FrameRow {
            gutter: format!("{number:>width$} | "),
            source,
            mark: String::new(),
        });
        let room = self.lines.last().map_or(0, |line| line.chars().count()) + 1;
        let mark = (self.mark as usize).min(room);
        let marked = (self.marked as usize).clamp(1, room);
        let carets = FrameRow {
            gutter: format!("{:width$} | ", ""),
            source: "",
            mark: format!("{}{}", " ".repeat(mark), "^".repeat(marked)),
        };
        lines.chain([carets])
    }
}

impl fmt::Display for CodeFrame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, FrameRow { gutter, source, mark }) in self.rows().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(out, "{line_break}{gutter}{source}{mark}")?;
        }
        Ok(())
    }
}
