//! Files that are modules: the code for V8, and the imports and exports, as far as their text tells.
//!
//! The transforms are those of chunks, but module syntax stays: only types are removed, and imports of nothing but
//! types. No pragma and no source map comment causes a read: a name in `@jsxImportSource` becomes an ordinary import.

mod commonjs;
mod erase;
mod imports;
mod legacy;
mod legacy_keys;
mod lower;
mod metadata;
mod misplaced;
mod told;
mod transform;
mod type_exports;

use std::borrow::Cow;

use drupe_lexer::Text;
use drupe_protocol::{Position, SourceMap};
use swc_core::ecma::ast::Program;

pub use type_exports::{ImportedExport, TypeExports};

use crate::decide::decorated;
use crate::decide::jsx::{self, Targets};
use crate::decide::unused::{self, Unused};
use crate::emit::edit;
use crate::emit::fields;
use crate::parse;
use crate::parse::Dialect;
use crate::parse::signatures::NO_BODY;
use crate::plan::blank;
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::edits::Edits;
use crate::source::nesting::{self, Reading};
use crate::source::options::{Language, Options};

/// A module's text, ready for V8, and what its text tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleCode<'source> {
    /// The text; borrowed from the source where nothing had to change.
    pub code: Cow<'source, str>,
    /// Leads positions in `code` back to the source. `None`: every position is the same in both.
    pub source_map: Option<SourceMap>,
    /// Whether it has what only ES modules have: `import` and `export` declarations, `import.meta`, `await` at the top
    /// level.
    pub is_module: bool,
    /// What it imports statically, in source order, each once.
    pub imports: Vec<Import>,
    /// The names that a CommonJS module seems to export, each once, in source order. Empty for ES modules.
    pub exports: Vec<String>,
    /// What a CommonJS module seems to export all names of, as it requires it. Empty for ES modules.
    pub reexports: Vec<String>,
    /// Which exports of a module of TypeScript are types, or may be.
    pub types: TypeExports,
}

/// A static import.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    /// What it imports from.
    pub specifier: String,
    /// Its `type` attribute.
    pub kind: Option<String>,
    /// Where the specifier stands in the source. `None`: it was not written there.
    pub at: Option<Position>,
}

/// Reads a module, and writes it for V8.
///
/// The language is never guessed: [`Language::Auto`] is TypeScript with JSX. Plain JavaScript that this parser refuses
/// is left to V8, which has the last word: it comes back untouched, with nothing known of it.
///
/// # Errors
///
/// A [`Diagnostic`] where the text is no valid TypeScript or JSX, is too long or nested too deeply.
pub fn transpile_module<'source>(source: &'source str, options: &Options) -> Result<ModuleCode<'source>, Diagnostic> {
    let dialect = match options.language {
        Language::Auto | Language::Tsx => Dialect::Tsx,
        Language::TypeScript if options.is_declarations => Dialect::Declarations,
        Language::TypeScript => Dialect::TypeScript,
        Language::Jsx => Dialect::Jsx,
        Language::JavaScript => Dialect::JavaScript,
    };
    let done =
        nesting::guarded(source, options, |reading| transpile_here(source, options, dialect, reading)).and_then(|done| done);
    match done {
        Err(refused) if dialect == Dialect::JavaScript => {
            let is_module = refused.kind == DiagnosticKind::Syntax && !options.is_commonjs && looks_like_module(source);
            Ok(ModuleCode { code: Cow::Borrowed(source), is_module, ..ModuleCode::default() })
        }
        Ok((_, Some(misplaced))) => Err(*misplaced),
        Ok((code, None)) => Ok(code),
        Err(diagnostic) => Err(diagnostic),
    }
}

/// Whether a line of a text that cannot be parsed begins as a declaration that only ES modules have. V8 then tells the
/// mistake, and not that the file is no module.
fn looks_like_module(source: &str) -> bool {
    source.lines().any(drupe_lexer::is_module_line)
}

