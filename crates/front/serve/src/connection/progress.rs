//! Whether a client takes what is written to it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{io::AsyncWrite, time::Instant};

use crate::kernel::pump::STALLED;

/// How often it is looked at.
const PACE: Duration = Duration::from_millis(500);

/// How many bytes a client has taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<AtomicU64>);

/// Counts what is written.
#[derive(Debug)]
pub(crate) struct Counted<W> {
    out: W,
    progress: Progress,
}

impl Progress {
    pub(crate) fn counting<W>(&self, out: W) -> Counted<W> {
        Counted { out, progress: self.clone() }
    }

    /// Waits until the client has taken nothing for ten seconds, while there was something to take.
    pub(crate) async fn stalled(&self, is_writing: impl Fn() -> bool) {
        let mut stall = Stall { taken: self.taken(), since: Instant::now() };
        loop {
            tokio::time::sleep(PACE).await;
            if stall.lasts(self.taken(), is_writing(), Instant::now()) {
                return;
            }
        }
    }

    fn taken(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Since when a client has taken nothing.
#[derive(Debug)]
struct Stall {
    taken: u64,
    since: Instant,
}

impl Stall {
    /// Whether it has lasted too long.
    fn lasts(&mut self, taken: u64, is_writing: bool, now: Instant) -> bool {
        if taken != self.taken || !is_writing {
            (self.taken, self.since) = (taken, now);
        }
        now - self.since >= STALLED
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Counted<W> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = ready!(Pin::new(&mut self.out).poll_write(context, bytes))?;
        self.progress.0.fetch_add(taken as u64, Ordering::Relaxed);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn what_a_client_takes_is_counted() {
        let (near, mut far) = tokio::io::duplex(4);
        let progress = Progress::default();
        let mut out = progress.counting(near);
        let writing = tokio::spawn(async move { out.write_all(b"0123456789").await });
        far.read_exact(&mut [0; 10]).await.unwrap();
        writing.await.unwrap().unwrap();
        assert_eq!(progress.taken(), 10);
    }

    #[test]
    fn a_client_that_takes_nothing_is_told_from_one_that_is_slow() {
        let begun = Instant::now();
        let mut stall = Stall { taken: 0, since: begun };
        let almost = STALLED - PACE;
        assert!(!stall.lasts(0, true, begun + almost));
        assert!(!stall.lasts(1, true, begun + 2 * almost), "it has taken a byte");
        assert!(!stall.lasts(1, true, begun + 3 * almost));
        assert!(!stall.lasts(1, false, begun + 9 * almost), "there was nothing to take");
        assert!(!stall.lasts(1, true, begun + 10 * almost));
        assert!(stall.lasts(1, true, begun + 9 * almost + STALLED));
    }
}
