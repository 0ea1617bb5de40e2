//! The ends of runs: by themselves, stopped, or with their session; and the outcome of each.

use std::{cell::RefCell, time::Duration};

use drupe_protocol::{
    Event,
    event::{Done, End, MemoryLimit, Outcome, State, Stopped, StoppedBy, VmTimeout},
    request::StopReason,
};

use super::Active;
use crate::{
    environment::timers::Timers,
    host,
    introspection::Helper,
    isolate::{exit::Leaving, guard::Stop},
    modules::requested,
    runs::event_loop::EventLoop,
};

impl EventLoop<'_> {
    /// Ends the active run if somebody asked for it while none of its JavaScript was executing. Returns whether it did.
    pub(crate) fn apply_interrupt(&mut self) -> bool {
        let Some(reason) = self.factory.guard.take_pending() else { return false };
        let Some(active) = &self.active else { return false };
        let stopped = if active.is_unanswered() { Stopped::Await } else { Stopped::Timers };
        self.end_interrupted(reason, stopped);
        true
    }

    pub(super) fn end_interrupted(&mut self, reason: StopReason, stopped: Stopped) {
        // Who interrupts for a reset is about to send it.
        let state = if reason == StopReason::Reset { State::Lost } else { State::Kept };
        let timers = self.drop_timers(state);
        let leaving = self.active.as_ref().and_then(|active| self.session.realm().exit.take(active.run));
        let end = match leaving {
            Some(Leaving::Exited) => End::Exited(Done {}),
            Some(Leaving::Failed) => End::Threw(Done {}),
            None => End::Interrupted(StoppedBy { reason, stopped }),
        };
        self.end(end, state, timers);
    }

    /// Cancels what the active run has scheduled, or everything in a session that is about to go. Returns how much that
    /// was. A loop that awaits a timer in each turn ends so with its run.
    pub(crate) fn drop_timers(&mut self, state: State) -> u32 {
        let held = self.session.realm().state::<RefCell<Timers>>();
        let mut timers = held.borrow_mut();
        match (state, &self.active) {
            (State::Lost | State::Unknown, _) => timers.cancel_all(),
            (State::Kept, Some(active)) => timers.cancel_run(active.run),
            (State::Kept, None) => 0,
        }
    }

    pub(crate) fn end_stopped(&mut self, stop: Stop) {
        let stopped = Stopped::Javascript;
        match stop {
            Stop::Interrupt(reason) => self.end_interrupted(reason, stopped),
            Stop::VmTimeout(limit) => {
                let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
                let timers = self.drop_timers(State::Kept);
                self.end(End::VmTimeout(VmTimeout { limit_ms, stopped }), State::Kept, timers);
            }
            Stop::MemoryLimit => {
                let limit = self.session.recover_memory();
                let timers = self.drop_timers(State::Kept);
                self.end(End::MemoryLimit(MemoryLimit { limit }), State::Kept, timers);
            }
            // The parent has said goodbye: there is nobody to tell.
            Stop::Shutdown => {}
        }
    }

    /// `timers`: how many were cancelled.
    pub(crate) fn end(&mut self, end: End, state: State, timers: u32) {
        self.tell_held(&end);
        let Some(active) = self.active.take() else { return };
        let end = match end {
            // The error was told. It came of the buffers' limit: it ends as where the heap is full.
            End::Threw(_) if active.wanted.until_idle && self.session.realm().exit.lacks_memory.get() => {
                End::MemoryLimit(MemoryLimit { limit: self.session.buffers_limit() })
            }
            end => end,
        };
        let dropped_events = self.session.realm().console_quota.end(active.run);
        let has_exited = matches!(end, End::Exited(_));
        let exit = &self.session.realm().exit;
        let (exit_code, exit_code_set) = (exit.code().or(has_exited.then_some(0)).map(u32::from), exit.is_set() || has_exited);
        exit.end();
        self.factory.guard.end_run();
        requested::forget(self.session.realm(), active.run);
        self.session.realm().exit.set_program(None);
        let is_stopped = !matches!(end, End::Value(_) | End::Threw(_) | End::SyntaxError(_));
        let calls = if active.wanted.until_idle || is_stopped { host::cancel_run(self.session.realm(), active.run) } else { 0 };
        if active.memory_limited {
            self.session.limit_memory(None);
        }
        Helper::of(self.session.realm()).clock.set(None);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.say(&Event::Outcome(Outcome {
            run: active.run,
            end,
            state,
            dropped_jobs: active.dropped_jobs,
            dropped_timers: timers,
            dropped_calls: if is_stopped { calls } else { 0 },
            stopped_callbacks: active.stopped_callbacks,
            dropped_events,
            exit_code,
            exit_code_set,
            in_preload: active.in_preload,
            wall_us: micros(active.wall_start.elapsed()),
            cpu_us: micros(self.factory.watchdog.cpu_time().saturating_sub(active.cpu_start)),
        }));
    }

    /// The session is about to go: ends the run that is active and those that wait.
    pub(crate) fn end_all_for_reset(&mut self) {
        let ended = |stopped| End::Interrupted(StoppedBy { reason: StopReason::Reset, stopped });
        let is_answered = self.active.as_ref().is_some_and(|active| !active.is_unanswered());
        let stopped = if is_answered { Stopped::Timers } else { Stopped::Await };
        if self.active.is_some() {
            let timers = self.drop_timers(State::Lost);
            self.end(ended(stopped), State::Lost, timers);
        }
        while self.resume_last() {
            self.end(ended(Stopped::Await), State::Lost, 0);
        }
        while let Some(run) = self.queue.pop_front() {
            self.factory.guard.begin_run(run.run);
            self.active = Some(Active::new(&run, self.factory.watchdog.cpu_time()));
            self.end(ended(Stopped::Queued), State::Lost, 0);
        }
    }
}
