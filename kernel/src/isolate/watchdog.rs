//! One thread with three duties. It ends stretches of JavaScript that use up their CPU budget. It ends stretches that
//! delay a stop for too long. It flushes the output of a busy run.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use drupe_protocol::{Reply, event::Stuck};

use crate::{
    isolate::{
        guard::Guard,
        stretch::{LONGEST_HOLD, Limit, Stretch},
    },
    process::{cpu_clock::CpuClock, threads::Idle},
    wire::{outbox::Outbox, replies::Replies},
};

/// How old what a busy run says may become before it is sent.
const FLUSH_INTERVAL: Duration = Duration::from_millis(4);

/// When V8 has not stopped after so much more CPU time, it is where it cannot be stopped, such as in a long native
/// built-in.
const STUCK_AFTER: Duration = Duration::from_millis(20);

/// The same for a stop that the environment's own code holds up.
const STUCK_AFTER_HOLD: Duration = LONGEST_HOLD.saturating_add(STUCK_AFTER);

/// After this many rounds with nothing to flush the watchdog sleeps until it is called.
const QUIET_ROUNDS: u32 = 16;

/// The watchdog's shared half: the main thread begins and ends stretches here.
#[derive(Debug)]
pub(crate) struct Watchdog {
    state: Mutex<State>,
    changed: Condvar,
    /// Whether the thread sleeps without a time limit or with a long one. Lets `nudge` cost nothing while it does not.
    asleep: AtomicBool,
    clock: CpuClock,
}

#[derive(Debug, Default)]
struct State {
    budget: Option<Budget>,
    /// The newest stretch that has a budget, and the main thread's CPU time when it began.
    began: Option<(Stretch, Duration)>,
    /// The stretch that holds up a stop, and when it may do so no longer.
    held: Option<(Stretch, Instant)>,
    quit: bool,
}

#[derive(Clone, Copy, Debug)]
struct Budget {
    stretch: Stretch,
    limit: Duration,
    /// The main thread's CPU time when the stretch began.
    start: Duration,
    told: Option<Duration>,
    /// Whether V8 was told to stop it.
    expired: bool,
    /// Whether the environment's own code held that up.
    held: bool,
}

impl Budget {
    /// CPU time that is left until something must be done.
    fn left(&self, now: Duration) -> Duration {
        let stuck_after = if self.held { STUCK_AFTER_HOLD } else { STUCK_AFTER };
        let allowed =
            if self.expired { self.told.map_or(self.limit, |told| told.max(self.limit)) + stuck_after } else { self.limit };
        (self.start + allowed).saturating_sub(now)
    }
}

