//! A kernel that is served: the process, its journal, and the clients that are attached to it.
//!
//! [`pump`] reads the events of its runs into the [`journal`]. Each attached client has a cursor in the journal, and
//! reads at its own pace. [`calls`] carries calls of JavaScript to clients.

pub(crate) mod attachment;
pub(crate) mod calls;
pub(crate) mod entry;
pub(crate) mod journal;
pub(crate) mod pump;
pub(crate) mod tags;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use drupe_client::{Chunk, Kernel, RunId, duration_in_words};
use tokio::sync::{Notify, mpsc, watch};

use crate::{
    connection::outbox::{ConnectionId, Outbox},
    message::{
        client::{OnDisconnect, Question},
        server::Failure,
    },
    server::Kernels,
};
use attachment::{Attachment, Wishes};
use journal::{Journal, Next};
use pump::ToPump;
use tags::Tags;

/// The most runs of a kernel that have not ended.
pub(crate) const MAX_RUNS: usize = 1024;

/// The most bytes that they have together, in sources and inputs.
pub(crate) const MAX_WAITING: usize = 256 << 20;

/// The most functions that clients define for a kernel.
pub(crate) const MAX_FUNCTIONS: usize = 1024;

/// A kernel that is served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) kernel: Kernel,
    pub(crate) on_disconnect: OnDisconnect,
    pub(crate) linger: Duration,
    kernels: Weak<Kernels>,
    state: Mutex<State>,
    /// Somebody has read, or is gone: the journal may have room.
    room: Notify,
    /// The pump has read everything.
    drained: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    journal: Journal,
    attached: Vec<Attachment>,
    /// Runs that have not ended, and about how many bytes each has.
    runs: BTreeMap<RunId, usize>,
    /// The bytes of all of them.
    waiting: usize,
    last_run: RunId,
    tags: Tags,
    /// The clients that define functions.
    functions: HashMap<String, Defined>,
    generation: u64,
    /// How often clients have come: a timer that waits for none sees whether one came meanwhile.
    arrivals: u64,
    /// Where runs go; `None` once the kernel is closed.
    submitted: Option<mpsc::UnboundedSender<ToPump>>,
    /// Why the kernel is closed.
    closed: Option<&'static str>,
}

/// A function of a client.
#[derive(Clone, Copy, Debug)]
struct Defined {
    client: ConnectionId,
    is_reserved: bool,
}

/// A submitted run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Submitted {
    pub(crate) run: RunId,
    /// It was submitted before, by the same tag.
    pub(crate) again: bool,
    /// It was submitted before, and has ended.
    pub(crate) ended: bool,
}

/// What is settled when a kernel is opened.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) on_disconnect: OnDisconnect,
    pub(crate) linger: Duration,
    pub(crate) journal_limit: usize,
    pub(crate) generation: u64,
    /// Where the kernel is known, until it is closed.
    pub(crate) kernels: Weak<Kernels>,
}

