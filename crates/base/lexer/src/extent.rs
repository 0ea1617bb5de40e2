//! Where literals and comments end. Positions are in bytes; a position that is returned is never beyond the text, and
//! is a boundary of characters if that one is which was passed.

/// The end of a literal or a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The position after it.
    pub end: usize,
    /// Whether it is closed there; otherwise its line or the text ends.
    pub closed: bool,
}

impl Extent {
    fn open(end: usize, text: &[u8]) -> Self {
        Self { end: end.min(text.len()), closed: false }
    }

    fn closed(end: usize) -> Self {
        Self { end, closed: true }
    }
}

/// Whether U+2028 or U+2029 begins at `at`: they end a line of JavaScript, too.
#[must_use]
pub fn is_rare_line_end(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at + 3), Some([0xE2, 0x80, 0xA8 | 0xA9]))
}

/// Whether there is such a line end in a text.
#[must_use]
pub fn has_rare_line_end(text: &[u8]) -> bool {
    text.windows(3).any(|three| matches!(three, [0xE2, 0x80, 0xA8 | 0xA9]))
}

/// The end of the line that `at` is in.
#[must_use]
pub fn line_end(text: &[u8], at: usize) -> usize {
    let ends = |at: &usize| matches!(text[*at], b'\n' | b'\r') || is_rare_line_end(text, *at);
    (at..text.len()).find(ends).unwrap_or(text.len())
}

/// The end of the comment whose `/*` begins at `at`.
#[must_use]
pub fn comment(text: &[u8], at: usize) -> Extent {
    let body = (at + 2).min(text.len());
    match text[body..].windows(2).position(|pair| pair == b"*/") {
        Some(length) => Extent::closed(body + length + 2),
        None => Extent::open(text.len(), text),
    }
}

/// The end of the string whose quote stands at `at`. A line break that is not escaped ends it unclosed.
#[must_use]
pub fn quoted(text: &[u8], at: usize) -> Extent {
    let Some(&quote) = text.get(at) else { return Extent::open(at, text) };
    let mut end = at + 1;
    while let Some(&byte) = text.get(end) {
        match byte {
            b'\\' => end += escape(text, end),
            b'\n' | b'\r' => break,
            _ if byte == quote => return Extent::closed(end + 1),
            _ => end += 1,
        }
    }
    Extent::open(end, text)
}

/// The end of the text of a template that goes on at `at`: behind its closing quote, or before its next `${`, which
/// leaves it unclosed.
#[must_use]
pub fn template(text: &[u8], at: usize) -> Extent {
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        match byte {
            b'\\' => end += escape(text, end),
            b'`' => return Extent::closed(end + 1),
            b'$' if text.get(end + 1) == Some(&b'{') => break,
            _ => end += 1,
        }
    }
    Extent::open(end, text)
}

/// The end of the regular expression whose slash stands at `at`, without its flags. A line break ends it unclosed.
#[must_use]
pub fn regular_expression(text: &[u8], at: usize) -> Extent {
    let (mut end, mut in_class) = (at + 1, false);
    while let Some(&byte) = text.get(end) {
        match byte {
            b'\n' | b'\r' => break,
            _ if is_rare_line_end(text, end) => break,
            b'\\' if !matches!(text.get(end + 1), Some(b'\n' | b'\r')) && !is_rare_line_end(text, end + 1) => {
                end += escape(text, end);
                continue;
            }
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return Extent::closed(end + 1),
            _ => {}
        }
        end += 1;
    }
    Extent::open(end, text)
}

/// The length of the escape whose backslash stands at `at`, as far as it could hide a quote. A `\r\n` counts as one
/// line break.
fn escape(text: &[u8], at: usize) -> usize {
    match text.get(at + 1) {
        Some(b'\r') if text.get(at + 2) == Some(&b'\n') => 3,
        // The bytes of a longer character hide nothing, but belong together.
        Some(0xC0..=0xDF) => 3,
        Some(0xE0..=0xEF) => 4,
        Some(0xF0..) => 5,
        _ => 2,
    }
}
