//! How a chunk is to be read and written.

/// The longest source that is accepted, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 << 20;

/// How a chunk is to be read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The grammar of the chunk.
    pub language: Language,
    /// What JSX compiles to.
    pub jsx: Jsx,
    /// The chunk's name, shown in diagnostics; empty for none. Nothing is ever opened by this name.
    pub name: String,
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

/// What JSX elements compile to: calls of the classic runtime. A chunk's own `@jsx` and `@jsxFrag` pragmas win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jsx {
    /// The function called for every element.
    pub factory: String,
    /// The type passed for `<>…</>`.
    pub fragment: String,
}

impl Default for Jsx {
    fn default() -> Self {
        Self { factory: "React.createElement".into(), fragment: "React.Fragment".into() }
    }
}
