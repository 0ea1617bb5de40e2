//! One task a kernel: it owns the process, feeds it runs, routes what it says, keeps the deadlines, and replaces it when it dies.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use drupe_protocol::{
    Control, Event as WireEvent, Reply, Request, RunId,
    event::{Origin, Stopped, Uncaught},
    request::{Interrupt, Ping, Reset, StopReason},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    Cause, Death, Error, Event, NewSession, Respawn, SessionReason, State,
    config::Config,
    jobs::{self, Job, Submission, Wall},
    launch::launch,
    link::{Happening, Link},
};

/// What handles ask of the supervisor.
#[derive(Debug)]
pub(crate) enum Command {
    Run { job: Box<Job>, submission: Submission },
    Interrupt { run: Option<RunId>, reply: Option<oneshot::Sender<bool>> },
    Reset(oneshot::Sender<Result<u64, Error>>),
    Restart(oneshot::Sender<Result<u64, Error>>),
    Terminate(oneshot::Sender<()>),
    LateEvents(mpsc::Sender<Event>),
    Info(oneshot::Sender<Info>),
}

/// What is known of a kernel's process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Its process id; `None` between a death and the next run.
    pub pid: Option<u32>,
    /// Version of the drupe kernel.
    pub version: String,
    /// Version of V8.
    pub v8: String,
    /// What confines it, as it says itself.
    pub sandbox: String,
    /// The number of the session.
    pub generation: u64,
}

/// Sends commands for as long as somebody holds the kernel, without holding it.
#[derive(Clone, Debug)]
pub(crate) struct CommandSender(mpsc::WeakUnboundedSender<Command>);

impl CommandSender {
    pub(crate) fn new(commands: &mpsc::UnboundedSender<Command>) -> Self {
        Self(commands.downgrade())
    }

    pub(crate) fn send(&self, command: Command) {
        if let Some(commands) = self.0.upgrade() {
            // A supervisor that is gone has nothing left to do.
            drop(commands.send(command));
        }
    }
}

pub(crate) struct Supervisor {
    config: Config,
    commands: mpsc::UnboundedReceiver<Command>,
    link: Option<Link>,
    info: Info,
    /// The death of the last process, until the next is launched.
    death: Option<Arc<Death>>,
    /// Announced by the first run that starts in a new session.
    new_session: Option<NewSession>,
    /// Runs that were not yet sent, in order.
    waiting: VecDeque<(Box<Job>, Submission)>,
    /// Runs that were sent and have no outcome.
    sent: BTreeMap<RunId, Box<Job>>,
    late: Option<mpsc::Sender<Event>>,
    /// An event whose reader is full. **While it waits nothing is read from the data channel**: that slows the kernel down.
    blocked: Option<(mpsc::Sender<Event>, Event)>,
    /// Who waits for the answers to the interrupts that were sent, in order.
    interrupts: VecDeque<Option<oneshot::Sender<bool>>>,
    reset: Option<PendingReset>,
}

struct PendingReset {
    generation: u64,
    replies: Vec<oneshot::Sender<Result<u64, Error>>>,
    /// A kernel that is not done by then is restarted.
    until: Instant,
}

/// How many grace periods a reset may take.
const RESET_GRACES: u32 = 4;

enum Wake {
    Command(Option<Command>),
    Kernel(Happening),
    Deadline,
    /// The reader of the blocked event has room, or is gone.
    Room,
    Transpiled,
}

impl Supervisor {
    pub(crate) async fn launch(config: Config, commands: mpsc::UnboundedReceiver<Command>) -> Result<Self, Error> {
        let info = Info { pid: None, version: String::new(), v8: String::new(), sandbox: String::new(), generation: 0 };
        let mut supervisor = Self {
            config,
            commands,
            link: None,
            info,
            death: None,
            new_session: None,
            waiting: VecDeque::new(),
            sent: BTreeMap::new(),
            late: None,
            blocked: None,
            interrupts: VecDeque::new(),
            reset: None,
        };
        supervisor.relaunch(SessionReason::Spawned).await?;
        Ok(supervisor)
    }

