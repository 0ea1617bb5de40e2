//! What a run printed: its beginning and its end, within bounds, and exact counts of what lies between.

/// How much of the beginning is kept, in bytes.
const HEAD: usize = 512 << 10;

/// How much of the end is kept, in bytes. Up to twice as much is held.
const TAIL: usize = 512 << 10;

/// Text that grows at its end. Positions are bytes from the beginning, of all that was ever written.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    head: String,
    tail: String,
    /// Bytes between the two that are not kept.
    dropped: u64,
    /// Line ends among them.
    dropped_lines: u64,
    /// How many pieces were written.
    events: u64,
}

/// A part of a transcript.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where it begins: after what was asked for, if that is not kept.
    pub(crate) from: u64,
    /// Where the next begins.
    pub(crate) next: u64,
}

impl Transcript {
    /// Writes one piece of text.
    pub(crate) fn push(&mut self, text: &str) {
        self.events += 1;
        let room = if self.tail.is_empty() { text.floor_char_boundary(HEAD - self.head.len()) } else { 0 };
        let (first, rest) = text.split_at(room);
        self.head.push_str(first);
        self.tail.push_str(rest);
        if self.tail.len() > 2 * TAIL {
            let cut = self.tail.ceil_char_boundary(self.tail.len() - TAIL);
            self.dropped += cut as u64;
            self.dropped_lines += self.tail.as_bytes()[..cut].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.tail.drain(..cut);
        }
    }

    /// How many bytes were written.
    pub(crate) fn total(&self) -> u64 {
        self.tail_start() + self.tail.len() as u64
    }

    /// How many bytes are held.
    pub(crate) fn weight(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Bytes and line ends that are not kept.
    pub(crate) fn dropped(&self) -> (u64, u64) {
        (self.dropped, self.dropped_lines)
    }

    /// The last line, at most `most` bytes of it.
    pub(crate) fn last_line(&self, most: usize) -> &str {
        let text = if self.tail.is_empty() { &self.head } else { &self.tail };
        let line = text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
        &line[..line.floor_char_boundary(most)]
    }

    fn tail_start(&self) -> u64 {
        self.head.len() as u64 + self.dropped
    }

    /// The text from `from` on, at most `most` bytes of it. What is not kept is skipped.
    pub(crate) fn read(&self, from: u64, most: usize) -> Piece {
        let (text, begins) = match usize::try_from(from) {
            Ok(at) if at < self.head.len() => (&self.head[..], 0),
            _ => (&self.tail[..], self.tail_start()),
        };
        let from = from.clamp(begins, self.total());
        let start = text.ceil_char_boundary(usize::try_from(from - begins).unwrap_or(text.len()).min(text.len()));
        let end = text.floor_char_boundary(start.saturating_add(most).min(text.len()));
        // A character that is larger than what was asked for is read whole.
        let end = if end <= start { text.ceil_char_boundary((start + 1).min(text.len())) } else { end };
        let next = begins + end as u64;
        let next = if next == self.head.len() as u64 && self.dropped > 0 { self.tail_start() } else { next };
        Piece { text: text[start..end].to_owned(), from: begins + start as u64, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_counted_to_the_byte() {
        let mut transcript = Transcript::default();
        let line = "0123456789abcdefghijklmnopqrstuvwxyzäöü\n";
        let count = 100_000;
        for _ in 0..count {
            transcript.push(line);
        }
        let total = (line.len() * count) as u64;
        assert_eq!((transcript.total(), transcript.events()), (total, count as u64));
        let (bytes, lines) = transcript.dropped();
        let (mut at, mut kept, mut seen_lines) = (0, 0, 0);
        while at < total {
            let piece = transcript.read(at, 10_000);
            assert!(piece.next > at && piece.from >= at, "{piece:?}");
            kept += piece.text.len() as u64;
            seen_lines += piece.text.matches('\n').count() as u64;
            at = piece.next;
        }
        assert_eq!((kept + bytes, seen_lines + lines), (total, count as u64));
        assert!(bytes > 0 && kept <= (HEAD + 2 * TAIL) as u64);
    }

    #[test]
    fn pieces_end_between_characters_and_go_on() {
        let mut transcript = Transcript::default();
        transcript.push("aéb");
        assert_eq!(transcript.read(0, 2), Piece { text: "a".into(), from: 0, next: 1 });
        assert_eq!(transcript.read(1, 1), Piece { text: "é".into(), from: 1, next: 3 });
        assert_eq!(transcript.read(2, 9), Piece { text: "b".into(), from: 3, next: 4 });
        assert_eq!(transcript.read(99, 9), Piece { text: String::new(), from: 4, next: 4 });
        assert_eq!(transcript.last_line(2), "a");
    }
}
