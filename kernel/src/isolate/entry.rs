//! How stretches of JavaScript are entered.

use std::time::Duration;

use crate::isolate::stretch::Limit;

/// How a stretch is entered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(super) limit: Limit,
    /// Whether a stop holds that is pending for the active run.
    pub(super) heeds: bool,
}

impl Entry {
    /// With the CPU budget of a run or a callback.
    pub(crate) fn within(budget: Option<Duration>) -> Self {
        Self { limit: Limit::of(budget), heeds: true }
    }

    /// With a CPU budget of which the parent is not told.
    pub(crate) fn quiet(budget: Duration) -> Self {
        Self { limit: Limit::quiet(budget), heeds: true }
    }

    /// Right after a stretch with the budget `own` that was stopped: what stopped that one does not hold for this.
    pub(crate) fn after_stop(own: Option<Duration>) -> Self {
        Self { limit: Limit::after_stop(own), heeds: false }
    }

    /// Right after a stretch in which the active run has ended itself: the stop that this has caused holds.
    pub(crate) fn after_end(own: Option<Duration>) -> Self {
        Self { limit: Limit::after_stop(own), heeds: true }
    }
}
