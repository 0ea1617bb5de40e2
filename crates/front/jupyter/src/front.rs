//! The state of the front end, and what the events of the kernel become.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use drupe_client::{self as client, Chunk, Console, Event, Kernel, Limits, Method, Origin, Report, Run, SessionReason, Value};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    cells::{Cell, Cells},
    comms::Comms,
    displays,
    history::History,
    log::Log,
    message::{Message, Request, Session},
    output::{Output, Stream},
    rich::rich,
    traceback::Fault,
    zmtp::router::Router,
};

/// A result that is larger comes as text and tree, in bytes of msgpack.
const MAX_VALUE: u64 = 16 << 20;

/// How many levels of objects below the first a result shows.
const DEPTH: u32 = 4;

/// How long something that was interrupted may take to stop before the person is told what else can be done.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What tasks of the front end share.
pub(crate) struct Front {
    pub(crate) session: Arc<Session>,
    pub(crate) output: Output,
    pub(crate) shell: Router,
    pub(crate) control: Router,
    pub(crate) kernel: Kernel,
    pub(crate) cells: Arc<Cells>,
    pub(crate) comms: Arc<Comms>,
    pub(crate) history: History,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) log: Log,
    /// Cells that were run.
    pub(crate) count: AtomicU64,
    /// Files that sessions begin with: their names and their texts.
    pub(crate) preload: Vec<(String, Vec<String>)>,
    /// Whether the session has begun with them.
    pub(crate) preloaded: AtomicBool,
    /// Whether a cell that a replay runs again needs a DOM.
    pub(crate) draws: AtomicBool,
    /// Tells what looks after JavaScript's listening to messages of front ends.
    pub(crate) listening: mpsc::UnboundedSender<Listening>,
}

/// News of JavaScript's listening.
pub(crate) enum Listening {
    /// This run begins it.
    Begins(Run),
    /// It may have ended at this message, or wait for something in vain.
    Doubted(u64),
}

/// What a cell has shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// The text of its result.
    pub(crate) result: Option<String>,
    /// A result that was not to be shown.
    pub(crate) value: Option<Value>,
}

impl Front {
    /// The number of the last cell.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Answers a request on the channel of `router`.
    pub(crate) fn reply(&self, router: &Router, request: &Request, message: &Message) {
        let [client, others @ ..] = &*request.parent.identities else { return };
        let mut frames = others.to_vec();
        frames.extend(self.session.write(message, Some(&request.parent)));
        // A client that is gone needs no answer.
        router.send(client, &frames);
    }

    /// Submits code for a cell.
    pub(crate) fn submit(&self, cell: &Arc<Cell>, chunk: Chunk) -> Run {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let run = self.cells.submit(cell, || self.kernel.run(chunk.limits(limits)), Run::id);
        if cell.interrupted.load(Ordering::Relaxed) {
            run.interrupt();
        }
        run
    }

