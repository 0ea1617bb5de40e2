//! A piece of text with its display width.

use crate::style::{Ink, Styles};
use crate::width;

/// Text and its measures. The measures leave colours out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Length in UTF-16 units, which is what lines are broken by.
    pub(crate) units: usize,
    /// Columns on a terminal, which is what lists are aligned by.
    pub(crate) columns: usize,
    pub(crate) multiline: bool,
}

impl Piece {
    pub(crate) fn push(&mut self, text: &str) {
        self.measure(text);
        self.text.push_str(text);
    }

    pub(crate) fn push_in(&mut self, ink: Ink, styles: Option<&Styles>, text: &str) {
        let style = styles.map(|styles| ink.of(styles)).filter(|style| !style.on.is_empty());
        let Some(style) = style else { return self.push(text) };
        self.measure(text);
        for part in ["\u{1b}[", style.on, "m", text, "\u{1b}[", style.off, "m"] {
            self.text.push_str(part);
        }
    }

    pub(crate) fn append(&mut self, piece: &Self) {
        self.text.push_str(&piece.text);
        self.units += piece.units;
        self.columns += piece.columns;
        self.multiline |= piece.multiline;
    }

    pub(crate) fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
        self.units += count;
        self.columns += count;
    }

    /// A line break and the indentation of the next line.
    pub(crate) fn break_line(&mut self, indentation: usize) {
        self.text.push('\n');
        self.units += 1;
        self.multiline = true;
        self.spaces(indentation);
    }

    fn measure(&mut self, text: &str) {
        if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            self.units += text.len();
            self.columns += text.len();
        } else {
            self.units += text.encode_utf16().count();
            self.columns += width::display_width(text);
            self.multiline |= text.contains('\n');
        }
    }
}
