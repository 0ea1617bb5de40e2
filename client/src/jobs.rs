//! The runs that a supervisor knows: their requests, their receivers, their deadlines.

use std::time::Duration;

use drupe_protocol::{
    Exception, RunId,
    event::{End, Outcome as WireOutcome, State as WireState, Stopped},
    request::{Run as Request, StopReason},
};
use drupe_transpile::Binding;
use drupe_transport::deadline::after;
use tokio::{sync::oneshot, time::Instant};
use tracing::Span;

use crate::{
    Budget, Chunk, Error, InterruptReason, NewSession, Outcome, Report, State,
    exceptions::untold,
    grants::Grants,
    journal::Journal,
    limits::Limits,
    mailbox::{Postbox, mailbox},
    trace,
    transpiled::take_back,
    unknown::brief,
    waits::Turn,
};

/// How much of a chunk's source is kept for the report of a death.
const SOURCE_HEAD: usize = 4 << 10;

/// A run, from its submission to its report.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) run: RunId,
    pub(crate) turn: Turn,
    pub(crate) source_head: String,
    pub(crate) span: Span,
    pub(crate) submitted: std::time::Instant,
    pub(crate) limits: Limits,
    /// Which functions it may call while it is active.
    pub(crate) grants: Grants,
    pub(crate) events: Postbox,
    /// `None` once its end was told.
    report: Option<oneshot::Sender<Result<Report, Error>>>,
    /// The names that it declares; known once it is sent.
    pub(crate) bindings: Vec<Binding>,
    /// What its JSX calls, as dotted names.
    pub(crate) jsx: Vec<String>,
    /// Until the kernel says that it began: what it takes to send it again.
    pub(crate) unbegun: Option<Unbegun>,
    /// It was sent before, to a kernel that died.
    pub(crate) sent_before: bool,
    /// What its request weighs, in bytes.
    pub(crate) size: u64,
    /// Its end was told before its turn, because it will not begin. **It stays in its place**, until the kernel has
    /// told of its turn.
    pub(crate) is_withdrawn: bool,
    /// Somebody has asked to stop it. **It is not sent again**, even if its kernel has heard of that and died.
    pub(crate) interrupted: bool,
    /// Set when the kernel says that it began.
    pub(crate) started: Option<Instant>,
    pub(crate) generation: u64,
    pub(crate) new_session: Option<NewSession>,
    /// What the outcome will be made of.
    pub(crate) text: Option<String>,
    pub(crate) exception: Option<Exception>,
    /// Whether it is a program.
    pub(crate) until_idle: bool,
    /// It may begin while another awaits.
    pub(crate) beside: bool,
    pub(crate) wall: Wall,
    /// While it is being transpiled: when it is given up, and for which budget.
    pub(crate) ready_by: Option<(Instant, Budget)>,
    /// Is told how it ends.
    pub(crate) journal: Option<Journal>,
    /// The name of what the session begins with, if there is something.
    pub(crate) preload: Option<String>,
}

/// A run that was sent, and may not have begun.
#[derive(Debug)]
pub(crate) struct Unbegun {
    pub(crate) chunk: Box<Chunk>,
    pub(crate) request: Box<Request>,
    /// Where its request ends in all that the kernel was sent.
    pub(crate) end: u64,
}

/// Where a run stands with its wall budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wall {
    /// Not its turn, or unlimited.
    Off,
    /// It may run until then; if it has not started, that is when its kernel is asked whether it lives.
    Until(Instant),
    /// It was interrupted, or did not start, and has until then; `answered`: the kernel has since been heard on the
    /// control channel.
    Stopping { until: Instant, answered: bool },
}

impl Job {
    pub(crate) fn new(turn: Turn, chunk: &Chunk, events: Postbox, report: oneshot::Sender<Result<Report, Error>>) -> Self {
        Self {
            run: turn.0.run(),
            span: trace::run(turn.0.run()),
            submitted: std::time::Instant::now(),
            turn,
            source_head: chunk.head(SOURCE_HEAD).to_owned(),
            limits: chunk.limits,
            grants: chunk.grants.clone(),
            events,
            report: Some(report),
            bindings: Vec::new(),
            jsx: Vec::new(),
            unbegun: None,
            sent_before: false,
            size: 0,
            is_withdrawn: false,
            interrupted: false,
            started: None,
            generation: 0,
            new_session: None,
            text: None,
            exception: None,
            until_idle: chunk.until_idle,
            beside: chunk.beside,
            wall: Wall::Off,
            ready_by: None,
            journal: None,
            preload: None,
        }
    }

