//! Small scans of the source text for facts that the syntax tree does not have: the text between two nodes.

use crate::source::position::{is_line_terminator, is_space};

/// The source text under byte offsets.
#[derive(Clone, Copy)]
pub(crate) struct Text<'source>(pub(crate) &'source str);

impl<'source> Text<'source> {
    /// The character that begins at a place.
    pub(crate) fn character(&self, at: usize) -> Option<char> {
        self.0.get(at..)?.chars().next()
    }

    /// The first offset at or after `from` that is neither white space nor in a comment; the text's length at its end.
    pub(crate) fn skip_trivia(self, from: usize) -> usize {
        let bytes = self.0.as_bytes();
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => at += 1,
                b'/' if bytes.get(at + 1) == Some(&b'/') => at = self.line_end(at),
                b'/' if bytes.get(at + 1) == Some(&b'*') => match self.0[at + 2..].find("*/") {
                    Some(length) => at += length + 4,
                    None => return bytes.len(),
                },
                0x80.. => match self.0[at..].chars().next() {
                    Some(character) if is_space(character) => at += character.len_utf8(),
                    _ => return at,
                },
                _ => return at,
            }
        }
        bytes.len()
    }

    /// The first significant byte at or after `from`.
    pub(crate) fn next_byte(self, from: usize) -> Option<u8> {
        self.0.as_bytes().get(self.skip_trivia(from)).copied()
    }

    /// The offset of `byte` if it is the next significant one at or after `from`.
    pub(crate) fn expect(self, from: usize, byte: u8) -> Option<usize> {
        let at = self.skip_trivia(from);
        (self.0.as_bytes().get(at) == Some(&byte)).then_some(at)
    }

    /// The word (identifier or keyword) at `from`, empty if there is none.
    pub(crate) fn word(self, from: usize) -> &'source str {
        let rest = &self.0[from..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        &rest[..end]
    }

    /// The end of the identifier at `from`, escapes included.
    pub(crate) fn identifier_end(self, from: usize) -> usize {
        let mut in_escape = false;
        let end = self.0[from..].find(|c: char| {
            match c {
                '\\' => in_escape = true,
                '}' if in_escape => in_escape = false,
                '{' if in_escape => {}
                _ => return !(c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '\u{200C}' | '\u{200D}')),
            }
            false
        });
        end.map_or(self.0.len(), |length| from + length)
    }

    /// The last significant offset before `to`, looking back over white space and block comments only.
    pub(crate) fn last_before(self, to: usize) -> Option<usize> {
        let mut head = &self.0[..to];
        loop {
            head = head.trim_end_matches(is_space);
            match head.strip_suffix("*/").and_then(|open| open.rfind("/*")) {
                Some(start) => head = &head[..start],
                None => break,
            }
        }
        head.char_indices().next_back().map(|(offset, _)| offset)
    }

    pub(crate) fn byte(self, at: usize) -> Option<u8> {
        self.0.as_bytes().get(at).copied()
    }

    pub(crate) fn has_line_break(self, from: usize, to: usize) -> bool {
        self.0[from..to].contains(is_line_terminator)
    }

    fn line_end(self, from: usize) -> usize {
        self.0[from..].find(is_line_terminator).map_or(self.0.len(), |length| from + length)
    }
}
