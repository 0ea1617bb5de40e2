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
    /// How many bytes came at once, in the order of `bytes`.
    bursts: VecDeque<usize>,
    /// When the last came.
    last: Option<Instant>,
    /// Whether a reader has a part of the first burst.
    partly_read: bool,
}

impl Queue {
    fn push(&mut self, bytes: &[u8], now: Instant) {
        if bytes.is_empty() {
            return;
        }
        let at_once = self.last.replace(now).is_some_and(|last| now.duration_since(last) < AT_ONCE);
        match self.bursts.back_mut() {
            Some(burst) if at_once => *burst += bytes.len(),
            _ => self.bursts.push_back(bytes.len()),
        }
        self.bytes.extend(bytes);
    }

    /// Where the first `key` is that is no part of a pasted text, and in which burst.
    fn key(&self, key: u8) -> Option<(usize, usize)> {
        let mut start = 0;
        for (number, burst) in self.bursts.iter().enumerate() {
            let bytes: Vec<u8> = self.bytes.iter().skip(start).take(*burst).copied().collect();
            let found = (0..bytes.len()).find(|at| bytes[*at] == key && !is_pasted(key, *at, &bytes[at + 1..]));
            if let Some(at) = found {
                return Some((start + at, number));
            }
            start += burst;
        }
        None
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
        std::mem::take(&mut *self.queue()).bytes.into()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue().bytes.len()
    }

    /// Whether `byte` is among them.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        let queue = self.queue();
        let (one, other) = queue.bytes.as_slices();
        memchr::memchr(byte, one).is_some() || memchr::memchr(byte, other).is_some()
    }

    /// Removes the first of these keys that is no part of a pasted text; whether there was one.
    pub fn remove(&self, key: u8) -> bool {
        if !self.contains(key) {
            return false;
        }
        let mut queue = self.queue();
        let Some((place, number)) = queue.key(key) else { return false };
        queue.bytes.remove(place);
        queue.bursts[number] -= 1;
        if queue.bursts[number] == 0 {
            queue.bursts.remove(number);
        }
        true
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue().bytes.is_empty()
    }

    /// Moves bytes into `buf`, none of which came later than others; how many.
    pub(crate) fn read(&self, buf: &mut [u8]) -> usize {
        let mut queue = self.queue();
        let Some(burst) = queue.bursts.pop_front() else { return 0 };
        let count = burst.min(buf.len());
        queue.partly_read = count < burst;
        if queue.partly_read {
            queue.bursts.push_front(burst - count);
        }
        for (to, from) in buf.iter_mut().zip(queue.bytes.drain(..count)) {
            *to = from;
        }
        count
    }

    /// Puts bytes back before all others.
    pub(crate) fn give_back(&self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let mut queue = self.queue();
        for byte in bytes.iter().rev() {
            queue.bytes.push_front(*byte);
        }
        match queue.bursts.front().copied() {
            Some(rest) if queue.partly_read => queue.bursts[0] = rest + bytes.len(),
            _ => queue.bursts.push_front(bytes.len()),
        }
    }
}

/// Whether a control character is text because it came at once with text around it: `before` bytes, and `after`.
pub(crate) fn is_pasted(control: u8, before: usize, after: &[u8]) -> bool {
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
