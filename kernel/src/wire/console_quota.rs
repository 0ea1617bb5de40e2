//! The console quota of the active run, and the number of its dropped events.

use std::cell::Cell;

use drupe_protocol::RunId;

/// Counts for the run that is active.
#[derive(Debug, Default)]
pub(crate) struct ConsoleQuota {
    run: Cell<Option<RunId>>,
    /// Bytes that it may still say; `None`: as much as its reader reads.
    left: Cell<Option<u64>>,
    dropped: Cell<u64>,
}

impl ConsoleQuota {
    /// A run begins.
    pub(crate) fn begin(&self, run: RunId, limit: Option<u64>) {
        self.run.set(Some(run));
        self.left.set(limit);
        self.dropped.set(0);
    }

    /// It ends. Returns how many of its events were dropped.
    pub(crate) fn end(&self) -> u64 {
        self.run.set(None);
        self.dropped.take()
    }

    /// Whether what `run` is about to print is beyond its limit; it is counted if it is.
    pub(crate) fn drops(&self, run: Option<RunId>) -> bool {
        let drops = run.is_some() && run == self.run.get() && self.left.get() == Some(0);
        self.dropped.set(self.dropped.get() + u64::from(drops));
        drops
    }

    /// `run` has printed so many bytes. The event that reaches the limit is the last.
    pub(crate) fn printed(&self, run: Option<RunId>, bytes: usize) {
        if run == self.run.get() {
            self.left.set(self.left.get().map(|left| left.saturating_sub(bytes as u64)));
        }
    }

    /// An event of `run` was dropped, for there were too many.
    pub(crate) fn dropped(&self, run: Option<RunId>) {
        if run.is_some() && run == self.run.get() {
            self.dropped.set(self.dropped.get() + 1);
        }
    }
}
