//! Turns a user's chunk (TypeScript, TSX, JSX or JavaScript) into a classic script that V8's REPL mode can run.
//!
//! It parses the chunk once and blanks types in place, so that positions do not move. Only where a construct needs new
//! code (enums, namespaces, parameter properties, decorators, JSX) it runs swc's transforms and returns a source map.
//! It decides by parsing whether a leading `{` opens an object or a block, lists the names that a chunk declares, tells
//! complete input from unfinished input, formats chunks in one style, and makes syntax errors with a code frame in the
//! user's own text.
//!
//! It deliberately checks no types, resolves no names, evaluates nothing and touches neither files nor clock (pragmas
//! and source map comments cause no access). Top-level `await` and persistence are V8's: the output keeps them as the
//! user wrote them. So is redeclaration, except where V8 refuses it: [`transpile_in`] knows the session's declarations
//! and writes around that. V8 also has the last word on early errors, because plain JavaScript passes unchanged.
//!
//! Start reading at [`transpile`], then `parse` (the order of grammars), `blank` (types out, columns kept), `emit`
//! (transforms), `redeclare` (the effect of a session). swc's types do not leave this crate.

mod assigned;
mod bind;
mod bindings;
mod blank;
mod blank_class;
mod blank_expr;
mod brackets;
mod chunk;
mod code_frame;
mod completeness;
mod computed_names;
mod constants;
mod cost;
mod declaration;
mod declared;
mod decorator_places;
mod decorators;
mod diagnostic;
mod doc_comment;
mod doubts;
mod edits;
mod elements;
mod emit;
mod enums;
mod environment;
mod exports;
mod fields;
mod format;
mod found;
mod free_names;
mod grammar;
mod homes;
mod imports;
mod indent;
mod jsx;
mod line_index;
mod merge;
mod meta;
mod mixing;
mod module;
mod names;
mod namespaces;
mod nesting;
mod openings;
mod options;
mod parse;
mod phrases;
mod placed;
mod planner;
mod position;
mod qualify;
mod reads;
mod redeclare;
mod rewrite;
mod session;
mod shadow;
mod skips;
mod text;
mod types_only;
mod unfinished;
mod used;
mod using;
mod variables;

pub use bindings::{Binding, BindingKind, Home};
pub use chunk::{Script, transpile, transpile_in, transpile_with_inputs};
pub use code_frame::code_frame;
pub use completeness::{Completeness, completeness};
pub use declaration::{Declaration, declaration_at, declaration_of};
pub use diagnostic::{Diagnostic, DiagnosticKind, Range};
pub use exports::Exports;
pub use format::format;
pub use line_index::LineIndex;
pub use module::{Import, ModuleCode, transpile_module};
pub use names::is_variable_name;
pub use nesting::MAX_NESTING;
pub use options::{Jsx, Language, MAX_SOURCE_BYTES, Options, Project, Stop};
pub use session::SessionBindings;

pub use drupe_protocol::{CodeFrame, Position, SourceMap};
