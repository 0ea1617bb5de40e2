//! Checks events of a kernel against its requests, before the events have any effect. The code that a kernel runs may
//! control it. The rules are those of WIRE.md, "Order".

use std::{collections::BTreeSet, time::Duration};

use drupe_protocol::{
    Event as WireEvent, Request, RunId,
    event::{End, Origin, Outcome, StoppedBy, Unsupported},
    host::{CallId, MAX_CALLS_WEIGHT, MAX_OPEN_CALLS},
    request::StopReason,
};
use tokio::time::Instant;

use super::Supervisor;
use crate::Cause;

/// What this process may speak of.
#[derive(Debug, Default)]
pub(super) struct ProtocolState {
    /// The newest run that was requested.
    newest: RunId,
    /// The newest run of the session before, and of all earlier ones: **what these left behind is gone, and says
    /// nothing any more**.
    before: RunId,
    /// Runs that were requested in earlier sessions, too, and had not begun there.
    again: BTreeSet<RunId>,
    /// Pings without their pong.
    pings: u32,
    /// What it may still say on the control channel that nobody asked for.
    unasked: Allowance,
}

/// So many replies may come at once that answer nothing.
const UNASKED: u32 = 256;

/// One more may come after this time. What a kernel has to say unasked is rarer: of a stretch of JavaScript that does
/// not stop it tells 50 ms later.
const UNASKED_EACH: Duration = Duration::from_millis(10);

/// How much may come, by the clock.
#[derive(Debug)]
struct Allowance {
    left: u32,
    /// When `left` was so many.
    since: Instant,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: UNASKED, since: Instant::now() }
    }
}

