//! Deadlines, deaths, and new sessions.

use std::{process::ExitStatus, sync::Arc, time::Duration};

use drupe_protocol::{
    Control, Request, RunId,
    event::Stopped,
    request::{Ping, Reset, StopReason},
};
use drupe_transport::deadline::after;
use tokio::{sync::oneshot, time::Instant};

use super::{PendingReset, Session, Supervisor, witness::Witness};
use crate::{
    Begun, Budget, Cause, Death, Error, NewSession, Respawn, SessionReason, State,
    jobs::{Job, Wall},
    link::Remains,
    trace,
};

/// How many grace periods a reset may take.
const RESET_GRACES: u32 = 4;

/// How many grace periods a kernel has to say that it heard an interrupt, or is there. **Its control thread waits for
/// nothing**: one that is silent for so long is frozen.
pub(super) const INTERRUPT_GRACES: u32 = 8;

impl Supervisor {
    pub(super) async fn start_reset(&mut self, reply: oneshot::Sender<Result<u64, Error>>) {
        for job in self.queue.remove_all() {
            job.end_stopped(StopReason::Reset, Stopped::Queued, State::Lost);
        }
        let until = after(self.config.grace.saturating_mul(RESET_GRACES));
        if let Some(pending) = &mut self.reset {
            pending.replies.push(reply);
        } else if self.link.is_some() {
            // The last run first: **when the active run stops, the next one begins, unless it was cancelled before.**
            for run in self.sent.keys().rev().copied().collect::<Vec<_>>() {
                self.send_interrupt(Some(run), StopReason::Reset, None);
            }
            // A late callback may be executing in the name of no run that is known here.
            self.send_interrupt(None, StopReason::Reset, None);
            let generation = self.info.generation + 1;
            if let Some(link) = &mut self.link {
                // Two numbers fit into any frame.
                drop(link.request(&Request::Reset(Reset { generation })));
            }
            self.reset = Some(PendingReset { generation, replies: vec![reply], until, done: false });
        } else {
            self.reset_without_kernel(reply).await;
        }
    }

    pub(super) fn reset_done(&mut self, generation: u64) {
        self.info.generation = generation;
        self.close_journal(true);
        self.session = Session::new(self.preload.as_ref());
        self.calls.cancel_all();
        self.protocol_state.new_session();
        self.new_session = Some(NewSession { generation, pid: self.info.pid, reason: SessionReason::Reset });
        trace::reset(generation);
        if let Some(pending) = self.reset.as_mut().filter(|pending| pending.generation == generation) {
            pending.done = true;
        }
        self.finish_reset();
    }

