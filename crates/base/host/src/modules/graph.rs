//! A module with all its imports: a few threads walk the static graph, and send each module as it is ready.

use std::{
    collections::{HashSet, VecDeque},
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use drupe_protocol::{HostError, Value};
use drupe_transpile::Position;
use futures_core::Stream;
use tokio::sync::mpsc;

use super::{
    asked::Style,
    errors,
    item::{self, Edge},
    lanes::{Ready, Turn},
    load::{Loader, Module},
    location::{Place, Referrer},
    originals::Originals,
    worker::{Waiting, Worker},
};

/// What a graph may have at most.
const MAX_MODULES: usize = 10_000;
const MAX_BYTES: usize = 512 << 20;
/// How many imports may lead from the entry to a module.
const MAX_DEPTH: usize = 2_000;

/// Modules that may wait to be sent; more hold the threads up.
const READY: usize = 256;
/// What is sent at once.
const BATCH_MODULES: usize = 128;
const BATCH_BYTES: usize = 1 << 20;

/// Threads that walk one graph.
const MAX_THREADS: usize = 8;

/// The module that is wanted, with all that it imports.
#[derive(Debug)]
pub(super) struct GraphRequest {
    pub(super) specifier: String,
    pub(super) kind: Option<String>,
    pub(super) referrer: Referrer,
    /// URLs of modules without attributes that the kernel has, with all that they import.
    pub(super) known: HashSet<String>,
}

struct Walk {
    loader: Loader,
    worker: Worker,
    /// What may be ready at once, in bytes.
    room: Arc<Ready>,
    _turn: Turn,
    known: HashSet<String>,
    ready: mpsc::Sender<Result<(Value, usize), HostError>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// By URL and type.
    seen: HashSet<(String, Option<String>)>,
    queue: VecDeque<Step>,
    /// Steps that a thread is at.
    busy: usize,
    threads: usize,
    bytes: usize,
    over: bool,
}

struct Step {
    place: Place,
    kind: Option<String>,
    depth: usize,
    /// The module that imports it, and where.
    asked: Option<(Arc<str>, Position)>,
}

/// Starts the walk: arrays of modules, as they are ready.
pub(super) fn walk(
    loader: Loader,
    request: GraphRequest,
    turn: Turn,
) -> impl Stream<Item = Result<Value, HostError>> + Send + 'static {
    let (ready, modules) = mpsc::channel(READY);
    let (worker, waiting) = Worker::new();
    loader.resolver.gate().attend(&worker);
    let room = Arc::new(Ready::new());
    let runtime = worker.runtime().clone();
    let GraphRequest { specifier, kind, referrer, known } = request;
    let walk = Walk {
        loader,
        worker,
        room: room.clone(),
        _turn: turn.clone(),
        known,
        ready,
        state: Mutex::default(),
        changed: Condvar::new(),
    };
    let walk = Arc::new(walk);
    walk.state().threads = 1;
    runtime.spawn_blocking(move || {
        if let Err(error) = walk.enter(&specifier, kind, &referrer) {
            walk.fail(error);
        }
        walk.clone().work();
    });
    Sent { modules, room, held: VecDeque::new(), bytes: 0, over: false, _turn: turn, _waiting: waiting }
}

