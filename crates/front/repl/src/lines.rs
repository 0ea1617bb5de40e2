//! Lines of an input, read ahead. **Who reads them is told when no other line is there yet**, so that a finished chunk
//! need not wait for one.

use std::{io, thread, time::Duration};

use tokio::sync::mpsc;

use crate::ReplError;

/// Lines that are read ahead.
const AHEAD: usize = 64;

/// No line is longer. What follows in it is passed over.
pub(crate) const MAX_LINE: usize = 64 << 20;

/// Whoever writes line by line writes the next one sooner than this, if they have it.
const PATIENCE: Duration = Duration::from_millis(10);

/// Whoever has written a part of a line writes the rest sooner than this.
const PATIENCE_IN_LINE: Duration = Duration::from_millis(50);

/// Where lines come from.
pub trait Input: io::BufRead + Send + 'static {
    /// Whether the next read finds something, or the end, within `patience`. A file always does. Where that cannot be
    /// known, it does not.
    fn is_ready(&self, patience: Duration) -> bool;
}

/// What is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A line, with its line break if it has one.
    Line(Vec<u8>),
    /// A line that is too long, of which this is the size in bytes.
    TooLong(u64),
    /// No other line is there yet.
    Pause,
}

/// Reads lines on a thread of its own: reading blocks. A mark of the byte order at the beginning is no part of them.
pub(crate) fn read_lines(input: impl Input) -> Result<mpsc::Receiver<io::Result<Piece>>, ReplError> {
    let (pieces, queue) = mpsc::channel(AHEAD);
    let mut lines = Lines { input, line: Vec::new(), left_out: 0, rest: 0, is_first: true, paused: true };
    let read = move || {
        while let Some(piece) = lines.next().transpose() {
            let failed = piece.is_err();
            if pieces.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().name("drupe-input".into()).spawn(read).map_err(ReplError::Thread)?;
    Ok(queue)
}

/// An input, and what was read of its next line.
struct Lines<I> {
    input: I,
    line: Vec<u8>,
    /// How much of the line was passed over.
    left_out: u64,
    /// How many bytes the input has at hand.
    rest: usize,
    is_first: bool,
    /// Whether the pause was told.
    paused: bool,
}

impl<I: Input> Lines<I> {
    /// The next piece; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if self.rest == 0 && !self.paused {
                let begun = !self.line.is_empty();
                if !self.input.is_ready(if begun { PATIENCE_IN_LINE } else { PATIENCE }) {
                    self.paused = true;
                    return Ok(Some(Piece::Pause));
                }
            }
            let bytes = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            if bytes.is_empty() {
                return Ok(self.end());
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(bytes.len(), |end| end + 1);
            let kept = taken.min(MAX_LINE.saturating_sub(self.line.len()));
            self.line.extend_from_slice(&bytes[..kept]);
            self.left_out += (taken - kept) as u64;
            self.rest = bytes.len() - taken;
            self.input.consume(taken);
            if end.is_some() {
                self.paused = false;
                return Ok(self.end());
            }
        }
    }

    /// The line that was read, if there is any.
    fn end(&mut self) -> Option<Piece> {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.is_first) && line.starts_with("\u{feff}".as_bytes()) {
            line.drain(.."\u{feff}".len());
        }
        match std::mem::take(&mut self.left_out) {
            0 if line.is_empty() => None,
            0 => Some(Piece::Line(line)),
            left_out => Some(Piece::TooLong(line.len() as u64 + left_out)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, BufRead, Read},
        time::Duration,
    };

    use super::{Input, Lines, MAX_LINE, Piece};

    /// Each item is what one read finds; before an empty one nothing is there yet.
    struct Slow(Vec<Vec<u8>>);

    impl Read for Slow {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    impl BufRead for Slow {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            while self.0.first().is_some_and(Vec::is_empty) {
                self.0.remove(0);
            }
            Ok(self.0.first().map_or(&[], Vec::as_slice))
        }

        fn consume(&mut self, amount: usize) {
            if amount == 0 {
                return;
            }
            self.0[0].drain(..amount);
            if self.0[0].is_empty() {
                self.0.remove(0);
            }
        }
    }

    impl Input for Slow {
        fn is_ready(&self, _: Duration) -> bool {
            !self.0.first().is_some_and(Vec::is_empty)
        }
    }

    fn read(parts: &[&[u8]]) -> Vec<String> {
        let input = Slow(parts.iter().map(|part| part.to_vec()).collect());
        let mut lines = Lines { input, line: Vec::new(), left_out: 0, rest: 0, is_first: true, paused: true };
        let mut told = Vec::new();
        while let Some(piece) = lines.next().unwrap() {
            told.push(match piece {
                Piece::Line(line) => line.escape_ascii().to_string(),
                Piece::TooLong(size) => format!("{size} bytes"),
                Piece::Pause => "pause".to_owned(),
            });
        }
        told
    }

    #[test]
    fn a_pause_is_told_once_and_only_where_no_line_is_there() {
        assert_eq!(read(&[b"a\nb\nc"]), ["a\\n", "b\\n", "c"]);
        assert_eq!(read(&[b"a\n", b"b\n"]), ["a\\n", "b\\n"]);
        assert_eq!(read(&[b"a\n", b"", b"b\n", b"", b"c\n"]), ["a\\n", "pause", "b\\n", "pause", "c\\n"]);
        // In the midst of a line, too.
        assert_eq!(read(&[b"a\nb", b"", b"c", b"", b"d\ne\n"]), ["a\\n", "pause", "bcd\\n", "e\\n"]);
        // Nothing waits for the first line.
        assert_eq!(read(&[b"", b"a\n"]), ["a\\n"]);
    }

    #[test]
    fn a_mark_of_the_byte_order_begins_an_input_and_no_line() {
        assert_eq!(read(&["\u{feff}a\n\u{feff}b\n".as_bytes()]), ["a\\n", "\\xef\\xbb\\xbfb\\n"]);
        assert_eq!(read(&["\u{feff}".as_bytes()]), Vec::<String>::new());
    }

    // threat B11
    #[test]
    fn a_line_without_end_is_passed_over() {
        let long = vec![b'x'; MAX_LINE / 2];
        assert_eq!(read(&[&long, &long, b"x\n", b"a\n"]), [format!("{} bytes", MAX_LINE + 2), "a\\n".to_owned()]);
    }
}
