//! One task per kernel: it owns the process, sends it runs, routes its events, keeps the deadlines, and replaces the
//! process when it dies.
//!
//! This file has the loop. [`command`] has the requests of handles, [`routing`] sends runs and delivers their events,
//! and [`lifecycle`] has deadlines, deaths and new sessions. [`launching`] launches processes, [`protocol_state`]
//! checks a kernel's events, and [`cpu_watch`] holds the CPU budget from this side. [`questions`] has the questions to
//! a busy kernel, [`host`] the kernel's calls, [`answers`] the answer of one call, and [`witness`] decides whether a
//! run had begun when its kernel died.

mod answers;
mod command;
mod cpu_watch;
mod crashes;
mod host;
mod launching;
mod lifecycle;
mod protocol_state;
mod pulse;
mod questions;
mod queue;
mod routing;
mod session;
mod witness;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use drupe_host::Host;
use drupe_protocol::{
    Control, RunId,
    event::Stopped,
    hello::Engine,
    request::{Interrupt, StopReason},
};
use drupe_transport::deadline::after;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    Cause, Death, Error, Event, NewSession, SandboxLevel, SandboxStatus, SessionReason, State,
    config::Config,
    jobs::Job,
    journal::Journal,
    link::{Link, LinkEvent},
    mailbox::Postbox,
    preload::Preload,
    waits::Owner,
};

pub use command::Info;
pub(crate) use command::{Command, CommandSender};
use crashes::Crashes;
use host::HostSaid;
pub(crate) use host::{SharedSession, current};
use launching::{Launched, Launching, launched};
use protocol_state::ProtocolState;
pub(crate) use questions::{CompleteAt, GetStatus, InspectAt, ListGlobals, PreviewOf, PropertiesOf, Question};
use queue::Queue;
use session::Session;

pub(crate) struct Supervisor {
    config: Config,
    commands: mpsc::UnboundedReceiver<Command>,
    link: Option<Link>,
    /// A process on its way to be the link.
    launching: Option<Launching>,
    info: Info,
    /// The death of the last process, until the next is launched.
    death: Option<Arc<Death>>,
    /// Announced by the first run that starts in a new session.
    new_session: Option<NewSession>,
    queue: Queue,
    /// Runs that were sent and have no outcome.
    sent: BTreeMap<RunId, Box<Job>>,
    late: Option<Postbox>,
    session: Session,
    /// An event whose reader is full, and what it weighs. **While it waits nothing is read from the data channel**:
    /// that slows the kernel down.
    ///
    /// It is the first; others follow only if the kernel was killed meanwhile, and has said them last.
    blocked: VecDeque<(Postbox, Box<Event>, usize)>,
    /// The interrupts that were sent and are not answered, in order.
    interrupts: VecDeque<SentInterrupt>,
    /// What this process may speak of.
    protocol_state: ProtocolState,
    crashes: Crashes,
    questions: questions::Questions,
    calls: host::Calls,
    /// What sessions begin with.
    preload: Option<Preload>,
    journal: Option<Journal>,
    reset: Option<PendingReset>,
    stuck: Option<Stuck>,
    cpu_watch: Option<cpu_watch::CpuWatch>,
    pulse: pulse::Pulse,
    /// How often it has woken since a deadline passed that it did not act on yet.
    heard_late: u32,
}

/// How much of what a kernel has said already is heard before a deadline that has passed is acted on: **a parent that
/// was itself held up does not kill its kernel for that**. No more, or a kernel that talks without end would never be
/// stopped.
const MAX_HEARD_LATE: u32 = 256;

/// An interrupt on its way.
struct SentInterrupt {
    run: Option<RunId>,
    reason: StopReason,
    /// The first and the last run that were sent before it, and whose ends were not told.
    first: Option<RunId>,
    last: Option<RunId>,
    /// Who waits for the answer.
    reply: Option<oneshot::Sender<bool>>,
    /// It has stopped something already.
    found: bool,
    /// **A kernel that has not answered by then is killed.**
    until: Instant,
}

/// JavaScript does not stop, says the kernel.
struct Stuck {
    /// The active run, if a run is what does not stop.
    run: Option<RunId>,
    /// The CPU budget that is used up.
    limit: Duration,
    /// **When nothing has moved by then, the process is killed.**
    until: Instant,
}

