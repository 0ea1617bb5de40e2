//! Stops work on other threads when its call is dropped.
//!
//! A call is cancelled by dropping its future. A thread that blocks does not notice that, so **every loop whose length
//! depends on input checks its [`Stop`]**, and ends.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The side of the thread that works. The default is never stopped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether nobody waits any more.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The side that waits. **Dropping it stops the work.**
#[derive(Debug, Default)]
pub(crate) struct Waiting(Stop);

impl Waiting {
    pub(crate) fn stop(&self) -> Stop {
        self.0.clone()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_stopped_when_nobody_waits() {
        let waiting = Waiting::default();
        let stop = waiting.stop();
        assert!(!stop.is_set() && !Stop::default().is_set());
        drop(waiting);
        assert!(stop.is_set());
    }
}
