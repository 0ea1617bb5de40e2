//! A session: a kernel that is lent to a caller.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
};

use drupe_client::{
    Answer, Builder, Chunk, Error, Handle, HostError, Kernel, Limits, Permissions, Policy, RunId, Surroundings, Value,
};
use tokio::time::Instant;

use crate::{
    caller::Caller,
    failure::cause,
    image::Image,
    late::Late,
    names,
    person::{Answering, Asking},
    questions::{Claim, Questions},
    record::Record,
    refusal::Refusal,
    server::Server,
    wanted::{Profile, Wanted},
};

/// How many runs of a session are remembered.
const MAX_RUNS: usize = 64;

/// How many bytes the output and the images of runs that have ended may take. The last run is kept whatever it takes.
const MAX_KEPT: usize = 16 << 20;

/// How many results of runs can be paged on: each keeps its object alive, also one that nobody asks for.
const MAX_RESULTS: usize = 8;

/// How many handles to page on a session remembers: fewer than the kernel does, and more than a page gives out.
const MAX_PAGES: usize = 8_000;

/// How many handles of a session are remembered that is closed.
const MAX_REMEMBERED: usize = 256;

/// What every session begins with. `display` returns nothing, so that a chunk may end with it.
const PRELOAD: &str = "Object.defineProperty(globalThis, 'display', { value(image) { host.display(image); }, configurable: true, \
                       writable: true });";

/// A kernel that is lent to a caller.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) handle: String,
    pub(crate) caller: Caller,
    pub(crate) wanted: Wanted,
    pub(crate) kernel: Kernel,
    pub(crate) opened: Instant,
    pub(crate) questions: Arc<Questions>,
    /// Why it is closed, once it is.
    closed: OnceLock<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    records: VecDeque<Arc<Record>>,
    pages: VecDeque<(String, Page)>,
    /// What was printed by callbacks of runs that had ended.
    late: Late,
    used: Instant,
    /// How many calls attend to it.
    calls: usize,
}

/// What can be read page by page.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// An object, or a long string, of the session.
    Object(Handle),
    /// What a run printed, for as long as the run is remembered.
    Console(Weak<Record>),
    /// What was printed late in the session.
    Late,
}

/// The session, for what its kernel itself holds.
type Later = Arc<OnceLock<Weak<Session>>>;

