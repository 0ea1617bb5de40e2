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

/// Messages that wait are written as one, up to so many bytes.
const TOGETHER: usize = 32 << 10;

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

impl State {
    /// Takes a message, or the short ones that wait, as one.
    fn take(&mut self) -> Option<Wire> {
        let mut bytes = 0;
        let fits = |wire: &&Wire| {
            bytes += wire.size();
            bytes <= TOGETHER
        };
        match self.queue.iter().take_while(fits).count() {
            0 | 1 => self.queue.pop_front(),
            short => Some(Wire::joined(self.queue.drain(..short))),
        }
    }
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
                if let Some(wire) = state.take() {
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

#[cfg(test)]
mod tests {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use bytes::Bytes;

    use super::*;

    /// Keeps what is written to it, write by write.
    #[derive(Default)]
    struct Writes(Mutex<Vec<Vec<u8>>>);

    impl AsyncWrite for &Writes {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn short_messages_that_wait_are_written_as_one() {
        let outbox = Outbox::new();
        let message = |byte: u8, length: usize| Wire::message(&[Bytes::from(vec![byte; length])]);
        let lengths = [10, 300, TOGETHER - 500, 400, STEP, 20, 30];
        let sent: Vec<Wire> = (0..).zip(lengths).map(|(byte, length)| message(byte, length)).collect();
        sent.iter().for_each(|wire| outbox.push(wire.clone()));
        let writes = Writes::default();
        tokio::select! {
            () = outbox.write_to(&writes) => {}
            () = outbox.drained() => {}
        }
        let writes = writes.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<u8> = sent.iter().flat_map(|wire| wire.pieces().concat()).collect();
        assert_eq!(writes.concat(), all);
        // The first three, the fourth, the head of the large one and its bytes, the last two.
        let sizes: Vec<usize> = writes.iter().map(Vec::len).collect();
        let whole = |wires: &[Wire]| wires.iter().map(Wire::size).sum::<usize>();
        assert_eq!(sizes, [whole(&sent[..3]), whole(&sent[3..4]), sent[4].size() - STEP, STEP, whole(&sent[5..])]);
        assert_eq!(outbox.bytes(), 0);
    }
}
