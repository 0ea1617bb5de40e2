//! Turns for compiling: the number of sources that are compiled at once is bounded, over all kernels and for each
//! session, **regardless of the number of requests**.
//!
//! A compilation takes a multiple of its source's size, so the sources that are being compiled are bounded together. A
//! waiting request holds only its source, and gives up when its call is dropped.

use std::{sync::OnceLock, thread};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::worker::Worker;

/// How many sources may be compiled at once, whatever the machine. A session has one turn less, so that it cannot take
/// them all.
const FEWEST: usize = 3;
const MOST: usize = 8;

/// How long the sources may be that are compiled at once, in KiB: 16 MiB. A longer one is compiled alone.
const ALL: usize = 16 << 10;

/// The turns of one session.
#[derive(Debug)]
pub(super) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(threads() - 1))
    }
}

impl Turns {
    /// Waits for a turn to compile `bytes`; `None` when nobody waits for that any more.
    pub(super) fn take(&self, worker: &Worker, bytes: usize) -> Option<Turn<'_>> {
        let weight = u32::try_from(bytes.div_ceil(1 << 10).clamp(1, ALL)).unwrap_or(u32::MAX);
        let (count, room) = everybody();
        // None of them is ever closed.
        let taken = worker.wait(async { (self.0.acquire().await, count.acquire().await, room.acquire_many(weight).await) });
        match taken {
            Some((Ok(own), Ok(one), Ok(room))) if !worker.is_abandoned() => Some(Turn(own, one, room)),
            _ => None,
        }
    }
}

/// A turn. **It is over when this is dropped.**
#[derive(Debug)]
pub(super) struct Turn<'a>(
    #[allow(dead_code, reason = "what counts is when they are dropped")] SemaphorePermit<'a>,
    #[allow(dead_code, reason = "what counts is when they are dropped")] SemaphorePermit<'static>,
    #[allow(dead_code, reason = "what counts is when they are dropped")] SemaphorePermit<'static>,
);

fn threads() -> usize {
    thread::available_parallelism().map_or(FEWEST, usize::from).clamp(FEWEST, MOST)
}

fn everybody() -> (&'static Semaphore, &'static Semaphore) {
    static EVERYBODY: OnceLock<(Semaphore, Semaphore)> = OnceLock::new();
    let (count, room) = EVERYBODY.get_or_init(|| (Semaphore::new(threads()), Semaphore::new(ALL)));
    (count, room)
}

#[cfg(test)]
mod tests {
    use super::{super::worker::Worker, Turns, threads};

    // threat B11
    #[test]
    fn a_session_compiles_no_more_at_once_than_it_has_turns_and_who_is_abandoned_gives_up() {
        let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|error| panic!("{error}"));
        let _entered = runtime.enter();
        let turns = Turns::default();
        let (worker, _waiting) = Worker::new();
        let held: Vec<_> = (1..threads()).map(|_| turns.take(&worker, 1 << 10)).collect();
        assert!(held.iter().all(Option::is_some));
        let (other, waiting) = Worker::new();
        drop(waiting);
        assert!(turns.take(&other, 1 << 10).is_none(), "there is no turn, and nobody waits for one");
        assert!(other.stop().is_raised());
        drop(held);
        assert!(turns.take(&worker, usize::MAX).is_some(), "the longest has its turn, too");
    }
}
