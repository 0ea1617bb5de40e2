//! A stretch of JavaScript, and its limit.

use std::time::Duration;

/// How long the environment's own code may hold up a stop.
pub(crate) const LONGEST_HOLD: Duration = Duration::from_millis(100);

/// CPU time for the promise jobs and ticks that are due when a stretch is stopped.
pub(crate) const AFTER_STOP: Duration = Duration::from_millis(20);

/// CPU time after which the parent is told of such jobs that do not stop, where the stretch had no budget.
const UNLIMITED_AFTER_STOP: Duration = Duration::from_secs(2);

/// A stretch of JavaScript: from its entry until control is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch(pub(crate) u64);

/// How long a stretch may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// CPU time after which it is stopped.
    pub(crate) budget: Option<Duration>,
    /// The CPU budget of which the parent is told when the stretch does not stop, at the earliest when this is used up.
    /// `None`: the parent is not told.
    pub(crate) told: Option<Duration>,
}

impl Limit {
    /// The budget of a run or of a callback.
    pub(crate) fn of(budget: Option<Duration>) -> Self {
        Self { budget, told: budget }
    }

    /// As [`Self::of`], but the parent is not told: it should not kill for that.
    pub(crate) fn quiet(budget: Duration) -> Self {
        Self { budget: Some(budget), told: None }
    }

    /// For what a stretch with the budget `own` has left to be done when it was stopped.
    pub(crate) fn after_stop(own: Option<Duration>) -> Self {
        Self { budget: Some(AFTER_STOP), told: own.or(Some(UNLIMITED_AFTER_STOP)) }
    }
}
