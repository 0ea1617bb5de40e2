//! What waits to be written to a peer, and the task that writes it.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::Notify,
    time::Instant,
};

use super::frame::Wire;

/// Bytes that are written before progress is noted.
const STEP: usize = 256 << 10;

/// The queue of a peer.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    added: Notify,
    /// Something was written, or the peer is gone.
    freed: Notify,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Wire>,
    /// Bytes that wait, with those that are being written.
    bytes: usize,
    /// When the peer took bytes last, or the queue was empty.
    progress: Instant,
    is_closed: bool,
}

impl Outbox {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { queue: VecDeque::new(), bytes: 0, progress: Instant::now(), is_closed: false };
        Arc::new(Self { state: Mutex::new(state), added: Notify::new(), freed: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what is to be written. **The caller bounds it.**
    pub(crate) fn push(&self, wire: Wire) {
        let mut state = self.state();
        if state.is_closed {
            return;
        }
        if state.bytes == 0 {
            state.progress = Instant::now();
        }
        state.bytes += wire.size();
        state.queue.push_back(wire);
        drop(state);
        self.added.notify_one();
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> usize {
        self.state().bytes
    }

    /// When the peer took bytes last.
    pub(crate) fn progress(&self) -> Instant {
        self.state().progress
    }

    /// The peer is gone, or is let go.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        (state.is_closed, state.bytes) = (true, 0);
        state.queue.clear();
        drop(state);
        self.added.notify_one();
        self.freed.notify_waiters();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    /// Resolves when something is written after this call. Make it before a look at [`bytes`](Self::bytes).
    pub(crate) fn freed(&self) -> impl Future<Output = ()> + '_ {
        self.freed.notified()
    }

    /// Waits until nothing waits.
    pub(crate) async fn drained(&self) {
        loop {
            let freed = self.freed();
            if self.bytes() == 0 {
                return;
            }
            freed.await;
        }
    }

    async fn next(&self) -> Option<Wire> {
        loop {
            {
                let mut state = self.state();
                if state.is_closed {
                    return None;
                }
                if let Some(wire) = state.queue.pop_front() {
                    return Some(wire);
                }
            }
            self.added.notified().await;
        }
    }

    fn wrote(&self, bytes: usize) {
        let mut state = self.state();
        state.bytes = state.bytes.saturating_sub(bytes);
        state.progress = Instant::now();
        drop(state);
        self.freed.notify_waiters();
    }

    /// Writes what comes, until the peer is gone.
    pub(crate) async fn write_to(&self, mut to: impl AsyncWrite + Unpin) {
        while let Some(wire) = self.next().await {
            for step in wire.pieces().iter().flat_map(|piece| piece.chunks(STEP)) {
                if to.write_all(step).await.is_err() {
                    return self.close();
                }
                self.wrote(step.len());
            }
            if to.flush().await.is_err() {
                return self.close();
            }
        }
    }
}