impl Session {
    /// Starts a kernel for a caller.
    pub(crate) async fn open(server: &Server, caller: Caller, wanted: Wanted) -> Result<Arc<Self>, Refusal> {
        let place = server.reserve(&caller)?;
        let handle = names::new('s')?;
        let grantable = if wanted.profile == Profile::Policy { server.settings().ceiling.ask.clone() } else { Policy::none() };
        let questions = Arc::new(Questions::new(grantable));
        let later = Later::default();
        let kernel = builder(server, &wanted, &questions, &later).spawn().await?;
        let shows = later.clone();
        let display = move |call: drupe_client::Call| {
            let call = call.into_inner();
            show(&shows, call.run, call.args.first());
            async { Ok::<_, HostError>(Answer::Value(Value::Undefined)) }
        };
        kernel.register("display", display).map_err(|bad| Refusal::new("launch", bad.to_string()))?;
        let now = Instant::now();
        let state = State { records: VecDeque::new(), pages: VecDeque::new(), late: Late::default(), used: now, calls: 0 };
        let state = Mutex::new(state);
        let session = Arc::new(Self { handle, caller, wanted, kernel, opened: now, questions, closed: OnceLock::new(), state });
        // Nobody else sets it.
        let _ = later.set(Arc::downgrade(&session));
        tokio::spawn(follow_late(Arc::downgrade(&session), session.kernel.late_events()));
        // One that is not lent ends with this.
        server.insert(&session, place)?;
        Ok(session)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a call attends to the session, until the guard is dropped.
    pub(crate) fn attend(self: &Arc<Self>) -> Attended {
        let mut state = self.state();
        state.calls += 1;
        state.used = Instant::now();
        drop(state);
        Attended(self.clone())
    }

    /// Notes that a call found the session: it is not closed before the call attends to it.
    pub(crate) fn touch(&self) {
        self.state().used = Instant::now();
    }

    /// Since when no call attends to it. `None`: one does. **A run does not keep its session**: nobody may come back
    /// for it, or for a question that it waits with.
    pub(crate) fn unused_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.calls == 0).then_some(state.used)
    }

    /// Submits code. `opens`: the session was opened for it.
    pub(crate) fn run(&self, code: &str, limits: Limits, opens: bool) -> Result<Arc<Record>, Refusal> {
        let handle = names::new('r')?;
        let chunk = Chunk::new(code)
            .limits(limits)
            .keep_last(true)
            .result_handle(true)
            .bundle(true)
            .ends_unsettled(true)
            .value_limit(MAX_VALUE);
        let mut state = self.state();
        let waiting = state.records.iter().filter(|record| !record.has_ended()).count();
        if waiting >= MAX_RUNS / 2 {
            return Err(Refusal::new(
                "limit",
                format!("{waiting} runs of this session have not ended. Wait for some, or interrupt them."),
            ));
        }
        self.kernel.release(state.outdated());
        // Under the lock, so that what the run says at once finds its record.
        let run = self.kernel.run(chunk);
        let record = Arc::new(Record::new(handle, run.id(), limits, opens));
        state.records.push_back(record.clone());
        let forgotten = state.forget();
        drop(state);
        self.kernel.release(forgotten);
        tokio::spawn(record.clone().follow(run, self.kernel.clone()));
        Ok(record)
    }

    /// The first run that fits, the newest first.
    pub(crate) fn record(&self, fits: impl Fn(&Record) -> bool) -> Option<Arc<Record>> {
        self.state().records.iter().rev().find(|record| fits(record)).cloned()
    }

    /// The run that is active: the first that has not ended.
    pub(crate) fn active(&self) -> Option<Arc<Record>> {
        self.state().records.iter().find(|record| !record.has_ended()).cloned()
    }

    /// The runs that wait until the active one has ended, first to last.
    pub(crate) fn queued(&self) -> Vec<Arc<Record>> {
        self.state().records.iter().filter(|record| !record.has_ended()).skip(1).cloned().collect()
    }

    /// The runs whose calls were cancelled, and of which no answer has told.
    pub(crate) fn unheard(&self) -> Vec<Arc<Record>> {
        self.state().records.iter().filter(|record| record.state().is_unheard).cloned().collect()
    }

    /// A question that a call may ask, which attends to a run since `begun`.
    pub(crate) fn claim(&self, run: RunId, begun: std::time::Instant) -> Option<Claim> {
        let going = self.state().records.iter().filter(|record| !record.has_ended()).map(|record| record.run).collect::<Vec<_>>();
        self.questions.claim(run, begun, |run| !going.contains(&run))
    }

    /// The run of the first question that a callback of a run asks that has ended, or is forgotten.
    pub(crate) fn late_asker(&self) -> Option<Option<RunId>> {
        let is_over = |run: RunId| self.record(|record| record.run == run).is_none_or(|record| record.has_ended());
        self.questions.waiting().into_iter().map(|(run, _)| run).find(|run| run.is_none_or(is_over))
    }

    /// Gives out a handle to read something page by page. The oldest make room.
    pub(crate) fn page(&self, page: Page) -> Result<String, Refusal> {
        let handle = names::new(match &page {
            Page::Object(_) => 'v',
            Page::Console(_) | Page::Late => 'c',
        })?;
        let mut state = self.state();
        state.pages.push_back((handle.clone(), page));
        let too_many = state.pages.len().saturating_sub(MAX_PAGES);
        let oldest = state.pages.drain(..too_many).collect::<Vec<_>>();
        drop(state);
        self.kernel.release(oldest.into_iter().filter_map(|(_, page)| match page {
            Page::Object(handle) => Some(handle),
            Page::Console(_) | Page::Late => None,
        }));
        Ok(handle)
    }

    /// What a handle leads to. It is the last to make room for others now.
    pub(crate) fn paged(&self, handle: &str) -> Option<Page> {
        let mut state = self.state();
        let at = state.pages.iter().position(|(name, _)| name == handle)?;
        let found = state.pages.remove(at)?;
        let page = found.1.clone();
        state.pages.push_back(found);
        Some(page)
    }

    /// What callbacks of earlier runs did.
    pub(crate) fn late<T>(&self, with: impl FnOnce(&mut Late) -> T) -> T {
        with(&mut self.state().late)
    }

    /// Shows an image of a run, with its run. One that comes after the end is counted, too, so that an answer tells.
    fn show(&self, run: Option<RunId>, image: Result<Image, String>) {
        let record = self.record(|record| Some(record.run) == run);
        if record.as_ref().is_none_or(|record| record.has_ended()) {
            self.late(Late::count_image);
        }
        if let Some(record) = record {
            record.change(|state| state.show(image));
        }
    }

    /// Whether the session is the one that the last run to end was told to have left.
    pub(crate) async fn is_as_told(&self) -> Result<bool, Error> {
        let info = self.kernel.info().await?;
        let state = self.state();
        let ended =
            state.records.iter().rev().find_map(|record| Some(record.state().end.as_ref()?.report.as_ref().ok()?.generation));
        Ok(info.pid.is_some() && ended.is_none_or(|generation| generation == info.generation))
    }

    /// Notes why it is closed. **Before its kernel ends**, so that who waits for a run learns why.
    pub(crate) fn set_closed(&self, why: &str) {
        // The first reason stays.
        let _ = self.closed.set(why.to_owned());
    }

    /// Why it is closed, if it is.
    pub(crate) fn why_closed(&self) -> Option<&str> {
        self.closed.get().map(String::as_str)
    }

    /// What is said of a call that its kernel did not carry out.
    pub(crate) fn refusal(&self, error: &Error) -> Refusal {
        match (error, self.why_closed()) {
            (Error::Terminated, Some(why)) => Refusal::closed(&self.handle, why),
            _ => Refusal::failed(error),
        }
    }

    /// The handles of its runs and pages, the newest of them.
    pub(crate) fn handles(&self) -> Vec<String> {
        let state = self.state();
        let runs = state.records.iter().rev().map(|record| record.handle.clone());
        runs.chain(state.pages.iter().rev().map(|(page, _)| page.clone())).take(MAX_REMEMBERED).collect()
    }

    /// Why nothing of the session is there: its process has ended. The next run begins a new session. `None`: it is
    /// there.
    pub(crate) async fn death(&self) -> Option<String> {
        let info = self.kernel.info().await.ok().filter(|info| info.pid.is_none())?;
        Some(info.death.map_or_else(|| "its process has ended".to_owned(), |death| cause(&death.cause)))
    }

    /// Ends the kernel.
    pub(crate) async fn close(&self) {
        self.kernel.terminate().await;
    }

    /// Ends the kernel, beside the caller.
    pub(crate) fn close_soon(&self) {
        let kernel = self.kernel.clone();
        // Without a runtime the kernel ends with its handle.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { kernel.terminate().await });
        }
    }
}

