//! The main thread: one loop over requests, timers and V8's tasks.

use std::{
    cell::RefCell,
    collections::VecDeque,
    time::{Duration, Instant},
};

use drupe_protocol::{Event, Request, event::Unsupported, request::Run};
use drupe_transport::{Incoming, ReceiveError};

use crate::{
    environment::timers::{self, Timers},
    errors::rejections::Rejections,
    host,
    runs::{
        Active,
        aside::Aside,
        session::{Entered, Retired, Session, SessionError, SessionFactory},
    },
};

/// How often to ask for V8's tasks while it works in the background: it has no way to wake the loop.
const BACKGROUND_POLL: Duration = Duration::from_millis(1);

/// Why the loop cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum LoopError {
    /// The data channel failed, or brought nonsense.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// The control channel brought nonsense.
    #[error("the parent broke the protocol on the control channel")]
    Control,
    /// No session could be made.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// What comes after a session.
pub(crate) enum Next {
    /// Another one, with this number, and then the end of what is left of this one.
    Session(u64, Retired),
    /// The end.
    Leave,
}

/// The loop of one session.
pub(crate) struct EventLoop<'a> {
    pub(crate) factory: &'a SessionFactory,
    pub(crate) session: Session,
    /// Runs that wait for their turn.
    pub(crate) queue: VecDeque<Box<Run>>,
    pub(crate) active: Option<Active>,
    /// Runs that await while another is active.
    pub(super) aside: Vec<Aside>,
}

impl<'a> EventLoop<'a> {
    pub(crate) fn new(factory: &'a SessionFactory, generation: u64) -> Result<Self, SessionError> {
        let session = Session::new(factory, generation)?;
        Ok(Self { factory, session, queue: VecDeque::new(), active: None, aside: Vec::new() })
    }

    /// Serves until the parent resets the session, closes the channel or says `shutdown`.
    pub(crate) fn run(mut self) -> Result<Next, LoopError> {
        while !self.factory.guard.is_shut_down() {
            self.start_runs();
            // A stop that came in a stretch which was not the run's has stopped nothing, and wakes nobody up.
            while self.apply_interrupt() {
                self.start_runs();
            }
            self.answer_questions();
            let deadline = self.next_turn();
            if deadline.is_none_or(|deadline| deadline > Instant::now()) {
                self.factory.outbox.flush();
                self.session.finish_setup();
            }
            match self.factory.inbox.wait(deadline)? {
                Incoming::Message(Request::Run(run)) => self.queue.push_back(run),
                Incoming::Message(Request::Reset(reset)) => {
                    self.end_all_for_reset();
                    return Ok(Next::Session(reset.generation, self.session.retire()));
                }
                Incoming::Message(Request::HostReply(reply)) => self.host_reply(reply),
                Incoming::Message(Request::Preload(preload)) => *self.factory.preload.borrow_mut() = Some(preload),
                Incoming::Message(Request::Functions(functions)) => {
                    self.session.without_javascript(|scope| host::define_functions(scope, &functions.names));
                    *self.factory.functions.borrow_mut() = functions.names;
                }
                Incoming::Message(Request::Unknown(name)) => self.say(&Event::Unsupported(Unsupported { name })),
                Incoming::Woken | Incoming::Elapsed => {}
                Incoming::Closed => break,
            }
            self.apply_interrupt();
            self.turn();
        }
        self.factory.outbox.flush();
        if self.factory.guard.had_protocol_error() { Err(LoopError::Control) } else { Ok(Next::Leave) }
    }

    /// Answers what was asked while no JavaScript was executing, or too late to interrupt it. The events that were told
    /// before an answer are sent before it, as far as the channel takes them.
    fn answer_questions(&mut self) {
        if self.factory.questions.is_waiting() {
            self.factory.outbox.flush_what_fits();
            self.session.answer_questions();
        }
    }

    /// When the loop must turn without being told.
    fn next_turn(&self) -> Option<Instant> {
        if self.awaits_nothing() || self.session.realm().state::<RefCell<Rejections>>().borrow().is_waiting() {
            return Some(Instant::now());
        }
        let timer = self.session.realm().state::<RefCell<Timers>>().borrow().next_turn();
        if !self.session.has_background_work() {
            return timer;
        }
        let poll = Instant::now() + BACKGROUND_POLL;
        Some(timer.map_or(poll, |timer| timer.min(poll)))
    }

    /// One turn: V8's tasks, the timers that are due, the immediates that wait.
    fn turn(&mut self) {
        // Asked before V8's tasks are done: what has worked in the background until now may have posted one.
        let awaited_nothing = self.awaits_nothing();
        self.report_rejections();
        loop {
            let entered = self.session.run_platform_task();
            if !entered.value {
                break;
            }
            self.after_callback(&entered);
            self.apply_interrupt();
        }
        let now = Instant::now();
        while let Some((id, call)) = self.take_due_timer(now) {
            self.call(call);
            self.session.realm().state::<RefCell<Timers>>().borrow_mut().called(id);
            self.apply_interrupt();
        }
        let immediates = self.session.realm().state::<RefCell<Timers>>().borrow().immediates();
        for _ in 0..immediates {
            let call = self.session.realm().state::<RefCell<Timers>>().borrow_mut().take_immediate();
            if let Some(call) = call {
                self.call(call);
                self.apply_interrupt();
            }
        }
        if awaited_nothing && self.awaits_nothing() {
            self.end_unsettled();
        }
        self.finish_if_idle();
    }

    fn take_due_timer(&self, now: Instant) -> Option<(timers::TimerId, timers::Call)> {
        if self.factory.guard.is_shut_down() {
            return None;
        }
        self.session.realm().state::<RefCell<Timers>>().borrow_mut().take_due(now)
    }

    fn call(&mut self, call: timers::Call) {
        let entered = self.session.enter(call.run, call.budget, |scope| {
            call.make(scope);
        });
        self.after_callback(&entered);
    }

    /// What follows every entry but a run's own: late rejections, the answer to an await that went on, and stops.
    pub(crate) fn after_callback<T>(&mut self, entered: &Entered<T>) {
        let active = self.hold(entered.halt);
        self.report_rejections();
        self.advance_despite(entered.halt);
        self.halted_after(active, entered.halt);
    }

    pub(crate) fn say(&self, event: &Event) {
        // Sizes are bounded where events are made; one that still does not fit a frame has nothing to fall back on.
        drop(self.factory.outbox.push(event));
    }
}