impl Served {
    /// Serves `kernel`. Its runs are to be read by a [`pump`](pump::pump).
    pub(crate) fn new(kernel: Kernel, settled: Settled) -> (Arc<Self>, mpsc::UnboundedReceiver<ToPump>) {
        let (submitted, runs) = mpsc::unbounded_channel();
        let Settled { id, name, on_disconnect, linger, journal_limit, generation, kernels } = settled;
        let state = State {
            journal: Journal::new(journal_limit),
            attached: Vec::new(),
            runs: BTreeMap::new(),
            waiting: 0,
            last_run: 0,
            tags: Tags::default(),
            functions: HashMap::new(),
            generation,
            arrivals: 0,
            submitted: Some(submitted),
            closed: None,
        };
        let (state, room, drained) = (Mutex::new(state), Notify::new(), watch::Sender::new(false));
        let served = Self { id, name, kernel, on_disconnect, linger, kernels, state, room, drained };
        (Arc::new(served), runs)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Attaches a client behind event `after`, or behind the last. `reply` is given the state at that moment, before
    /// any event is sent.
    pub(crate) fn attach(&self, outbox: &Arc<Outbox>, after: Option<u64>, wishes: Wishes, reply: impl FnOnce(&Standing)) {
        let mut state = self.state();
        let cursor = after.unwrap_or(state.journal.last()).min(state.journal.last());
        reply(&state.standing());
        state.arrivals += 1;
        state.attached.retain(|attachment| !attachment.is_of(outbox.id()));
        state.attached.push(Attachment::new(outbox.clone(), cursor, wishes));
        drop(state);
        outbox.wake();
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> Standing {
        self.state().standing()
    }

    /// Whether the client is attached.
    pub(crate) fn is_attached(&self, client: ConnectionId) -> bool {
        self.state().attached.iter().any(|attachment| attachment.is_of(client))
    }

    /// Takes the events from a client. Its calls are taken back by its [`Calls`](calls::Calls).
    pub(crate) fn detach(self: &Arc<Self>, client: ConnectionId) -> bool {
        let mut state = self.state();
        let before = state.attached.len();
        state.attached.retain(|attachment| !attachment.is_of(client));
        let was_attached = state.attached.len() < before;
        let (is_last, arrivals) = (was_attached && state.attached.is_empty(), state.arrivals);
        state.trim();
        let interrupts = is_last && self.on_disconnect == OnDisconnect::Interrupt;
        // The last first: otherwise the next would begin.
        let runs = if interrupts { state.runs.keys().rev().copied().collect() } else { Vec::new() };
        drop(state);
        self.room.notify_waiters();
        runs.into_iter().for_each(|run| drop(self.interrupt_run(run)));
        if is_last {
            tokio::spawn(end_if_left(Arc::downgrade(self), self.linger, arrivals));
        }
        was_attached
    }

    /// Submits a run. `reply` is told its number before any of its events is sent.
    pub(crate) fn submit(
        &self,
        chunk: Chunk,
        weight: usize,
        tag: Option<String>,
        reply: impl FnOnce(Submitted),
    ) -> Result<(), Failure> {
        let mut state = self.state();
        if let Some(run) = tag.as_deref().and_then(|tag| state.tags.get(tag)) {
            reply(Submitted { run, again: true, ended: !state.runs.contains_key(&run) });
            return Ok(());
        }
        let Some(submitted) = state.submitted.clone() else {
            let why = self.kernels.upgrade().and_then(|kernels| kernels.why_removed(&self.id));
            return Err(gone(&self.id, why));
        };
        if state.runs.len() >= MAX_RUNS || state.waiting + weight > MAX_WAITING {
            let message = format!("{MAX_RUNS} runs, or {MAX_WAITING} bytes of them, wait already; let some end first");
            return Err(Failure::new("limit", message));
        }
        let run = self.kernel.run(chunk).value_in_event();
        let id = run.id();
        state.runs.insert(id, weight);
        state.waiting += weight;
        state.last_run = id;
        if let Some(tag) = tag {
            state.tags.insert(tag, id);
        }
        reply(Submitted { run: id, again: false, ended: false });
        // The pump reads it for as long as the kernel is served.
        drop(submitted.send(ToPump::Run(run)));
        Ok(())
    }

    /// Stops a run. One that has not begun ends at once.
    pub(crate) fn interrupt_run(&self, run: RunId) -> Result<(), Failure> {
        let state = self.state();
        if run == 0 || run > state.last_run {
            return Err(Failure::of_field("bad_message", "run", format!("this kernel has had no run {run}")));
        }
        self.kernel.interrupt_run(run);
        state.submitted.iter().for_each(|submitted| drop(submitted.send(ToPump::Interrupted(run))));
        Ok(())
    }

    /// Notes which client defines functions.
    pub(crate) fn define(&self, functions: &[String], is_reserved: bool, client: ConnectionId) -> Result<(), Failure> {
        let mut state = self.state();
        let is_other = |name: &&String| state.functions.get(*name).is_some_and(|defined| defined.is_reserved != is_reserved);
        if let Some(name) = functions.iter().find(is_other) {
            let message = format!("{name:?} is reserved or not for as long as the kernel lives");
            return Err(Failure::of_field("bad_name", "functions", message));
        }
        let new = functions.iter().filter(|name| !state.functions.contains_key(*name)).count();
        if state.functions.len() + new > MAX_FUNCTIONS {
            return Err(Failure::of_field("limit", "functions", format!("a kernel has at most {MAX_FUNCTIONS} functions")));
        }
        for name in functions {
            state.functions.insert(name.clone(), Defined { client, is_reserved });
        }
        Ok(())
    }

    /// The client that defines a function, if it is there.
    pub(crate) fn definer(&self, function: &str) -> Option<Arc<Outbox>> {
        let state = self.state();
        let client = state.functions.get(function)?.client;
        state.attached.iter().find(|attachment| attachment.is_of(client)).map(|attachment| attachment.outbox().clone())
    }

    /// The client that answers a question: the one that came last.
    pub(crate) fn answerer(&self, question: Question) -> Option<Arc<Outbox>> {
        let state = self.state();
        let answers = state.attached.iter().rev().find(|attachment| attachment.answers(question));
        answers.map(|attachment| attachment.outbox().clone())
    }

    /// What comes next for a client, up to about `most` bytes, and whether there is more. It counts as read.
    pub(crate) fn read(&self, client: ConnectionId, most: usize) -> (Vec<Next>, bool) {
        let mut state = self.state();
        let State { journal, attached, .. } = &mut *state;
        let (mut taken, mut size, mut more) = (Vec::new(), 0, false);
        let Some(attachment) = attached.iter_mut().find(|attachment| attachment.is_of(client)) else { return (taken, more) };
        let before = attachment.cursor();
        while let Some(next) = journal.after(attachment.cursor()) {
            if size >= most {
                more = true;
                break;
            }
            attachment.advance(&next);
            if attachment.wants(&next) {
                size += next.weight();
                taken.push(next);
            }
        }
        let has_read = attachment.cursor() > before;
        state.trim();
        drop(state);
        if has_read {
            self.room.notify_waiters();
        }
        (taken, more)
    }

    /// Waits no longer until this client has read events.
    pub(crate) fn wait_no_longer(&self, client: ConnectionId) {
        let mut state = self.state();
        state.attached.iter_mut().filter(|one| one.is_of(client)).for_each(Attachment::give_up);
        drop(state);
        self.room.notify_waiters();
    }

    /// Ends the kernel. Its runs end, and its clients are told that it is gone.
    pub(crate) async fn close(&self, why: Closing) {
        {
            let mut state = self.state();
            state.submitted = None;
            state.closed.get_or_insert(why.reason());
        }
        self.room.notify_waiters();
        if let Some(kernels) = self.kernels.upgrade() {
            kernels.remove_because(&self.id, why.words(self.linger));
        }
        self.kernel.terminate().await;
        // The pump is there for as long as this.
        drop(self.drained.subscribe().wait_for(|drained| *drained).await);
    }
}

/// Why a kernel is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// A client has asked for it.
    Asked,
    /// It had no client for longer than it was to live without one.
    Left,
    /// The server ends.
    Shutdown,
}

impl Closing {
    /// The word in the message `closed`.
    fn reason(self) -> &'static str {
        match self {
            Self::Asked | Self::Left => "closed",
            Self::Shutdown => "shutdown",
        }
    }

