//! Not in upstream: text becomes rows of a terminal, of which only a window may be shown.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::layout::{GraphemeClusterMode, Position, Unit};

/// Text as rows.
pub(crate) struct Rows {
    rows: Vec<Row>,
    col: Unit,
    cols: Unit,
    tab_stop: Unit,
    gcm: GraphemeClusterMode,
    escape: Escape,
    /// The colours that hold.
    style: String,
}

#[derive(Default)]
struct Row {
    /// The colours that hold where it begins.
    style: String,
    text: String,
    /// Whether it goes on in the next row without a line break.
    soft: bool,
    /// Whether there is more in it than colours.
    visible: bool,
}

/// Where in an escape sequence the text is.
enum Escape {
    None,
    Begun(String),
    /// After `ESC [`.
    Control(String),
}

impl Rows {
    pub(crate) fn new(cols: Unit, tab_stop: Unit, gcm: GraphemeClusterMode) -> Self {
        Self {
            rows: vec![Row::default()],
            col: 0,
            cols: cols.max(1),
            tab_stop: tab_stop.max(1),
            gcm,
            escape: Escape::None,
            style: String::new(),
        }
    }

    /// Begins there: what is before is not kept.
    pub(crate) fn begin_at(&mut self, position: Position) {
        self.rows.resize_with(usize::from(position.row) + 1, Row::default);
        self.col = position.col;
    }

    /// Adds text whose lines begin at the left edge.
    pub(crate) fn add(&mut self, text: &str) {
        for grapheme in text.graphemes(true) {
            self.put(grapheme, "");
        }
    }

    /// Adds the line that is edited; the lines after its first begin with `continuation`. Where the cursor is: at byte `pos`, escape
    /// sequences not counted.
    pub(crate) fn add_line(&mut self, text: &str, continuation: &str, pos: usize) -> Position {
        let mut cursor = None;
        let mut at = 0;
        for grapheme in text.graphemes(true) {
            let plain = matches!(self.escape, Escape::None) && grapheme != "\x1b";
            if at == pos && plain && cursor.is_none() {
                cursor = Some(self.stand());
            }
            self.put(grapheme, continuation);
            if plain {
                at += grapheme.len();
            }
        }
        cursor.unwrap_or_else(|| self.stand())
    }

    /// Where the text ends.
    pub(crate) fn end(&self) -> Position {
        Position { row: row_number(self.rows.len() - 1), col: self.col }
    }

    /// The position of a cursor that stands here: never behind the last column.
    fn stand(&mut self) -> Position {
        if self.col >= self.cols {
            self.break_row(true);
        }
        self.end()
    }

    fn break_row(&mut self, soft: bool) {
        self.last().soft = soft;
        self.rows.push(Row { style: self.style.clone(), ..Row::default() });
        self.col = 0;
    }

    fn last(&mut self) -> &mut Row {
        if self.rows.is_empty() {
            self.rows.push(Row::default());
        }
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    fn put(&mut self, grapheme: &str, continuation: &str) {
        match std::mem::replace(&mut self.escape, Escape::None) {
            Escape::None => {}
            Escape::Begun(mut sequence) => {
                sequence.push_str(grapheme);
                if grapheme == "[" {
                    self.escape = Escape::Control(sequence);
                } else {
                    self.last().text.push_str(&sequence);
                }
                return;
            }
            Escape::Control(mut sequence) => {
                sequence.push_str(grapheme);
                match grapheme.as_bytes().first() {
                    Some(0x40..=0x7e) => self.end_sequence(&sequence),
                    _ => self.escape = Escape::Control(sequence),
                }
                return;
            }
        }
        match grapheme {
            "\x1b" => self.escape = Escape::Begun(grapheme.to_owned()),
            "\n" | "\r\n" => {
                self.break_row(false);
                for part in continuation.graphemes(true) {
                    self.put(part, "");
                }
            }
            "\t" => {
                for _ in 0..self.tab_stop - self.col % self.tab_stop {
                    self.place(" ", 1);
                }
            }
            // What moves the cursor is not shown.
            _ if grapheme.chars().all(char::is_control) => {}
            _ => {
                let width = self.gcm.width(grapheme);
                self.place(grapheme, width);
            }
        }
    }

    fn end_sequence(&mut self, sequence: &str) {
        if sequence == "\x1b[0m" || sequence == "\x1b[m" {
            self.style.clear();
        } else if sequence.ends_with('m') {
            self.style.push_str(sequence);
        }
        self.last().text.push_str(sequence);
    }

    fn place(&mut self, text: &str, width: Unit) {
        if self.col + width > self.cols {
            self.break_row(true);
        }
        let last = self.last();
        last.text.push_str(text);
        last.visible = true;
        self.col += width;
    }

    /// Writes the rows from `top` to `bottom`, both included.
    pub(crate) fn write(&self, top: Unit, bottom: Unit, out: &mut String) {
        let (top, bottom) = (usize::from(top), usize::from(bottom).min(self.rows.len() - 1));
        for (index, row) in self.rows.iter().enumerate().take(bottom + 1).skip(top) {
            if index == top {
                out.push_str(&row.style);
            }
            out.push_str(&row.text);
            if index == bottom {
                break;
            }
            // A terminal goes on in the next row by itself, but only for something that it can show.
            if !row.soft || !self.rows[index + 1].visible {
                out.push_str("\r\n");
            }
        }
        if bottom + 1 < self.rows.len() && !self.rows[bottom + 1].style.is_empty() {
            out.push_str("\x1b[0m");
        }
    }
}

/// `line` as it is shown, and where its byte `pos` is in that. **A control character is shown by its picture**: none that was typed or pasted
/// reaches the terminal.
pub(crate) fn pictured(line: &str, pos: usize) -> (Cow<'_, str>, usize) {
    let is_pictured = |char: char| char.is_ascii_control() && !matches!(char, '\n' | '\t');
    if !line.contains(is_pictured) {
        return (Cow::Borrowed(line), pos);
    }
    let (mut shown, mut cursor) = (String::with_capacity(line.len() + 16), None);
    for (at, char) in line.char_indices() {
        if at == pos {
            cursor = Some(shown.len());
        }
        shown.push(match char {
            '\x7f' => '\u{2421}',
            char if is_pictured(char) => char::from_u32(0x2400 + u32::from(char)).unwrap_or(char::REPLACEMENT_CHARACTER),
            char => char,
        });
    }
    let cursor = cursor.unwrap_or(shown.len());
    (Cow::Owned(shown), cursor)
}

fn row_number(row: usize) -> Unit {
    Unit::try_from(row).unwrap_or(Unit::MAX)
}