struct PendingReset {
    generation: u64,
    replies: Vec<oneshot::Sender<Result<u64, Error>>>,
    /// A kernel that is not done by then is restarted.
    until: Instant,
    /// The new session is there. **It is given no run before all interrupts are answered**: these come on another
    /// channel, and one that was meant for the old session would stop a run of the new.
    done: bool,
}

enum Wake {
    Command(Option<Command>),
    Kernel(LinkEvent),
    Deadline,
    /// The reader of the blocked event has room, or is gone.
    Room,
    Transpiled,
    Launched(Box<Launched>),
    /// The host has an answer for the kernel, or has decided about a permission.
    Host(HostSaid),
}

impl Supervisor {
    pub(crate) async fn launch(
        config: Config,
        calls: (Host, SharedSession, Owner),
        journal: Option<Journal>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Result<Self, Error> {
        let (launched, preload) = launching::first_launch(&config).await?;
        let sandbox = SandboxStatus { level: SandboxLevel::Off, layers: Vec::new() };
        let info = Info { pid: None, version: String::new(), engine: Engine::default(), sandbox, generation: 0, death: None };
        let calls = host::Calls::new(calls);
        let mut supervisor = Self {
            config,
            commands,
            link: None,
            launching: None,
            info,
            death: None,
            new_session: None,
            queue: Queue::default(),
            sent: BTreeMap::new(),
            late: None,
            session: Session::default(),
            blocked: VecDeque::new(),
            interrupts: VecDeque::new(),
            protocol_state: ProtocolState::default(),
            crashes: Crashes::default(),
            questions: questions::Questions::default(),
            calls,
            preload,
            journal,
            reset: None,
            stuck: None,
            cpu_watch: None,
            pulse: pulse::Pulse::default(),
            heard_late: 0,
        };
        supervisor.take_in(launched, SessionReason::Spawned)?;
        Ok(supervisor)
    }

    /// Supervises until the kernel is terminated, or nobody holds it any more.
    pub(crate) async fn run(mut self) {
        loop {
            self.send_waiting();
            match self.wake().await {
                Wake::Command(None) => return,
                Wake::Command(Some(Command::Terminate(reply))) => return self.terminate(reply).await,
                Wake::Command(Some(command)) => self.dispatch(command).await,
                Wake::Kernel(LinkEvent::Event(event, weight)) => {
                    let validated = self.event(event, weight);
                    self.kill_on_violation(validated).await;
                }
                Wake::Kernel(LinkEvent::Reply(reply)) => {
                    let validated = self.reply(reply);
                    self.kill_on_violation(validated).await;
                }
                Wake::Kernel(LinkEvent::Ended(status)) => self.ended(status).await,
                Wake::Kernel(LinkEvent::Broken(error)) => self.kill(Cause::Protocol(error)).await,
                Wake::Deadline => self.deadlines().await,
                Wake::Room => self.unblock(),
                Wake::Transpiled | Wake::Kernel(LinkEvent::Room) => {}
                Wake::Launched(launched) => self.end_launch(*launched),
                Wake::Host(HostSaid::Reply(reply, held)) => self.send_answer(reply, held),
                Wake::Host(HostSaid::Audit(audit)) => self.audit(audit),
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        loop {
            self.feel_pulse();
            let deadline = self.next_deadline();
            let beat = self.next_beat(deadline);
            let passed = deadline.is_some_and(|deadline| deadline <= Instant::now());
            self.heard_late = if passed { self.heard_late + 1 } else { 0 };
            let hears = passed && self.heard_late <= MAX_HEARD_LATE;
            let grace = self.config.grace;
            let Self { commands, link, launching, blocked, queue, calls, interrupts, .. } = self;
            let readable = blocked.is_empty();
            // The other channel may be faster: with an answer, a run could end before the interrupt comes that is to
            // keep the next from its start.
            let writable = link.as_ref().is_some_and(Link::has_room) && interrupts.is_empty();
            return tokio::select! {
                biased;
                command = commands.recv() => Wake::Command(command),
                // Limits that were set by the clock: `next_deadline` says which.
                () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() && !hears => {
                    if passed { Wake::Deadline } else { continue }
                }
                // By the clock, for nobody tells a process that it was stopped.
                () = tokio::time::sleep_until(beat.unwrap_or_else(Instant::now)), if beat.is_some() && !hears => continue,
                launched = launched(launching), if launching.is_some() => Wake::Launched(Box::new(launched)),
                event = next(link, readable), if link.is_some() => Wake::Kernel(event),
                // The runtime has looked at the channels meanwhile: nothing was waiting there.
                () = tokio::task::yield_now(), if hears => Wake::Deadline,
                () = room(blocked.front()), if !readable => Wake::Room,
                () = queue.progress(grace) => Wake::Transpiled,
                said = calls.said(readable, writable), if readable || writable => Wake::Host(said),
            };
        }
    }

    async fn dispatch(&mut self, command: Command) {
        match command {
            Command::Run { job, chunk } => self.queue.push(job, chunk),
            Command::Interrupt { run, reply } => self.interrupt(run, reply),
            Command::Reset(reply) => self.start_reset(reply).await,
            Command::Restart(reply) => {
                self.crashes.forget();
                self.kill(Cause::Restarted).await;
                self.launch_anew(SessionReason::Restarted, vec![reply]).await;
            }
            Command::LateEvents(events) => self.late = Some(events),
            Command::Info(reply) => {
                let pid = self.link.as_ref().and_then(Link::pid);
                // Whoever asked may have stopped waiting.
                drop(reply.send(Info { pid, death: self.death.clone(), ..self.info.clone() }));
            }
            Command::Ask(question) => self.ask(question),
            Command::SendFunctions => self.send_functions(),
            Command::Release(handles) => self.release(handles),
            // Taken by `run`.
            Command::Terminate(_) => {}
        }
    }

    fn interrupt(&mut self, run: Option<RunId>, reply: Option<oneshot::Sender<bool>>) {
        // A run counts as active while a kernel is launched for it, or while it is transpiled and nothing else runs.
        let first_is_active = self.launching.is_some() || self.sent.is_empty() && self.queue.is_transpiling();
        let queued = match run {
            Some(run) => self.queue.remove(run),
            None if first_is_active => self.queue.remove_first(),
            None => None,
        };
        let found = if let Some(job) = queued {
            self.end_unsent(job);
            true
        } else if self.link.is_some() && run.is_none_or(|run| self.sent.contains_key(&run)) {
            return self.send_interrupt(run, StopReason::Request, reply);
        } else {
            false
        };
        if let Some(reply) = reply {
            let _ = reply.send(found);
        }
    }

    /// Ends a run that was interrupted before it was sent.
    fn end_unsent(&self, mut job: Box<Job>) {
        job.generation = self.info.generation;
        job.end_stopped(StopReason::Request, Stopped::Queued, State::Kept);
    }

    fn send_interrupt(&mut self, run: Option<RunId>, reason: StopReason, reply: Option<oneshot::Sender<bool>>) {
        if reason == StopReason::Request {
            let job = match run {
                Some(run) => self.sent.get_mut(&run),
                None => self.sent.values_mut().find(|job| job.started.is_some()),
            };
            job.into_iter().for_each(|job| job.interrupted = true);
        }
        if let Some(link) = &mut self.link {
            link.control(&Control::Interrupt(Interrupt { run, reason }));
            let until = after(self.config.grace.saturating_mul(lifecycle::INTERRUPT_GRACES));
            let mut untold = self.sent.values().filter(|job| !job.is_withdrawn).map(|job| job.run);
            let first = untold.next();
            let last = untold.next_back().or(first);
            self.interrupts.push_back(SentInterrupt { run, reason, first, last, reply, found: false, until });
        }
    }

    async fn terminate(mut self, reply: oneshot::Sender<()>) {
        if let Some(mut link) = self.link.take() {
            link.kill(Cause::Restarted).await;
        }
        self.abandon_launch().await;
        for (_, job) in std::mem::take(&mut self.sent) {
            job.fail(Error::Terminated);
        }
        for job in self.queue.remove_all() {
            job.fail(Error::Terminated);
        }
        let _ = reply.send(());
    }
}

async fn next(link: &mut Option<Link>, readable: bool) -> LinkEvent {
    match link {
        Some(link) => link.next(readable).await,
        None => std::future::pending().await,
    }
}

async fn room(blocked: Option<&(Postbox, Box<Event>, usize)>) {
    if let Some((events, _, weight)) = blocked {
        // Room or no reader: `unblock` tries again either way.
        events.room(*weight).await;
    }
}
