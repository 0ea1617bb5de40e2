//! The first stage: the text of a chunk, and what it tells without a parse. It takes the text and the options. It gives
//! places, lines and brackets, the edits that other stages plan, and errors with a place.

pub(crate) mod brackets;
pub(crate) mod code_frame;
pub(crate) mod diagnostic;
pub(crate) mod doc_comment;
pub(crate) mod edits;
pub(crate) mod environment;
pub(crate) mod found;
pub(crate) mod indent;
pub(crate) mod line_index;
pub(crate) mod names;
pub(crate) mod nesting;
pub(crate) mod options;
pub(crate) mod position;
pub(crate) mod skips;
pub(crate) mod text;
