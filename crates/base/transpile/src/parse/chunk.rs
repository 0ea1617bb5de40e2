//! A parsed chunk: its program, and how it was read.

use std::borrow::Cow;
use std::ops::Range;

use swc_core::common::BytePos;
use swc_core::ecma::ast::{ModuleItem, Program, Stmt};
use swc_ecma_parser_metered::{EsSyntax, Syntax, TsSyntax};

use crate::parse::{ends, rewrite};
use crate::source::options::Language;

/// A parsed chunk.
pub(crate) struct Chunk {
    pub(crate) program: Program,
    /// What to take off a parser position to get a byte offset of the source.
    pub(crate) base: u32,
    /// The source was read as `(source)`: it is an object literal, or an expression that starts with one. Where that
    /// stands, as byte offsets of the source.
    pub(crate) parenthesized: Option<Range<usize>>,
    /// The grammar that accepted it may contain what V8 cannot run: types, JSX.
    pub(crate) dialect: Dialect,
    /// The place (byte offset) of a function at the chunk's end whose missing body made the parser take it for an
    /// overload signature.
    pub(crate) last_signature: Option<usize>,
}

impl Chunk {
    pub(super) fn new(program: Program, dialect: Dialect, parenthesized: Option<Range<usize>>) -> Self {
        let base = if parenthesized.is_some() { 2 } else { 1 };
        let mut chunk = Self { program, base, parenthesized, dialect, last_signature: None };
        chunk.last_signature = ends::last_signature(&chunk);
        chunk
    }

    /// The text that was parsed.
    pub(crate) fn text<'source>(&self, source: &'source str) -> Cow<'source, str> {
        if self.parenthesized.is_some() { rewrite::parenthesize(source).into() } else { source.into() }
    }

    /// The byte offset in the source of a parser position.
    pub(crate) fn offset(&self, position: BytePos) -> usize {
        position.0.saturating_sub(self.base) as usize
    }

    /// The top-level statements; module declarations are left out.
    pub(crate) fn statements(&self) -> impl DoubleEndedIterator<Item = &Stmt> {
        let (script, module) = match &self.program {
            Program::Script(script) => (script.body.as_slice(), &[][..]),
            Program::Module(module) => (&[][..], module.body.as_slice()),
        };
        script.iter().chain(module.iter().filter_map(ModuleItem::as_stmt))
    }

    /// Whether no type can be in the way: JavaScript without decorators and accessors.
    pub(crate) fn is_plain(&self, source: &str) -> bool {
        let is_javascript = self.dialect == Dialect::JavaScript && self.parenthesized.is_none();
        is_javascript && !source.contains('@') && !source.contains("accessor")
    }

    pub(crate) fn ends_in_expression(&self) -> bool {
        self.statements().rfind(|statement| !statement.is_empty()).is_some_and(Stmt::is_expr)
    }
}

/// A grammar to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Tsx,
    TypeScript,
    /// TypeScript of a file of declarations.
    Declarations,
    Jsx,
    JavaScript,
}

impl Dialect {
    pub(super) fn syntax(self) -> Syntax {
        match self {
            Self::Tsx | Self::TypeScript | Self::Declarations => Syntax::Typescript(TsSyntax {
                tsx: self == Self::Tsx,
                decorators: true,
                dts: self == Self::Declarations,
                ..TsSyntax::default()
            }),
            Self::Jsx | Self::JavaScript => Syntax::Es(EsSyntax {
                jsx: self == Self::Jsx,
                decorators: true,
                decorators_before_export: true,
                auto_accessors: true,
                explicit_resource_management: true,
                import_attributes: true,
                ..EsSyntax::default()
            }),
        }
    }

    /// The dialects of a language, the likeliest first.
    pub(super) fn of(language: Language, source: &str) -> &'static [Self] {
        match language {
            // Without a `<` the two TypeScripts are one. Plain JavaScript is last: some sloppy programs are no
            // TypeScript.
            Language::Auto if source.contains('<') => &[Self::Tsx, Self::TypeScript, Self::JavaScript],
            Language::Auto => &[Self::Tsx, Self::JavaScript],
            Language::TypeScript => &[Self::TypeScript],
            Language::Tsx => &[Self::Tsx],
            Language::Jsx => &[Self::Jsx],
            Language::JavaScript => &[Self::JavaScript],
        }
    }
}
