//! Which errors mean that the text goes on: more of it may be the cure.

use std::ops::Range;

use swc_ecma_parser_metered::error::SyntaxError;

use crate::elements;
use crate::text::Text;

/// Whether an error is where the text ends, or inside something that only its end can close. `at` is its place in the source.
pub(crate) fn goes_on(error: &SyntaxError, at: Range<usize>, source: &str) -> bool {
    use SyntaxError as E;
    let ends_at = |offset: usize| Text(source).skip_trivia(offset) >= source.len();
    match error {
        E::WithLabel { inner, .. } => goes_on(inner.kind(), at, source),
        E::Eof | E::UnterminatedTpl | E::UnterminatedBlockComment | E::UnterminatedJSXContents => true,
        E::UnterminatedStrLit if elements::is_attribute(source, at.start) => true,
        E::UnterminatedStrLit | E::InvalidStrEscape => ends_in_line_continuation(source),
        E::UnterminatedRegExp | E::NumLitTerminatedWithExp | E::ExpectedDigit { .. } => false,
        // The value may stand in the next line, and so may the `of` of a loop.
        E::PatVarWithoutInit => ends_at(at.end),
        _ if is_curable(error) => ends_at(at.end),
        // Keywords that are nothing without what follows.
        _ if matches!(source.get(at.clone()), Some("enum" | "let")) => ends_at(at.end),
        _ => ends_at(at.start),
    }
}

/// Whether an error that the parser goes on from may be cured by more text at its place.
pub(crate) fn is_curable(error: &SyntaxError) -> bool {
    use SyntaxError as E;
    matches!(error, E::ConstDeclarationsRequireInitialization | E::InitRequiredForUsingDecl | E::TS2369)
}

/// Whether an error is of a constructor's parameters, and the text ends where its body could begin.
pub(crate) fn waits_for_body(error: &SyntaxError, source: &str) -> bool {
    let text = Text(source);
    matches!(error, SyntaxError::TS2369) && text.last_before(source.len()).and_then(|at| text.byte(at)) == Some(b')')
}

/// Whether the text ends in a backslash, perhaps with the line end that it escapes.
fn ends_in_line_continuation(source: &str) -> bool {
    let line = source.strip_suffix('\n').unwrap_or(source);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let backslashes = line.bytes().rev().take_while(|&byte| byte == b'\\').count();
    backslashes % 2 == 1
}
