//! The console quotas of runs, and the number of their dropped events.

use std::cell::RefCell;

use drupe_protocol::RunId;

/// Counts for the run that is active, and for those that are set aside.
#[derive(Debug, Default)]
pub(crate) struct ConsoleQuota(RefCell<Vec<Counted>>);

#[derive(Debug)]
struct Counted {
    run: RunId,
    /// Bytes that it may still say; `None`: as much as its reader reads.
    left: Option<u64>,
    dropped: u64,
}

impl ConsoleQuota {
    /// A run begins.
    pub(crate) fn begin(&self, run: RunId, limit: Option<u64>) {
        self.0.borrow_mut().push(Counted { run, left: limit, dropped: 0 });
    }

    /// It ends. Returns how many of its events were dropped.
    pub(crate) fn end(&self, run: RunId) -> u64 {
        let mut counted = self.0.borrow_mut();
        counted.iter().position(|of| of.run == run).map_or(0, |at| counted.swap_remove(at).dropped)
    }

    /// Whether what `run` is about to print is beyond its limit; it is counted if it is.
    pub(crate) fn drops(&self, run: Option<RunId>) -> bool {
        self.with(run, |of| {
            let drops = of.left == Some(0);
            of.dropped += u64::from(drops);
            drops
        })
        .unwrap_or(false)
    }

    /// `run` has printed so many bytes. The event that reaches the limit is the last.
    pub(crate) fn printed(&self, run: Option<RunId>, bytes: usize) {
        self.with(run, |of| of.left = of.left.map(|left| left.saturating_sub(bytes as u64)));
    }

    /// An event of `run` was dropped, for there were too many.
    pub(crate) fn dropped(&self, run: Option<RunId>) {
        self.with(run, |of| of.dropped += 1);
    }

    fn with<T>(&self, run: Option<RunId>, count: impl FnOnce(&mut Counted) -> T) -> Option<T> {
        self.0.borrow_mut().iter_mut().find(|of| Some(of.run) == run).map(count)
    }
}
