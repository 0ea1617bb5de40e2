//! Not in upstream: input that came before anybody asked for a line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that follow each other sooner than this came at once: nobody types so fast.
pub(crate) const AT_ONCE: Duration = Duration::from_millis(20);

/// Bytes from the terminal that are read before what the terminal still holds. Clones are the same queue.
///
/// A reader takes its input from here first, and gives back what it has not used when its line ends.
#[derive(Clone, Debug, Default)]
pub struct TypeAhead(Arc<Mutex<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    bytes: VecDeque<u8>,
    /// What came at once, in the order of `bytes`.
    bursts: VecDeque<Burst>,
    /// When the last came.
    last: Option<Instant>,
    /// Whether a reader has a part of the first burst.
    partly_read: bool,
    /// Whether the terminal marks what is pasted.
    marks: bool,
    /// How far keys were looked for.
    searched: Vec<Searched>,
    /// How many bytes were looked at for that.
    scanned: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Burst {
    length: usize,
    lines: Lines,
}

/// How far a key was looked for.
#[derive(Clone, Copy, Debug, Default)]
struct Searched {
    key: u8,
    at: usize,
    /// Whether that is within a paste that has marks.
    in_paste: bool,
}

/// Whether what came at once has lines, as a paste has: a line break with text behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lines {
    #[default]
    None,
    Broken,
    Several,
}

impl Lines {
    pub(crate) fn note(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |lines, byte| match (lines, byte) {
            (Self::None, b'\r' | b'\n') => Self::Broken,
            (Self::Broken, byte) if is_text(*byte) && !matches!(byte, b'\r' | b'\n') => Self::Several,
            _ => lines,
        })
    }
}

/// What a terminal sends before and behind what is pasted.
const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

impl Queue {
    fn push(&mut self, bytes: &[u8], now: Instant) {
        if bytes.is_empty() {
            return;
        }
        let at_once = self.last.replace(now).is_some_and(|last| now.duration_since(last) < AT_ONCE);
        if !at_once || self.bursts.is_empty() {
            self.bursts.push_back(Burst::default());
        }
        if let Some(burst) = self.bursts.back_mut() {
            burst.length += bytes.len();
            burst.lines = burst.lines.note(bytes);
        }
        self.bytes.extend(bytes);
    }

    /// Where the first `key` is that is no part of a pasted text, and in which burst. **Each byte is looked at once**, however often more comes:
    /// what is text stays text.
    fn key(&mut self, key: u8) -> Option<(usize, usize)> {
        let place = self.searched.iter().position(|searched| searched.key == key).unwrap_or_else(|| {
            self.searched.push(Searched { key, ..Searched::default() });
            self.searched.len() - 1
        });
        let mut searched = self.searched[place];
        let found = self.key_after(key, &mut searched);
        self.searched[place] = searched;
        found
    }

    fn key_after(&mut self, key: u8, searched: &mut Searched) -> Option<(usize, usize)> {
        let (mut number, mut start) = (0, 0);
        while let Some(byte) = self.bytes.get(searched.at).copied() {
            self.scanned += 1;
            let at = searched.at;
            if byte == b'~' {
                match () {
                    () if self.ends_at(at, PASTE_BEGINS) => (searched.in_paste, self.marks) = (true, true),
                    () if self.ends_at(at, PASTE_ENDS) => searched.in_paste = false,
                    () => {}
                }
            }
            if byte != key || searched.in_paste {
                searched.at += 1;
                continue;
            }
            while let Some(burst) = self.bursts.get(number).filter(|burst| start + burst.length <= at) {
                (number, start) = (number + 1, start + burst.length);
            }
            let burst = self.bursts.get(number).copied().unwrap_or_default();
            if self.marks || burst.lines != Lines::Several {
                return Some((at, number));
            }
            let end = start + burst.length;
            // A run of controls is text as a whole, or none of it is.
            let run = self.bytes.range(at..end).position(|byte| !is_control(*byte)).map_or(end, |length| at + length);
            let rest: Vec<u8> = self.bytes.range(run..end.min(run + 2)).copied().collect();
            if !is_pasted(key, at - start, &rest, burst.lines) {
                return Some((at, number));
            }
            searched.at = run;
        }
        None
    }

    /// Whether `mark` ends with the byte at `at`.
    fn ends_at(&self, at: usize, mark: &[u8]) -> bool {
        (at + 1).checked_sub(mark.len()).is_some_and(|start| self.bytes.range(start..=at).eq(mark))
    }

    /// Bytes were taken from the beginning, or put there.
    fn moved(&mut self, taken: usize) {
        for searched in &mut self.searched {
            match searched.at.checked_sub(taken) {
                Some(at) => searched.at = at,
                None => *searched = Searched { key: searched.key, ..Searched::default() },
            }
        }
    }
}

impl TypeAhead {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes at the end. **Not while a line is read**: who waits for the terminal is not woken.
    pub fn push(&self, bytes: &[u8]) {
        self.queue().push(bytes, Instant::now());
    }

