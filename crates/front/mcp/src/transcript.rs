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

/// A part of a transcript. **Text and `dropped` together are all between what was asked for and `next`.**
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where the text begins.
    pub(crate) from: u64,
    /// Where the next piece begins.
    pub(crate) next: u64,
    /// What is not kept, before or behind the text.
    pub(crate) dropped: Option<Dropped>,
}

/// A part of a transcript that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Line ends in it. Absent where it is the end of what is not kept: they were counted together.
    pub(crate) lines: Option<u64>,
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

    /// The text from `from` on, at most `most` bytes of it. A piece ends before what is not kept, and tells it.
    pub(crate) fn read(&self, from: u64, most: usize) -> Piece {
        let head = self.head.len() as u64;
        if from >= self.tail_start() {
            return piece(&self.tail, self.tail_start(), from, most);
        }
        if from >= head {
            let read = piece(&self.tail, self.tail_start(), self.tail_start(), most);
            return Piece { dropped: Some(self.dropped_from(from)), ..read };
        }
        let mut read = piece(&self.head, 0, from, most);
        if read.next < head {
            return read;
        }
        if self.dropped > 0 {
            return Piece { next: self.tail_start(), dropped: Some(self.dropped_from(head)), ..read };
        }
        let room = most.saturating_sub(read.text.len());
        // A character is not read beyond what was asked for.
        if self.tail.floor_char_boundary(room.min(self.tail.len())) > 0 {
            let rest = piece(&self.tail, head, head, room);
            read.text.push_str(&rest.text);
            read.next = rest.next;
        }
        read
    }

    /// What is not kept from `from` on, which is not before it.
    fn dropped_from(&self, from: u64) -> Dropped {
        let lines = (from == self.head.len() as u64).then_some(self.dropped_lines);
        Dropped { from, to: self.tail_start(), lines }
    }
}

/// A part of a text whose first byte has the position `begins`. It begins with the character that `from` is in.
fn piece(text: &str, begins: u64, from: u64, most: usize) -> Piece {
    let at = from.clamp(begins, begins + text.len() as u64) - begins;
    let start = text.floor_char_boundary(usize::try_from(at).unwrap_or(text.len()));
    let end = text.floor_char_boundary(start.saturating_add(most).min(text.len()));
    // A character that is larger than what was asked for is read whole.
    let end = if end <= start { text.ceil_char_boundary((start + 1).min(text.len())) } else { end };
    Piece { text: text[start..end].to_owned(), from: begins + start as u64, next: begins + end as u64, dropped: None }
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

    /// Reads all of it from `at` on. Each byte is in one piece, as text or as dropped.
    fn read_on(transcript: &Transcript, mut at: u64, most: usize) -> (u64, Vec<Dropped>) {
        let (mut kept, mut gaps) = (0, Vec::new());
        while at < transcript.total() {
            let piece = transcript.read(at, most);
            let mut end = piece.from + piece.text.len() as u64;
            match piece.dropped {
                Some(gap) if gap.from == end => end = gap.to,
                Some(gap) => assert_eq!((gap.from, gap.to), (at, piece.from)),
                None => assert_eq!(piece.from, at),
            }
            assert_eq!(piece.next, end);
            kept += piece.text.len() as u64;
            gaps.extend(piece.dropped);
            at = piece.next;
        }
        (kept, gaps)
    }

    #[test]
    fn a_page_that_crosses_what_is_not_kept_tells_it() {
        let mut transcript = Transcript::default();
        for _ in 0..100_000 {
            transcript.push("0123456789abcdefghijklmnopqrstuvwxyzäöü\n");
        }
        let (bytes, lines) = transcript.dropped();
        let head = transcript.head.len() as u64;
        let whole = Dropped { from: head, to: head + bytes, lines: Some(lines) };
        for most in [1000, HEAD - 1, HEAD, HEAD + 1, usize::MAX] {
            let (kept, gaps) = read_on(&transcript, 0, most);
            assert_eq!((gaps, kept + bytes), (vec![whole], transcript.total()), "{most}");
        }
        // From within, too. Its line ends were counted together.
        let (_, gaps) = read_on(&transcript, head + 7, 5000);
        assert_eq!(gaps, [Dropped { from: head + 7, to: head + bytes, lines: None }]);
        assert_eq!(transcript.read(head + bytes, 10).dropped, None);
    }

    #[test]
    fn pieces_end_between_characters_and_go_on() {
        let mut transcript = Transcript::default();
        transcript.push("aéb");
        let piece = |text: &str, from, next| Piece { text: text.to_owned(), from, next, dropped: None };
        assert_eq!(transcript.read(0, 2), piece("a", 0, 1));
        assert_eq!(transcript.read(1, 1), piece("é", 1, 3));
        assert_eq!(transcript.read(2, 9), piece("éb", 1, 4));
        assert_eq!(transcript.read(99, 9), piece("", 4, 4));
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
