//! Counts the programs of a session, with those that a program has left running.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

/// How many programs a session may have at once. One that has left something running counts until that has ended, too.
const MAX_PROGRAMS: usize = 64;

/// The places for the programs of a session, and the work that waits for what was left running. **With the session all
/// of it ends.**
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    left: Mutex<JoinSet<()>>,
}

impl Default for Places {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(MAX_PROGRAMS)), left: Mutex::default() }
    }
}

impl Places {
    /// A place for a program, if there is one. **To be taken before the program is started.**
    pub(super) fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }

    /// Keeps what a program has left running, until `ended` says that nothing is left.
    pub(super) fn keep(&self, ended: impl Future<Output = ()> + Send + 'static) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        while left.try_join_next().is_some() {}
        left.spawn(ended);
    }
}