    /// Supervises until the kernel is terminated, or nobody holds it any more.
    pub(crate) async fn run(mut self) {
        loop {
            self.send_waiting().await;
            match self.wake().await {
                Wake::Command(None) => return,
                Wake::Command(Some(Command::Terminate(reply))) => return self.terminate(reply).await,
                Wake::Command(Some(command)) => self.obey(command).await,
                Wake::Kernel(Happening::Event(event)) => self.event(event),
                Wake::Kernel(Happening::Reply(reply)) => self.reply(reply),
                Wake::Kernel(Happening::Ended(cause, stderr)) => self.died(cause, stderr).await,
                Wake::Deadline => self.deadlines().await,
                Wake::Room => self.unblock(),
                Wake::Transpiled => {}
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        let deadline = self.next_deadline();
        let Self { commands, link, blocked, waiting, .. } = self;
        let readable = blocked.is_none();
        tokio::select! {
            biased;
            command = commands.recv() => Wake::Command(command),
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Wake::Deadline,
            happening = next(link, readable), if link.is_some() => Wake::Kernel(happening),
            () = room(blocked), if !readable => Wake::Room,
            () = transpiled(waiting) => Wake::Transpiled,
        }
    }

    // Commands.

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Run { job, submission } => self.waiting.push_back((job, submission)),
            Command::Interrupt { run, reply } => self.interrupt(run, reply),
            Command::Reset(reply) => self.start_reset(reply).await,
            Command::Restart(reply) => {
                self.kill(Cause::Restarted).await;
                let result = self.relaunch(SessionReason::Restarted).await.map(|()| self.info.generation);
                // Whoever asked may have stopped waiting.
                drop(reply.send(result));
            }
            Command::LateEvents(events) => self.late = Some(events),
            Command::Info(reply) => {
                let pid = self.link.as_ref().and_then(Link::pid);
                // Whoever asked may have stopped waiting.
                drop(reply.send(Info { pid, ..self.info.clone() }));
            }
            // Taken by `run`.
            Command::Terminate(_) => {}
        }
    }

