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
        let rest = if self.tail.len() + rest.len() > 2 * TAIL { self.cut(rest) } else { rest };
        self.tail.push_str(rest);
    }

    /// Drops all but the end of what is kept and of `more`. Returns what is left of `more`.
    fn cut<'a>(&mut self, more: &'a str) -> &'a str {
        let excess = self.tail.len() + more.len() - TAIL;
        let kept = self.tail.ceil_char_boundary(excess.min(self.tail.len()));
        let skipped = more.ceil_char_boundary(excess.saturating_sub(kept));
        let (gone, rest) = more.split_at(skipped);
        self.dropped += (kept + skipped) as u64;
        self.dropped_lines += (line_ends(&self.tail[..kept]) + line_ends(gone)) as u64;
        self.tail.drain(..kept);
        self.tail.shrink_to(2 * TAIL);
        rest
    }

    /// Gives back the memory that it does not need: nothing more is to be written.
    pub(crate) fn shrink(&mut self) {
        self.head.shrink_to_fit();
        self.tail.shrink_to_fit();
    }

    /// How many bytes were written.
    pub(crate) fn total(&self) -> u64 {
        self.tail_start() + self.tail.len() as u64
    }

    /// How many bytes of memory it holds.
    pub(crate) fn weight(&self) -> usize {
        self.head.capacity() + self.tail.capacity()
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
        let is_in_head = usize::try_from(from).is_ok_and(|at| at < self.head.len());
        if !is_in_head {
            return piece(&self.tail, self.tail_start(), from, most);
        }
        let mut read = piece(&self.head, 0, from, most);
        if read.next < self.head.len() as u64 {
            return read;
        }
        read.next = self.tail_start();
        let room = most.saturating_sub(read.text.len());
        // Without a gap it goes on. A character is not read beyond what was asked for.
        if self.dropped == 0 && self.tail.floor_char_boundary(room.min(self.tail.len())) > 0 {
            let rest = piece(&self.tail, self.tail_start(), self.tail_start(), room);
            read.text.push_str(&rest.text);
            read.next = rest.next;
        }
        read
    }
}

/// A part of a text whose first byte has the position `begins`.
fn piece(text: &str, begins: u64, from: u64, most: usize) -> Piece {
    let from = from.clamp(begins, begins + text.len() as u64);
    let start = text.ceil_char_boundary(usize::try_from(from - begins).unwrap_or(text.len()));
    let end = text.floor_char_boundary(start.saturating_add(most).min(text.len()));
    // A character that is larger than what was asked for is read whole.
    let end = if end <= start { text.ceil_char_boundary((start + 1).min(text.len())) } else { end };
    Piece { text: text[start..end].to_owned(), from: begins + start as u64, next: begins + end as u64 }
}

fn line_ends(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
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
    #[test]
    fn a_window_goes_on_from_the_beginning_into_the_end() {
        let mut transcript = Transcript::default();
        for _ in 0..HEAD / 1000 + 2 {
            transcript.push(&"x".repeat(1000));
        }
        let (head, total) = (HEAD as u64, transcript.total());
        assert!(total > head && transcript.dropped() == (0, 0));
        let all = transcript.read(head - 500, 10_000);
        assert_eq!((all.from, all.next, all.text.len() as u64), (head - 500, total, total - head + 500));
        assert_eq!(transcript.read(head - 500, 600).next, head + 100);
        assert_eq!(transcript.read(head - 500, 500).next, head);
        assert_eq!(transcript.read(0, usize::MAX).next, total);
    }

    #[test]
    fn one_long_piece_costs_no_more_than_what_is_kept() {
        let mut transcript = Transcript::default();
        transcript.push(&"a".repeat(HEAD));
        transcript.push(&"b\n".repeat(1000));
        transcript.push(&"ä\n".repeat(20 << 20));
        let total = (HEAD + 2000 + 3 * (20 << 20)) as u64;
        assert_eq!((transcript.total(), transcript.events()), (total, 3));
        assert!(transcript.weight() <= HEAD + 2 * TAIL, "{}", transcript.weight());
        let (bytes, lines) = transcript.dropped();
        let kept = transcript.read(HEAD as u64 + bytes, usize::MAX);
        assert_eq!(kept.text.len() as u64 + HEAD as u64 + bytes, total);
        assert_eq!(line_ends(&kept.text) as u64 + lines, 1000 + (20 << 20));
        transcript.shrink();
        assert_eq!(transcript.weight(), HEAD + kept.text.len());
    }
}
