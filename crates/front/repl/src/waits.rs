//! The things besides events that a front end waits for while it follows a run.

use std::{future::pending, time::Duration};

use drupe_client::{Kernel, Status};
use tokio::{sync::oneshot, time::Instant};

use crate::interrupt_presses::Presses;

/// If the kernel does not answer in this time, V8 is in code that cannot be interrupted.
const STATUS_PATIENCE: Duration = Duration::from_millis(300);

/// What following waits for besides events.
pub(crate) struct Waits {
    /// Something was not flushed yet.
    pub(crate) held_back: bool,
    /// What was pressed, and when to say that it has not stopped.
    pub(crate) presses: Presses,
    /// When to ask for standard input, if code reads it.
    pub(crate) may_type_at: Instant,
    /// When to ask what it is at.
    pub(crate) status: Option<Instant>,
    pub(crate) told: Option<oneshot::Receiver<Option<Status>>>,
}

/// Asks what the kernel is at.
pub(crate) fn ask_status(kernel: &Kernel) -> oneshot::Receiver<Option<Status>> {
    let (tell, told) = oneshot::channel();
    let kernel = kernel.clone();
    tokio::spawn(async move {
        let status = tokio::time::timeout(STATUS_PATIENCE, kernel.status()).await;
        // The run may have ended meanwhile.
        drop(tell.send(status.ok().and_then(Result::ok)));
    });
    told
}

/// The answer. Cancel safe.
pub(crate) async fn told(told: &mut Option<oneshot::Receiver<Option<Status>>>) -> Option<Status> {
    match told {
        Some(told) => told.await.ok().flatten(),
        None => pending().await,
    }
}
