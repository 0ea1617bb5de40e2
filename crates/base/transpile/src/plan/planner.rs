//! The edits that a walk over a chunk's declarations collects: `redeclare`, `variables` and `using` have its steps.

use std::collections::HashSet;

use drupe_lexer::Text;

use crate::decide::declared::Declared;
use crate::decide::homes::Homes;
use crate::parse::Chunk;
use crate::source::edits::Edits;

/// What a chunk needs so that V8 takes its declarations.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) edits: Edits,
    /// Functions that must come first: they become variables, and something before them knows them.
    pub(crate) hoist: HashSet<String>,
}

/// Walks over the declarations and collects what has to change.
pub(crate) struct Planner<'a> {
    pub(crate) chunk: &'a Chunk,
    pub(crate) text: Text<'a>,
    pub(crate) homes: &'a Homes<'a>,
    pub(crate) declared: Declared,
    pub(crate) plan: Plan,
    /// Variables of the global object whose own declaration becomes an assignment.
    pub(crate) globals: Vec<String>,
    /// The block that the chunk becomes.
    pub(crate) block: Option<Block>,
}

/// What a chunk's block must leave behind.
#[derive(Default)]
pub(crate) struct Block {
    /// To be declared before it: lexical names, and those of the global object.
    pub(crate) lexicals: Vec<String>,
    pub(crate) globals: Vec<String>,
    pub(crate) functions: Vec<String>,
    /// Those functions, to be asked for.
    pub(crate) seen: HashSet<String>,
}
