//! Text typed while no line is being read. It waits for the next prompt, in order, unless Ctrl-C follows it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustyline::TypeAhead;

use crate::typed_text::{MARK_BEGINS, MARK_ENDS, entries, lines};

/// More than this waits in the terminal, not here.
pub(crate) const MOST: usize = 16 << 20;
/// How many bytes of the last line are looked at.
const LINE: usize = 1 << 10;
/// Ctrl-C.
const INTERRUPT: u8 = 3;
/// Ctrl-Z.
const SUSPEND: u8 = 26;

/// What is typed ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    typed: TypeAhead,
    /// Lines that were typed before Ctrl-C: they are not run.
    aside: Mutex<Vec<String>>,
    latest: Mutex<Latest>,
}

/// What came last.
#[derive(Debug, Default)]
struct Latest {
    at: Option<Instant>,
    /// How much came without a pause.
    length: usize,
    /// The last bytes, enough for a mark.
    end: Vec<u8>,
    /// Whether the mark that ends a paste is to come.
    in_paste: bool,
}

const PASTE_BEGINS: &[u8] = MARK_BEGINS.as_bytes();
const PASTE_ENDS: &[u8] = MARK_ENDS.as_bytes();
/// Of a paste without marks, the next part comes sooner than this.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);
/// So much at once is no person's typing.
const MUCH: usize = 1 << 10;
/// The next part of a paste that has marks comes sooner than this: a terminal that never ends it is broken. So does
/// that of a long one without marks: on a busy machine its sender may wait.
pub(crate) const LONG_PAUSE: Duration = Duration::from_secs(2);

impl Latest {
    fn note(&mut self, bytes: &[u8], now: Instant) {
        let goes_on = self.at.replace(now).is_some_and(|at| now.duration_since(at) < PAUSE);
        self.length = bytes.len() + if goes_on { self.length } else { 0 };
        self.end.extend_from_slice(bytes);
        let last = |mark: &[u8]| self.end.windows(mark.len()).rposition(|window| window == mark);
        let (begins, ends) = (last(PASTE_BEGINS), last(PASTE_ENDS));
        if begins.is_some() || ends.is_some() {
            self.in_paste = begins > ends;
        }
        // The paste is over, however long it was.
        if let Some(ends) = ends {
            self.length = self.end.len() - ends - PASTE_ENDS.len();
        }
        let kept = self.end.len().saturating_sub(PASTE_ENDS.len() - 1);
        self.end.drain(..kept);
    }
}

/// A key that is not for the next line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Interrupt,
    Suspend,
}

impl Ahead {
    pub(crate) fn new(typed: TypeAhead) -> Self {
        Self { typed, aside: Mutex::default(), latest: Mutex::default() }
    }

    pub(crate) fn push(&self, bytes: &[u8]) {
        self.push_at(bytes, Instant::now());
    }

    fn push_at(&self, bytes: &[u8], now: Instant) {
        let mut latest = self.latest();
        let is_late = || latest.at.is_some_and(|at| now.saturating_duration_since(at) >= LONG_PAUSE);
        if latest.in_paste && bytes == [INTERRUPT] && is_late() {
            // The terminal does not end this paste: Ctrl-C is a key.
            latest.note(PASTE_ENDS, now);
            self.typed.push(PASTE_ENDS);
        }
        latest.note(bytes, now);
        self.typed.push(bytes);
    }

    /// How long to wait for what may belong to what came last. `None`: nothing does.
    pub(crate) fn may_go_on(&self) -> Option<Duration> {
        self.may_go_on_at(Instant::now())
    }

    fn may_go_on_at(&self, now: Instant) -> Option<Duration> {
        let latest = self.latest();
        let pause = if latest.in_paste || latest.length >= MUCH { LONG_PAUSE } else { PAUSE };
        pause.checked_sub(now.saturating_duration_since(latest.at?)).filter(|wait| !wait.is_zero())
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits may go on: its reader has read it just now.
    pub(crate) fn note_unread(&self) {
        self.note_unread_at(Instant::now());
    }

    fn note_unread_at(&self, now: Instant) {
        if !self.typed.is_empty() {
            let mut latest = self.latest();
            latest.at = Some(now);
            latest.length = latest.length.max(self.typed.len());
        }
    }

    /// Removes what was typed before a question.
    pub(crate) fn split_off(&self) -> TypeAhead {
        self.typed.split_off()
    }

    /// Puts it back, before what was typed since.
    pub(crate) fn put_before(&self, earlier: &TypeAhead) {
        self.typed.put_before(earlier);
    }

    /// Removes what the reader of an answer has left.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.typed.take()
    }