    /// Ends a reset once nothing that was meant for the old session can still come to the new one.
    pub(super) fn finish_reset(&mut self) {
        if self.interrupts.is_empty()
            && let Some(pending) = self.reset.take_if(|pending| pending.done)
        {
            // Whoever asked may have stopped waiting.
            pending.replies.into_iter().for_each(|reply| drop(reply.send(Ok(pending.generation))));
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let runs = self.sent.values().filter_map(|job| job.deadline());
        let reset = self.reset.as_ref().map(|pending| pending.until);
        let cpu = self.cpu_watch.as_ref().map(super::cpu_watch::CpuWatch::at);
        let interrupt = self.interrupts.front().map(|interrupt| interrupt.until);
        let ready = self.queue.deadline().map(|(until, _)| until);
        runs.chain(reset).chain(interrupt).chain(cpu).chain(ready).chain(self.stuck.as_ref().map(|stuck| stuck.until)).min()
    }

    pub(super) async fn deadlines(&mut self) {
        let now = Instant::now();
        if self.reset.as_ref().is_some_and(|pending| pending.until <= now) {
            // JavaScript is where it cannot be stopped: `kill` answers the reset by a new process.
            return self.kill(Cause::Unresponsive).await;
        }
        if let Some(interrupt) = self.interrupts.front().filter(|interrupt| interrupt.until <= now) {
            let run = interrupt.run.or_else(|| self.sent.values().find(|job| job.started.is_some()).map(|job| job.run));
            let stopped = |job: Job, state| job.end_stopped(StopReason::Request, Stopped::Javascript, state);
            return self.kill_with(run, stopped).await;
        }
        if self.cpu_watch.is_some_and(|watch| watch.at() <= now) {
            self.look_at_cpu();
        }
        if let Some(stuck) = self.stuck.take_if(|stuck| stuck.until <= now) {
            return self.kill_stuck(stuck.run, stuck.limit).await;
        }
        if let Some((_, budget)) = self.queue.deadline().filter(|(until, _)| *until <= now)
            && let Some(job) = self.queue.remove_first()
        {
            job.end_unprepared(budget);
        }
        let due = self.sent.values().filter(|job| job.deadline().is_some_and(|deadline| deadline <= now));
        for run in due.map(|job| job.run).collect::<Vec<_>>() {
            let Some(job) = self.sent.get_mut(&run) else { continue };
            let until = after(self.config.grace);
            match job.wall {
                Wall::Stopping { answered, .. } if !answered || job.is_to_be_killed() => {
                    let budget = Budget::Wall(job.limits.wall_timeout.unwrap_or_default());
                    return self.kill_for_timeout(Some(run), budget).await;
                }
                Wall::Until(_) if job.started.is_some() => {
                    job.wall = Wall::Stopping { until, answered: false };
                    self.send_interrupt(Some(run), StopReason::WallTimeout, None);
                }
                // It answers, and was not to be killed, or the run's turn has not come, though it is the next: go on
                // waiting, and asking.
                Wall::Stopping { .. } | Wall::Until(_) | Wall::Off => {
                    let until =
                        if job.started.is_some() { until } else { after(self.config.grace.saturating_mul(INTERRUPT_GRACES)) };
                    job.wall = Wall::Stopping { until, answered: false };
                    if let Some(link) = &mut self.link {
                        link.control(&Control::Ping(Ping { nonce: run }));
                        self.protocol_state.pinged();
                    }
                }
            }
        }
    }

    /// JavaScript does not stop, after `limit` was used up. A run without a CPU budget ends as what it was stopped for
    /// before that.
    async fn kill_stuck(&mut self, run: Option<RunId>, limit: Duration) {
        let job = run.and_then(|run| self.sent.get(&run)).filter(|job| job.limits.vm_timeout.is_none());
        let is_interrupted = job.is_some_and(|job| job.interrupted);
        let wall = job.filter(|job| matches!(job.wall, Wall::Stopping { .. })).and_then(|job| job.limits.wall_timeout);
        if is_interrupted {
            self.kill_with(run, |job, state| job.end_stopped(StopReason::Request, Stopped::Javascript, state)).await;
        } else {
            self.kill_for_timeout(run, wall.map_or(Budget::Vm(limit), Budget::Wall)).await;
        }
    }

    /// A run did not stop in its grace: it ends as timed out, and everything else dies with the process.
    async fn kill_for_timeout(&mut self, run: Option<RunId>, budget: Budget) {
        self.kill_with(run, |job, state| job.end_timed_out(budget, state)).await;
    }

    /// Kills a process that does not stop; `end` says how `run`, which it is killed for, ends.
    async fn kill_with(&mut self, run: Option<RunId>, end: impl FnOnce(Job, State)) {
        let Some(link) = &mut self.link else { return };
        let (cause, stderr) = link.kill(Cause::Unresponsive).await;
        self.hear_last();
        let Some(link) = self.link.take() else { return };
        let job = run.and_then(|run| self.sent.remove(&run));
        let source = job.as_ref().map(|job| job.source_head.clone());
        let death = Arc::new(Death { cause, generation: self.info.generation, last_chunk: source, stderr });
        if let Some(job) = job {
            end(*job, State::LostWithProcess(death.clone()));
        }
        self.on_exit(death, link.remains(), run).await;
    }

    /// The run whose turn is next has its wall budget to come to it: a kernel that is not heard after that is frozen.
    /// **One that is busy with what earlier runs left may take longer.**
    pub(super) fn watch_next(&mut self) {
        if let Some((_, job)) = self.sent.iter_mut().next()
            && job.wall == Wall::Off
            && let Some(limit) = job.limits.wall_timeout
        {
            job.wall = Wall::Until(after(limit));
        }
    }

    pub(super) async fn kill(&mut self, cause: Cause) {
        if let Some(link) = &mut self.link {
            let (cause, stderr) = link.kill(cause).await;
            self.hear_last();
            self.died(cause, stderr).await;
        }
    }

    /// The process has ended.
    pub(super) async fn ended(&mut self, status: Option<ExitStatus>) {
        if let Some(link) = &mut self.link {
            let (cause, stderr) = link.last_words(status).await;
            self.died(cause, stderr).await;
        }
    }

    async fn died(&mut self, cause: Cause, stderr: String) {
        let remains = self.link.take().map(|link| link.remains()).unwrap_or_default();
        let active = self.sent.values().find(|job| job.started.is_some());
        let last_chunk = active.map(|job| job.source_head.clone());
        let death = Arc::new(Death { cause, generation: self.info.generation, last_chunk, stderr });
        self.on_exit(death, remains, None).await;
    }

    /// Tells everybody concerned that the process is gone; `active`: the run that it was killed for.
    async fn on_exit(&mut self, death: Arc<Death>, remains: Remains, active: Option<RunId>) {
        trace::died(&death);
        self.stuck = None;
        self.cpu_watch = None;
        self.end_sent(&death, remains, active);
        for reply in self.interrupts.drain(..).filter_map(|interrupt| interrupt.reply) {
            let _ = reply.send(false);
        }
        // What waits for its reader was said in time, and is still delivered; the next kernel does not wait for that.
        let blocked = std::mem::take(&mut self.blocked);
        if !blocked.is_empty() {
            tokio::spawn(async move {
                for (events, event, weight) in blocked {
                    events.room(weight).await;
                    // Now there is room, or the reader is gone.
                    drop(events.post(*event, weight));
                }
            });
        }
        self.close_journal(self.reset.is_some());
        self.questions.fail(&death);
        self.calls.cancel_all();
        self.info.pid = None;
        self.session = Session::new(self.preload.as_ref());
        self.crashes.died(&death.cause, Error::Died { death: death.clone(), started: Begun::Yes });
        self.death = Some(death);
        if let Some(pending) = self.reset.take() {
            self.launch_anew(SessionReason::Reset, pending.replies).await;
        }
    }

    /// Ends the runs that a process has taken with it, or sends them again: **those that had certainly not begun, and
    /// once**.
    fn end_sent(&mut self, death: &Arc<Death>, remains: Remains, active: Option<RunId>) {
        let asked = self.reset.is_some() || death.cause == Cause::Restarted;
        let again = !asked && self.config.respawn == Respawn::OnNextRun;
        let mut witness = Witness::new(death, remains, active);
        let mut unsent = Vec::new();
        for (_, job) in std::mem::take(&mut self.sent) {
            let started = witness.has_begun(&job);
            if started == Begun::No && job.interrupted && !asked {
                job.end_stopped(StopReason::Request, Stopped::Queued, State::LostWithProcess(death.clone()));
            } else if started != Begun::No || !again || job.sent_before {
                job.fail(Error::Died { death: death.clone(), started });
            } else {
                unsent.extend(job.unsent());
            }
        }
        // In their order, before those that were not sent.
        self.queue.put_back(unsent);
    }

    /// The session is gone; `asked`: as somebody wished.
    fn close_journal(&self, asked: bool) {
        let waiting = |run| self.queue.has(run);
        match &self.journal {
            Some(journal) if asked => journal.clear(waiting),
            Some(journal) => journal.lost(waiting),
            None => {}
        }
    }
}
