//! Not in upstream: input that came before anybody asked for a line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes from the terminal that are read before what the terminal still holds. Clones are the same queue.
///
/// A reader takes its input from here first, and gives back what it has not used when its line ends.
#[derive(Clone, Debug, Default)]
pub struct TypeAhead(Arc<Mutex<VecDeque<u8>>>);

impl TypeAhead {
    fn queue(&self) -> MutexGuard<'_, VecDeque<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes at the end. **Not while a line is read**: who waits for the terminal is not woken.
    pub fn push(&self, bytes: &[u8]) {
        self.queue().extend(bytes);
    }

    /// Removes and returns all.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.queue()).into()
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue().len()
    }

    /// Whether `byte` is among them.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        let queue = self.queue();
        let (one, other) = queue.as_slices();
        memchr::memchr(byte, one).is_some() || memchr::memchr(byte, other).is_some()
    }

    /// Removes the first of these bytes; whether there was one.
    pub fn remove(&self, byte: u8) -> bool {
        let mut queue = self.queue();
        let place = queue.iter().position(|waiting| *waiting == byte);
        place.is_some_and(|place| queue.remove(place).is_some())
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue().is_empty()
    }

    /// Moves bytes into `buf`; how many.
    pub(crate) fn read(&self, buf: &mut [u8]) -> usize {
        let mut queue = self.queue();
        let count = queue.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(queue.drain(..count)) {
            *to = from;
        }
        count
    }

    /// Puts bytes back before all others.
    pub(crate) fn give_back(&self, bytes: &[u8]) {
        let mut queue = self.queue();
        for byte in bytes.iter().rev() {
            queue.push_front(*byte);
        }
    }
}
