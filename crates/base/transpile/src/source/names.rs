//! Decides which names a variable can have.

use swc_core::ecma::ast::Ident;

/// Words of the language that are no names, in strict code and elsewhere.
const RESERVED: [&str; 37] = [
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Other words that are no names of variables in a chunk: `let`, `await`, which waits there, and constants of the
/// global object.
const TAKEN: [&str; 6] = ["Infinity", "NaN", "__proto__", "await", "let", "undefined"];

/// Whether a word is no name of anything.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Whether a chunk can have an input of this name, and any other chunk a variable.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    let is_identifier = characters.next().is_some_and(Ident::is_valid_start) && characters.all(Ident::is_valid_continue);
    is_identifier && !is_reserved(name) && !TAKEN.contains(&name)
}
