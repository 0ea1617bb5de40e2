//! What JSX compiles to: the configured calls, or those that the chunk's own pragmas name. Nothing is looked up or imported.

use swc_core::ecma::transforms::react;

use crate::chunk::Options;
use crate::diagnostic::{Diagnostic, DiagnosticKind};

/// The JSX transform's settings for a chunk.
pub(crate) fn options(source: &str, options: &Options) -> Result<react::Options, Diagnostic> {
    let factory = pragma(source, "@jsx").unwrap_or(&options.jsx.factory);
    let fragment = pragma(source, "@jsxFrag").unwrap_or(&options.jsx.fragment);
    for name in [factory, fragment] {
        if !is_dotted_name(name) {
            let message = format!("{name:?} cannot be what JSX compiles to; it must be a name such as React.createElement");
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

/// The value of the first `@name value` in a block comment, if it is a dotted name.
fn pragma<'source>(source: &'source str, name: &str) -> Option<&'source str> {
    let mut rest = source;
    while let Some(open) = rest.find("/*") {
        let comment = &rest[open + 2..];
        let end = comment.find("*/")?;
        let words = &mut comment[..end].split_whitespace().skip_while(|word| *word != name).skip(1);
        if let Some(value) = words.next().filter(|value| is_dotted_name(value)) {
            return Some(value);
        }
        rest = &comment[end + 2..];
    }
    None
}

fn is_dotted_name(name: &str) -> bool {
    const RESERVED: [&str; 12] =
        ["new", "typeof", "void", "delete", "function", "class", "if", "return", "import", "super", "await", "yield"];
    name.split('.').all(|part| {
        let starts = part.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$');
        starts && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') && !RESERVED.contains(&part)
    })
}
