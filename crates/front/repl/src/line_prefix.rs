//! The prompt text at the beginning of each line.

use rustyline::Prompt;

/// What stands before the lines of a chunk beyond the first, and before a line of `.editor`.
const OTHERS: &str = "... ";

/// What stands before the first line of a chunk or an answer, and before the others.
#[derive(Clone, Debug)]
pub(crate) struct LinePrefix {
    first: String,
}

impl LinePrefix {
    /// Before a chunk.
    pub(crate) fn chunk(prompt: &str) -> Self {
        Self { first: prompt.to_owned() }
    }

    /// Before an answer.
    pub(crate) fn answer(question: &str) -> Self {
        Self { first: question.to_owned() }
    }

    /// Before a line of `.editor`.
    pub(crate) fn line() -> Self {
        Self { first: OTHERS.to_owned() }
    }
}

impl Prompt for LinePrefix {
    fn raw(&self) -> &str {
        &self.first
    }

    fn continuation(&self) -> &str {
        OTHERS
    }
}
