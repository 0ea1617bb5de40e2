//! Sends runs to the kernel, and delivers its events.

use std::time::Duration;

use drupe_host::permissions::Audit;
use drupe_protocol::{
    Event as WireEvent, Exception, Reply, Request, RunId,
    event::{Origin, Started, Uncaught, Unsupported},
    request::StopReason,
};
use drupe_transport::deadline::after;
use tokio::time::Instant;

use super::{Stuck, Supervisor, protocol_state::Violation};
use crate::{
    Chunk, Error, Event,
    exceptions::{explain_jsx, explain_language},
    jobs::{Job, Unbegun, Wall},
    link::Link,
    mailbox::Postbox,
    trace,
    transpiled::Script,
    unknown::brief,
};

/// How many runs may have ended before their turn, and how many bytes of requests they may have together: a kernel
/// holds them until it comes to them.
const MAX_WITHDRAWN: usize = 1024;
const MAX_WITHDRAWN_SIZE: u64 = 64 << 20;

impl Supervisor {
    /// Sends the runs that are ready, in order; begins to launch a kernel for them if there is none.
    pub(super) fn send_waiting(&mut self) {
        while self.reset.is_none() && self.launching.is_none() {
            self.queue.advance(&self.config.jsx, &self.session.bindings);
            if !self.queue.is_ready() {
                return;
            }
            if self.link.is_none() {
                match self.respawn_for_run() {
                    Ok(()) => return,
                    Err(error) => self.queue.remove_first().into_iter().for_each(|job| job.fail(error.clone())),
                }
            } else if let Some((job, chunk, transpiled)) = self.queue.take_ready() {
                match transpiled {
                    Ok(script) => self.send(job, chunk, script),
                    Err(exception) => self.end_syntax_error(job, exception),
                }
            }
        }
    }

    fn send(&mut self, mut job: Box<Job>, mut chunk: Box<Chunk>, mut script: Script) {
        let Some(link) = &mut self.link else { return job.fail(Error::Terminated) };
        let begin = link.requested();
        trace::transpiled(&job.span, script.took);
        let request = Request::Run(script.request(&mut chunk, job.run));
        let sent = link.request(&request);
        let Request::Run(request) = request else { return };
        match sent {
            Ok(end) => {
                self.protocol_state.requested(job.run);
                if job.grants.only.is_some() {
                    self.session.limited.add(job.run);
                }
                self.session.declare(job.run, &script.bindings, &request.name);
                (job.bindings, job.jsx) = (script.bindings, script.jsx);
                job.size = end - begin;
                job.preload = self.preload.as_ref().map(|preload| preload.request.name.clone());
                job.unbegun = Some(Unbegun { chunk, request, end });
                self.sent.insert(job.run, job);
                self.watch_next();
            }
            Err(error) => job.fail(Error::Encode(error.to_string())),
        }
    }

    /// Ends a run whose chunk is no valid program.
    fn end_syntax_error(&mut self, mut job: Box<Job>, exception: Box<Exception>) {
        job.generation = self.info.generation;
        let uncaught = Uncaught::new(Some(job.run), Origin::Chunk, (*exception).clone());
        // The channel of a run that never started is empty. A reader that is gone needs no event.
        drop(job.events.post(Event::Exception(uncaught), 0));
        job.end_syntax_error(*exception);
    }