impl State {
    /// Forgets the oldest runs, while there are too many, or they take too much. What is active is never forgotten.
    /// Returns the handles of their results.
    fn forget(&mut self) -> Vec<Handle> {
        let mut kept = self.records.iter().map(|record| record.state().weight()).sum::<usize>();
        let mut handles = Vec::new();
        while self.records.len() > MAX_RUNS || kept > MAX_KEPT {
            let last = self.records.len().saturating_sub(2);
            let Some(at) = self.records.iter().take(last).position(|record| record.has_ended()) else { break };
            let Some(record) = self.records.remove(at) else { break };
            kept = kept.saturating_sub(record.state().weight());
            handles.extend(self.drop_result(&record));
        }
        handles
    }

    /// The handles of all results but the last ones. They lead nowhere from now on.
    fn outdated(&mut self) -> Vec<Handle> {
        let has_result = |record: &Arc<Record>| record.has_ended() && record.state().result_handle().is_some();
        let records = self.records.iter().rev().filter(|record| has_result(record)).skip(MAX_RESULTS - 1).cloned();
        let records = records.collect::<Vec<_>>();
        records.into_iter().filter_map(|record| self.drop_result(&record)).collect()
    }

    /// Takes the handle of a result from its run, and its name from the pages.
    fn drop_result(&mut self, record: &Record) -> Option<Handle> {
        let mut state = record.state();
        if let Some(name) = state.result_page.take() {
            self.pages.retain(|(page, _)| *page != name);
        }
        state.result.as_mut()?.handle.take()
    }
}

/// The largest value that comes as data, in bytes of msgpack: more is text, and pages.
const MAX_VALUE: u64 = 16 << 10;

/// A call attends to a session.
#[derive(Debug)]
pub(crate) struct Attended(Arc<Session>);

impl Drop for Attended {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.calls -= 1;
        state.used = Instant::now();
    }
}

fn builder(server: &Server, wanted: &Wanted, questions: &Arc<Questions>, later: &Later) -> Builder {
    let ceiling = &server.settings().ceiling;
    let policy = if wanted.profile == Profile::Policy { ceiling.policy.clone() } else { Policy::none() };
    let prints = later.clone();
    let print = move |run: Option<RunId>, text: &str| {
        let Some(session) = prints.get().and_then(Weak::upgrade) else { return };
        let line = format!("{text}\n");
        match session.record(|record| Some(record.run) == run && !record.has_ended()) {
            Some(record) => record.change(|state| state.console.push(&line)),
            None => session.late(|late| late.print(&line)),
        }
    };
    let answering = Answering { questions: questions.clone(), print: Box::new(print) };
    server
        .builder()
        .permissions(&Permissions::asking(policy, Arc::new(Asking(questions.clone()))))
        .dialogs(Arc::new(answering))
        .limits(ceiling.limits)
        .limits(wanted.limits)
        .sandbox(ceiling.sandbox)
        .memory_limit(wanted.memory)
        .surroundings(Surroundings::default())
        .builtin_names(true)
        .preload(Chunk::new(PRELOAD).name("preload"))
}

/// Shows an image that code hands over.
fn show(later: &Later, run: Option<RunId>, image: Option<&Value>) {
    let Some(session) = later.get().and_then(Weak::upgrade) else { return };
    session.show(run, Image::read(image.unwrap_or(&Value::Undefined)).map_err(|why| format!("display: {why}")));
}

/// Reads what runs print after their ends.
async fn follow_late(session: Weak<Session>, mut events: drupe_client::LateEvents) {
    while let Some(event) = events.next_event().await {
        let Some(session) = session.upgrade() else { return };
        session.late(|late| late.take(&event));
    }
}
