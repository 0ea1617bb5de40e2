//! Characters of names and of white space.

/// Whether `char` may be part of a name.
#[must_use]
pub fn is_name_part(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$' | '\u{200c}' | '\u{200d}')
}

/// Whether `char` may be part of the name of an element or of an attribute: `a-b`, `a:b`, `a.b`.
pub(crate) fn is_tag_part(char: char) -> bool {
    is_name_part(char) || matches!(char, '-' | ':' | '.')
}

/// Whether `char` is white space of the language, line terminators included.
#[must_use]
pub fn is_space(char: char) -> bool {
    (char.is_whitespace() && char != '\u{85}') || char == '\u{feff}'
}

/// Whether `char` ends a line of the language: LF, CR, LS and PS.
#[must_use]
pub fn is_line_terminator(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// The length of the name or word that `text` begins with, escapes (`\u0061`, `\u{61}`) included.
pub(crate) fn name_length(text: &str) -> usize {
    let mut in_escape = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            _ if is_name_part(char) => {}
            '\\' if matches!(chars.peek(), Some((_, 'u'))) => in_escape = true,
            '{' if in_escape && text[..at].ends_with("\\u") => {}
            '}' if in_escape => in_escape = false,
            _ => return at,
        }
    }
    text.len()
}
