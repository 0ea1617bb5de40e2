//! The CPU time of one thread, readable from another: the clock of CPU budgets.

use std::time::Duration;

/// Reads how much CPU time a thread has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuClock(imp::Clock);

impl CpuClock {
    /// The clock of the calling thread. **It must not be read after that thread has ended.**
    pub(crate) fn of_current_thread() -> Self {
        Self(imp::Clock::of_current_thread())
    }

    /// CPU time used so far.
    pub(crate) fn now(self) -> Duration {
        self.0.now()
    }

    /// Its number, as the system calls it.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(self) -> libc::clockid_t {
        self.0.id()
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use std::time::Duration;

    #[derive(Clone, Copy, Debug)]
    pub(super) struct Clock(libc::clockid_t);

    impl Clock {
        pub(super) fn of_current_thread() -> Self {
            let mut id = libc::CLOCK_THREAD_CPUTIME_ID;
            // SAFETY: the calling thread is alive and `id` is a valid place for the result. On failure `id` stays the
            // calling thread's own clock, a valid id too.
            unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut id) };
            Self(id)
        }

        pub(super) fn id(self) -> libc::clockid_t {
            self.0
        }

        pub(super) fn now(self) -> Duration {
            let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            // SAFETY: `time` is a valid place for the result; a clock that is gone is reported, not undefined.
            unsafe { libc::clock_gettime(self.0, &raw mut time) };
            Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
        }
    }
}

/// Without a per-thread clock the wall clock stands in: budgets then also count the time that other processes took.
#[cfg(not(target_os = "linux"))]
mod imp {
    use std::time::{Duration, Instant};

    #[derive(Clone, Copy, Debug)]
    pub(super) struct Clock(Instant);

    impl Clock {
        pub(super) fn of_current_thread() -> Self {
            Self(Instant::now())
        }

        pub(super) fn now(self) -> Duration {
            self.0.elapsed()
        }
    }
}
