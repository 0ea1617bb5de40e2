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
//! Start reading at [`transpile`]. A chunk passes through stages, and each imports only from those before it: `source`
//! (the text), `parse` (the syntax tree), `decide` (the names), `plan` (the changes), `emit` (the script). `module`
//! does the same for files. swc's types do not leave this crate.

mod chunk;
mod completeness;
mod decide;
mod declaration;
mod emit;
mod format;
mod module;
mod object;
mod parse;
mod plan;
mod source;

pub use chunk::{Script, transpile, transpile_in, transpile_with_inputs};
pub use completeness::{Completeness, completeness};
pub use decide::bindings::{Binding, BindingKind, Home};
pub use decide::exports::Exports;
pub use decide::session::SessionBindings;
pub use declaration::{Declaration, declaration_at, declaration_of};
pub use format::format;
pub use module::{Import, ImportedExport, ModuleCode, TypeExports, transpile_module};
pub use object::object_in;
pub use source::code_frame::code_frame;
pub use source::diagnostic::{Diagnostic, DiagnosticKind, Range};
pub use source::line_index::LineIndex;
pub use source::names::is_variable_name;
pub use source::nesting::MAX_NESTING;
pub use source::options::{Jsx, Language, MAX_SOURCE_BYTES, Options, Project, Stop};

pub use drupe_protocol::{CodeFrame, Position, SourceMap};
