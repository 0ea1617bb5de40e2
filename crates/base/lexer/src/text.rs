//! Reads the text between two nodes of a syntax tree, for facts that the tree does not have.

use crate::{chars, extent, is_line_terminator, is_space};

/// A source text, read at byte offsets, which are boundaries of characters.
#[derive(Clone, Copy, Debug)]
pub struct Text<'source>(pub &'source str);

impl<'source> Text<'source> {
    /// The character that begins at a place.
    #[must_use]
    pub fn character(&self, at: usize) -> Option<char> {
        self.0.get(at..)?.chars().next()
    }

    /// The first offset at or after `from` that is neither white space nor in a comment; the text's length at its end.
    #[must_use]
    pub fn skip_trivia(self, from: usize) -> usize {
        let bytes = self.0.as_bytes();
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => at += 1,
                b'/' if bytes.get(at + 1) == Some(&b'/') => at = extent::line_end(bytes, at),
                b'/' if bytes.get(at + 1) == Some(&b'*') => at = extent::comment(bytes, at).end,
                0x80.. => match self.character(at) {
                    Some(character) if is_space(character) => at += character.len_utf8(),
                    _ => return at,
                },
                _ => return at,
            }
        }
        bytes.len()
    }

    /// The first significant byte at or after `from`.
    #[must_use]
    pub fn next_byte(self, from: usize) -> Option<u8> {
        self.byte(self.skip_trivia(from))
    }

    /// The offset of `byte` if it is the next significant one at or after `from`.
    #[must_use]
    pub fn expect(self, from: usize, byte: u8) -> Option<usize> {
        let at = self.skip_trivia(from);
        (self.byte(at) == Some(byte)).then_some(at)
    }

    /// The word (identifier or keyword) at `from`, without escapes; empty if there is none.
    #[must_use]
    pub fn word(self, from: usize) -> &'source str {
        let rest = &self.0[from..];
        &rest[..rest.find(|char| !chars::is_name_part(char)).unwrap_or(rest.len())]
    }

    /// The end of the identifier at `from`, escapes and the `#` of a private name included.
    #[must_use]
    pub fn identifier_end(self, from: usize) -> usize {
        let mut in_escape = false;
        let end = self.0[from..].find(|char| {
            match char {
                '\\' => in_escape = true,
                '}' if in_escape => in_escape = false,
                '{' if in_escape => {}
                _ => return !(chars::is_name_part(char) || char == '#'),
            }
            false
        });
        end.map_or(self.0.len(), |length| from + length)
    }

    /// The last significant offset before `to`, looking back over white space and block comments only.
    #[must_use]
    pub fn last_before(self, to: usize) -> Option<usize> {
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

    /// The byte at an offset.
    #[must_use]
    pub fn byte(self, at: usize) -> Option<u8> {
        self.0.as_bytes().get(at).copied()
    }

    /// Whether a line ends between two offsets.
    #[must_use]
    pub fn has_line_break(self, from: usize, to: usize) -> bool {
        self.0[from..to].contains(is_line_terminator)
    }
}
