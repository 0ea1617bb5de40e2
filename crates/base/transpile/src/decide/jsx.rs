//! The targets of JSX: the configured calls, or those that the text's own pragmas name. No name is looked up or
//! imported.

use drupe_lexer::comments::block_comments;
use swc_core::common::BytePos;
use swc_core::ecma::ast::{JSXElement, JSXFragment};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::{Chunk, Dialect};
use crate::source::options::Options;

/// What the JSX of a text compiles to, as it says by its pragmas, or its project or the options for it.
pub(crate) struct Targets {
    /// The function that is called for an element, as a dotted name if it comes from a pragma.
    pub(crate) factory: String,
    /// What is passed to it for a fragment.
    pub(crate) fragment: String,
    /// Where a module imports other functions from: the automatic runtime.
    pub(crate) import_source: Option<String>,
}

impl Targets {
    /// Reads the pragmas of a text.
    pub(crate) fn of(source: &str, options: &Options) -> Self {
        let project = &options.project;
        let own = comment_word(source, "@jsx", is_dotted_name);
        let factory = own.or(project.jsx_factory.as_deref()).unwrap_or(&options.jsx.factory);
        let fragment = comment_word(source, "@jsxFrag", is_dotted_name).or(project.jsx_fragment.as_deref());
        Self {
            factory: factory.to_owned(),
            fragment: fragment.unwrap_or(&options.jsx.fragment).to_owned(),
            import_source: import_source(source, options, own.is_some()).map(str::to_owned),
        }
    }

    /// The dotted names that a chunk's JSX calls.
    pub(crate) fn names(&self) -> Vec<String> {
        vec![self.factory.clone(), self.fragment.clone()]
    }

    /// The first names of what a module's JSX calls.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &str> {
        let names = [&self.factory, &self.fragment];
        names.into_iter().filter(|_| self.import_source.is_none()).filter_map(|name| name.split('.').next())
    }
}

/// What a chunk's JSX compiles to. `None`: it has no JSX.
pub(crate) fn needs(chunk: &Chunk, source: &str, options: &Options) -> Option<Targets> {
    first(chunk, source).map(|_| Targets::of(source, options))
}

/// The place (byte offset) of the first element or fragment.
pub(crate) fn first(chunk: &Chunk, source: &str) -> Option<usize> {
    #[derive(Default)]
    struct Finder(Option<BytePos>);
    impl Finder {
        fn found(&mut self, at: BytePos) {
            self.0 = Some(self.0.map_or(at, |before| before.min(at)));
        }
    }
    // What is inside of an element comes after it.
    impl Visit for Finder {
        fn visit_jsx_element(&mut self, element: &JSXElement) {
            self.found(element.span.lo);
        }
        fn visit_jsx_fragment(&mut self, fragment: &JSXFragment) {
            self.found(fragment.span.lo);
        }
    }
    let mut finder = Finder::default();
    // Neither is there without it.
    if chunk.dialect != Dialect::JavaScript && source.contains('<') {
        chunk.program.visit_with(&mut finder);
    }
    finder.0.map(|at| chunk.offset(at))
}

/// Where the automatic runtime comes from, if a module asks for it, or its project does and the module does not ask for
/// something else.
fn import_source<'a>(source: &'a str, settings: &'a Options, has_factory: bool) -> Option<&'a str> {
    let project = settings.project.jsx_import_source.as_deref();
    if let Some(from) = comment_word(source, "@jsxImportSource", |_| true) {
        return Some(from);
    }
    match comment_word(source, "@jsxRuntime", |runtime| matches!(runtime, "automatic" | "classic")) {
        Some("automatic") => Some(project.unwrap_or("react")),
        Some(_) => None,
        None => project.filter(|_| !has_factory),
    }
}

/// The word after the first `name` in a block comment that fits.
fn comment_word<'source>(source: &'source str, name: &str, fits: impl Fn(&str) -> bool) -> Option<&'source str> {
    block_comments(source).find_map(|comment| {
        let mut words = comment.split_whitespace().skip_while(|word| *word != name).skip(1);
        words.next().filter(|value| fits(value))
    })
}

/// Whether a text is a name, or names with dots between.
pub(crate) fn is_dotted_name(name: &str) -> bool {
    const RESERVED: [&str; 12] =
        ["new", "typeof", "void", "delete", "function", "class", "if", "return", "import", "super", "await", "yield"];
    name.split('.').all(|part| {
        let starts = part.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$');
        starts && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') && !RESERVED.contains(&part)
    })
}
