//! The first stage: the text of a chunk, and what it tells without a parse. It takes the text and the options. It gives
//! its nesting, places and lines, the edits that other stages plan, and errors with a place. What is read of it without
//! a parser is in `drupe_lexer`.

pub(crate) mod code_frame;
pub(crate) mod diagnostic;
pub(crate) mod edits;
pub(crate) mod environment;
pub(crate) mod line_index;
pub(crate) mod names;
pub(crate) mod nesting;
pub(crate) mod options;
pub(crate) mod position;