    pub(super) fn event(&mut self, event: WireEvent, weight: usize) -> Result<(), Violation> {
        self.validate(&event)?;
        match event {
            WireEvent::Started(started) => self.started(started),
            WireEvent::Console(console) => self.route(console.run, Event::Console(console), weight),
            WireEvent::Output(output) => self.route(output.run, Event::Output(output), weight),
            WireEvent::Result(result) => {
                if let Some(job) = self.sent.get_mut(&result.run) {
                    // The value goes with the event; whoever holds the run puts it into the report.
                    job.text = Some(result.text.clone());
                }
                self.route(Some(result.run), Event::Result(result), weight);
            }
            WireEvent::Exception(mut uncaught) => {
                self.session.sources.frame(&mut uncaught.exception, |script| self.calls.source(script));
                explain_language(&mut uncaught.exception, |script| self.calls.source(script));
                if let Some(job) = uncaught.run.and_then(|run| self.sent.get_mut(&run)) {
                    let of_chunk = uncaught.origin == Origin::Chunk;
                    explain_jsx(&mut uncaught.exception, if of_chunk { &job.jsx } else { &[] });
                    // A program may end by what one of its callbacks threw, and not by what it reported.
                    let may_end = job.until_idle && uncaught.origin != Origin::Report;
                    if of_chunk || (may_end && job.exception.is_none()) {
                        job.exception = Some(uncaught.exception.clone());
                    }
                }
                self.route(uncaught.run, Event::Exception(uncaught), weight);
            }
            WireEvent::Outcome(outcome) => {
                self.stuck = None;
                self.crashes.forget();
                self.unwatch_cpu(outcome.run);
                if let Some(mut job) = self.sent.remove(&outcome.run) {
                    self.session.ended(job.run, &job.bindings, job.started.is_some(), &outcome.end);
                    if job.generation == 0 {
                        job.generation = self.info.generation;
                    }
                    job.end(outcome);
                    self.watch_next();
                }
            }
            WireEvent::ResetDone(done) => self.reset_done(done.generation),
            WireEvent::Unknown(name) => {
                let active = self.sent.values().find(|job| job.started.is_some()).map(|job| job.run);
                self.route(active, Event::Unknown { name: brief(name) }, 0);
            }
            WireEvent::HostCall(call) => self.host_call(call, weight)?,
            WireEvent::HostNext(next) => self.calls.next(next.call)?,
            WireEvent::HostCancel(cancel) => self.calls.cancel(cancel.call),
            // `validate` has refused it.
            WireEvent::Unsupported(_) => {}
        }
        Ok(())
    }

    /// Takes in what a kernel had said before it was killed. **To be done before its runs end.**
    pub(super) fn hear_last(&mut self) {
        let heard = self.link.as_mut().map(Link::take_heard).unwrap_or_default();
        for (mut event, weight) in heard {
            if let WireEvent::HostCall(call) = &mut event
                && self.may_speak(call.run, "host_call").is_ok()
                && self.denied(call).is_none()
            {
                self.tell_call(call, weight);
            }
            // Nobody can answer its calls any more.
            if matches!(event, WireEvent::HostCall(_) | WireEvent::HostNext(_) | WireEvent::HostCancel(_)) {
                continue;
            }
            // A new session is gone with the kernel; a new kernel answers the reset. And a kernel is killed once: what
            // breaks the protocol now only ends this.
            if matches!(event, WireEvent::ResetDone(_)) || self.event(event, weight).is_err() {
                return;
            }
        }
    }

    fn started(&mut self, started: Started) {
        self.stuck = None;
        let Some(job) = self.sent.get_mut(&started.run) else { return };
        if let Some(Unbegun { chunk, request, .. }) = job.unbegun.take() {
            self.session.sources.insert(request.name, chunk.source);
        }
        let now = Instant::now();
        trace::started(&job.span, started.generation, job.submitted);
        job.started = Some(now);
        job.generation = started.generation;
        job.wall = job.limits.wall_timeout.map_or(Wall::Off, |limit| Wall::Until(after(limit)));
        // The end of one that was withdrawn has been told: the next tells of the session.
        job.new_session = if job.is_withdrawn { None } else { self.new_session.take() };
        let events = job.events.clone();
        let vm_timeout = job.limits.vm_timeout;
        if let Some(session) = job.new_session.clone() {
            // The first event of a run finds its channel empty; a reader that is gone needs no event.
            drop(events.post(Event::Session(session), 0));
        }
        self.watch_cpu(started.run, vm_timeout);
        self.deliver(events, Event::Started(started), 0);
    }

    /// Ends a run that the kernel will not begin, before its turn. **What such runs still take is bounded**: beyond
    /// that they end in their turn.
    fn withdraw(&mut self, run: RunId) {
        let generation = self.info.generation;
        let withdrawn = self.sent.values().filter(|job| job.is_withdrawn);
        let (count, size) = withdrawn.fold((0, 0), |(count, size), job| (count + 1, size + job.size));
        let Some(job) = self.sent.get_mut(&run) else { return };
        // An event of it that was read tells that it has begun.
        if job.started.is_none() && count < MAX_WITHDRAWN && size + job.size <= MAX_WITHDRAWN_SIZE {
            job.withdraw(generation);
        }
    }

