//! Waits for the end of a short run without sleep.
//!
//! The system wakes a process that sleeps after some tens of microseconds: as long as a short run takes. So the
//! supervisor stays awake for a moment where the run before was short. **At most one supervisor of this process does
//! so, and none where there is one processor**: the kernels need the others.

use std::{
    convert::Infallible,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// A run is short if its end comes within this time.
const SHORT: Duration = Duration::from_micros(300);

/// How long the supervisor stays awake after it has sent a run.
const AWAKE: Duration = Duration::from_micros(100);

/// Whether other processes can run while this one stays awake.
static HAS_ROOM: LazyLock<bool> =
    LazyLock::new(|| std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1));

/// Some supervisor of this process stays awake.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// What is known of the run that was sent last.
#[derive(Debug, Default)]
pub(super) struct Spin {
    /// When it was sent. `None`: no run, or more than one, is on its way.
    sent: Option<Instant>,
    /// Whether the run before was short.
    expects_short: bool,
}

impl Spin {
    /// A run was sent; `in_flight` runs have no outcome now.
    pub(super) fn sent(&mut self, in_flight: usize) {
        self.sent = (in_flight == 1).then(Instant::now);
    }

    /// A run has its outcome.
    pub(super) fn ended(&mut self) {
        self.expects_short = self.sent.take().is_some_and(|sent| sent.elapsed() < SHORT);
    }

    /// Until when the supervisor stays awake, if it does.
    pub(super) fn until(&self) -> Option<Instant> {
        let until = self.sent.filter(|_| self.expects_short && *HAS_ROOM)? + AWAKE;
        (Instant::now() < until).then_some(until)
    }
}

/// Keeps the calling task awake until then: the runtime looks at all channels again and again meanwhile.
pub(super) async fn stay_awake(until: Instant) -> Infallible {
    if let Some(_taken) = Taken::take() {
        while Instant::now() < until {
            tokio::task::yield_now().await;
        }
    }
    std::future::pending().await
}

/// The right to stay awake.
struct Taken;

impl Taken {
    fn take() -> Option<Self> {
        (!IS_TAKEN.swap(true, Ordering::Relaxed)).then_some(Self)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        IS_TAKEN.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_alone_is_waited_for_awake() {
        let mut spin = Spin { sent: None, expects_short: true };
        assert_eq!(spin.until(), None, "nothing was sent");
        spin.sent(1);
        assert_eq!(spin.until().is_some(), *HAS_ROOM);
        spin.sent(2);
        assert_eq!(spin.until(), None, "another run is before it");
        spin.ended();
        assert!(!spin.expects_short, "how long it took is not known");
    }

    #[test]
    fn a_long_run_is_slept_for_and_so_is_the_next() {
        let long_ago = Instant::now().checked_sub(SHORT).unwrap();
        let mut spin = Spin { sent: Some(long_ago), expects_short: true };
        assert_eq!(spin.until(), None, "its time is over");
        spin.ended();
        spin.sent(1);
        assert_eq!(spin.until(), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn one_task_stays_awake_at_a_time_and_the_others_run_meanwhile() {
        let until = Instant::now() + Duration::from_millis(20);
        let first = tokio::spawn(stay_awake(until));
        tokio::task::yield_now().await;
        assert!(IS_TAKEN.load(Ordering::Relaxed));
        let mut turns = 0;
        while IS_TAKEN.load(Ordering::Relaxed) {
            turns += 1;
            tokio::task::yield_now().await;
        }
        assert!(turns > 1 && Instant::now() >= until, "{turns} turns");
        first.abort();
    }
}
