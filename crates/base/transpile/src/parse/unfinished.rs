//! Decides which errors mean that the text is unfinished: more text may repair them.

use std::ops::Range;

use swc_core::common::Spanned;
use swc_ecma_parser_metered::error::SyntaxError;
use swc_ecma_parser_metered::metered::Meter;

use crate::parse::Chunk;
use crate::parse::elements;
use crate::source::text::Text;

/// Whether an error is where the text ends, or inside something that only its end can close. `at` is its place in the
/// source.
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

/// Whether a chunk that is whole is taken for the beginning of type arguments: `f<`, a line break, and no `>` yet.
/// People put a space before the `<` of a comparison. The meter is that of the chunk's last parse.
pub(crate) fn in_type_arguments(chunk: &Chunk, source: &str, meter: &Meter<'_>) -> bool {
    let Some(open) = open_at_a_line_end(source) else { return false };
    meter.take_tried().iter().any(|error| {
        let at = chunk.offset(error.span().lo);
        at >= open && Text(source).skip_trivia(at) >= source.len()
    })
}

/// The place of the first `<` that follows a name without a space, ends its line, and is not closed.
fn open_at_a_line_end(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut depth = 0_usize;
    let mut first: Option<(usize, usize)> = None;
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        match byte {
            b'<' => {
                depth += 1;
                let follows =
                    before.is_some_and(|before| before.is_ascii_alphanumeric() || matches!(before, b'_' | b'$' | 0x80..));
                let rest = bytes[at + 1..].iter().find(|next| !matches!(next, b' ' | b'\t' | b'\r'));
                if follows && rest == Some(&b'\n') {
                    first = first.or(Some((depth, at)));
                }
            }
            b'>' if before != Some(b'=') => {
                depth = depth.saturating_sub(1);
                first = first.filter(|(level, _)| *level <= depth);
            }
            _ => {}
        }
    }
    first.map(|(_, at)| at)
}

/// Whether the text ends in a backslash, perhaps with the line end that it escapes.
fn ends_in_line_continuation(source: &str) -> bool {
    let line = source.strip_suffix('\n').unwrap_or(source);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let backslashes = line.bytes().rev().take_while(|&byte| byte == b'\\').count();
    backslashes % 2 == 1
}
