//! Tests of the lexer's public functions.

mod indent;
mod tokens;
