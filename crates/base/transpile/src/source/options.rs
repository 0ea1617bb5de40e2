//! The options for reading and writing a chunk.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The longest source that is accepted, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// How a chunk is to be read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The grammar of the chunk.
    pub language: Language,
    /// What JSX compiles to.
    pub jsx: Jsx,
    /// The chunk's name, shown in diagnostics; empty for none. Nothing is ever opened by this name.
    pub name: String,
    /// Ends the work on the chunk before it is done.
    pub stop: Stop,
    /// Of chunks: a brace at the beginning opens a block, as in a script, and never an object.
    pub brace_is_block: bool,
    /// Of modules: it only declares what is elsewhere (`.d.ts`), so nothing in it has a body or a value.
    pub is_declarations: bool,
    /// Of modules, not of chunks: what their project asks for.
    pub project: Project,
    /// Of modules: it is known to be a CommonJS one, and what only ES modules have is an error.
    pub is_commonjs: bool,
    /// Of modules: the names in other modules that are known to be types, each with the specifier of its module. An
    /// export of one leaves nothing behind.
    pub types: Vec<(String, String)>,
}

impl Options {
    /// Options for the grammar `language`, by default otherwise.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self { language, ..Self::default() }
    }
}

/// What a project may ask for beyond the language, as `tsconfig.json` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Project {
    /// Decorators are those of TypeScript before version 5 (`experimentalDecorators`), not the standard's.
    pub legacy_decorators: bool,
    /// Such decorators are told the types of what they decorate (`emitDecoratorMetadata`).
    pub decorator_metadata: bool,
    /// `null` and `undefined` are types of their own (`strictNullChecks`): decorators are told so.
    pub strict_null_checks: bool,
    /// Scripts and CommonJS modules are strict, as `"use strict"` makes them (`alwaysStrict`).
    pub always_strict: bool,
    /// Class fields are assigned in the constructor (`useDefineForClassFields: false`).
    pub assign_fields: bool,
    /// Imported names that no value is made of are kept, unless they are marked as types (`verbatimModuleSyntax`,
    /// `preserveValueImports`).
    pub keep_names: bool,
    /// Modules are imported for their effects even if all the imported names are types, unless the whole import is
    /// marked as one (`verbatimModuleSyntax`, `importsNotUsedAsValues: preserve`).
    pub keep_effects: bool,
    /// What JSX is imported from (`jsxImportSource`), unless a file says otherwise; by default it compiles to the calls
    /// of [`Jsx`].
    pub jsx_import_source: Option<String>,
    /// JSX that is imported says where each element was written (`react-jsxdev`).
    pub jsx_development: bool,
    /// Instead of [`Jsx::factory`].
    pub jsx_factory: Option<String>,
    /// Instead of [`Jsx::fragment`].
    pub jsx_fragment: Option<String>,
}

/// A way to end work on a chunk from another thread; clones are the same. By default there is none.
#[derive(Clone, Default)]
pub struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    /// One that can be raised.
    #[must_use]
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Ends the work soon, with a diagnostic of the kind [`Stopped`](crate::DiagnosticKind::Stopped).
    pub fn raise(&self) {
        if let Some(flag) = &self.0 {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Whether that has happened.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.flag().load(Ordering::Relaxed)
    }

    pub(crate) fn flag(&self) -> &AtomicBool {
        static NEVER: AtomicBool = AtomicBool::new(false);
        self.0.as_deref().unwrap_or(&NEVER)
    }
}

impl PartialEq for Stop {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for Stop {}

impl fmt::Debug for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.is_raised() { "Stop(raised)" } else { "Stop" })
    }
}

/// The grammar a chunk is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// TypeScript and TSX in one: the first of TSX, TypeScript and plain JavaScript that accepts the whole chunk.
    #[default]
    Auto,
    /// JavaScript without types or JSX (decorators are understood).
    JavaScript,
    /// JavaScript with JSX.
    Jsx,
    /// TypeScript; `<T>x` is a type assertion.
    TypeScript,
    /// TypeScript with JSX; `<T>x` opens an element.
    Tsx,
}

impl Language {
    /// Whether `<name>` may open an element.
    pub(crate) fn has_jsx(self) -> bool {
        matches!(self, Self::Auto | Self::Jsx | Self::Tsx)
    }
}

/// What JSX elements compile to: calls of the classic runtime. A chunk's own `@jsx` and `@jsxFrag` pragmas win.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jsx {
    /// The function called for every element.
    pub factory: String,
    /// The type passed for `<>…</>`.
    pub fragment: String,
}

impl Jsx {
    /// Elements become calls of `factory`; `fragment` is the type of `<>…</>`.
    #[must_use]
    pub fn new(factory: impl Into<String>, fragment: impl Into<String>) -> Self {
        Self { factory: factory.into(), fragment: fragment.into() }
    }
}

impl Default for Jsx {
    fn default() -> Self {
        Self { factory: "React.createElement".into(), fragment: "React.Fragment".into() }
    }
}