    /// As it was before it was sent. `None` if it has begun.
    pub(crate) fn unsent(mut self: Box<Self>) -> Option<(Box<Self>, Box<Chunk>)> {
        let Unbegun { mut chunk, request, .. } = self.unbegun.take()?;
        take_back(&mut chunk, *request);
        (self.bindings, self.jsx, self.wall) = (Vec::new(), Vec::new(), Wall::Off);
        self.ready_by = None;
        self.sent_before = true;
        Some((self, chunk))
    }

    /// It waits to be transpiled from now on: **its wall budget holds for that, too**.
    pub(crate) fn await_transpiling(&mut self) {
        self.ready_by = self.limits.wall_timeout.map(|limit| (after(limit), Budget::Wall(limit)));
    }

    /// A thread transpiles it from now on: **its CPU budget holds for that, too**. How much CPU time that takes is not
    /// known, so the budget is held with some grace.
    pub(crate) fn begin_transpiling(&mut self, grace: Duration) {
        let cpu = self.limits.vm_timeout.map(|limit| (after(limit.saturating_add(grace)), Budget::Vm(limit)));
        self.ready_by = self.ready_by.into_iter().chain(cpu).min_by_key(|(until, _)| *until);
    }

    /// When something must be done about the wall budget.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.wall {
            Wall::Off => None,
            Wall::Until(until) | Wall::Stopping { until, .. } => Some(until),
        }
    }

    /// Whether its kernel is to be killed when it does not stop, though it answers.
    pub(crate) fn is_to_be_killed(&self) -> bool {
        self.started.is_some() && self.limits.kill_on_timeout == Some(true)
    }

    /// The kernel said how the run ended.
    pub(crate) fn end(mut self, outcome: WireOutcome) {
        let state = match outcome.state {
            WireState::Kept => State::Kept,
            WireState::Lost => State::Lost,
            WireState::Unknown => State::Unknown,
        };
        let figures = Figures::told(&outcome);
        let exception = self.exception.take();
        let text = self.text.take();
        let ended = match outcome.end {
            // The supervisor has seen to it that the value was told.
            End::Value(_) => Outcome::Value { value: None, text: text.unwrap_or_default() },
            End::Threw(_) => Outcome::Threw(exception.unwrap_or_else(untold)),
            End::SyntaxError(_) => Outcome::SyntaxError(exception.unwrap_or_else(untold)),
            End::Interrupted(by) => self.interrupted(by.reason, by.stopped),
            End::VmTimeout(timeout) => {
                Outcome::TimedOut { budget: Budget::Vm(Duration::from_millis(timeout.limit_ms)), stopped: timeout.stopped }
            }
            // The supervisor has seen to it that the status was told.
            End::Exited(_) => match figures.exit_code {
                Some(code) => Outcome::Exited { code },
                None => Outcome::Unknown { end: "exited".to_owned() },
            },
            End::Unsettled(_) => Outcome::Unsettled,
            End::MemoryLimit(memory) => Outcome::MemoryLimit { limit: memory.limit },
            End::Unknown(name) => Outcome::Unknown { end: brief(name) },
        };
        self.report(ended, state, figures);
    }

    /// Tells that it was stopped before it began, in the session `generation`. The kernel has yet to come to it.
    pub(crate) fn withdraw(&mut self, generation: u64) {
        self.generation = generation;
        let outcome = self.interrupted(StopReason::Request, Stopped::Queued);
        self.tell(outcome, State::Kept, Figures::default());
        // Nothing of it is read, or sent again, from now on.
        (self.events, self.unbegun, self.is_withdrawn) = (mailbox().0, None, true);
    }

    /// It was stopped before the kernel was asked, or without its answer.
    pub(crate) fn end_stopped(self, reason: StopReason, stopped: Stopped, state: State) {
        let outcome = self.interrupted(reason, stopped);
        let figures = Figures::measured(self.started);
        self.report(outcome, state, figures);
    }

    /// It did not stop when its budget was used up, and the process was killed.
    pub(crate) fn end_timed_out(self, budget: Budget, state: State) {
        let figures = Figures::measured(self.started);
        self.report(Outcome::TimedOut { budget, stopped: Stopped::Javascript }, state, figures);
    }

    /// A budget of its was used up before it was ready to be sent.
    pub(crate) fn end_unprepared(self, budget: Budget) {
        self.report(Outcome::TimedOut { budget, stopped: Stopped::Queued }, State::Kept, Figures::default());
    }

    /// It is no program.
    pub(crate) fn end_syntax_error(self, exception: Exception) {
        self.report(Outcome::SyntaxError(exception), State::Kept, Figures::default());
    }

    pub(crate) fn fail(self, error: Error) {
        let Self { turn, report: Some(report), span, .. } = self else { return };
        trace::failed(&span, &error);
        drop(turn);
        // A dropped run needs no answer.
        drop(report.send(Err(error)));
    }

    fn interrupted(&self, reason: StopReason, stopped: Stopped) -> Outcome {
        match reason {
            StopReason::Request => Outcome::Interrupted { reason: InterruptReason::Request, stopped },
            StopReason::Reset => Outcome::Interrupted { reason: InterruptReason::Reset, stopped },
            StopReason::WallTimeout => {
                let budget = Budget::Wall(self.limits.wall_timeout.unwrap_or_default());
                Outcome::TimedOut { budget, stopped }
            }
            StopReason::Unknown => Outcome::Unknown { end: "interrupted".to_owned() },
        }
    }

    fn report(mut self, outcome: Outcome, state: State, figures: Figures) {
        self.tell(outcome, state, figures);
    }

    /// Tells its end, once.
    fn tell(&mut self, outcome: Outcome, state: State, figures: Figures) {
        let Some(report) = self.report.take() else { return };
        if let Some(journal) = self.journal.take() {
            journal.ended(self.run, &outcome);
        }
        let Figures {
            dropped_jobs,
            dropped_timers,
            dropped_calls,
            stopped_callbacks,
            dropped_events,
            exit_code,
            exit_code_set,
            in_preload,
            wall,
            cpu,
        } = figures;
        let ended = Report {
            run: self.run,
            outcome,
            state,
            generation: self.generation,
            new_session: self.new_session.take(),
            dropped_jobs,
            dropped_timers,
            dropped_calls,
            stopped_callbacks,
            dropped_events,
            exit_code,
            exit_code_set,
            preload: self.preload.take().filter(|_| in_preload),
            wall,
            cpu,
        };
        trace::ended(&self.span, &ended);
        // Whoever hears of the end may submit and await what comes next.
        self.turn.end();
        // A dropped run needs no answer.
        drop(report.send(Ok(ended)));
    }
}

