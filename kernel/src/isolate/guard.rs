//! Every entry into JavaScript passes here, and so does every request to stop it.
//!
//! V8's termination is a flag on the isolate: raised a moment too late, it hits the next code that runs. So
//! **`terminate_execution` is called only under this lock and only while a stretch of JavaScript is open**, and the
//! flag is lowered under the same lock when the stretch closes. A stop that finds no JavaScript on the stack is noted
//! and wakes the event loop instead.

use std::{
    ffi::c_void,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use drupe_protocol::{RunId, request::StopReason};
use drupe_transport::Waker;

use crate::isolate::{
    entry::Entry,
    stretch::{LONGEST_HOLD, Stretch},
    watchdog::Watchdog,
};

/// Answers the questions that wait, when V8 calls it at a safe point of what executes.
pub(crate) type OnInterrupt = unsafe extern "C" fn(v8::UnsafeRawIsolatePtr, *mut c_void);

/// What stopped a stretch of JavaScript, or is to stop a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody interrupted it.
    Interrupt(StopReason),
    /// Its CPU budget is used up.
    VmTimeout(Duration),
    /// The heap limit was reached.
    MemoryLimit,
    /// The kernel is leaving.
    Shutdown,
}

/// What an interrupt found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// Something that executes or awaits.
    Active,
    /// A run that has not begun. **It will not.**
    Queued,
}

/// What became of a termination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Terminated {
    AtOnce,
    /// The environment's own code is executed to its end first.
    Held,
}

/// What an interrupt has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// What there was to stop.
    pub(crate) found: Found,
    /// The active run, if the interrupt named none.
    pub(crate) active: Option<RunId>,
}

/// Guards the isolate's entries. Shared by the main thread, the control thread, the watchdog and the heap callbacks.
#[derive(Debug)]
pub(crate) struct Guard {
    inner: Mutex<Inner>,
    waker: Waker,
    watchdog: Arc<Watchdog>,
    on_interrupt: OnInterrupt,
}

#[derive(Debug, Default)]
struct Inner {
    isolate: Option<v8::IsolateHandle>,
    /// Number of the newest stretch, and whether it is open.
    stretch: u64,
    open: bool,
    /// Why the open stretch was terminated.
    stopped: Option<Stop>,
    /// The run that executes or awaits.
    active: Option<RunId>,
    /// A stop for the active run, to be taken by the event loop.
    pending: Option<StopReason>,
    /// Runs that await while another is active, and why each is to stop, if it is.
    aside: Vec<(RunId, Option<StopReason>)>,
    /// Every id up to here has ended, but for those that are set aside. **Run ids strictly increase.**
    ended: Option<RunId>,
    /// Runs to be stopped before they start.
    cancelled: Vec<(RunId, StopReason)>,
    /// Whether the open stretch waits for its host: stops must wake it.
    blocked: bool,
    /// How many pieces of the environment's own code, one within another, the open stretch should not be stopped in.
    held: u32,
    /// Whether V8 was asked to interrupt itself, and has not yet done so.
    called: bool,
    shutdown: bool,
    protocol_error: bool,
}

impl Guard {
    pub(crate) fn new(waker: Waker, watchdog: Arc<Watchdog>, on_interrupt: OnInterrupt) -> Self {
        Self { inner: Mutex::default(), waker, watchdog, on_interrupt }
    }

    /// Says which isolate is to be terminated from now on.
    pub(crate) fn set_isolate(&self, isolate: Option<v8::IsolateHandle>) {
        let mut inner = self.lock();
        inner.isolate = isolate;
        // What an isolate was asked is gone with it; the event loop of the next answers.
        inner.called = false;
    }

    /// Opens a stretch, runs `javascript`, and closes it; returns why it was stopped, if it was.
    ///
    /// Stretches do not nest: the main thread alone opens them, from its event loop.
    pub(crate) fn enter<T>(&self, entry: Entry, javascript: impl FnOnce() -> T) -> (T, Option<Stop>) {
        let Entry { limit, heeds } = entry;
        let stretch = {
            let mut inner = self.lock();
            inner.stretch += 1;
            inner.open = true;
            // A stop that came between two stretches of the active run holds for this one.
            if inner.shutdown {
                inner.terminate(Stop::Shutdown);
            } else if let Some(reason) = inner.pending.filter(|_| heeds) {
                inner.terminate(Stop::Interrupt(reason));
            }
            Stretch(inner.stretch)
        };
        self.watchdog.begin(stretch, limit);
        let value = javascript();
        self.watchdog.end();
        (value, self.lock().close())
    }

