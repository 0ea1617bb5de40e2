//! A lexer of JavaScript and TypeScript for source that is still being typed: tokens with spans, one table of words,
//! and the site of a completion.
//!
//! The compiler's lexer (swc) is driven by a parser, which tells it whether a `/` divides and whether a `<` opens an
//! element, and it ends at the first mistake. Source that is being typed is unfinished, and mostly no program. So this
//! lexer decides by the tokens before, accepts any text, and its tokens tile the text. It is a rough guide for colours,
//! brackets, indentation and completion. **It never decides whether text is a program**: the transpiler does. Its bound
//! of the nesting uses the table of words and the ends of literals ([`extent`]), which are exact, and no [`tokens`],
//! which are guesses.
//!
//! Time and memory are linear in the text. The crate has no dependencies, and only the parent uses it.

#![forbid(unsafe_code)]

mod brackets;
mod chain;
mod chars;
mod code_end;
pub mod extent;
mod jsx;
mod pieces;
mod site;
mod specifier;
mod token;
mod tokens;
mod words;

pub use brackets::Level;
pub use chain::{Chain, Literal, Root, Step};
pub use chars::is_name_part;
pub use site::{Call, Declared, Site, call, site};
pub use token::{Kind, Token};
pub use tokens::{Tokens, tokens};
pub use words::{Word, is_reserved, offered, word};
