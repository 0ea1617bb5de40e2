//! Runs long work on sources on threads of its own: as many at once as there are processors, but at least two and at
//! most eight. Each ends early when its receiver is dropped.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
    thread,
};

use drupe_transpile::Stop;
use tokio::sync::{
    Semaphore,
    oneshot::{self, error::RecvError},
};

/// How many threads there may be at once, whatever the machine.
const FEWEST: usize = 2;
const MOST: usize = 8;

/// What work beside will come to. **When this is dropped, the work is stopped.**
#[derive(Debug)]
pub(crate) struct Beside<T> {
    /// Is told when a thread begins the work; `None` once that is known.
    begins: Option<oneshot::Receiver<()>>,
    told: oneshot::Receiver<T>,
    stop: Stop,
}

impl<T> Beside<T> {
    /// Whether a thread is known to have begun the work.
    pub(crate) fn has_begun(&self) -> bool {
        self.begins.is_none()
    }

    /// Waits until a thread begins the work. Cancel safe.
    pub(crate) async fn begin(&mut self) {
        if let Some(begins) = &mut self.begins {
            // An end without a beginning is told by the work itself.
            drop(begins.await);
            self.begins = None;
        }
    }
}

impl<T> Future for Beside<T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.told).poll(context)
    }
}

impl<T> Drop for Beside<T> {
    fn drop(&mut self) {
        self.stop.raise();
    }
}

/// Does `work` beside, which is to heed its stop. To be called in a runtime.
///
/// If there is no room for a thread, it is done where the runtime is: the runtime's own way would not come to that, it
/// panics.
pub(crate) fn beside<T: Send + 'static>(work: impl FnOnce(Stop) -> T + Send + 'static) -> Beside<T> {
    let (begin, begins) = oneshot::channel();
    let (tell, told) = oneshot::channel();
    let stop = Stop::new();
    let theirs = stop.clone();
    tokio::spawn(async move {
        // It is never closed.
        let Ok(permit) = threads().acquire().await else { return };
        if tell.is_closed() {
            return;
        }
        let work = move || {
            // Nobody may wait any more.
            let _ = begin.send(());
            drop(tell.send(work(theirs)));
            drop(permit);
        };
        let here = Arc::new(Mutex::new(Some(work)));
        let there = here.clone();
        let spawned = thread::Builder::new().name("drupe-transpile".into()).spawn(move || once(&there));
        if spawned.is_err() {
            once(&here);
        }
    });
    Beside { begins: Some(begins), told, stop }
}

/// Does the work, unless it was begun.
fn once(work: &Mutex<Option<impl FnOnce()>>) {
    let taken = work.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(work) = taken {
        work();
    }
}

fn threads() -> &'static Semaphore {
    static THREADS: OnceLock<Semaphore> = OnceLock::new();
    THREADS.get_or_init(|| Semaphore::new(thread::available_parallelism().map_or(FEWEST, usize::from).clamp(FEWEST, MOST)))
}
