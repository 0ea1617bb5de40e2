//! Signs of more than one character, and the word or sign at a place.

use crate::is_name_part;

/// Those that are tokens. None begins with `>`, which may close type arguments.
const TOKENS: [&str; 28] = [
    "...", "===", "!==", "**=", "<<=", "&&=", "||=", "??=", "=>", "?.", "++", "--", "==", "!=", "<=", "&&", "||", "??", "**",
    "<<", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
];

/// Those that are no tokens of their own here, but are told as one sign.
const OTHERS: [&str; 13] = [">>>=", ">>=", ">>>", ">=", ">>", "${", "</", "/>", "//", "/*", "*/", "@@", "::"];

/// The longest sign of more than one character that `text` begins with and that is a token.
pub(crate) fn token(text: &str) -> Option<&'static str> {
    TOKENS.iter().find(|sign| text.starts_with(**sign)).copied()
}

/// The word that `text` begins with, up to `most` characters of it; else the sign. Empty at the end, and at white space
/// and control characters.
#[must_use]
pub fn word_or_sign(text: &str, most: usize) -> &str {
    let length: usize = text.chars().take(most).take_while(|char| is_name_part(*char)).map(char::len_utf8).sum();
    if length > 0 {
        return &text[..length];
    }
    let signs = TOKENS.iter().chain(&OTHERS).filter(|sign| text.starts_with(**sign));
    let one = || text.chars().next().filter(|sign| !sign.is_whitespace() && !sign.is_control()).map_or(0, char::len_utf8);
    &text[..signs.map(|sign| sign.len()).max().unwrap_or_else(one)]
}

/// The word that `text` ends with, up to `most` characters of it. White space behind it is left out.
#[must_use]
pub fn last_word(text: &str, most: usize) -> &str {
    let text = text.trim_end();
    let length: usize = text.chars().rev().take(most).take_while(|char| is_name_part(*char)).map(char::len_utf8).sum();
    &text[text.len() - length..]
}

#[cfg(test)]
mod tests {
    use super::{TOKENS, last_word, word_or_sign};

    #[test]
    fn the_longest_sign_comes_first() {
        assert!(TOKENS.is_sorted_by_key(|sign| std::cmp::Reverse(sign.len())));
    }

    #[test]
    fn a_word_or_a_sign_is_cut_off() {
        let found = ["name(1)", "=> 1", ">>>= 1", "</a>", "“a”", "", " a", "1.5"].map(|text| word_or_sign(text, 40));
        assert_eq!(found, ["name", "=>", ">>>=", "</", "“", "", "", "1"]);
        assert_eq!(word_or_sign(&"é".repeat(100), 40), "é".repeat(40));
        assert_eq!(["let ", "(", "", "a.b", "a.bcd"].map(|text| last_word(text, 2)), ["et", "", "", "b", "cd"]);
    }
}