    fn interrupt(&mut self, run: Option<RunId>, reply: Option<oneshot::Sender<bool>>) {
        let queued = run.and_then(|run| self.waiting.iter().position(|(job, _)| job.run == run));
        let found = if let Some((job, _)) = queued.and_then(|index| self.waiting.remove(index)) {
            job.end_stopped(StopReason::Request, Stopped::Queued, State::Kept);
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

    fn send_interrupt(&mut self, run: Option<RunId>, reason: StopReason, reply: Option<oneshot::Sender<bool>>) {
        if let Some(link) = &mut self.link {
            link.control(&Control::Interrupt(Interrupt { run, reason }));
            self.interrupts.push_back(reply);
        }
    }

    async fn start_reset(&mut self, reply: oneshot::Sender<Result<u64, Error>>) {
        for (job, _) in std::mem::take(&mut self.waiting) {
            job.end_stopped(StopReason::Reset, Stopped::Queued, State::Lost);
        }
        let until = Instant::now() + self.config.grace * RESET_GRACES;
        if let Some(pending) = &mut self.reset {
            pending.replies.push(reply);
        } else if self.link.is_some() {
            for run in self.sent.keys().copied().collect::<Vec<_>>() {
                self.send_interrupt(Some(run), StopReason::Reset, None);
            }
            // A late callback may be executing in the name of no run that is known here.
            self.send_interrupt(None, StopReason::Reset, None);
            let generation = self.info.generation + 1;
            if let Some(link) = &mut self.link {
                // Two numbers fit into any frame.
                drop(link.request(&Request::Reset(Reset { generation })));
            }
            self.reset = Some(PendingReset { generation, replies: vec![reply], until });
        } else {
            let result = self.relaunch(SessionReason::Reset).await.map(|()| self.info.generation);
            drop(reply.send(result));
        }
    }

    async fn terminate(mut self, reply: oneshot::Sender<()>) {
        if let Some(mut link) = self.link.take() {
            link.kill(Cause::Restarted).await;
        }
        for (_, job) in std::mem::take(&mut self.sent) {
            job.fail(Error::Terminated);
        }
        for (job, _) in std::mem::take(&mut self.waiting) {
            job.fail(Error::Terminated);
        }
        let _ = reply.send(());
    }

    // Runs.

    /// Sends the runs that are ready, in order; launches a kernel for them if there is none.
    async fn send_waiting(&mut self) {
        while self.reset.is_none() && matches!(self.waiting.front(), Some((_, Submission::Ready(_)))) {
            let respawned = if self.link.is_none() { self.respawn().await } else { Ok(()) };
            match (respawned, self.waiting.pop_front()) {
                (Ok(()), Some((job, Submission::Ready(script)))) => self.send(job, script),
                (Err(error), Some((job, _))) => job.fail(error),
                _ => return,
            }
        }
    }

    fn send(&mut self, mut job: Box<Job>, script: Result<Box<drupe_protocol::request::Run>, Box<drupe_protocol::Exception>>) {
        let Some(link) = &mut self.link else { return job.fail(Error::Terminated) };
        match script {
            Ok(request) => match link.request(&Request::Run(request)) {
                Ok(()) => drop(self.sent.insert(job.run, job)),
                Err(error) => job.fail(Error::Encode(error.to_string())),
            },
            Err(exception) => {
                job.generation = self.info.generation;
                let event = Event::Exception(Uncaught {
                    run: Some(job.run),
                    origin: Origin::Chunk,
                    exception: (*exception).clone(),
                });
                // The channel of a run that never started is empty; if its reader is gone, nobody minds.
                drop(job.events.try_send(event));
                job.end_syntax_error(*exception);
            }
        }
    }

    // What the kernel says.

    fn event(&mut self, event: WireEvent) {
        match event {
            WireEvent::Started(started) => {
                let Some(job) = self.sent.get_mut(&started.run) else { return };
                let now = Instant::now();
                job.started = Some(now);
                job.generation = started.generation;
                job.wall = job.limits.wall_timeout.map_or(Wall::Off, |limit| Wall::Until(now + limit));
                job.new_session = self.new_session.take();
                let events = job.events.clone();
                if let Some(session) = job.new_session.clone() {
                    // The first event of a run finds its channel empty.
                    drop(events.try_send(Event::Session(session)));
                }
                self.deliver(events, Event::Started(started));
            }
            WireEvent::Console(console) => self.route(console.run, Event::Console(console)),
            WireEvent::Result(result) => {
                if let Some(job) = self.sent.get_mut(&result.run) {
                    job.value = Some((result.value.clone(), result.text.clone()));
                }
                self.route(Some(result.run), Event::Result(result));
            }
            WireEvent::Exception(uncaught) => {
                if let (Origin::Chunk, Some(job)) =
                    (uncaught.origin, uncaught.run.and_then(|run| self.sent.get_mut(&run)))
                {
                    job.exception = Some(uncaught.exception.clone());
                }
                self.route(uncaught.run, Event::Exception(uncaught));
            }
            WireEvent::Outcome(outcome) => {
                if let Some(mut job) = self.sent.remove(&outcome.run) {
                    if job.generation == 0 {
                        job.generation = self.info.generation;
                    }
                    job.end(outcome);
                }
            }
            WireEvent::ResetDone(done) => self.reset_done(done.generation),
            // Messages of the future, and answers to questions that this client does not ask.
            _ => {}
        }
    }

    /// Hands an event to its run or, when that is over, to whoever listens to late events.
    fn route(&mut self, run: Option<RunId>, event: Event) {
        let job = run.and_then(|run| self.sent.get(&run));
        match job.map(|job| job.events.clone()).or_else(|| self.late.clone()) {
            Some(events) => self.deliver(events, event),
            None => drop(event),
        }
    }

    fn deliver(&mut self, events: mpsc::Sender<Event>, event: Event) {
        if let Err(mpsc::error::TrySendError::Full(event)) = events.try_send(event) {
            self.blocked = Some((events, event));
        }
    }

    /// The reader of the blocked event has room again, or is gone.
    fn unblock(&mut self) {
        if let Some((events, event)) = self.blocked.take() {
            self.deliver(events, event);
        }
    }

    fn reply(&mut self, reply: Reply) {
        for job in self.sent.values_mut() {
            if let Wall::Stopping { answered, .. } = &mut job.wall {
                *answered = true;
            }
        }
        if let Reply::Interrupted(interrupted) = reply
            && let Some(Some(reply)) = self.interrupts.pop_front()
        {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(interrupted.found);
        }
    }

    fn reset_done(&mut self, generation: u64) {
        self.info.generation = generation;
        self.new_session = Some(NewSession { generation, reason: SessionReason::Reset });
        if let Some(pending) = self.reset.take_if(|pending| pending.generation == generation) {
            pending.replies.into_iter().for_each(|reply| drop(reply.send(Ok(generation))));
        }
    }

    // Deadlines.

    fn next_deadline(&self) -> Option<Instant> {
        let runs = self.sent.values().filter_map(|job| job.deadline());
        runs.chain(self.reset.as_ref().map(|pending| pending.until)).min()
    }

    async fn deadlines(&mut self) {
        let now = Instant::now();
        if self.reset.as_ref().is_some_and(|pending| pending.until <= now) {
            // JavaScript is where it cannot be stopped: `kill` answers the reset by a new process.
            return self.kill(Cause::Unresponsive).await;
        }
        let due = self.sent.values().filter(|job| job.deadline().is_some_and(|deadline| deadline <= now));
        for run in due.map(|job| job.run).collect::<Vec<_>>() {
            let Some(job) = self.sent.get_mut(&run) else { continue };
            let until = now + self.config.grace;
            match job.wall {
                Wall::Stopping { answered, .. } if !answered || job.limits.kill_on_timeout == Some(true) => {
                    return self.kill_for_timeout(run).await;
                }
                Wall::Stopping { .. } => {
                    // It answers, and was not to be killed: go on waiting for the run, and asking.
                    job.wall = Wall::Stopping { until, answered: false };
                    if let Some(link) = &mut self.link {
                        link.control(&Control::Ping(Ping { nonce: run }));
                    }
                }
                Wall::Off | Wall::Until(_) => {
                    job.wall = Wall::Stopping { until, answered: false };
                    self.send_interrupt(Some(run), StopReason::WallTimeout, None);
                }
            }
        }
    }

    /// A run did not stop in its grace: it ends as timed out, and everything else dies with the process.
    async fn kill_for_timeout(&mut self, run: RunId) {
        let job = self.sent.remove(&run);
        let source = job.as_ref().map(|job| job.source_head.clone());
        let Some(mut link) = self.link.take() else { return };
        let (cause, stderr) = link.kill(Cause::Unresponsive).await;
        let death = Arc::new(Death { cause, generation: self.info.generation, last_chunk: source, stderr });
        if let Some(job) = job {
            job.end_stopped(StopReason::WallTimeout, Stopped::Javascript, State::LostWithProcess(death.clone()));
        }
        self.mourn(death).await;
    }

    // Life and death of the process.

    async fn kill(&mut self, cause: Cause) {
        if let Some(mut link) = self.link.take() {
            let (cause, stderr) = link.kill(cause).await;
            self.died(cause, stderr).await;
        }
    }

    async fn died(&mut self, cause: Cause, stderr: String) {
        self.link = None;
        let active = self.sent.values().find(|job| job.started.is_some());
        let last_chunk = active.map(|job| job.source_head.clone());
        let death = Arc::new(Death { cause, generation: self.info.generation, last_chunk, stderr });
        self.mourn(death).await;
    }

    /// Tells everybody concerned that the process is gone.
    async fn mourn(&mut self, death: Arc<Death>) {
        for (_, job) in std::mem::take(&mut self.sent) {
            let started = job.started.is_some();
            job.fail(Error::Died { death: death.clone(), started });
        }
        for reply in self.interrupts.drain(..).flatten() {
            let _ = reply.send(false);
        }
        self.info.pid = None;
        self.death = Some(death);
        if let Some(pending) = self.reset.take() {
            let result = self.relaunch(SessionReason::Reset).await.map(|()| self.info.generation);
            pending.replies.into_iter().for_each(|reply| drop(reply.send(result.clone())));
        }
    }

    async fn respawn(&mut self) -> Result<(), Error> {
        let reason = match (&self.death, self.config.respawn) {
            (Some(death), Respawn::Never) => return Err(Error::Died { death: death.clone(), started: false }),
            (Some(death), Respawn::OnNextRun) => SessionReason::Respawned(death.clone()),
            (None, _) => SessionReason::Spawned,
        };
        self.relaunch(reason).await
    }

    /// Launches a process, for a session with the next number.
    async fn relaunch(&mut self, reason: SessionReason) -> Result<(), Error> {
        let generation = self.info.generation + 1;
        let link = launch(&self.config, generation).await.map_err(Arc::new)?;
        let hello = link.hello();
        self.info = Info {
            pid: link.pid(),
            version: hello.version.clone(),
            v8: hello.v8.clone(),
            sandbox: hello.sandbox.clone(),
            generation,
        };
        self.link = Some(link);
        self.death = None;
        self.new_session = Some(NewSession { generation, reason });
        Ok(())
    }
}

async fn next(link: &mut Option<Link>, readable: bool) -> Happening {
    match link {
        Some(link) => link.next(readable).await,
        None => std::future::pending().await,
    }
}

async fn room(blocked: &Option<(mpsc::Sender<Event>, Event)>) {
    if let Some((events, _)) = blocked {
        // Room or no reader: `unblock` tries again either way.
        drop(events.reserve().await);
    }
}

/// Resolves when the first waiting run, if it is being transpiled, is ready.
async fn transpiled(waiting: &mut VecDeque<(Box<Job>, Submission)>) {
    match waiting.front_mut() {
        Some((_, submission @ Submission::Transpiling(_))) => {
            if let Submission::Transpiling(task) = submission {
                let script = task.await.unwrap_or_else(|error| Err(Box::new(jobs::transpiler_failed(&error))));
                *submission = Submission::Ready(script);
            }
        }
        _ => std::future::pending().await,
    }
}