    /// Removes and returns all.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        let mut queue = self.queue();
        let marks = queue.marks;
        std::mem::replace(&mut *queue, Queue { marks, ..Queue::default() }).bytes.into()
    }

    /// Removes all, and returns it as a queue of its own.
    #[must_use]
    pub fn split_off(&self) -> Self {
        let mut queue = self.queue();
        let marks = queue.marks;
        Self(Arc::new(Mutex::new(std::mem::replace(&mut *queue, Queue { marks, ..Queue::default() }))))
    }

    /// Puts before all others what came earlier and was [split off](Self::split_off). **Not while a line is read.**
    pub fn put_before(&self, earlier: &Self) {
        let mut earlier = std::mem::take(&mut *earlier.queue());
        let mut queue = self.queue();
        earlier.bytes.append(&mut queue.bytes);
        earlier.bursts.append(&mut queue.bursts);
        earlier.last = queue.last.or(earlier.last);
        earlier.marks |= queue.marks;
        *queue = earlier;
    }

    /// A copy of the last bytes, at most so many.
    #[must_use]
    pub fn end(&self, most: usize) -> Vec<u8> {
        let queue = self.queue();
        queue.bytes.range(queue.bytes.len().saturating_sub(most)..).copied().collect()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue().bytes.len()
    }

    /// Where the first of these keys is that is no part of a pasted text.
    #[must_use]
    pub fn position(&self, key: u8) -> Option<usize> {
        self.queue().key(key).map(|(place, _)| place)
    }

    /// How many bytes were looked at for keys. It tells the cost.
    #[doc(hidden)]
    #[must_use]
    pub fn scanned(&self) -> u64 {
        self.queue().scanned
    }

    /// Removes the first of these keys that is no part of a pasted text; whether there was one.
    pub fn remove(&self, key: u8) -> bool {
        let mut queue = self.queue();
        let Some((place, number)) = queue.key(key) else { return false };
        queue.bytes.remove(place);
        for searched in queue.searched.iter_mut().filter(|searched| searched.at > place) {
            searched.at -= 1;
        }
        queue.bursts[number].length -= 1;
        if queue.bursts[number].length == 0 {
            queue.bursts.remove(number);
        }
        true
    }

    /// Whether the terminal marks what is pasted: then a control without marks is a key.
    pub(crate) fn marks(&self) -> bool {
        self.queue().marks
    }

    /// The terminal has sent a mark.
    pub(crate) fn note_mark(&self) {
        self.queue().marks = true;
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue().bytes.is_empty()
    }

    /// Moves bytes into `buf`, none of which came later than others; how many, and whether the burst that they are of has lines.
    pub(crate) fn read(&self, buf: &mut [u8]) -> (usize, Lines) {
        let mut queue = self.queue();
        let Some(burst) = queue.bursts.pop_front() else { return (0, Lines::None) };
        let count = burst.length.min(buf.len());
        queue.partly_read = count < burst.length;
        if queue.partly_read {
            queue.bursts.push_front(Burst { length: burst.length - count, ..burst });
        }
        for (to, from) in buf.iter_mut().zip(queue.bytes.drain(..count)) {
            *to = from;
        }
        queue.moved(count);
        (count, burst.lines)
    }

    /// Puts bytes back before all others. `lines`: what is known of the burst that they are of.
    pub(crate) fn give_back(&self, bytes: &[u8], lines: Lines) {
        if bytes.is_empty() {
            return;
        }
        let mut queue = self.queue();
        for byte in bytes.iter().rev() {
            queue.bytes.push_front(*byte);
        }
        queue.searched.clear();
        match queue.bursts.front().copied() {
            Some(rest) if queue.partly_read => queue.bursts[0].length = rest.length + bytes.len(),
            _ => queue.bursts.push_front(Burst { length: bytes.len(), lines }),
        }
    }
}

/// Whether a control character is text because it came at once with text around it: `before` bytes, and `after`. `lines`: of all that came at once.
/// **Keys that come in one packet are keys**: only what has lines is a paste.
pub(crate) fn is_pasted(control: u8, before: usize, after: &[u8], lines: Lines) -> bool {
    if lines != Lines::Several {
        return false;
    }
    match control {
        // What indents or parts words has something behind it.
        b'\t' => is_followed(after, |byte| byte == b'\t'),
        // A person is meant by keys that end, cancel and erase, and what begins a key's sequence is one.
        b'\r' | b'\n' | b'\x1b' | 3 | 8 | 0x7f => false,
        0..b' ' => before > 1 && is_followed(after, is_control),
        _ => false,
    }
}

/// Whether text follows, which `skipped` is not. Enter alone is a key.
fn is_followed(after: &[u8], skipped: impl Fn(u8) -> bool) -> bool {
    let text = after.iter().position(|byte| !skipped(*byte)).map(|start| &after[start..]);
    text.is_some_and(|text| is_text(text[0]) && !matches!(text, [b'\r' | b'\n']))
}

/// Whether so much came that nobody has typed it meanwhile.
pub(crate) fn is_more_than_typed(after: &[u8]) -> bool {
    let end = after.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    after.len() >= 16 || end.is_some_and(|end| end + 1 < after.len())
}

/// What is a key where a person types it, and may stand in a text.
fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\r' | b'\n' | b'\x1b' | 3 | 8)
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' '..=0x7e | 0x80..)
}
