//! What a text ends inside of.

use crate::{Kind, Level, Token, tokens};

/// What a text ends inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Code.
    Code,
    /// A comment, the text of a template or of an element, a regular expression, a number that may still grow.
    Text,
    /// A string.
    String {
        /// Its quote.
        quote: char,
        /// Where its text begins, in bytes.
        start: usize,
    },
}

/// Passes each token of `source` to `take`, and tells what the text ends inside of.
pub(crate) fn read(source: &str, mut take: impl FnMut(Token)) -> End {
    let mut reading = tokens(source);
    let mut last = None;
    for token in reading.by_ref() {
        last = Some(token);
        take(token);
    }
    if matches!(reading.levels().last(), Some(Level::Children)) {
        return End::Text;
    }
    let Some(open) = last.filter(|token| !token.closed) else { return End::Code };
    match open.kind {
        Kind::String => {
            let quote = open.text(source).chars().next().unwrap_or_default();
            End::String { quote, start: open.start + quote.len_utf8() }
        }
        _ => End::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::{End, read};

    #[test]
    fn a_text_ends_in_code_or_in_text() {
        let end = |text: &str| read(text, |_| {});
        for text in
            ["// a", "/* a", "`a", "`a${b}c", "/a", "/[/", "5", "1.", "0x", ".5", "<p>it's", "<p>{a}", "<p> ", "#!/bin/sh", "`"]
        {
            assert_eq!(end(text), End::Text, "{text}");
        }
        for text in
            ["", "a", "`a${", "`a`", "/a/", "/a/g", "5 ", "'a'", "'a\n", "// a\n", "/* a */", "<p>{", "<p", "<p/>", "<p>a</p>"]
        {
            assert_eq!(end(text), End::Code, "{text}");
        }
        assert_eq!(end("é['a"), End::String { quote: '\'', start: 4 });
        assert_eq!(end("`${\"a\\\""), End::String { quote: '"', start: 4 });
    }
}
