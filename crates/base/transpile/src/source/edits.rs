//! Edits that keep UTF-16 columns: blanks and one-character substitutions. Where these are not enough there are
//! insertions, which shift the rest of their line and so yield a source map. `emit` makes them.

use std::borrow::Cow;

/// A plan of edits over one source; offsets are bytes of the source.
#[derive(Debug, Default)]
pub(crate) struct Edits {
    pub(crate) blanks: Vec<(usize, usize)>,
    /// Characters written over the first code unit of a source character; they win over blanks.
    pub(crate) substitutions: Vec<(usize, char)>,
    pub(crate) insertions: Vec<Insertion>,
}

/// Text that is inserted before the source character at `at`.
#[derive(Debug)]
pub(crate) struct Insertion {
    pub(crate) at: usize,
    pub(crate) text: Cow<'static, str>,
    /// The source character that the text leads back to, if it leads anywhere else than what stands before it.
    pub(crate) from: Option<usize>,
}

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.blanks.is_empty() && self.substitutions.is_empty() && self.insertions.is_empty()
    }

    /// Blanks `from..to`: every code unit becomes a space, white space and line ends stay.
    pub(crate) fn blank(&mut self, from: usize, to: usize) {
        if from < to {
            self.blanks.push((from, to));
        }
    }

    /// Writes an ASCII character over the source character at `at`.
    pub(crate) fn substitute(&mut self, at: usize, with: char) {
        self.substitutions.push((at, with));
    }

    /// Inserts text before the source character at `at`.
    pub(crate) fn insert(&mut self, at: usize, text: impl Into<Cow<'static, str>>) {
        self.insertions.push(Insertion { at, text: text.into(), from: None });
    }

    /// The same of text that leads back to the source character at `from`.
    pub(crate) fn insert_from(&mut self, at: usize, text: String, from: usize) {
        self.insertions.push(Insertion { at, text: text.into(), from: Some(from) });
    }

    /// Inserts text before the source character at `at`, and before all else that is inserted there so far.
    pub(crate) fn insert_first(&mut self, at: usize, text: String) {
        self.insertions.insert(0, Insertion { at, text: text.into(), from: None });
    }

    /// Adds the edits of another plan over the same source.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.blanks.append(&mut other.blanks);
        self.substitutions.append(&mut other.substitutions);
        self.insertions.append(&mut other.insertions);
    }
}
