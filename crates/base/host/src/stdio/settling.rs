//! Orders a program's earlier output before the output of others to the same streams.

use std::sync::PoisonError;

use tokio::sync::{mpsc, oneshot};

use super::Stdio;

pub(super) type Asks = mpsc::UnboundedSender<oneshot::Sender<()>>;

/// Requests to show all that the program has said so far: another program is about to write to the same streams.
#[derive(Debug)]
pub struct Settling(mpsc::UnboundedReceiver<oneshot::Sender<()>>);

impl Settling {
    /// The next request. **What is returned is dropped when all that was said is written.** Cancel safe. Each waits for
    /// its call, and calls are bounded.
    pub async fn next(&mut self) -> oneshot::Sender<()> {
        match self.0.recv().await {
            Some(ask) => ask,
            None => std::future::pending().await,
        }
    }
}

impl Stdio {
    /// Requests to whoever shows what the program says, from now on. Without one, nothing waits for what was said.
    #[must_use]
    pub fn settling(&self) -> Settling {
        let (asks, asked) = mpsc::unbounded_channel();
        *self.0.front_end.lock().unwrap_or_else(PoisonError::into_inner) = Some(asks);
        Settling(asked)
    }

    /// Resolves when all that the program has said is written. **What was said before a call has reached the front end
    /// before the call does.**
    #[cfg(target_os = "linux")]
    pub(crate) async fn settle(&self) {
        let (ask, settled) = oneshot::channel();
        let sent = match &*self.0.front_end.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(front_end) => front_end.send(ask).is_ok(),
            None => false,
        };
        if sent {
            // Dropped when it is done, or when there is nobody any more.
            let _ = settled.await;
        }
    }
}
