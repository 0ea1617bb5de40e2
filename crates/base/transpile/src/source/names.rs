//! Decides which names a variable can have.

use drupe_lexer::word;
use swc_core::ecma::ast::Ident;

/// Whether a chunk can have an input of this name, and any other chunk a variable. `let`, `await`, which waits there,
/// and constants of the global object are none.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    let is_identifier = characters.next().is_some_and(Ident::is_valid_start) && characters.all(Ident::is_valid_continue);
    is_identifier && !word(name).is_some_and(|word| word.is_reserved() || word.is_taken())
}
