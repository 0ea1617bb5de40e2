//! A lexer of JavaScript and TypeScript for source that is still being typed: tokens with spans, one table of words,
//! the site of a completion, and what else is read of a text without a parser: its nesting, its comments, how a line
//! begins, what stands around a mistake.
//!
//! The compiler's lexer (swc) is driven by a parser, which tells it whether a `/` divides and whether a `<` opens an
//! element, and it ends at the first mistake. Source that is being typed is unfinished, and mostly no program. So this
//! lexer decides by the tokens before, accepts any text, and its tokens tile the text. It is a rough guide for colours,
//! brackets, indentation and completion. **It never decides whether text is a program**: the transpiler does. The bound
//! of the [`nesting`](nesting()) uses the table of words and the ends of literals ([`extent`]), which are exact, and no
//! [`tokens`](tokens()), which are guesses.
//!
//! Time and memory are linear in the text. The crate has no dependencies, and only the parent uses it.

#![forbid(unsafe_code)]

mod brackets;
mod chain;
mod chars;
mod code_end;
pub mod comments;
pub mod extent;
mod indent;
mod jsx;
mod line_end;
mod line_start;
mod nesting;
mod nesting_skips;
mod pieces;
mod signs;
mod site;
mod specifier;
pub mod tags;
mod text;
mod token;
mod tokens;
mod words;

pub use brackets::Level;
pub use chain::{Chain, Literal, Root, Step};
pub use chars::{is_line_terminator, is_name_part, is_space};
pub use indent::next_indent;
pub use line_end::{ends_in_line_continuation, open_angle_at_line_end};
pub use line_start::{LineStart, is_module_line, line_start};
pub use nesting::{Nesting, nesting};
pub use signs::{last_word, word_or_sign};
pub use site::{Call, Declared, Site, call, names_argument, site};
pub use text::Text;
pub use token::{Kind, Token};
pub use tokens::{Tokens, tokens};
pub use words::{Word, is_reserved, offered, word};
