//! Limits the module calls of one kernel that are worked on at once.
//!
//! Imports and `require` have a lane each: a `require` blocks JavaScript, which then pulls no graph, so **neither may
//! wait for the other**.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of one lane that are worked on at once; the others wait for their turn.
const CALLS: usize = 4;

/// Bytes of modules that one graph may have ready before they are asked for. One more module may be ready beyond that.
pub(super) const READY_BYTES: usize = 8 << 20;

/// The lanes of a kernel; clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    graphs: Arc<Semaphore>,
    single: Arc<Semaphore>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { graphs: Arc::new(Semaphore::new(CALLS)), single: Arc::new(Semaphore::new(CALLS)) }
    }
}

/// A turn, until it is dropped. **The thread that works keeps it**, so that work which nobody waits for any more still
/// counts.
pub(super) type Turn = Arc<OwnedSemaphorePermit>;

impl Lanes {
    /// A turn for a graph.
    pub(super) async fn graph(&self) -> Option<Turn> {
        self.graphs.clone().acquire_owned().await.ok().map(Arc::new)
    }

    /// A turn for a call about one module.
    pub(super) async fn single(&self) -> Option<Turn> {
        self.single.clone().acquire_owned().await.ok().map(Arc::new)
    }
}

/// What a graph may have ready.
#[derive(Debug)]
pub(super) struct Ready(Semaphore);

/// Bytes in a permit.
const UNIT: usize = 1 << 10;

impl Ready {
    pub(super) fn new() -> Self {
        Self(Semaphore::new(READY_BYTES / UNIT))
    }

    /// Waits until a module of `bytes` may be made ready. It is taken back by [`sent`](Self::sent).
    pub(super) async fn take(&self, bytes: usize) {
        if let Ok(permit) = self.0.acquire_many(units(bytes)).await {
            permit.forget();
        }
    }

    /// A module of `bytes` was asked for.
    pub(super) fn sent(&self, bytes: usize) {
        self.0.add_permits(units(bytes) as usize);
    }
}

/// A larger module takes all there is.
fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.min(READY_BYTES).div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Context};

    use super::*;

    fn is_ready(future: impl Future) -> bool {
        pin!(future).poll(&mut Context::from_waker(std::task::Waker::noop())).is_ready()
    }

    // threat K4
    #[test]
    fn modules_are_made_ready_as_they_are_asked_for() {
        let ready = Ready::new();
        assert!((0..8).all(|_| is_ready(ready.take(1 << 20))) && !is_ready(ready.take(1)));
        ready.sent(1 << 20);
        assert!(is_ready(ready.take(1 << 20)) && !is_ready(ready.take(1)));
        (0..8).for_each(|_| ready.sent(1 << 20));
        // One that is larger than all waits until it is alone.
        assert!(is_ready(ready.take(1 << 30)) && !is_ready(ready.take(1)));
        ready.sent(1 << 30);
        assert!(is_ready(ready.take(1)));
    }
}
