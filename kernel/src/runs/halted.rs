//! The consequence of a stopped stretch of JavaScript: which run it ends, and which event reports it.
//!
//! **No stop by a limit or an interrupt is silent.** If the stretch belongs to the active run, it ends that run. If
//! not, an `exception` event reports the stop, like an error in a callback, and the outcome of the run that is active
//! meanwhile counts it.

use drupe_protocol::{
    Event, Exception, RunId,
    event::{End, Origin, Uncaught},
};

use super::Active;
use crate::{
    isolate::{
        guard::Stop,
        halt::{Halt, Jobs},
    },
    runs::event_loop::EventLoop,
};

impl EventLoop<'_> {
    /// Holds `halt` until its consequences are drawn: should the active run end before that, it tells of it. Returns
    /// the active run.
    pub(crate) fn hold(&mut self, halt: Option<Halt>) -> Option<RunId> {
        let active = self.active.as_mut()?;
        active.dropped_jobs |= halt.is_some_and(|halt| halt.dropped_jobs());
        // A run that is about to end by itself has caused this stop, and ends by it.
        active.held = halt.filter(|_| self.session.realm().exit.leaving(active.run).is_none());
        Some(active.run)
    }

    /// Draws the consequences of a stretch that was stopped.
    pub(crate) fn halted(&mut self, halt: Option<Halt>) {
        let Some(halt) = halt else { return };
        if halt.dropped_jobs() {
            self.lose_jobs_aside(halt.stop);
        }
        let Some(active) = &mut self.active else { return self.report_halt(halt) };
        active.dropped_jobs |= halt.dropped_jobs();
        let its_own = active.owns(halt);
        // What has failed already keeps its failure, unless it ends by itself.
        let leaves = self.session.realm().exit.leaving(active.run).is_some();
        let failed = !leaves && matches!(active.answer(), Some(End::Threw(_) | End::SyntaxError(_)));
        // Its continuation was among the jobs that V8 threw away, or may have been.
        let lost = halt.dropped_jobs() && active.is_unanswered();
        if !its_own || failed {
            self.report_halt(halt);
        }
        if (its_own && !failed) || lost {
            self.end_stopped(halt.stop);
        }
    }

    /// As [`Self::halted`], for a halt that was [held](Self::hold) while `active` was the active run. If that has
    /// ended, it has told of it.
    pub(crate) fn halted_after(&mut self, active: Option<RunId>, halt: Option<Halt>) {
        if active.is_some() && self.active.as_ref().map(|active| active.run) != active {
            return;
        }
        if let Some(active) = &mut self.active {
            active.held = None;
        }
        self.halted(halt);
    }

    /// The active run is about to end like this: tells of the halt that is held, unless the outcome does.
    pub(crate) fn tell_held(&mut self, end: &End) {
        let Some(active) = &mut self.active else { return };
        let Some(halt) = active.held.take() else { return };
        let is_stop = matches!(end, End::VmTimeout(_) | End::MemoryLimit(_) | End::Interrupted(_));
        if !(is_stop && active.owns(halt)) {
            self.report_halt(halt);
        }
    }

    /// What the active run came to is told even where that which it left to be done was stopped.
    pub(crate) fn advance_despite(&mut self, halt: Option<Halt>) {
        let preloads = self.active.as_ref().is_some_and(Active::preloads);
        if halt.is_none_or(|halt| halt.in_jobs() && !preloads) {
            self.advance();
        }
    }

    /// Tells of a halt that ends no run. An interrupt that came when nothing was left to do has stopped nothing.
    fn report_halt(&mut self, halt: Halt) {
        if matches!((halt.stop, halt.jobs), (Stop::Interrupt(_), Jobs::NoneLeft)) {
            return;
        }
        self.report_stopped(halt.run, halt.stop, "callback stopped: it used up its CPU budget of");
        if let Jobs::StoppedToo(again, run) = halt.jobs {
            self.report_stopped(
                run.or(halt.run),
                again,
                "promise jobs stopped: what had made them due was stopped, and they took more than",
            );
        }
    }

    /// `timeout`: what is said of a CPU budget, before its milliseconds.
    fn report_stopped(&mut self, run: Option<RunId>, stop: Stop, timeout: &str) {
        if let Some(active) = &mut self.active {
            active.stopped_callbacks = active.stopped_callbacks.saturating_add(1);
        }
        let exception = match stop {
            Stop::VmTimeout(limit) => Exception::plain("TimeoutError", format!("{timeout} {} ms", limit.as_millis())),
            Stop::MemoryLimit => {
                let limit = self.session.recover_memory();
                Exception::plain("RangeError", format!("callback stopped: it reached the heap limit of {} MiB", limit >> 20))
            }
            Stop::Interrupt(_) => Exception::plain("AbortError", "callback interrupted".to_owned()),
            Stop::Shutdown => return,
        };
        self.say(&Event::Exception(Uncaught::new(run, Origin::Callback, exception)));
    }
}

impl Active {
    /// Whether it was stopped. What belongs to no run that is known, such as a finalizer, is the program's, where there
    /// is one.
    fn owns(&self, halt: Halt) -> bool {
        halt.run.map_or(self.wanted.until_idle, |run| run == self.run)
    }
}