    /// Hands an event to its run or, when that is over, to whoever listens to late events.
    pub(super) fn route(&mut self, run: Option<RunId>, event: Event, weight: usize) {
        let job = run.and_then(|run| self.sent.get(&run));
        match job.map(|job| job.events.clone()).or_else(|| self.late.clone()) {
            Some(events) => self.deliver(events, event, weight),
            None => drop(event),
        }
    }

    /// A permission was used or denied.
    pub(super) fn audit(&mut self, audit: Audit) {
        let weight = audit.request.resource.len();
        self.route(audit.request.run, Event::Permission(audit), weight);
    }

    fn deliver(&mut self, events: Postbox, event: Event, weight: usize) {
        if !self.blocked.is_empty() {
            self.blocked.push_back((events, Box::new(event), weight));
        } else if let Err(event) = events.post(event, weight) {
            self.blocked.push_back((events, event, weight));
        }
    }

    /// The reader of the blocked event has room again, or is gone.
    pub(super) fn unblock(&mut self) {
        while let Some((events, event, weight)) = self.blocked.pop_front() {
            if let Err(event) = events.post(*event, weight) {
                return self.blocked.push_front((events, event, weight));
            }
        }
    }

    pub(super) fn reply(&mut self, reply: Reply) -> Result<(), Violation> {
        for job in self.sent.values_mut() {
            if let Wall::Stopping { answered, .. } = &mut job.wall {
                *answered = true;
            }
        }
        match reply {
            Reply::Interrupt(interrupted) => {
                let asked = self.interrupts.pop_front().filter(|asked| asked.run == interrupted.run);
                let asked = asked.ok_or(Violation::Unasked("interrupt_reply"))?;
                let found = asked.found || interrupted.found;
                // What it was to stop had been sent, and had not begun: nothing was executing, or a callback, or work
                // of the kernel's own, or a run whose end was told before its turn. It may have begun since.
                let is_hit = interrupted.active.is_some_and(|run| asked.first.is_none_or(|first| run >= first));
                let unended = self.sent.values().find(|job| !job.is_withdrawn).map(|job| job.run);
                let missed = unended.filter(|run| asked.run.is_none() && !is_hit && Some(*run) <= asked.last);
                if missed.is_some() && asked.reply.is_some() {
                    self.send_interrupt(missed, StopReason::Request, asked.reply);
                    self.interrupts.back_mut().into_iter().for_each(|sent| sent.found = found);
                    return Ok(());
                }
                if let Some(run) = asked.run.filter(|_| interrupted.queued && asked.reason == StopReason::Request) {
                    self.withdraw(run);
                }
                if let Some(reply) = asked.reply {
                    // Whoever asked may have stopped waiting.
                    let _ = reply.send(found);
                }
                self.finish_reset();
            }
            Reply::Pong(pong) => {
                self.protocol_state.ponged()?;
                self.cpu_told(&pong);
            }
            Reply::Stuck(stuck) => {
                self.protocol_state.spoke_unasked()?;
                // The run may have come to its end while this was on its way.
                if stuck.run.is_some_and(|run| !self.sent.contains_key(&run)) {
                    return Ok(());
                }
                let (limit, until) = (Duration::from_millis(stuck.limit_ms), after(self.config.grace));
                self.stuck = Some(Stuck { run: stuck.run, limit, until });
            }
            Reply::Unsupported(Unsupported { name }) => return self.questions.unsupported(&name),
            Reply::Unknown(_) => self.protocol_state.spoke_unasked()?,
            Reply::Complete(ref told) => return self.answered(told.id, reply),
            Reply::Globals(ref told) => return self.answered(told.id, reply),
            Reply::Status(ref told) => return self.answered(told.id, reply),
            Reply::Preview(ref told) => return self.answered(told.id, reply),
            Reply::Inspect(ref told) => return self.answered(told.id, reply),
            Reply::Properties(ref told) => return self.answered(told.id, reply),
            Reply::Stale(ref told) => return self.answered(told.id, reply),
        }
        Ok(())
    }
}