/// Stops the thread when dropped.
#[derive(Debug)]
pub(crate) struct WatchdogThread {
    watchdog: Arc<Watchdog>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Watches over the calling thread.
    pub(crate) fn of_current_thread() -> Self {
        Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            asleep: AtomicBool::new(false),
            clock: CpuClock::of_current_thread(),
        }
    }

    /// CPU time that the watched thread has used.
    pub(crate) fn cpu_time(&self) -> Duration {
        self.clock.now()
    }

    /// A stretch begins. Without a budget this costs one atomic load at most.
    pub(crate) fn begin(&self, stretch: Stretch, Limit { budget, told }: Limit) {
        if let Some(limit) = budget {
            let start = self.clock.now();
            {
                let mut state = self.lock();
                state.budget = Some(Budget { stretch, limit, start, told, expired: false, held: false });
                state.began = Some((stretch, start));
            }
            // Awake, the thread looks again within an interval.
            if limit <= FLUSH_INTERVAL || self.asleep.load(Ordering::SeqCst) {
                self.changed.notify_one();
            }
        } else {
            self.nudge();
        }
    }

    /// CPU time that `stretch`, which is open, has used; `None` if it has no budget.
    pub(crate) fn spent(&self, stretch: Stretch) -> Option<Duration> {
        let began = self.lock().began;
        let (_, start) = began.filter(|(began, _)| *began == stretch)?;
        Some(self.clock.now().saturating_sub(start))
    }

    /// Has [`Guard::insist`] called after `time`.
    pub(crate) fn insist_after(&self, stretch: Stretch, time: Duration) {
        {
            let mut state = self.lock();
            // The first stop counts.
            if state.held.is_none_or(|(held, _)| held != stretch) {
                state.held = Some((stretch, Instant::now() + time));
            }
        }
        self.changed.notify_one();
    }

    /// The stretch is over.
    pub(crate) fn end(&self) {
        // Left behind, a budget is harmless: its stretch is no longer open. Clearing it saves the thread a round.
        if let Ok(mut state) = self.state.try_lock() {
            state.budget = None;
        }
    }

    /// Something may be to flush: sees to it that the thread makes its rounds.
    pub(crate) fn nudge(&self) {
        if self.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Has `thread` do the work.
    pub(crate) fn start(
        self: &Arc<Self>,
        thread: Idle,
        guard: Weak<Guard>,
        outbox: Arc<Outbox>,
        replies: Replies,
    ) -> WatchdogThread {
        let watchdog = self.clone();
        let thread = thread.run(move || watchdog.watch(&guard, &outbox, &replies));
        WatchdogThread { watchdog: self.clone(), thread: Some(thread) }
    }

    fn watch(&self, guard: &Weak<Guard>, outbox: &Outbox, replies: &Replies) {
        let mut quiet = 0;
        let mut state = self.lock();
        while !state.quit {
            let left = state.budget.map(|budget| budget.left(self.clock.now()));
            if let Some(budget) = state.budget.take_if(|_| left == Some(Duration::ZERO)) {
                drop(state);
                let watched = guard.upgrade().and_then(|guard| overdue(&guard, budget, replies));
                state = self.lock();
                // A stretch that has begun meanwhile has its own budget.
                state.budget = state.budget.or(watched);
                continue;
            }
            let held = state.held.map(|(_, until)| until.saturating_duration_since(Instant::now()));
            if let Some((stretch, _)) = state.held.take_if(|_| held == Some(Duration::ZERO)) {
                drop(state);
                if let Some(guard) = guard.upgrade() {
                    guard.insist(stretch);
                }
                state = self.lock();
                continue;
            }
            let left = left.into_iter().chain(held).min();
            let rounds = quiet < QUIET_ROUNDS;
            let sleep = match (left, rounds) {
                (Some(left), true) => Some(left.min(FLUSH_INTERVAL)),
                (None, true) => Some(FLUSH_INTERVAL),
                (left, false) => left,
            };
            self.asleep.store(!rounds, Ordering::SeqCst);
            // Whoever made it dirty before the line above may have thought the thread awake.
            let sleep = if !rounds && outbox.is_dirty() { Some(FLUSH_INTERVAL) } else { sleep };
            let woken;
            (state, woken) = self.sleep(state, sleep);
            self.asleep.store(false, Ordering::SeqCst);
            if outbox.is_dirty() {
                drop(state);
                // **Must not wait for the parent**: who else would watch over the budget meanwhile?
                outbox.flush_what_fits();
                state = self.lock();
                quiet = 0;
            } else {
                quiet = if woken { 0 } else { quiet + 1 };
            }
        }
    }

    /// Waits; returns whether it was woken.
    fn sleep<'a>(&self, state: MutexGuard<'a, State>, time: Option<Duration>) -> (MutexGuard<'a, State>, bool) {
        match time {
            None => (self.changed.wait(state).unwrap_or_else(PoisonError::into_inner), true),
            Some(time) => {
                let (state, result) = self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
                (state, !result.timed_out())
            }
        }
    }

    fn wake(&self) {
        // The lock orders this wake-up after the thread's decision to sleep: none is lost.
        drop(self.lock());
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A budget is used up: stops its stretch or, if that was done before and did not help, tells the parent, who can kill.
/// Returns what is to be watched next.
fn overdue(guard: &Guard, budget: Budget, replies: &Replies) -> Option<Budget> {
    if !budget.expired {
        let held = guard.expire(budget.stretch, budget.limit);
        return Some(Budget { expired: true, held, ..budget });
    }
    if let Some(told) = budget.told.filter(|_| guard.is_open(budget.stretch)) {
        let limit_ms = u64::try_from(told.as_millis()).unwrap_or(u64::MAX);
        replies.say(&Reply::Stuck(Stuck { run: guard.active(), limit_ms }));
    }
    None
}

impl Drop for WatchdogThread {
    fn drop(&mut self) {
        self.watchdog.lock().quit = true;
        self.watchdog.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
