//! Byte offsets to lines and UTF-16 columns, counted as V8 counts them.

use drupe_lexer::is_line_terminator;
use drupe_protocol::Position;

/// Where the lines of a text begin.
pub(crate) struct Lines<'source> {
    source: &'source str,
    /// Byte offset of each line's first character; the first is 0, sorted.
    starts: Vec<usize>,
}

impl<'source> Lines<'source> {
    pub(crate) fn new(source: &'source str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for (index, &byte) in bytes.iter().enumerate() {
            if ends_line(bytes, index, byte) {
                starts.push(index + 1);
            }
        }
        Self { source, starts }
    }

    /// The position of a byte offset; an offset past the end is the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.source.len());
        let line = self.starts.partition_point(|&start| start <= offset) - 1;
        let column = utf16_length(&self.source.as_bytes()[self.starts[line]..offset]);
        Position { line: saturate(line), column }
    }

    /// The byte offset of a position; the nearest there is for one that is not in the text.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = (position.line as usize).min(self.starts.len() - 1);
        let (text, start) = self.line(line);
        let mut column = 0;
        for (offset, char) in text.char_indices() {
            if column >= position.column {
                return start + offset;
            }
            column += if char.len_utf16() == 2 { 2 } else { 1 };
        }
        start + text.len()
    }

    /// The text of a line without its terminator, and the byte offset where it starts.
    pub(crate) fn line(&self, line: usize) -> (&'source str, usize) {
        let start = self.starts[line];
        let end = self.starts.get(line + 1).copied().unwrap_or(self.source.len());
        (self.source[start..end].trim_end_matches(is_line_terminator), start)
    }
}

/// Positions of ascending offsets in one pass, without an index of all lines.
pub(crate) struct Walker<'source> {
    bytes: &'source [u8],
    offset: usize,
    position: Position,
}

impl<'source> Walker<'source> {
    pub(crate) fn new(text: &'source str) -> Self {
        Self { bytes: text.as_bytes(), offset: 0, position: Position::default() }
    }

    /// The position of `offset`, which must not be smaller than in the call before.
    pub(crate) fn advance(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        while self.offset < offset {
            let byte = self.bytes[self.offset];
            if ends_line(self.bytes, self.offset, byte) {
                self.position = Position { line: self.position.line.saturating_add(1), column: 0 };
            } else {
                self.position.column = self.position.column.saturating_add(utf16_units(byte));
            }
            self.offset += 1;
        }
        self.position
    }
}

/// Whether a line ends with the byte at `index` (the last byte of its terminator; CR LF is one).
pub(crate) fn ends_line(bytes: &[u8], index: usize, byte: u8) -> bool {
    match byte {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        0xA8 | 0xA9 => index >= 2 && bytes[index - 1] == 0x80 && bytes[index - 2] == 0xE2,
        _ => false,
    }
}

/// How many UTF-16 code units a character adds, told by each of its UTF-8 bytes: all at its first byte.
fn utf16_units(byte: u8) -> u32 {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

fn utf16_length(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |length: u32, &byte| length.saturating_add(utf16_units(byte)))
}

/// A count as it is told.
pub(crate) fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
