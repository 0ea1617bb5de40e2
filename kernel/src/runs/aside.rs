//! Runs beside one another: while one awaits, another may begin. One of them is active, and the others are set aside.
//!
//! **JavaScript of one executes at a time**, and each is told in the name of its run, as callbacks are. A run that is
//! set aside comes back when what it awaits has settled, when it was interrupted, or when no other is active.

use super::{Active, Phase, active::is_beside};
use crate::{introspection::Helper, isolate::guard::Stop, runs::event_loop::EventLoop};

/// A run that awaits while another is active.
pub(crate) struct Aside {
    active: Active,
    /// Whether it has set the exit status.
    has_set_exit: bool,
    /// What has thrown promise jobs away, which may have been its own.
    lost: Option<Stop>,
}

impl EventLoop<'_> {
    /// Whether the next run may begin: none is active, or both are beside others and the active one awaits.
    pub(super) fn may_start_next(&mut self) -> bool {
        self.active.is_none() || self.queue.front().is_some_and(|run| is_beside(run)) && self.active_may_wait()
    }

    /// Whether the active run can be set aside. **One that has something to say cannot.**
    fn active_may_wait(&mut self) -> bool {
        match &self.active {
            Some(Active { beside: true, phase: Phase::Evaluating(evaluation), .. }) => !self.session.has_settled(evaluation),
            Some(_) | None => false,
        }
    }

    /// Sets the active run aside, if there is one.
    pub(super) fn set_aside(&mut self) {
        if let Some(active) = self.active.take() {
            self.factory.guard.set_aside();
            let has_set_exit = self.session.realm().exit.is_set();
            self.aside.push(Aside { active, has_set_exit, lost: None });
        }
    }

    /// Goes on with a run that was set aside, if it has come to something, or no other is active. Returns whether there
    /// was one.
    pub(super) fn resume_due(&mut self) -> bool {
        if self.aside.is_empty() || self.active.is_some() && !self.active_may_wait() {
            return false;
        }
        let due = (0..self.aside.len()).find(|at| self.is_due(*at));
        let Some(at) = due.or_else(|| self.active.is_none().then(|| self.aside.len() - 1)) else { return false };
        self.resume(at);
        true
    }

    fn is_due(&mut self, at: usize) -> bool {
        let Aside { active, lost, .. } = &self.aside[at];
        lost.is_some()
            || self.factory.guard.is_pending(active.run)
            || active.evaluation().is_some_and(|evaluation| self.session.has_settled(evaluation))
    }

    fn resume(&mut self, at: usize) {
        let aside = self.aside.remove(at);
        self.set_aside();
        self.make_active(aside.active, aside.has_set_exit);
        if let Some(stop) = aside.lost {
            return self.end_stopped(stop);
        }
        if !self.apply_interrupt() {
            self.advance();
            self.report_rejections();
            self.finish_if_idle();
        }
    }

    /// Makes the run active that was set aside last, and nothing more. Returns whether there was one.
    pub(super) fn resume_last(&mut self) -> bool {
        let Some(aside) = self.aside.pop() else { return false };
        self.make_active(aside.active, aside.has_set_exit);
        true
    }

    fn make_active(&mut self, active: Active, has_set_exit: bool) {
        self.factory.guard.resume(active.run);
        Helper::of(self.session.realm()).clock.set(Some((active.wall_start, active.cpu_start)));
        self.session.realm().exit.begin_run(has_set_exit);
        self.active = Some(active);
    }

    /// Promise jobs were thrown away: what goes on with a run that is set aside may have been among them.
    pub(super) fn lose_jobs_aside(&mut self, stop: Stop) {
        for aside in &mut self.aside {
            aside.active.dropped_jobs = true;
            aside.lost = aside.lost.or(Some(stop));
        }
    }
}
