//! Makes text safe for a terminal. Text and colours pass; sequences that move the cursor, set the title of the window
//! or make the terminal answer do not.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The escape sequence that ends all colours.
const RESET: &str = "\x1b[0m";

/// What only the front end's own questions begin with.
pub(crate) const MARK: char = '\u{25d8}';

/// Makes `text` safe to print on a terminal: line breaks, tabs and colours (SGR sequences) pass, every other control
/// character is written out, such as `\x07`, and so is what turns the direction of text around, and the sign (U+25D8)
/// that the prompt's own questions begin with. Colours do not outlast the text.
///
/// ```
/// assert_eq!(drupe_repl::sanitize("\x1b[31mred\x1b]0;title\x07"), "\x1b[31mred\\x1B]0;title\\x07\x1b[0m");
/// ```
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.contains(|char: char| is_unsafe(char) && !matches!(char, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut coloured = false;
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let after = &rest[char.len_utf8()..];
        if let Some(length) = colour(rest) {
            coloured = true;
            safe.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        match char {
            // The line break of other systems is one line break.
            '\r' if after.starts_with('\n') => {}
            '\n' | '\t' => safe.push(char),
            _ if is_unsafe(char) => write_out(&mut safe, char),
            _ => safe.push(char),
        }
        rest = after;
    }
    if coloured && !safe.ends_with(RESET) {
        safe.push_str(RESET);
    }
    Cow::Owned(safe)
}

/// A name as part of a line: as it is if it is made of characters that need no explanation, and in quotes otherwise.
/// What cannot be seen is written out. **No two lists of names look alike**: within quotes a backslash is doubled, and
/// none stands before a space without quotes.
pub(crate) fn quote(name: &str) -> String {
    let is_plain = |char: char| (char.is_alphanumeric() && !is_invisible(char)) || "/.-_:+@~=*%,[]\\".contains(char);
    if !name.is_empty() && name.chars().all(is_plain) && !name.ends_with('\\') {
        return name.to_owned();
    }
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for char in name.chars() {
        match char {
            '\n' => quoted.push_str("\\n"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if is_unsafe(char) || is_invisible(char) => write_out(&mut quoted, char),
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// Controls, what embeds, overrides and isolates directions, and the sign of the front end's own questions.
fn is_unsafe(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | MARK)
}

/// Spaces, what Unicode calls *default ignorable*, other characters that fonts draw as nothing, and those that mean
/// nothing to all.
fn is_invisible(char: char) -> bool {
    let is_space = char != ' ' && char.is_whitespace();
    let is_ignorable = matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    // A blank of braille, of musical notes, and of a script; what interlinear notes begin with.
    let is_blank = matches!(char, '\u{2800}' | '\u{1d159}' | '\u{16fe4}' | '\u{13441}'..='\u{13443}' | '\u{fff9}'..='\u{fffc}');
    let is_private = matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    is_space || is_ignorable || is_blank || is_private
}

/// The length of the colour sequence that `text` starts with, if it starts with one.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let length = parameters.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')).count();
    (parameters.as_bytes().get(length) == Some(&b'm')).then_some(2 + length + 1)
}

fn write_out(safe: &mut String, char: char) {
    let code = u32::from(char);
    // Writing to a string does not fail.
    let _ = match char {
        '\r' => write!(safe, "\\r"),
        _ if code <= 0xFF => write!(safe, "\\x{code:02X}"),
        _ => write!(safe, "\\u{{{code:X}}}"),
    };
}

#[cfg(test)]
mod tests {
    use super::{quote, sanitize};

    #[test]
    fn text_and_colours_pass() {
        for text in ["", "plain\n\ttext", "日本語 é 👩‍👩‍👧", "\x1b[1;38;5;196mred\x1b[0m", "\x1b[38:2::1:2:3mx\x1b[0m"]
        {
            assert_eq!(sanitize(text), text);
        }
    }

    #[test]
    fn colours_end_with_the_text() {
        assert_eq!(sanitize("\x1b[31mred"), "\x1b[31mred\x1b[0m");
        assert_eq!(sanitize("\x1b[31mred\x1b[39m!"), "\x1b[31mred\x1b[39m!\x1b[0m");
    }

    #[test]
    fn other_control_characters_are_written_out() {
        assert_eq!(sanitize("a\x07b"), "a\\x07b");
        assert_eq!(sanitize("\x1b[2J\x1b[H"), "\\x1B[2J\\x1B[H");
        assert_eq!(sanitize("\x1b]52;c;aGk=\x07"), "\\x1B]52;c;aGk=\\x07");
        assert_eq!(sanitize("\u{9b}2J"), "\\x9B2J");
        assert_eq!(sanitize("overwritten\rshown"), "overwritten\\rshown");
        assert_eq!(sanitize("one\r\ntwo"), "one\ntwo");
        assert_eq!(sanitize("\x1b[31"), "\\x1B[31");
        assert_eq!(sanitize("\x1b"), "\\x1B");
        assert_eq!(sanitize("del\x7f"), "del\\x7F");
    }

    // threat D4
    #[test]
    fn directions_and_the_mark_of_questions_are_written_out() {
        assert_eq!(sanitize("a\u{202e}b\u{2066}"), "a\\u{202E}b\\u{2066}");
        assert_eq!(sanitize("\u{25d8} run 1 wants"), "\\u{25D8} run 1 wants");
        assert_eq!(sanitize("\u{5d0}\u{200f}!"), "\u{5d0}\u{200f}!");
    }

    #[test]
    fn names_are_quoted_where_they_might_mislead() {
        for name in ["/etc/hosts", "example.com:443", "[::1]:80", "/home/\u{65e5}\u{672c}", "HOME", "C:\\x"] {
            assert_eq!(quote(name), name);
        }
        assert_eq!(quote("/my files/x"), "\"/my files/x\"");
        assert_eq!(quote("a\"; y\n\x1b\u{200b}"), "\"a\\\"; y\\n\\x1B\\u{200B}\"");
        assert_eq!(quote(""), "\"\"");
    }

    // threat D4
    #[test]
    fn a_backslash_does_not_hide_the_end_of_a_name() {
        assert_eq!(quote(r#"a\" --force "b"#), r#""a\\\" --force \"b""#);
        assert_eq!(quote(r"a b\"), r#""a b\\""#);
        assert_eq!(quote(r"a\"), r#""a\\""#);
        assert_eq!(quote(r"\x1B b"), r#""\\x1B b""#);
    }

    // threat D4
    #[test]
    fn letters_that_cannot_be_seen_are_written_out() {
        // Fillers of Hangul are letters; so are vowels of Khmer that are not drawn.
        for char in
            "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{17b4}\u{17b5}\u{34f}\u{180f}\u{2800}\u{1d159}\u{2060}\u{206a}\u{e0100}\u{e000}"
                .chars()
        {
            assert_eq!(quote(&format!("/tmp/a{char}b")), format!("\"/tmp/a\\u{{{:X}}}b\"", u32::from(char)));
        }
    }
}