impl Walk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues the entry, or says that it is known.
    fn enter(&self, specifier: &str, kind: Option<String>, referrer: &Referrer) -> Result<(), HostError> {
        let place = self.loader.locate(&self.worker, specifier, referrer, Style::Import)?;
        let url = place.url();
        if kind.is_none() && self.known.contains(&url) {
            drop(self.ready.blocking_send(Ok((item::known(&url), 0))));
        } else {
            let mut state = self.state();
            state.seen.insert((url, kind.clone()));
            state.queue.push_back(Step { place, kind, depth: 0, asked: None });
        }
        Ok(())
    }

    /// Takes steps until there are none left, or nobody waits any more.
    fn work(self: Arc<Self>) {
        loop {
            let step = {
                let mut state = self.state();
                loop {
                    if state.over || (state.queue.is_empty() && state.busy == 0) {
                        state.threads -= 1;
                        self.changed.notify_all();
                        return;
                    }
                    if let Some(step) = state.queue.pop_front() {
                        state.busy += 1;
                        self.add_thread(&mut state);
                        break step;
                    }
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            };
            let done = if self.worker.is_abandoned() { Err(HostError::default()) } else { self.take(step) };
            if let Err(error) = done {
                self.fail(error);
            }
            self.state().busy -= 1;
            self.changed.notify_all();
        }
    }

    /// Starts another thread where there is enough to do.
    fn add_thread(self: &Arc<Self>, state: &mut State) {
        let most = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, MAX_THREADS);
        if state.threads < most && state.queue.len() > state.threads {
            state.threads += 1;
            let walk = self.clone();
            self.worker.runtime().spawn_blocking(move || walk.work());
        }
    }

    fn fail(&self, error: HostError) {
        let mut state = self.state();
        if !std::mem::replace(&mut state.over, true) {
            drop(state);
            drop(self.ready.blocking_send(Err(error)));
        }
    }

    /// Loads one module, sends it, and queues what it imports.
    fn take(&self, step: Step) -> Result<(), HostError> {
        let Step { place, kind, depth, asked } = step;
        let module =
            self.loader.load_values(&self.worker, &place, kind.as_deref(), Style::Import).map_err(|error| match asked {
                Some((script, at)) => errors::located_at_least(error, &script, at),
                None => error,
            })?;
        let edges = self.edges(&module, depth)?;
        let originals = self.loader.originals(&module);
        let weight = module.compiled.weight() + originals.as_ref().map_or(0, Originals::weight);
        {
            let mut state = self.state();
            state.bytes += weight;
            if state.bytes > MAX_BYTES {
                return Err(errors::too_much(&format!("they have more than {} MiB", MAX_BYTES >> 20)));
            }
        }
        // Nobody takes it up if nobody waits.
        let room = self.worker.wait(self.room.take(weight));
        room.ok_or_else(HostError::default)?;
        module.note(&self.loader.texts);
        // An error here means that nobody waits.
        let exports = self.loader.exports(&self.worker, &module);
        drop(self.ready.blocking_send(Ok((item::item(&module, &edges, exports, originals.as_ref()), weight))));
        Ok(())
    }

    fn edges(&self, module: &Module, depth: usize) -> Result<Vec<Edge>, HostError> {
        let places = self.loader.imports(&self.worker, module)?;
        let mut edges = Vec::with_capacity(places.len());
        let script: Arc<str> = module.place.url().into();
        let mut state = self.state();
        for (import, place) in module.compiled.imports.iter().zip(places) {
            let url = place.url();
            edges.push(Edge { specifier: import.specifier.clone(), kind: import.kind.clone(), url: url.clone() });
            let is_known = import.kind.is_none() && self.known.contains(&url);
            if is_known || !state.seen.insert((url, import.kind.clone())) {
                continue;
            }
            if state.seen.len() > MAX_MODULES {
                return Err(errors::too_much(&format!("they are more than {MAX_MODULES}")));
            }
            if depth >= MAX_DEPTH {
                return Err(errors::too_much(&format!("imports are nested more than {MAX_DEPTH} deep")));
            }
            let asked = import.at.map(|at| (script.clone(), at));
            state.queue.push_back(Step { place, kind: import.kind.clone(), depth: depth + 1, asked });
        }
        Ok(edges)
    }
}

/// The modules, as they are asked for.
struct Sent {
    room: Arc<Ready>,
    modules: mpsc::Receiver<Result<(Value, usize), HostError>>,
    held: VecDeque<(Value, usize)>,
    /// What the held ones weigh.
    bytes: usize,
    over: bool,
    /// What is ready and not asked for keeps the graph's turn.
    _turn: Turn,
    /// Ends the walk with the stream.
    _waiting: Waiting,
}

impl Stream for Sent {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.over && self.held.len() < BATCH_MODULES && self.bytes < BATCH_BYTES {
            match self.modules.poll_recv(context) {
                Poll::Ready(Some(Ok(module))) => {
                    self.bytes += module.1;
                    self.held.push_back(module);
                }
                Poll::Ready(Some(Err(error))) => {
                    self.over = true;
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => self.over = true,
                Poll::Pending if self.held.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some((module, weight)) =
            self.held.pop_front_if(|(_, weight)| batch.is_empty() || bytes + *weight <= BATCH_BYTES)
        {
            bytes += weight;
            self.room.sent(weight);
            batch.push(module);
        }
        self.bytes -= bytes;
        Poll::Ready(if batch.is_empty() { None } else { Some(Ok(Value::Array(batch))) })
    }
}