impl Allowance {
    /// Takes one, if there is one.
    fn take(&mut self, now: Instant) -> bool {
        let earned = now.duration_since(self.since).as_millis() / UNASKED_EACH.as_millis();
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        if earned >= UNASKED - self.left {
            *self = Self { left: UNASKED, since: now };
        } else {
            self.left += earned;
            self.since += UNASKED_EACH * earned;
        }
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// A message that does not fit what was asked, or came before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("it said {said:?} of run {run}, which is not of this session")]
    Stranger { said: &'static str, run: RunId },
    #[error("it said {said:?} of run {run}, {state}")]
    Order { said: &'static str, run: RunId, state: &'static str },
    #[error("it said that run {run} started in session {theirs} instead of {ours}")]
    Generation { run: RunId, theirs: u64, ours: u64 },
    #[error("it announced session {theirs}, which nobody asked for")]
    Reset { theirs: u64 },
    #[error("it said {0:?}, which answers no question")]
    Unasked(&'static str),
    #[error("it answered {name:?} to question {id}, which is not waiting for that")]
    Answer { id: u64, name: String },
    #[error("it does not know the message {0:?}, which this client needs; use a kernel that is as new as the client")]
    Unsupported(String),
    #[error("it said that run {run} ended with the exit status {status:?}, which is none")]
    Status { run: RunId, status: Option<u32> },
    #[error("it opened more than {MAX_OPEN_CALLS} calls to its host")]
    OpenCalls,
    #[error("it opened the call {call} to its host twice")]
    OpenedTwice { call: CallId },
    #[error("its calls to its host weigh more than {} MiB", MAX_CALLS_WEIGHT >> 20)]
    CallsWeight,
    #[error("it asked twice for one item of the call {call} to its host")]
    AskedTwice { call: CallId },
    #[error("it said too much on the control channel that nobody had asked for")]
    Chatter,
}

impl ProtocolState {
    pub(super) fn requested(&mut self, run: RunId) {
        if run <= self.before {
            self.again.insert(run);
        }
        self.newest = self.newest.max(run);
    }

    pub(super) fn new_session(&mut self) {
        self.before = self.newest;
        self.again.clear();
    }

    pub(super) fn new_process(&mut self) {
        self.pings = 0;
        self.unasked = Allowance::default();
        self.new_session();
    }

    pub(super) fn pinged(&mut self) {
        self.pings += 1;
    }

    pub(super) fn ponged(&mut self) -> Result<(), Violation> {
        self.pings = self.pings.checked_sub(1).ok_or(Violation::Unasked("pong"))?;
        Ok(())
    }

    /// It said something on the control channel that answers nothing. **That channel is read first**: a kernel that
    /// never ends talking there would keep its parent from everything else.
    pub(super) fn spoke_unasked(&mut self) -> Result<(), Violation> {
        if self.unasked.take(Instant::now()) { Ok(()) } else { Err(Violation::Chatter) }
    }

    fn knows(&self, run: RunId) -> bool {
        (self.before < run && run <= self.newest) || self.again.contains(&run)
    }
}

impl Supervisor {
    /// Whether the kernel may say this now.
    pub(super) fn validate(&self, event: &WireEvent) -> Result<(), Violation> {
        match event {
            WireEvent::Started(started) => {
                self.must_be_next(started.run, "started")?;
                if self.has_started(started.run) {
                    return Err(Violation::Order { said: "started", run: started.run, state: "which has started already" });
                }
                let (run, theirs, ours) = (started.run, started.generation, self.info.generation);
                if theirs == ours { Ok(()) } else { Err(Violation::Generation { run, theirs, ours }) }
            }
            WireEvent::HostCall(call) => self.may_speak(call.run, "host_call"),
            WireEvent::Console(console) => self.may_speak(console.run, "console"),
            WireEvent::Output(output) => self.may_speak(output.run, "output"),
            WireEvent::Result(result) => {
                self.must_be_active(result.run, "result")?;
                let told = self.sent.get(&result.run).is_some_and(|job| job.text.is_some());
                if told {
                    Err(Violation::Order { said: "result", run: result.run, state: "which has its result" })
                } else {
                    Ok(())
                }
            }
            WireEvent::Exception(uncaught) => match (uncaught.origin, uncaught.run) {
                (Origin::Chunk, Some(run)) => self.must_be_active(run, "exception"),
                (_, run) => self.may_speak(run, "exception"),
            },
            WireEvent::Outcome(outcome) => self.may_end(outcome),
            WireEvent::ResetDone(done) => match &self.reset {
                Some(pending) if pending.generation == done.generation => Ok(()),
                Some(_) | None => Err(Violation::Reset { theirs: done.generation }),
            },
            WireEvent::Unsupported(Unsupported { name }) if Request::NAMES.contains(&name.as_str()) => {
                Err(Violation::Unsupported(name.clone()))
            }
            WireEvent::Unsupported(_) => Err(Violation::Unasked("unsupported")),
            // One for a call that is over may have crossed the answer. What is unknown is a newer kernel's.
            WireEvent::HostNext(_) | WireEvent::HostCancel(_) | WireEvent::Unknown(_) => Ok(()),
        }
    }

    /// Kills a kernel that was found to lie.
    pub(super) async fn kill_on_violation(&mut self, validated: Result<(), Violation>) {
        if let Err(violation) = validated {
            self.kill(Cause::Protocol(violation.to_string())).await;
        }
    }

    fn may_end(&self, outcome: &Outcome) -> Result<(), Violation> {
        let Outcome { run, end, exit_code, .. } = outcome;
        let status = exit_code.map(u8::try_from);
        if matches!(status, Some(Err(_))) || matches!(end, End::Exited(_)) && status.is_none() {
            return Err(Violation::Status { run: *run, status: *exit_code });
        }
        // A reset ends also what has not begun.
        if matches!(end, End::Interrupted(StoppedBy { reason: StopReason::Reset, .. })) && self.reset.is_some() {
            return self.must_be_next(*run, "outcome");
        }
        self.must_be_active(*run, "outcome")?;
        let told = self.sent.get(run).is_some_and(|job| job.text.is_some());
        if matches!(end, End::Value(_)) && !told {
            return Err(Violation::Order { said: "outcome", run: *run, state: "whose value it has not told" });
        }
        Ok(())
    }

    /// Late output is welcome, early output is not.
    pub(super) fn may_speak(&self, run: Option<RunId>, said: &'static str) -> Result<(), Violation> {
        let Some(run) = run else { return Ok(()) };
        if !self.protocol_state.knows(run) {
            return Err(Violation::Stranger { said, run });
        }
        if self.sent.contains_key(&run) && !self.has_started(run) {
            return Err(Violation::Order { said, run, state: "which has not started" });
        }
        Ok(())
    }

    fn must_be_active(&self, run: RunId, said: &'static str) -> Result<(), Violation> {
        self.must_be_next(run, said)?;
        if self.has_started(run) { Ok(()) } else { Err(Violation::Order { said, run, state: "which has not started" }) }
    }

    /// Runs are taken in their order, one at a time, but for those that are beside others.
    fn must_be_next(&self, run: RunId, said: &'static str) -> Result<(), Violation> {
        if !self.protocol_state.knows(run) {
            return Err(Violation::Stranger { said, run });
        }
        match self.sent.first_key_value() {
            Some((first, _)) if *first == run => Ok(()),
            Some(_) if self.is_beside(run) => Ok(()),
            Some((first, _)) if *first < run => Err(Violation::Order { said, run, state: "before its turn" }),
            _ => Err(Violation::Order { said, run, state: "which has ended" }),
        }
    }

    /// Whether all runs before this one have started, and are beside others like it.
    fn is_beside(&self, run: RunId) -> bool {
        let mut before = self.sent.range(..run).map(|(_, job)| job);
        self.sent.get(&run).is_some_and(|job| job.beside) && before.all(|job| job.beside && job.started.is_some())
    }

    fn has_started(&self, run: RunId) -> bool {
        self.sent.get(&run).is_some_and(|job| job.started.is_some())
    }
}
