//! What a parser did not expect, in the words of V8: `Unexpected identifier 'b'`, `Unexpected token '}'`.

use drupe_lexer::{is_reserved, word_or_sign};

/// How much of a word is shown, in characters.
pub(crate) const MAX: usize = 40;

/// What stands at the beginning of a text, and how V8 says that it did not expect it.
pub(crate) struct Found<'text> {
    pub(crate) word: &'text str,
    text: &'text str,
}

impl<'text> Found<'text> {
    /// What stands at `at` or behind the white space there.
    pub(crate) fn at(source: &'text str, at: usize) -> Self {
        let text = source[at..].trim_start();
        Self { word: word_or_sign(text, MAX), text }
    }

    pub(crate) fn is_reserved(&self) -> bool {
        is_reserved(self.word)
    }

    pub(crate) fn is_name(&self) -> bool {
        self.word.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '$')) && !self.is_reserved()
    }

    /// `Unexpected …`
    pub(crate) fn unexpected(&self) -> String {
        let mut characters = self.text.chars();
        let (first, second) = (characters.next(), characters.next());
        match first {
            None => "Unexpected end of input".to_owned(),
            Some('"' | '\'') => "Unexpected string".to_owned(),
            Some('`') => "Unexpected template string".to_owned(),
            Some(digit) if digit.is_ascii_digit() => "Unexpected number".to_owned(),
            Some('.') if second.is_some_and(|second| second.is_ascii_digit()) => "Unexpected number".to_owned(),
            Some(_) if self.is_name() => format!("Unexpected identifier '{}'", self.word),
            Some(first) if self.is_reserved() || first.is_ascii_punctuation() => format!("Unexpected token '{}'", self.word),
            Some(_) => "Invalid or unexpected token".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Found;

    #[test]
    fn what_was_found_is_short_and_told_as_v8_does() {
        let found = |text: &'static str| (Found::at(text, 0).word, Found::at(text, 0).unexpected());
        for (text, word, unexpected) in [
            ("name(1)", "name", "Unexpected identifier 'name'"),
            ("=> 1", "=>", "Unexpected token '=>'"),
            (" class", "class", "Unexpected token 'class'"),
            ("", "", "Unexpected end of input"),
            ("1.5", "1", "Unexpected number"),
            (".5", ".", "Unexpected number"),
            (".x", ".", "Unexpected token '.'"),
            ("'a'", "'", "Unexpected string"),
            ("`a`", "`", "Unexpected template string"),
            ("“a”", "“", "Invalid or unexpected token"),
        ] {
            assert_eq!(found(text), (word, unexpected.to_owned()), "{text}");
        }
        assert_eq!(Found::at(&"é".repeat(100), 0).word, "é".repeat(40));
    }
}
