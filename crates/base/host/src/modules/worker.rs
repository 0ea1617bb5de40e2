//! Work on files, on threads that may block, and the questions to a person that arise in it.

use drupe_protocol::HostError;
use drupe_transpile::Stop;
use tokio::{runtime::Handle, sync::watch};

use super::{asked::Refusal, gate::Gate};

/// How often one module may need a person's word.
const MAX_QUESTIONS: usize = 8;

/// Lives as long as somebody waits for the work.
#[derive(Debug)]
pub(super) struct Waiting {
    #[allow(dead_code, reason = "what counts is when it is dropped")]
    sender: watch::Sender<()>,
    stop: Stop,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

/// The thread's side of a call.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    runtime: Handle,
    waiting: watch::Receiver<()>,
    /// Is raised when nobody waits any more.
    stop: Stop,
}

impl Worker {
    /// For work that ends when the other half is dropped. To be called in a runtime.
    pub(super) fn new() -> (Self, Waiting) {
        let (sender, waiting) = watch::channel(());
        let stop = Stop::new();
        (Self { runtime: Handle::current(), waiting, stop: stop.clone() }, Waiting { sender, stop })
    }

    /// Ends what is being compiled for the call with it.
    pub(super) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Whether nobody waits any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.waiting.has_changed().is_err()
    }

    /// Waits for a future on this thread, which must be one that may block; `None` when nobody waits any more.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut waiting = self.waiting.clone();
        self.runtime.block_on(async {
            tokio::select! {
                value = future => Some(value),
                _ = waiting.changed() => None,
            }
        })
    }

    /// What `work` comes to, asking for what it may not see.
    pub(super) fn settle<T>(&self, gate: &Gate, work: impl Fn() -> Result<T, Refusal>) -> Result<T, HostError> {
        for _ in 0..MAX_QUESTIONS {
            let (ask, otherwise) = match work() {
                Ok(value) => return Ok(value),
                Err(Refusal::Error(error)) => return Err(error),
                Err(Refusal::Withheld { ask, otherwise }) => (ask, otherwise),
            };
            match self.wait(gate.require(&ask)) {
                Some(Ok(())) => {}
                Some(Err(asked)) => return Err(gate.answered(*otherwise, &asked)),
                None => return Err(*otherwise),
            }
        }
        work().map_err(HostError::from)
    }
}

/// Runs `work` on a thread that may block. Dropping the future ends the questions in it.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce(&Worker) -> Result<T, HostError> + Send + 'static,
) -> Result<T, HostError> {
    let (worker, waiting) = Worker::new();
    let done = tokio::task::spawn_blocking(move || work(&worker)).await;
    drop(waiting);
    done.unwrap_or_else(|_| Err(HostError::new("Error", "the host failed; its log says why").with_code("ERR_HOST_PANICKED")))
}
