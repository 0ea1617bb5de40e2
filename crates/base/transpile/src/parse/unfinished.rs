//! Decides which errors mean that the text is unfinished: more text may repair them.

use std::ops::Range;

use drupe_lexer::{Text, ends_in_line_continuation, open_angle_at_line_end, tags};
use swc_core::common::Spanned;
use swc_ecma_parser_metered::error::SyntaxError;
use swc_ecma_parser_metered::metered::Meter;

use crate::parse::Chunk;

/// Whether an error is where the text ends, or inside something that only its end can close. `at` is its place in the
/// source.
pub(crate) fn goes_on(error: &SyntaxError, at: Range<usize>, source: &str) -> bool {
    use SyntaxError as E;
    let ends_at = |offset: usize| Text(source).skip_trivia(offset) >= source.len();
    match error {
        E::WithLabel { inner, .. } => goes_on(inner.kind(), at, source),
        E::Eof | E::UnterminatedTpl | E::UnterminatedBlockComment | E::UnterminatedJSXContents => true,
        E::UnterminatedStrLit if tags::ends_before_value(&source[..at.start]) => true,
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

/// Whether a chunk that is whole is taken for the beginning of type arguments: `f<`, a line break, and no `>` yet.
/// People put a space before the `<` of a comparison. The meter is that of the chunk's last parse.
pub(crate) fn in_type_arguments(chunk: &Chunk, source: &str, meter: &Meter<'_>) -> bool {
    let Some(open) = open_angle_at_line_end(source) else { return false };
    meter.take_tried().iter().any(|error| {
        let at = chunk.offset(error.span().lo);
        at >= open && Text(source).skip_trivia(at) >= source.len()
    })
}
