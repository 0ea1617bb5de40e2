//! What follows when a stretch of JavaScript was stopped: whose end that is, and who is told.
//!
//! **Nothing that a limit or an interrupt stops ends in silence.** If the stretch belongs to the active run, the run ends with that; if not,
//! an `exception` event tells of it, as of an error in a callback, and the outcome of the run that is active meanwhile counts it.

use drupe_protocol::{
    Event, RunId,
    event::{End, Origin, Uncaught},
};

use crate::{event_loop::EventLoop, exception, guard::Stop, runs::Active, session::Halt};

impl EventLoop<'_> {
    /// Draws the consequences of a stretch that `run` entered. `dropped_jobs`: V8 threw promise jobs away.
    pub(crate) fn halted(&mut self, run: Option<RunId>, halt: Option<Halt>, dropped_jobs: bool) {
        let Some(halt) = halt else { return };
        let Some(active) = &mut self.active else { return self.report_stopped(halt.run.or(run), halt.stop) };
        active.dropped_jobs |= dropped_jobs;
        let of = halt.run.or(run);
        // What belongs to no run that is known, such as a finalizer, is the program's, where there is one.
        let its_own = run == Some(active.run) || of == Some(active.run) || (of.is_none() && active.wanted.until_idle);
        // What has failed already keeps its failure, unless it ends by itself.
        let leaves = self.session.realm().exit.leaving(active.run).is_some();
        let failed = !leaves && matches!(active.end, Some(End::Threw(_) | End::SyntaxError(_)));
        // Its continuation was among the jobs that V8 threw away, or may have been.
        let lost = dropped_jobs && active.is_unanswered();
        if !its_own || failed {
            active.stopped_callbacks = active.stopped_callbacks.saturating_add(1);
            self.report_stopped(of, halt.stop);
        }
        if (its_own && !failed) || lost {
            self.end_stopped(halt.stop);
        }
    }

    /// As [`Self::halted`], unless the stop has been told meanwhile: `active` was the active run, and has been asked what it came to.
    ///
    /// To show its value, a run enters once more. If that is stopped, too, the run has ended, and its outcome has told of both.
    pub(crate) fn halted_after(&mut self, active: Option<RunId>, run: Option<RunId>, halt: Option<Halt>, dropped_jobs: bool) {
        let has_ended = active.is_some() && self.active.as_ref().map(|active| active.run) != active;
        let its_own = halt.is_some_and(|halt| halt.run.or(run) == active);
        if !(has_ended && its_own) {
            self.halted(run, halt, dropped_jobs);
        }
    }

    /// What the active run came to is told even where that which it left to be done was stopped.
    pub(crate) fn take_settled_despite(&mut self, halt: Option<Halt>) {
        let preloads = self.active.as_ref().is_some_and(Active::preloads);
        if halt.is_none_or(|halt| halt.in_jobs && !preloads) {
            self.take_settled();
        }
    }

    fn report_stopped(&mut self, run: Option<RunId>, stop: Stop) {
        let exception = match stop {
            Stop::VmTimeout(limit) => exception::stopped(
                "TimeoutError",
                format!("callback stopped: it used up its CPU budget of {} ms", limit.as_millis()),
            ),
            Stop::MemoryLimit => {
                let limit = self.session.recover_memory();
                exception::stopped("RangeError", format!("callback stopped: it reached the heap limit of {} MiB", limit >> 20))
            }
            Stop::Interrupt(_) => exception::stopped("AbortError", "callback interrupted".to_owned()),
            Stop::Shutdown => return,
        };
        self.say(&Event::Exception(Uncaught { run, origin: Origin::Callback, exception }));
    }
}