    /// Adds text that was typed into a question, for the next line. **Line breaks in it are text.**
    pub(crate) fn give_back(&self, text: &str) {
        let mut text = text.to_owned();
        text.retain(|char| !char.is_control() || matches!(char, '\n' | '\t'));
        if !text.is_empty() {
            self.typed.push(&[PASTE_BEGINS, text.as_bytes(), PASTE_ENDS].concat());
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.typed.len() >= MOST
    }

    /// Takes a key out that is not for the next line. What was typed before Ctrl-C is set aside. All of a paste with
    /// marks is text.
    pub(crate) fn take_key(&self) -> Option<Key> {
        if let Some(end) = self.typed.position(INTERRUPT) {
            let all = self.typed.take();
            self.typed.push(all.get(end + 1..).unwrap_or_default());
            self.put_aside(&all[..end]);
            return Some(Key::Interrupt);
        }
        self.typed.remove(SUSPEND).then_some(Key::Suspend)
    }

    /// Sets aside all that was typed: Ctrl-C has followed it, and is not among it.
    pub(crate) fn set_aside(&self) {
        self.put_aside(&self.typed.take());
    }

    fn put_aside(&self, typed: &[u8]) {
        self.put_lines_aside(entries(&String::from_utf8_lossy(typed)));
    }

    /// Sets lines aside: they are not run.
    pub(crate) fn put_lines_aside(&self, lines: impl IntoIterator<Item = String>) {
        self.lock().extend(lines);
    }

    /// The line that was typed last, whole or not.
    pub(crate) fn last_line(&self) -> Option<String> {
        let end = self.typed.end(LINE);
        // A character of which only the rest is there.
        let cut = end.iter().take_while(|byte| **byte & 0xc0 == 0x80).count();
        lines(&String::from_utf8_lossy(&end[cut..])).pop()
    }

    /// The lines that were set aside.
    pub(crate) fn take_aside(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rustyline::TypeAhead;

    use super::{Ahead, Key, LINE, LONG_PAUSE, PAUSE};

    #[test]
    fn what_was_typed_before_ctrl_c_is_set_aside() {
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push("1+1\r\u{1b}[200~a\nb\u{1b}[201~\rxy\x7f\x7fz日".as_bytes());
        assert_eq!((ahead.take_key(), ahead.take_aside()), (None, Vec::new()));
        ahead.push(b"\x03two\r\x1a");
        assert_eq!(ahead.take_key(), Some(Key::Interrupt));
        // A paste stays whole.
        assert_eq!(ahead.take_aside(), ["1+1", "a\nb", "z日"]);
        assert_eq!(ahead.take_key(), Some(Key::Suspend));
        assert_eq!((ahead.take_key(), ahead.typed.take()), (None, b"two\r".to_vec()));
        // A key of its own is one; amid lines that come at once it is not, unless it is Ctrl-C.
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push("let a = `\u{1a}b`\nc".as_bytes());
        assert_eq!(ahead.take_key(), None);
        drop(ahead.typed.take());
        ahead.push(b"foo\x1abar");
        assert_eq!((ahead.take_key(), ahead.typed.take()), (Some(Key::Suspend), b"foobar".to_vec()));
        ahead.push(b"\x1a");
        assert_eq!(ahead.take_key(), Some(Key::Suspend));
        ahead.push(b"x\x03y");
        assert_eq!((ahead.take_key(), ahead.typed.take()), (Some(Key::Interrupt), b"y".to_vec()));
    }

    #[test]
    fn where_pastes_are_marked_other_controls_are_keys() {
        let ahead = Ahead::new(TypeAhead::default());
        // The mark may come in parts.
        ahead.push(b"a\x1b[20");
        assert_eq!(ahead.take_key(), None);
        ahead.push(b"0~x\x1ay\x1b[201~");
        assert_eq!(ahead.take_key(), None);
        ahead.push(b"\nb\n\x1ac");
        assert_eq!((ahead.take_key(), ahead.take_key()), (Some(Key::Suspend), None));
        assert_eq!(ahead.typed.take(), b"a\x1b[200~x\x1ay\x1b[201~\nb\nc");
        // It is known from then on.
        ahead.push(b"a\n\x1ab\n");
        assert_eq!(ahead.take_key(), Some(Key::Suspend));
    }

    #[test]
    fn ctrl_c_in_a_paste_with_marks_is_text() {
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push(b"1\x1b[200~a\x03b\x1a");
        assert_eq!(ahead.take_key(), None);
        ahead.push(b"\x03c\x1b[201~2");
        assert_eq!(ahead.take_key(), None);
        ahead.push(b"\x033\x1b[200~d\x03e\x1b[201~");
        assert_eq!((ahead.take_key(), ahead.take_aside()), (Some(Key::Interrupt), vec!["1abc2".to_owned()]));
        assert_eq!((ahead.take_key(), ahead.typed.take()), (None, b"3\x1b[200~d\x03e\x1b[201~".to_vec()));
        // One that the terminal does not end is over when nothing has come for a while.
        let (ahead, now) = (Ahead::new(TypeAhead::default()), Instant::now());
        ahead.push_at(b"\x1b[200~a", now);
        ahead.push_at(b"\x03", now + PAUSE);
        assert_eq!(ahead.take_key(), None);
        ahead.push_at(b"\x03", now + PAUSE + LONG_PAUSE);
        assert_eq!((ahead.take_key(), ahead.take_aside()), (Some(Key::Interrupt), vec!["a".to_owned()]));
    }

    // threat B11
    #[test]
    fn a_long_paste_with_marks_is_scanned_once_for_each_key() {
        let ahead = Ahead::new(TypeAhead::default());
        let paste = ["\x1b[200~", &"y\x03\x1a~\n".repeat(200_000), "\x1b[201~"].concat();
        for part in paste.as_bytes().chunks(4096) {
            ahead.push(part);
            assert_eq!(ahead.take_key(), None);
        }
        assert_eq!(ahead.typed.scanned(), 2 * u64::try_from(paste.len()).unwrap());
        assert_eq!(ahead.take_key(), None);
        assert_eq!(ahead.typed.scanned(), 2 * u64::try_from(paste.len()).unwrap());
    }

    #[test]
    fn all_of_a_long_paste_is_waited_for() {
        let now = Instant::now();
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push_at(b"x\n", now);
        assert_eq!(ahead.may_go_on_at(now), Some(PAUSE));
        let part = "let a = 1\n".repeat(60);
        ahead.push_at(part.as_bytes(), now + PAUSE / 2);
        assert_eq!(ahead.may_go_on_at(now + PAUSE / 2), Some(PAUSE));
        ahead.push_at(part.as_bytes(), now + PAUSE);
        assert_eq!(ahead.may_go_on_at(now + PAUSE), Some(LONG_PAUSE));
        assert_eq!(ahead.may_go_on_at(now + PAUSE + LONG_PAUSE), None);
        // What comes after a pause is counted anew.
        ahead.push_at(part.as_bytes(), now + LONG_PAUSE * 2);
        assert_eq!(ahead.may_go_on_at(now + LONG_PAUSE * 2), Some(PAUSE));
        // What an editor gave back counts, too.
        let typed = TypeAhead::default();
        typed.push(part.repeat(2).as_bytes());
        let given = Ahead::new(typed);
        given.note_unread_at(now);
        assert_eq!(given.may_go_on_at(now), Some(LONG_PAUSE));
    }

    #[test]
    fn a_paste_that_has_ended_is_not_waited_for() {
        let now = Instant::now();
        let paste = format!("\x1b[200~{}\x1b[201~", "let a = 1\n".repeat(600));
        for at in [1, paste.len() - 3, paste.len()] {
            let ahead = Ahead::new(TypeAhead::default());
            ahead.push_at(&paste.as_bytes()[..at], now);
            ahead.push_at(&paste.as_bytes()[at..], now);
            assert_eq!(ahead.may_go_on_at(now), Some(PAUSE), "{at}");
        }
    }

    #[test]
    fn all_that_was_typed_can_be_set_aside() {
        let ahead = Ahead::new(TypeAhead::default());
        assert_eq!(ahead.last_line(), None);
        ahead.push(b"one\rtwo");
        assert_eq!(ahead.last_line().as_deref(), Some("two"));
        ahead.set_aside();
        assert_eq!((ahead.take_aside(), ahead.typed.is_empty()), (vec!["one".to_owned(), "two".to_owned()], true));
        // It may begin in the midst of a character.
        for cut in 0..4 {
            let ahead = Ahead::new(TypeAhead::default());
            ahead.push(format!("{}{}", "😀".repeat(LINE), "x".repeat(cut)).as_bytes());
            assert!(ahead.last_line().is_some_and(|line| line.starts_with('😀')), "{cut}");
        }
    }

    // threat B11
    #[test]
    fn a_long_paste_takes_time_that_grows_with_its_size() {
        let ahead = Ahead::new(TypeAhead::default());
        let part = [b"x\nx", [26; 4096].as_slice(), b"x"].concat();
        let begun = std::time::Instant::now();
        for _ in 0..2048 {
            ahead.push(&part);
            assert_eq!(ahead.take_key(), None);
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_paste_goes_on_until_its_mark() {
        let now = Instant::now();
        let ahead = Ahead::new(TypeAhead::default());
        ahead.note_unread_at(now);
        assert_eq!(ahead.may_go_on_at(now), None);
        // What an editor gave back may go on.
        let typed = TypeAhead::default();
        typed.push(b"x");
        let given = Ahead::new(typed);
        assert_eq!(given.may_go_on_at(now), None);
        given.note_unread_at(now);
        assert_eq!(given.may_go_on_at(now), Some(PAUSE));
        // A mark may come in parts.
        ahead.push_at(b"x\x1b[20", now);
        ahead.push_at(b"0~let a = 1\ny\n", now);
        assert_eq!(ahead.may_go_on_at(now), Some(LONG_PAUSE));
        ahead.push_at(b"\x1b[201~\x1b[200~z", now);
        assert_eq!(ahead.may_go_on_at(now), Some(LONG_PAUSE));
        ahead.push_at(b"\x1b[201", now);
        ahead.push_at(b"~", now);
        assert_eq!(ahead.may_go_on_at(now), Some(PAUSE));
    }
}