fn transpile_here<'source>(
    source: &'source str,
    options: &Options,
    dialect: Dialect,
    reading: &Reading<'_>,
) -> Result<(ModuleCode<'source>, Option<Box<Diagnostic>>), Diagnostic> {
    let meter = reading.meter;
    let mut file = read(source, options, dialect, reading)?;
    let is_typescript = matches!(dialect, Dialect::Tsx | Dialect::TypeScript | Dialect::Declarations);
    let mut types = TypeExports::default();
    if is_typescript {
        if !options.types.is_empty() && !options.project.keep_names {
            type_exports::mark_known(&mut file.program, &options.types);
        }
        types = type_exports::of(&file.program);
        type_exports::mark(&mut file.program);
    }
    let mut elements = None;
    let unused = match &file.program {
        Program::Module(module) if is_typescript => unused::unused(module, source, options, meter),
        _ => Unused::default(),
    };
    let is_module = !erase::is_commonjs(&file.program);
    let assigns_exports = erase::assigns_exports(&file.program);
    // What is written as an ES module, and is one of CommonJS by its name or by `export =`.
    let is_lowered = is_typescript
        && match assigns_exports {
            true => erase::imports(&file.program, &unused),
            false => is_module && options.is_commonjs && file.program.is_module(),
        };
    let is_module = is_module && !is_lowered;
    if (options.is_commonjs || is_typescript && !is_module)
        && let Some(misplaced) = misplaced::find(&file, &unused, is_lowered, source, options)
    {
        return Ok((ModuleCode::default(), Some(Box::new(misplaced))));
    }
    let (code, source_map) = if file.is_plain(source) {
        (Cow::Borrowed(source), None)
    } else {
        let mut erasure = blank::erase(&file, source, erase::is_own);
        erasure.needs.typescript |= erase::needs_transform(&file.program);
        let assigns_fields = is_typescript && options.project.assign_fields && fields::are_there(&file.program);
        erasure.needs.typescript |= assigns_fields || is_lowered;
        erase::erase(&file, source, &unused, &mut erasure.edits);
        decorated::check(&file, source, options.project.legacy_decorators, options)?;
        if erasure.needs.jsx {
            elements = jsx::first(&file, source).zip(Targets::of(source, options).import_source);
        }
        if erasure.needs.any() {
            let asked = imports::elide(&mut file.program, &unused);
            let work = transform::Work { needs: erasure.needs, asked: &asked, is_lowered, is_module };
            let (code, map) = transform::transform(&mut file, source, options, &work, meter)?;
            (Cow::Owned(code), Some(map))
        } else {
            imports::elide(&mut file.program, &unused);
            if erasure.edits.is_empty() {
                (Cow::Borrowed(source), None)
            } else {
                let (code, map) = edit::render(erasure.edits, source);
                (Cow::Owned(code), map)
            }
        }
    };
    // ES modules are, by whatever name.
    let is_strict = is_lowered || is_typescript && !is_module && options.project.always_strict;
    let (code, source_map) = if is_strict { strict(code, source_map) } else { (code, source_map) };
    let imports = imports::of(&file, source, elements);
    let (exports, reexports) = if is_module { Default::default() } else { commonjs::exports(&file.program) };
    Ok((ModuleCode { code, source_map, is_module, imports, exports, reexports, types }, None))
}

/// Parses a file. The last function of a file has a body; a file of declarations has none.
fn read(source: &str, options: &Options, dialect: Dialect, reading: &Reading<'_>) -> Result<parse::Chunk, Diagnostic> {
    let file = parse::parse_file(source, dialect, reading).map_err(|failure| failure.into_diagnostic(source, options))?;
    match file.last_signature.filter(|_| dialect != Dialect::Declarations) {
        Some(at) => {
            let bytes = at..Text(source).identifier_end(at).max(at + 1);
            Err(Diagnostic::new(DiagnosticKind::Syntax, NO_BODY, source, bytes, options))
        }
        None => Ok(file),
    }
}

/// Has a script begin with `"use strict"`, behind its interpreter's line.
fn strict(code: Cow<'_, str>, map: Option<SourceMap>) -> (Cow<'_, str>, Option<SourceMap>) {
    let at = if code.starts_with("#!") { code.find('\n').map_or(code.len(), |end| end + 1) } else { 0 };
    let mut edits = Edits::default();
    edits.insert(at, "\"use strict\";");
    let (written, map) = match map {
        Some(map) => {
            let (written, map) = edit::render_through(edits, &code, &map);
            (written, Some(map))
        }
        None => edit::render(edits, &code),
    };
    (Cow::Owned(written), map)
}