    /// Terminates the open stretch, if it is still `stretch`. Returns whether that is held up.
    pub(crate) fn expire(&self, stretch: Stretch, budget: Duration) -> bool {
        let mut inner = self.lock();
        if inner.stretch == stretch.0 {
            self.terminate(&mut inner, Stop::VmTimeout(budget));
        }
        inner.held > 0
    }

    /// Terminates `stretch` if it was told to stop and a piece of the environment's own code still holds that up.
    pub(crate) fn insist(&self, stretch: Stretch) {
        let mut inner = self.lock();
        if let (true, true, Some(_)) = (inner.open && inner.stretch == stretch.0, inner.held > 0, inner.stopped) {
            inner.held = 0;
            if let Some(isolate) = &inner.isolate {
                isolate.terminate_execution();
            }
        }
    }

    /// Whether `stretch` has not come to its end.
    pub(crate) fn is_open(&self, stretch: Stretch) -> bool {
        let inner = self.lock();
        inner.open && inner.stretch == stretch.0
    }

    /// CPU time that the open stretch has used, if it has a budget.
    pub(crate) fn spent(&self) -> Option<Duration> {
        let inner = self.lock();
        if inner.open { self.watchdog.spent(Stretch(inner.stretch)) } else { None }
    }

    /// Terminates the open stretch because the heap is full. Called on the main thread, from V8.
    pub(crate) fn heap_is_full(&self) {
        self.terminate(&mut self.lock(), Stop::MemoryLimit);
    }

    /// Interrupts `run`, or without one whatever is executing or awaiting, all of it. Returns what there was to stop.
    pub(crate) fn interrupt(&self, run: Option<RunId>, reason: StopReason) -> Interrupted {
        let mut inner = self.lock();
        let active = inner.active.filter(|_| run.is_none());
        for (_, pending) in inner.aside.iter_mut().filter(|(aside, _)| run.is_none_or(|run| run == *aside)) {
            *pending = Some(reason);
        }
        let found = match run {
            Some(run) if inner.active == Some(run) => {
                inner.pending = Some(reason);
                true
            }
            Some(run) if inner.aside.iter().any(|(aside, _)| *aside == run) => {
                self.waker.wake();
                return Interrupted { found: Found::Active, active };
            }
            Some(run) if inner.ended.is_some_and(|ended| run <= ended) => return Interrupted { found: Found::Nothing, active },
            Some(run) => {
                inner.cancelled.push((run, reason));
                return Interrupted { found: Found::Queued, active };
            }
            None => {
                inner.pending = inner.active.map(|_| reason).or(inner.pending);
                inner.active.is_some() || inner.open
            }
        };
        if inner.open {
            self.terminate(&mut inner, Stop::Interrupt(reason));
        }
        if inner.blocked || (found && !inner.open) {
            self.waker.wake();
        }
        Interrupted { found: if found { Found::Active } else { Found::Nothing }, active }
    }

    /// A question waits: has the JavaScript thread answer it, in the midst of what it executes or from its event loop.
    ///
    /// An interrupt that finds its stretch closed hits the next one, where it finds nothing to answer or answers early.
    pub(crate) fn request_interrupt(&self) {
        let mut inner = self.lock();
        if let (false, Some(isolate)) = (inner.called, &inner.isolate) {
            inner.called = isolate.request_interrupt(self.on_interrupt, std::ptr::null_mut());
        }
        if !inner.open || inner.blocked {
            self.waker.wake();
        }
    }

    /// The open stretch begins to wait for its host.
    pub(crate) fn block(&self) {
        self.lock().blocked = true;
    }

    /// It waits no longer.
    pub(crate) fn unblock(&self) {
        self.lock().blocked = false;
    }

    /// Begins a piece of the environment's own code that is short, and should be executed whole: an interrupt, or the
    /// end of the CPU budget, holds from its end on, or after [`LONGEST_HOLD`]: the piece may have called the user's
    /// code. Returns the number of the stretch.
    pub(crate) fn hold_stops(&self) -> u64 {
        let mut inner = self.lock();
        inner.held += 1;
        inner.stretch
    }

    /// Ends that piece. Returns whether it was executed whole.
    pub(crate) fn release_stops(&self) -> bool {
        let mut inner = self.lock();
        let is_whole = inner.held > 0;
        inner.held = inner.held.saturating_sub(1);
        let has_come = inner.open && inner.held == 0 && inner.stopped.is_some();
        if let (true, Some(isolate)) = (has_come, &inner.isolate) {
            isolate.terminate_execution();
        }
        is_whole
    }