/// What a report says beside how the run ended, under the names that it has there.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    dropped_jobs: bool,
    dropped_timers: u32,
    dropped_calls: u32,
    stopped_callbacks: u32,
    dropped_events: u64,
    exit_code: Option<u8>,
    exit_code_set: bool,
    in_preload: bool,
    wall: Duration,
    cpu: Duration,
}

impl Figures {
    /// As the kernel tells them.
    fn told(outcome: &WireOutcome) -> Self {
        // Field by field, so that the compiler asks about a new one.
        let WireOutcome {
            run: _,
            end: _,
            state: _,
            dropped_jobs,
            dropped_timers,
            dropped_calls,
            stopped_callbacks,
            dropped_events,
            exit_code,
            exit_code_set,
            in_preload,
            wall_us,
            cpu_us,
        } = outcome;
        Self {
            dropped_jobs: *dropped_jobs,
            dropped_timers: *dropped_timers,
            dropped_calls: *dropped_calls,
            stopped_callbacks: *stopped_callbacks,
            dropped_events: *dropped_events,
            exit_code: exit_code.and_then(|code| u8::try_from(code).ok()),
            exit_code_set: *exit_code_set,
            in_preload: *in_preload,
            wall: Duration::from_micros(*wall_us),
            cpu: Duration::from_micros(*cpu_us),
        }
    }

    /// Without the kernel: only how long it took is known.
    fn measured(started: Option<Instant>) -> Self {
        Self { wall: started.map_or(Duration::ZERO, |started| started.elapsed()), ..Self::default() }
    }
}
