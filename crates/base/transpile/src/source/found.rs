//! What a parser did not expect, in the words of V8: `Unexpected identifier 'b'`, `Unexpected token '}'`.

use drupe_lexer::is_reserved;

/// How much of a word is shown, in characters.
const MAX: usize = 40;

/// Signs of more than one character, the longest first.
const SIGNS: [&str; 41] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??",
    "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "**", "<<", ">>", "${", "</", "/>", "//", "/*", "*/", "@@",
    "::",
];

/// What stands at the beginning of a text, and how V8 says that it did not expect it.
pub(crate) struct Found<'text> {
    pub(crate) word: &'text str,
    text: &'text str,
}

impl<'text> Found<'text> {
    /// What stands at `at` or behind the white space there.
    pub(crate) fn at(source: &'text str, at: usize) -> Self {
        let text = source[at..].trim_start();
        Self { word: word(text), text }
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

/// A word, or a sign; long words are cut.
fn word(text: &str) -> &str {
    let length: usize = text.chars().take(MAX).take_while(is_part).map(char::len_utf8).sum();
    let sign = || SIGNS.iter().find(|sign| text.starts_with(**sign)).map_or_else(|| one(text), |sign| sign.len());
    &text[..if length > 0 { length } else { sign() }]
}

fn is_part(character: &char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn one(text: &str) -> usize {
    text.chars().next().filter(|sign| !sign.is_whitespace() && !sign.is_control()).map_or(0, char::len_utf8)
}

/// The word that ends right before `at`, white space left out.
pub(crate) fn word_before(source: &str, at: usize) -> &str {
    let text = source[..at].trim_end();
    let length: usize = text.chars().rev().take(MAX).take_while(is_part).map(char::len_utf8).sum();
    &text[text.len() - length..]
}

#[cfg(test)]
mod tests {
    use super::{Found, word_before};

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
        assert_eq!([word_before("let x", 4), word_before("(", 1), word_before("", 0)], ["let", "", ""]);
    }
}