    /// What is said to those who ask for it later. `linger`: how long it was to live without clients.
    fn words(self, linger: Duration) -> String {
        match self {
            Self::Asked => "a client has closed it".to_owned(),
            Self::Left if linger.is_zero() => "its last client has left it, and its `linger_ms` was 0".to_owned(),
            Self::Left => {
                let time = duration_in_words(linger);
                format!("it had no client for {time}, which is as long as its `linger_ms` lets it live without one")
            }
            Self::Shutdown => "the server ends".to_owned(),
        }
    }
}

/// How a kernel stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) generation: u64,
    /// The last event.
    pub(crate) seq: u64,
    /// The first event that the journal has.
    pub(crate) first: u64,
    pub(crate) runs: Vec<RunId>,
    pub(crate) clients: usize,
}

impl State {
    fn standing(&self) -> Standing {
        Standing {
            generation: self.generation,
            seq: self.journal.last(),
            first: self.journal.first(),
            runs: self.runs.keys().copied().collect(),
            clients: self.attached.len(),
        }
    }

    /// Drops old events that need not stay.
    fn trim(&mut self) {
        // A client that is not there may come back for the last one.
        let delivered = self.attached.iter().map(|attachment| attachment.cursor() + 1).min().unwrap_or(0);
        self.journal.trim(self.needed(), delivered);
    }

    /// The first event that must stay, because a client is waited for.
    fn needed(&self) -> u64 {
        let waited = self.attached.iter().filter(|attachment| attachment.is_waited_for());
        waited.map(|attachment| attachment.cursor() + 1).min().unwrap_or(u64::MAX)
    }
}

/// The error of a request for a kernel that is not there; `why` it is gone, if that is remembered.
pub(crate) fn gone(kernel: &str, why: Option<String>) -> Failure {
    let shown = kernel.chars().take(64).collect::<String>();
    let why = why.unwrap_or_else(|| "it was never opened here, or is gone for long".to_owned());
    Failure::of_field("unknown_kernel", "kernel", format!("there is no kernel {shown:?}: {why}"))
}

/// Closes a kernel that nobody has come to for some time.
async fn end_if_left(served: Weak<Served>, linger: Duration, arrivals: u64) {
    tokio::time::sleep(linger).await;
    let Some(served) = served.upgrade() else { return };
    let is_left = {
        let state = served.state();
        state.attached.is_empty() && state.arrivals == arrivals
    };
    if is_left {
        served.close(Closing::Left).await;
    }
}
