//! What the lines of the prompt begin with.

use rustyline::Prompt;

/// What stands before a chunk: before its first line, and before the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
    pub(crate) first: &'static str,
    pub(crate) others: &'static str,
}

/// Before a chunk.
pub(crate) const CHUNK: Lead = Lead { first: "> ", others: "... " };
/// Before a line of `.editor`.
pub(crate) const LINE: Lead = Lead { first: "... ", others: "... " };

impl Prompt for Lead {
    fn raw(&self) -> &str {
        self.first
    }

    fn continuation(&self) -> &str {
        self.others
    }
}