    /// Whether the open stretch was told to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped.is_some()
    }

    /// Whether a stretch is open. What else executes is the kernel's own.
    pub(crate) fn is_executing(&self) -> bool {
        self.lock().open
    }

    /// V8 has interrupted itself: questions that come from now on call again.
    pub(crate) fn interrupt_delivered(&self) {
        self.lock().called = false;
    }

    /// Raises the flag again for an open stretch that was stopped: what ran in its midst may have taken it.
    pub(crate) fn renew_stop(&self) {
        let inner = self.lock();
        if let (true, 0, Some(_), Some(isolate)) = (inner.open, inner.held, inner.stopped, &inner.isolate) {
            isolate.terminate_execution();
        }
    }

    /// Ends the event loop: stops what executes, and wakes it up.
    pub(crate) fn shut_down(&self) {
        let mut inner = self.lock();
        inner.shutdown = true;
        self.terminate(&mut inner, Stop::Shutdown);
        self.waker.wake();
    }

    /// As [`Self::shut_down`], because the parent sent nonsense on the control channel.
    pub(crate) fn shut_down_on_protocol_error(&self) {
        self.lock().protocol_error = true;
        self.shut_down();
    }

    /// Whether the control channel brought nonsense.
    pub(crate) fn had_protocol_error(&self) -> bool {
        self.lock().protocol_error
    }

    /// Whether the kernel is to leave.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.lock().shutdown
    }

    /// A run begins; returns why it must not, if it was cancelled while it waited.
    pub(crate) fn begin_run(&self, run: RunId) -> Option<StopReason> {
        let mut inner = self.lock();
        inner.active = Some(run);
        inner.pending = None;
        let cancelled = inner.cancelled.iter().find(|(cancelled, _)| *cancelled == run).map(|(_, reason)| *reason);
        inner.cancelled.retain(|(cancelled, _)| *cancelled > run);
        cancelled
    }

    /// The active run has ended: stops that name it find nothing from now on.
    pub(crate) fn end_run(&self) {
        let mut inner = self.lock();
        inner.ended = inner.active.take().max(inner.ended);
        inner.pending = None;
    }

    /// The active run awaits, and another is to be active.
    pub(crate) fn set_aside(&self) {
        let mut inner = self.lock();
        let pending = inner.pending.take();
        if let Some(active) = inner.active.take() {
            inner.aside.push((active, pending));
        }
    }

    /// A run that was set aside is active again.
    pub(crate) fn resume(&self, run: RunId) {
        let mut inner = self.lock();
        let at = inner.aside.iter().position(|(aside, _)| *aside == run);
        inner.pending = at.and_then(|at| inner.aside.swap_remove(at).1);
        inner.active = Some(run);
    }

    /// Whether a run that is set aside is to stop.
    pub(crate) fn is_pending(&self, run: RunId) -> bool {
        self.lock().aside.iter().any(|(aside, pending)| *aside == run && pending.is_some())
    }

    /// The run that executes or awaits.
    pub(crate) fn active(&self) -> Option<RunId> {
        self.lock().active
    }

    /// Takes the stop for the active run, if one is pending.
    pub(crate) fn take_pending(&self) -> Option<StopReason> {
        self.lock().pending.take()
    }

    /// Wakes the event loop up.
    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// Terminates the open stretch. If it is held up, the watchdog looks again.
    fn terminate(&self, inner: &mut Inner, stop: Stop) {
        if inner.terminate(stop) == Terminated::Held {
            self.watchdog.insist_after(Stretch(inner.stretch), LONGEST_HOLD);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Terminates the open stretch, unless it is held up; the first reason that stops it is kept.
    fn terminate(&mut self, stop: Stop) -> Terminated {
        let (true, Some(isolate)) = (self.open, &self.isolate) else { return Terminated::AtOnce };
        // A full heap and a shutdown stop it at once. What was held up until then has stopped nothing.
        let is_urgent = matches!(stop, Stop::MemoryLimit | Stop::Shutdown);
        self.stopped = self.stopped.filter(|_| self.held == 0 || !is_urgent).or(Some(stop));
        if self.held > 0 && !is_urgent {
            return Terminated::Held;
        }
        isolate.terminate_execution();
        Terminated::AtOnce
    }

    /// Closes the stretch and lowers the flag, if it was raised.
    fn close(&mut self) -> Option<Stop> {
        self.open = false;
        // What executes outside of stretches is not taken for a part of this one.
        self.stretch += 1;
        self.held = 0;
        let stopped = self.stopped.take();
        if let (Some(_), Some(isolate)) = (stopped, &self.isolate) {
            isolate.cancel_terminate_execution();
        }
        stopped
    }
}
