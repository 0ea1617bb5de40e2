//! Lines and columns in a text that is queried many times: each query costs the same, however long the text and its
//! lines are.

use drupe_lexer::is_line_terminator;
use drupe_protocol::Position;

use crate::source::position::{ends_line, saturate};

/// How many bytes of the text lie between two marks, or a few more.
const STEP: usize = 1 << 10;

/// Where the lines and columns of a text are: the position of one character in each kibibyte.
#[derive(Debug)]
pub struct LineIndex {
    /// Byte offsets and their positions, in order. The first is the beginning.
    marks: Vec<(usize, Position)>,
}

impl LineIndex {
    /// The index of `source`. The questions to it must come with the same text.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let mut marks = vec![(0, Position::default())];
        let mut reader = Reader { source, offset: 0, position: Position::default() };
        while reader.advance() {
            let (last, _) = marks[marks.len() - 1];
            if reader.offset - last >= STEP {
                marks.push((reader.offset, reader.position));
            }
        }
        Self { marks }
    }

    /// The byte offset of a position: for a column beyond the end of its line, that end. `None`: there is no such line.
    pub(crate) fn offset(&self, source: &str, at: Position) -> Option<usize> {
        let order = |position: Position| (position.line, position.column);
        let mut reader = self.reader(source, |(_, position)| order(*position) <= order(at));
        let mut is_there = false;
        reader.read(|reader| {
            is_there = reader.position.line == at.line;
            let ends = || source[reader.offset..].starts_with(is_line_terminator);
            reader.position.line > at.line || (is_there && (reader.position.column >= at.column || ends()))
        });
        is_there.then_some(reader.offset)
    }

    /// The position of a byte offset.
    pub(crate) fn position(&self, source: &str, offset: usize) -> Position {
        let mut reader = self.reader(source, |(mark, _)| *mark <= offset);
        reader.read(|reader| reader.offset >= offset);
        reader.position
    }

    /// A reader at the last mark that is `before` the place.
    fn reader<'a>(&self, source: &'a str, before: impl Fn(&(usize, Position)) -> bool) -> Reader<'a> {
        let mark = self.marks.partition_point(before).saturating_sub(1);
        let (offset, position) = self.marks[mark];
        Reader { source, offset, position }
    }
}

/// Goes through a text, character by character.
struct Reader<'a> {
    source: &'a str,
    offset: usize,
    position: Position,
}

impl Reader<'_> {
    /// Reads on until `until` says so, or to the end, where it is asked once more.
    fn read(&mut self, mut until: impl FnMut(&Self) -> bool) {
        while !until(self) && self.advance() {}
    }

    /// Reads one character; whether there was one.
    fn advance(&mut self) -> bool {
        let Some(character) = self.source[self.offset..].chars().next() else { return false };
        self.offset += character.len_utf8();
        let bytes = self.source.as_bytes();
        if ends_line(bytes, self.offset - 1, bytes[self.offset - 1]) {
            self.position = Position { line: self.position.line.saturating_add(1), column: 0 };
        } else {
            self.position.column = self.position.column.saturating_add(saturate(character.len_utf16()));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, STEP};
    use crate::source::position::Lines;

    #[test]
    fn places_are_those_that_counting_finds() {
        let long = "\u{e9}x\u{1f600}".repeat(STEP);
        for text in
            ["", "a", "\n", "a\r\nb\rc\u{2028}d\n\n", &long, &format!("{long}\r\n{long}\n\nend\r"), &"\n".repeat(3 * STEP)]
        {
            let (lines, index) = (Lines::new(text), LineIndex::new(text));
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let position = lines.position(offset);
                assert_eq!(index.position(text, offset), position, "{offset} of {} bytes", text.len());
                assert_eq!(index.offset(text, position), Some(lines.offset(position)), "{position:?} of {} bytes", text.len());
            }
            let count = lines.position(text.len()).line + 1;
            for line in 0..count {
                let beyond = drupe_protocol::Position { line, column: u32::MAX };
                assert_eq!(index.offset(text, beyond), Some(lines.offset(beyond)), "the end of line {line}");
            }
            assert_eq!(index.offset(text, drupe_protocol::Position { line: count, column: 0 }), None);
        }
    }
}
