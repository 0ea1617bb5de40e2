//! Decides which names a variable can have.

use swc_core::ecma::ast::Ident;

/// Words that are no names of variables in a chunk: those of the language, `await`, which waits there, and constants of the global object.
const TAKEN: [&str; 43] = [
    "Infinity",
    "NaN",
    "__proto__",
    "await",
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
    "let",
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
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Whether a chunk can have an input of this name, and any other chunk a variable.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(Ident::is_valid_start) && characters.all(Ident::is_valid_continue) && !TAKEN.contains(&name)
}
