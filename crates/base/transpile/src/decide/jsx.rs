//! The targets of JSX: the configured calls, or those that the chunk's own pragmas name. No name is looked up or
//! imported.

use swc_core::ecma::ast::{JSXElement, JSXFragment};
use swc_core::ecma::transforms::react;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::parse::{Chunk, Dialect};
use crate::source::diagnostic::{Diagnostic, DiagnosticKind};
use crate::source::options::Options;

/// How long the name may be that JSX compiles to, in bytes, and how many parts it may have. It is copied for each
/// element, and each part is a node of its own.
const MAX_NAME: usize = 128;
const MAX_PARTS: usize = 4;

/// How long the name of what JSX is imported from may be, in bytes.
const MAX_SOURCE: usize = 4096;

/// What a chunk's JSX compiles to: the factory and the fragment, as dotted names. Nothing without JSX.
pub(crate) fn needs(chunk: &Chunk, source: &str, options: &Options) -> Vec<String> {
    #[derive(Default)]
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_jsx_element(&mut self, _: &JSXElement) {
            self.0 = true;
        }
        fn visit_jsx_fragment(&mut self, _: &JSXFragment) {
            self.0 = true;
        }
    }
    let mut finder = Finder::default();
    // Neither is there without it.
    if chunk.dialect != Dialect::JavaScript && source.contains('<') {
        chunk.program.visit_with(&mut finder);
    }
    if finder.0 { vec![factory(source, options).to_owned(), fragment(source, options).to_owned()] } else { Vec::new() }
}

fn factory<'a>(source: &'a str, options: &'a Options) -> &'a str {
    pragma(source, "@jsx").or(options.project.jsx_factory.as_deref()).unwrap_or(&options.jsx.factory)
}

fn fragment<'a>(source: &'a str, options: &'a Options) -> &'a str {
    pragma(source, "@jsxFrag").or(options.project.jsx_fragment.as_deref()).unwrap_or(&options.jsx.fragment)
}

/// The JSX transform's settings for a chunk.
pub(crate) fn options(source: &str, options: &Options) -> Result<react::Options, Diagnostic> {
    let (factory, fragment) = (factory(source, options), fragment(source, options));
    for name in [factory, fragment] {
        if !is_dotted_name(name) || !is_short(name) {
            let shown = &name[..name.floor_char_boundary(MAX_NAME)];
            let message = format!(
                "{shown:?} cannot be what JSX compiles to; it must be a name such as React.createElement, of at most {MAX_PARTS} parts \
                 and {MAX_NAME} bytes"
            );
            return Err(Diagnostic::whole(DiagnosticKind::Unsupported, message, options));
        }
    }
    Ok(react::Options {
        pragma: Some(factory.to_owned().into()),
        pragma_frag: Some(fragment.to_owned().into()),
        throw_if_namespace: Some(false),
        ..react::Options::default()
    })
}

/// The JSX transform's settings for a module: it may import what its JSX compiles to.
pub(crate) fn module_options(source: &str, settings: &Options) -> Result<react::Options, Diagnostic> {
    match import_source(source, settings) {
        Some(from) if from.len() > MAX_SOURCE => {
            let message = format!("JSX cannot be imported from a name of more than {MAX_SOURCE} bytes");
            Err(Diagnostic::whole(DiagnosticKind::Unsupported, message, settings))
        }
        Some(from) => Ok(react::Options {
            runtime: Some(react::Runtime::Automatic),
            import_source: Some(from.into()),
            development: Some(settings.project.jsx_development),
            throw_if_namespace: Some(false),
            ..react::Options::default()
        }),
        None => Ok(react::Options { runtime: Some(react::Runtime::Classic), ..options(source, settings)? }),
    }
}

/// The first names of what a module's JSX calls.
pub(crate) fn roots<'a>(source: &'a str, settings: &'a Options) -> impl Iterator<Item = &'a str> {
    let classic = import_source(source, settings).is_none();
    let names = [factory(source, settings), fragment(source, settings)];
    names.into_iter().filter(move |_| classic).filter_map(|name| name.split('.').next())
}

/// Where the automatic runtime comes from, if a module asks for it, or its project does and the module does not ask for
/// something else.
fn import_source<'a>(source: &'a str, settings: &'a Options) -> Option<&'a str> {
    let project = settings.project.jsx_import_source.as_deref();
    if let Some(from) = comment_word(source, "@jsxImportSource", |_| true) {
        return Some(from);
    }
    match comment_word(source, "@jsxRuntime", |runtime| matches!(runtime, "automatic" | "classic")) {
        Some("automatic") => Some(project.unwrap_or("react")),
        Some(_) => None,
        None => project.filter(|_| pragma(source, "@jsx").is_none()),
    }
}

/// The value of the first `@name value` in a block comment, if it is a dotted name.
fn pragma<'source>(source: &'source str, name: &str) -> Option<&'source str> {
    comment_word(source, name, is_dotted_name)
}

/// The word after the first `name` in a block comment that fits.
fn comment_word<'source>(source: &'source str, name: &str, fits: impl Fn(&str) -> bool) -> Option<&'source str> {
    let mut rest = source;
    while let Some(open) = rest.find("/*") {
        let comment = &rest[open + 2..];
        let end = comment.find("*/")?;
        let words = &mut comment[..end].split_whitespace().skip_while(|word| *word != name).skip(1);
        if let Some(value) = words.next().filter(|value| fits(value)) {
            return Some(value);
        }
        rest = &comment[end + 2..];
    }
    None
}

fn is_short(name: &str) -> bool {
    name.len() <= MAX_NAME && name.split('.').count() <= MAX_PARTS
}

fn is_dotted_name(name: &str) -> bool {
    const RESERVED: [&str; 12] =
        ["new", "typeof", "void", "delete", "function", "class", "if", "return", "import", "super", "await", "yield"];
    name.split('.').all(|part| {
        let starts = part.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$');
        starts && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') && !RESERVED.contains(&part)
    })
}
