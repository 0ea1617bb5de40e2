//! The end of a program, and the checks before it: rejections without a handler, and work that is left.

use std::cell::RefCell;

use drupe_protocol::event::{Done, End, State};

use super::Active;
use crate::{
    environment::{
        program::{self, THREW, UNSETTLED},
        timers::Timers,
    },
    errors::rejections::Rejections,
    host::Calls,
    node::process::Ticks,
    runs::event_loop::EventLoop,
};

impl EventLoop<'_> {
    /// Tells of promises that were rejected and have no handler, unless the program handles them.
    pub(crate) fn report_rejections(&mut self) {
        let (waiting, handled_late) = {
            let held = self.session.realm().state::<RefCell<Rejections>>();
            let mut rejections = held.borrow_mut();
            (rejections.take(), rejections.take_handled_late())
        };
        if waiting.is_empty() && handled_late.is_empty() {
            return;
        }
        let asks = self.session.without_javascript(program::asks_about_rejections);
        let budget = self.session.realm().budget.get();
        for promise in handled_late.into_iter().filter(|_| asks) {
            let run = self.active.as_ref().map(|active| active.run);
            let entered = self.session.enter(run, budget, |scope| program::handled(scope, &promise));
            self.halted(entered.halt);
        }
        let of_program = self.active.as_ref().filter(|active| active.wanted.until_idle).map(|active| active.run);
        for rejection in waiting {
            let run = rejection.run;
            let is_over = self.active.is_none();
            if of_program.is_some() && (is_over || self.session.realm().exit.is_leaving()) {
                if run.is_none() || run == of_program {
                    // **Behind the end of a program nobody is asked about its errors**, and nothing is told of it.
                    continue;
                }
                if !is_over {
                    // The stop that ends the program would hit this one, too.
                    self.session.realm().state::<RefCell<Rejections>>().borrow_mut().put_back(rejection);
                    continue;
                }
            }
            if asks || self.active.as_ref().is_some_and(|active| active.wanted.until_idle) {
                let entered = self.session.enter(run, budget, |scope| program::rejected(scope, rejection));
                self.halted(entered.halt);
            } else {
                self.session.without_javascript(|scope| program::rejected(scope, rejection));
            }
        }
    }

    /// Whether the session has something left that keeps a program from its exit. What V8 compiles in the background is
    /// waited for, too: its promise is still to be settled.
    fn is_busy(&self) -> bool {
        let realm = self.session.realm();
        realm.state::<RefCell<Timers>>().borrow().any_referenced()
            || Calls::of(realm).borrow().any_awaited()
            || self.session.has_background_work()
    }

    /// Ends the active run if it has its answer and need not wait for its timers.
    pub(crate) fn finish_if_idle(&mut self) {
        let Some(active) = &self.active else { return };
        let Some(end) = active.answer() else { return };
        let is_program = active.wanted.until_idle;
        let has_value = matches!(end, End::Value(_));
        if is_program && has_value && self.is_busy() {
            return;
        }
        let may_end = match end {
            _ if !is_program => true,
            End::Value(_) => self.beforehand() && self.leave(None),
            End::SyntaxError(_) => true,
            _ => self.leave(Some(THREW)),
        };
        let end = self.active.as_ref().filter(|_| may_end).and_then(Active::answer).cloned();
        if let Some(end) = end {
            // What a program has set and does not wait for ends with it; only where it failed is that a loss.
            let timers = if is_program { self.drop_timers(State::Kept) } else { 0 };
            let timers = if has_value { 0 } else { timers };
            self.end(end, State::Kept, timers);
        }
    }

    /// Whether the active run awaits what nothing is left to bring, and is to end then. Timers that keep no program
    /// from its exit may still.
    pub(crate) fn awaits_nothing(&self) -> bool {
        let realm = self.session.realm();
        let may_end = |active: &Active| active.wanted.until_idle || active.wanted.ends_unsettled;
        self.active.as_ref().is_some_and(|active| may_end(active) && active.is_unanswered())
            && !self.is_busy()
            && realm.state::<RefCell<Timers>>().borrow().next_turn().is_none()
            && realm.state::<RefCell<Ticks>>().borrow().is_empty()
    }

    /// Ends a run that awaits what cannot come.
    pub(crate) fn end_unsettled(&mut self) {
        let is_program = self.active.as_ref().is_some_and(|active| active.wanted.until_idle);
        if !is_program || self.beforehand() && self.awaits_nothing() && self.leave(Some(UNSETTLED)) {
            self.end(End::Unsettled(Done {}), State::Kept, 0);
        }
    }

    /// Tells the program that nothing is left to do, and so may give it something; returns whether there is still
    /// nothing.
    fn beforehand(&mut self) -> bool {
        self.tell_program(true, None) && !self.is_busy()
    }

    /// Tells the program that it ends; returns whether it has not found another end meanwhile.
    fn leave(&mut self, code: Option<u8>) -> bool {
        self.tell_program(false, code)
    }

    /// Returns whether the active run is still there.
    fn tell_program(&mut self, idle: bool, code: Option<u8>) -> bool {
        let Some(active) = &self.active else { return false };
        let (run, budget) = (active.run, active.wanted.budget);
        let entered = self.session.enter(Some(run), budget, |scope| program::tell(scope, run, idle, code));
        self.after_callback(&entered);
        self.active.is_some()
    }
}
