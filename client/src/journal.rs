//! The journal: the chunks that a session ran, so that a lost session can be made again on request.
//!
//! No chunk is replayed without a request: chunks may have had effects outside of the kernel that must not happen
//! twice.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use drupe_protocol::RunId;

use crate::{Chunk, Error, Outcome};

/// What the sources and names of a session's chunks may take together, in bytes.
const MAX_WEIGHT: usize = 16 << 20;

/// What a session ran. Shared by the kernel's handle, which submits, and its supervisor, which learns how it went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    /// Of the session that is, in the order of submission.
    now: Vec<Entry>,
    weight: usize,
    /// More was run than the journal holds.
    overflowed: bool,
    /// Of the session that was lost last.
    lost: Option<Result<Vec<Played>, Overflowed>>,
}

#[derive(Debug)]
struct Entry {
    run: RunId,
    chunk: Chunk,
    /// `None` until it has ended.
    threw: Option<bool>,
}

/// A chunk that ran to its end, and whether it threw.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) chunk: Chunk,
    pub(crate) threw: bool,
}

#[derive(Clone, Copy, Debug)]
struct Overflowed;

impl Journal {
    pub(crate) fn submitted(&self, run: RunId, chunk: &Chunk) {
        let mut pages = self.lock();
        pages.weight += chunk.weight();
        if pages.weight > MAX_WEIGHT {
            pages.overflowed = true;
            pages.now = Vec::new();
        }
        if !pages.overflowed {
            pages.now.push(Entry { run, chunk: chunk.clone(), threw: None });
        }
    }

    /// A run has ended. One that was stopped half-way is not played again: it might not stop this time.
    pub(crate) fn ended(&self, run: RunId, outcome: &Outcome) {
        let mut pages = self.lock();
        let Some(index) = pages.now.iter().position(|entry| entry.run == run) else { return };
        match threw(outcome) {
            None => drop(pages.now.remove(index)),
            threw => pages.now[index].threw = threw,
        }
    }

    /// The session is gone, and nobody asked for that. What waits for the next one is not part of what is lost.
    pub(crate) fn lost(&self, waiting: impl Fn(RunId) -> bool) {
        let mut pages = self.lock();
        let (waiting, ran) = std::mem::take(&mut pages.now).into_iter().partition::<Vec<_>, _>(|entry| waiting(entry.run));
        let ran = ran.into_iter().filter_map(|entry| entry.threw.map(|threw| Played { chunk: entry.chunk, threw }));
        let ran = ran.collect::<Vec<_>>();
        if pages.overflowed {
            pages.lost = Some(Err(Overflowed));
        } else if !ran.is_empty() {
            pages.lost = Some(Ok(ran));
        }
        pages.weight = waiting.iter().map(|entry| entry.chunk.weight()).sum();
        pages.now = waiting;
        pages.overflowed = false;
    }

    /// An empty session was asked for: there is nothing to make again.
    pub(crate) fn clear(&self, waiting: impl Fn(RunId) -> bool) {
        let mut pages = self.lock();
        pages.now.retain(|entry| waiting(entry.run));
        pages.weight = pages.now.iter().map(|entry| entry.chunk.weight()).sum();
        pages.overflowed = false;
        pages.lost = None;
    }

    /// How many chunks of a lost session can be played again.
    pub(crate) fn playable(&self) -> usize {
        self.lock().lost.as_ref().map_or(0, |lost| lost.as_ref().map_or(0, Vec::len))
    }

    pub(crate) fn take(&self) -> Result<Vec<Played>, Error> {
        match self.lock().lost.take() {
            Some(Ok(played)) => Ok(played),
            Some(Err(Overflowed)) => {
                Err(Error::Journal(format!("the session had run more than the {} MiB that its journal holds", MAX_WEIGHT >> 20)))
            }
            None => Err(Error::Journal(
                "the session is whole; none was lost with its process since the last replay or reset".to_owned(),
            )),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a run that came to its end threw. `None` for a run that was stopped, was no valid program, or ended in
/// an unknown way.
pub(crate) fn threw(outcome: &Outcome) -> Option<bool> {
    let threw = matches!(outcome, Outcome::Threw(_));
    (threw || outcome.is_value()).then_some(threw)
}