    /// Stops what runs, and the cells that are about to run something. If a person knows that a cell does not stop, the
    /// kernel is ended. Whether there was anything to stop.
    pub(crate) async fn interrupt(self: &Arc<Self>) -> bool {
        let lingering = self.cells.lingering();
        if !lingering.is_empty() {
            self.give_up(&lingering).await;
            return true;
        }
        let cells = self.cells.interrupt();
        // A kernel that dies meanwhile is not busy any more.
        let found = self.kernel.interrupt().await.unwrap_or(false) || !cells.is_empty();
        // A listener that awaits something executes nothing that can be stopped.
        self.doubt();
        // What was active may have been something else, such as what a session begins with.
        cells.iter().filter_map(|cell| self.cells.last_run(cell)).for_each(|run| self.kernel.interrupt_run(run));
        let front = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            for cell in front.cells.linger(&cells) {
                front.notice(&cell, "it has not stopped yet; another interrupt ends its kernel, and the state with it");
            }
        });
        found
    }

    /// Ends the process of a kernel that does not stop. Its session is lost.
    async fn give_up(&self, cells: &[Arc<Cell>]) {
        // If no new one can be launched, the cells say so.
        if self.kernel.restart().await.is_ok() {
            self.begin_session();
            for cell in cells {
                self.notice(cell, "the kernel did not stop, and was ended; all variables are gone");
                self.tell_of_replay(cell);
            }
        }
    }

    /// A chunk whose result is shown.
    pub(crate) fn chunk(code: &str) -> Chunk {
        let chunk = Chunk::new(code).keep_last(true).preview(true).depth(DEPTH).bundle(true).inspect_hooks(true);
        chunk.value_limit(MAX_VALUE).beside(true)
    }

    /// The value of an expression, which is not shown, and which no replay evaluates again.
    pub(crate) async fn evaluate(&self, cell: &Arc<Cell>, code: &str) -> Result<Value, Fault> {
        let chunk = Self::chunk(code).keep_last(false).journaled(false);
        let mut shown = Shown::default();
        let report = self.follow(cell, chunk, None, &mut shown).await;
        let report = report.map_err(|error| Fault::new("KernelError", error.to_string()))?;
        match report.outcome.exception() {
            Some(exception) => Err(Fault::of(exception)),
            None => Ok(shown.value.unwrap_or_default()),
        }
    }

    /// Runs code, and shows what it does, to its end. `count`: the number of the cell, whose result is shown.
    pub(crate) async fn follow(
        &self,
        cell: &Arc<Cell>,
        chunk: Chunk,
        count: Option<u64>,
        shown: &mut Shown,
    ) -> Result<Report, client::Error> {
        let mut run = self.submit(cell, chunk).value_in_event();
        while let Some(event) = run.next_event().await {
            self.output.room().await;
            match (event, count) {
                (Event::Result(result), Some(count)) => {
                    let Some(data) = displays::of_result(&result) else { continue };
                    shown.result = data.get("text/plain").and_then(|text| text.as_str()).map(ToOwned::to_owned);
                    // nbclient needs `transient`, also where it is empty.
                    let content = json!({ "execution_count": count, "data": data, "metadata": {}, "transient": {} });
                    self.say(cell, &Message::new("execute_result", content));
                }
                (Event::Result(result), None) => shown.value = result.value,
                (event, _) => self.event(event, cell),
            }
        }
        let report = run.await;
        self.heed_end(&report);
        let report = report?;
        self.heed(&report);
        Ok(report)
    }

    /// Shows events of callbacks, until the kernel is terminated.
    pub(crate) async fn follow_late(&self) {
        let mut late = self.kernel.late_events();
        while let Some(event) = late.next_event().await {
            self.output.room().await;
            let run = event.run();
            let cell = self.comms.cell(run, is_comm(&event)).or_else(|| self.cells.get(run)).unwrap_or_default();
            self.event(event, &cell);
        }
    }

    /// Publishes a message of a cell.
    pub(crate) fn say(&self, cell: &Cell, message: &Message) {
        if !cell.silent {
            self.output.say(message, Some(&cell.parent));
        }
    }

    /// Prints text of a cell.
    pub(crate) fn print(&self, cell: &Cell, stream: Stream, text: &str) {
        if !cell.silent {
            self.output.print(stream, text, &cell.parent);
        }
    }

    /// A line of the front end itself.
    pub(crate) fn notice(&self, cell: &Cell, text: &str) {
        self.print(cell, Stream::Err, &format!("{text}\n"));
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "an event describes itself")]
    fn event(&self, event: Event, cell: &Arc<Cell>) {
        match &event {
            Event::Started(_) => cell.begun.store(true, Ordering::Relaxed),
            Event::Console(console) => self.console(console, cell),
            Event::Output(output) => {
                let stream = if output.stream == client::Stream::Stdout { Stream::Out } else { Stream::Err };
                self.print(cell, stream, &output.text);
            }
            // The end of the cell tells of what its chunk threw.
            Event::Exception(uncaught) if uncaught.origin == Origin::Chunk => {}
            Event::Exception(uncaught) => {
                self.say(cell, &Message::new("error", Fault::of(&uncaught.exception).content()));
                self.heed_stop(uncaught);
            }
            Event::Session(_) => self.new_session(&event, cell),
            Event::Custom(custom) => {
                if let [Value::String(kind), said, ..] = &*custom.args {
                    self.custom(kind, said, cell);
                }
            }
            _ => self.described(&event, cell),
        }
    }

    /// Says what an event says for itself.
    fn described(&self, event: &Event, cell: &Cell) {
        if let Some(said) = event.describe() {
            self.notice(cell, &said);
        }
    }

    fn console(&self, console: &Console, cell: &Cell) {
        if console.method == Method::Clear {
            return self.say(cell, &displays::clearing(false));
        }
        let Some(text) = console.printed() else { return };
        let data = match (console.method, console.args.first()) {
            (Method::Table, Some(value)) => Some(rich(Some(value), None, text.trim_end())),
            _ => None,
        };
        if let Some(data) = data.filter(|data| data.contains_key("text/html")) {
            return self.say(cell, &Message::new("display_data", json!({ "data": data, "metadata": {}, "transient": {} })));
        }
        let is_out = console.method.level() < client::Level::Warning;
        self.print(cell, if is_out { Stream::Out } else { Stream::Err }, &text);
    }

    fn new_session(&self, event: &Event, cell: &Arc<Cell>) {
        let Event::Session(session) = event else { return };
        if matches!(session.reason, SessionReason::Spawned) {
            return;
        }
        self.begin_session();
        self.described(event, cell);
        if matches!(session.reason, SessionReason::Respawned(_)) {
            self.tell_of_replay(cell);
        }
    }

    fn tell_of_replay(&self, cell: &Cell) {
        match self.kernel.replayable() {
            0 => {}
            1 => self.notice(cell, "%replay runs the cell again that it had run"),
            cells => self.notice(cell, &format!("%replay runs the {cells} cells again that it had run")),
        }
    }

    /// A session begins: JavaScript listens to messages of front ends, as the next run.
    pub(crate) fn begin_session(&self) {
        self.preload_again();
        self.idle(self.comms.reset());
        if self.kernel.replayable() == 0 {
            self.draws.store(false, Ordering::Relaxed);
        }
        self.listen();
    }

    /// These messages of comms are handled, or will not be.
    pub(crate) fn idle(&self, cells: Vec<Arc<Cell>>) {
        cells.iter().for_each(|cell| self.output.status("idle", Some(&cell.parent)));
    }

    /// Code called the function that tells this front end something.
    fn custom(&self, kind: &str, said: &Value, cell: &Arc<Cell>) {
        match kind {
            "display" => self.say(cell, &displays::of_shown(said)),
            "clear" => {
                let wait = matches!(displays::field(said, "wait"), Some(Value::Bool(true)));
                self.say(cell, &displays::clearing(wait));
            }
            "comm_open" | "comm_msg" | "comm_close" => {
                if let Some(message) = self.comms.said(kind, said, cell) {
                    self.say(cell, &message);
                }
            }
            "handled" => self.idle(self.comms.handled(said)),
            _ => {}
        }
    }
}

/// Whether an event is a message of a comm.
fn is_comm(event: &Event) -> bool {
    let Event::Custom(custom) = event else { return false };
    matches!(&*custom.args, [Value::String(kind), ..] if kind.starts_with("comm_"))
}
