//! Cells: the queue of each subshell, and how one cell is run.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use drupe_client::{Outcome, Report};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{sync::Notify, time::Instant};

use crate::{
    cells::Cell,
    displays,
    front::{Front, PATIENCE, Shown},
    magics::{self, Done},
    message::{Message, Request, failure},
    prepare::prepare,
    shims,
    traceback::Fault,
};

/// Cells that may wait in a queue.
const MAX_WAITING: usize = 100_000;

/// How long no cell may have arrived before a failed one is told, and those that wait behind it are aborted. **Its
/// client does not know yet that it failed**, so nothing that it sends because of that is among them. No event tells
/// that a client has sent all that it wants to: this pause is by the clock. It begins with the last arrival, so a cell
/// that has run for longer waits for nothing.
const ARRIVALS: Duration = Duration::from_millis(5);

/// How many tasks take part until a cell has arrived: those that read it, check it and queue it, and one to spare.
const HOPS: usize = 4;

/// How long a failed cell waits for more arrivals at most.
const MAX_ARRIVALS: Duration = Duration::from_millis(200);

/// The content of a request.
#[derive(Debug, Deserialize)]
struct Content {
    code: String,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    store_history: Option<bool>,
    #[serde(default)]
    user_expressions: Option<Map<String, Value>>,
    #[serde(default = "yes")]
    allow_stdin: bool,
    #[serde(default = "yes")]
    stop_on_error: bool,
}

fn yes() -> bool {
    true
}

/// Cells that wait for their turn.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<Request>,
    /// When the last one arrived.
    arrived: Option<Instant>,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a cell. `false`: too many wait.
    pub(crate) fn push(&self, request: Request) -> bool {
        let mut waiting = self.waiting();
        if waiting.requests.len() >= MAX_WAITING {
            return false;
        }
        waiting.requests.push_back(request);
        waiting.arrived = Some(Instant::now());
        drop(waiting);
        self.bell.notify_one();
        true
    }

    /// When no cell will have arrived for long enough, or `end`; `None` if that is past.
    fn quiet(&self, end: Instant) -> Option<Instant> {
        let quiet = (self.waiting().arrived? + ARRIVALS).min(end);
        (quiet > Instant::now()).then_some(quiet)
    }

    /// Waits until no more cells arrive, but not for ever. What the system has received already arrives before this
    /// returns.
    async fn arrivals(&self) {
        for _ in 0..HOPS {
            tokio::task::yield_now().await;
        }
        let end = Instant::now() + MAX_ARRIVALS;
        while let Some(quiet) = self.quiet(end) {
            tokio::time::sleep_until(quiet).await;
        }
    }

    async fn next(&self) -> Request {
        loop {
            if let Some(request) = self.waiting().requests.pop_front() {
                return request;
            }
            self.bell.notified().await;
        }
    }
}

/// How a cell ended.
enum End {
    Ok(Vec<Value>),
    Failed(Fault),
}

impl Front {
    /// Runs the cells of a queue, one after the other, for ever.
    pub(crate) async fn run_cells(self: &Arc<Self>, queue: &Queue) {
        loop {
            let request = queue.next().await;
            self.output.status("busy", Some(&request.parent));
            let is_failure = match request.content::<Content>() {
                Ok(content) => self.cell(queue, &request, content).await,
                Err(error) => {
                    let fault = Fault::new("InvalidRequest", format!("execute_request: {error}"));
                    self.answer(&request, &Err(fault));
                    false
                }
            };
            self.output.status("idle", Some(&request.parent));
            if is_failure {
                self.abort(queue);
            }
        }
    }

    /// Runs a cell. Whether those that wait behind it are to be aborted.
    async fn cell(self: &Arc<Self>, queue: &Queue, request: &Request, content: Content) -> bool {
        let stores = content.store_history.unwrap_or(true) && !content.silent;
        let count = if stores { self.count.fetch_add(1, Ordering::Relaxed) + 1 } else { self.count() };
        let stdin = request.parent.identities.first().filter(|_| content.allow_stdin).cloned();
        let cell = Arc::new(Cell { parent: request.parent.clone(), stdin, silent: content.silent, ..Cell::default() });
        let _active = self.cells.begin(&cell);
        self.tell_of_turn(&cell);
        self.say(&cell, &Message::new("execute_input", json!({ "code": content.code, "execution_count": count })));
        let mut shown = Shown::default();
        let end = self.code(&cell, &content.code, count, stores, &mut shown).await;
        let end = match end {
            End::Ok(payload) => {
                let expressions = self.expressions(&cell, content.user_expressions.unwrap_or_default()).await;
                Ok(json!({ "payload": payload, "user_expressions": expressions }))
            }
            End::Failed(fault) => {
                if content.stop_on_error {
                    queue.arrivals().await;
                }
                self.say(&cell, &Message::new("error", fault.content()));
                Err(fault)
            }
        };
        self.answer(request, &end);
        // Nothing else is answered before this.
        if stores && !content.code.trim().is_empty() {
            self.history.push(count, &content.code, shown.result.as_deref());
        }
        end.is_err() && content.stop_on_error
    }

    /// Tells a cell that waits for its turn so, after a while: one of another subshell may execute.
    fn tell_of_turn(self: &Arc<Self>, cell: &Arc<Cell>) {
        let before = self.cells.before(cell);
        if before.is_empty() {
            return;
        }
        let (front, cell) = (self.clone(), cell.clone());
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            let waits = front.cells.is_active(&cell) && !cell.begun.load(Ordering::Relaxed);
            if waits && before.iter().any(|before| front.cells.is_active(before)) {
                front.notice(&cell, "it waits until the cell of another subshell ends or awaits: one executes at a time");
            }
        });
    }

    async fn code(&self, cell: &Arc<Cell>, code: &str, count: u64, stores: bool, shown: &mut Shown) -> End {
        for failure in self.preload(cell).await {
            self.notice(cell, &failure);
        }
        let code = match magics::perform(self, cell, code).await {
            Done::No => code.to_owned(),
            Done::Runs(code) => code,
            Done::All(payload) => return End::Ok(payload),
            Done::Failed(fault) => return End::Failed(fault),
        };
        if code.trim().is_empty() {
            return End::Ok(Vec::new());
        }
        let code = shims::adapt(&code);
        prepare(self, cell, &code).await;
        let chunk = Self::chunk(&code);
        let chunk = if stores { chunk.name(&format!("cell:{count}")) } else { chunk.journaled(false) };
        let result_of = (!cell.silent).then_some(count);
        match self.follow(cell, chunk, result_of, shown).await {
            Ok(report) => self.end(cell, &report),
            Err(error) => End::Failed(Fault::new("KernelError", error.to_string())),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "an end that is not known is a failure")]
    fn end(&self, cell: &Cell, report: &Report) -> End {
        let described = report.describe_end();
        let name = match &report.outcome {
            Outcome::Value { .. } | Outcome::Exited { code: 0 } => {
                if let Some(lost) = described {
                    self.notice(cell, &lost);
                }
                return End::Ok(Vec::new());
            }
            Outcome::Threw(exception) | Outcome::SyntaxError(exception) => {
                if let Some(lost) = described {
                    self.notice(cell, &lost);
                }
                return End::Failed(Fault::of(exception));
            }
            Outcome::Exited { code } => return End::Failed(Fault::new("Exit", format!("process.exit({code}); state kept"))),
            Outcome::Interrupted { .. } => "Interrupted",
            Outcome::TimedOut { .. } => "TimeoutError",
            Outcome::MemoryLimit { .. } => "OutOfMemory",
            Outcome::Unsettled => "Unsettled",
            outcome => outcome.name(),
        };
        End::Failed(Fault::new(name, described.unwrap_or_default()))
    }

    /// Evaluates the expressions that a client wants to know.
    async fn expressions(&self, cell: &Arc<Cell>, expressions: Map<String, Value>) -> Value {
        let mut values = Map::new();
        for (name, expression) in expressions {
            let cell = Arc::new(Cell { parent: cell.parent.clone(), silent: true, ..Cell::default() });
            let code = expression.as_str().unwrap_or_default();
            let chunk = Self::chunk(code).keep_last(false).journaled(false);
            let mut run = self.submit(&cell, chunk).value_in_event();
            let mut data = None;
            while let Some(event) = run.next_event().await {
                if let drupe_client::Event::Result(result) = event {
                    data = displays::of_result(&result)
                        .or_else(|| Some(Map::from_iter([("text/plain".to_owned(), json!("undefined"))])));
                }
            }
            let fault = match run.await {
                Ok(report) => {
                    self.heed(&report);
                    match self.end(&cell, &report) {
                        End::Ok(_) => None,
                        End::Failed(fault) => Some(fault),
                    }
                }
                Err(error) => Some(Fault::new("KernelError", error.to_string())),
            };
            let value = match fault {
                None => json!({ "status": "ok", "data": data.unwrap_or_default(), "metadata": {} }),
                Some(fault) => failure(&fault.name, &fault.value, &fault.traceback),
            };
            values.insert(name, value);
        }
        values.into()
    }

    /// Answers a cell: by what a success has besides, or by what went wrong.
    fn answer(&self, request: &Request, end: &Result<Value, Fault>) {
        let mut content = match end {
            Ok(content) => {
                let mut content = content.clone();
                content["status"] = "ok".into();
                content
            }
            Err(fault) => failure(&fault.name, &fault.value, &fault.traceback),
        };
        content["execution_count"] = self.count().into();
        self.reply(&self.shell, request, &Message::new("execute_reply", content));
    }

    /// Aborts the cells that wait.
    fn abort(&self, queue: &Queue) {
        let aborted = std::mem::take(&mut queue.waiting().requests);
        for request in aborted {
            self.output.status("busy", Some(&request.parent));
            let content = json!({ "status": "aborted", "execution_count": self.count() });
            self.reply(&self.shell, &request, &Message::new("execute_reply", content));
            self.output.status("idle", Some(&request.parent));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn arrive(queue: &Queue) {
        let request = Request {
            kind: "execute_request".to_owned(),
            subshell: None,
            parent: Arc::default(),
            in_reply_to: Value::Null,
            content: "{}".into(),
            buffers: Vec::new(),
        };
        assert!(queue.push(request));
    }

    #[tokio::test]
    async fn a_failure_waits_for_arrivals_only_since_the_last() {
        let queue = Queue::default();
        let end = Instant::now() + Duration::from_secs(60);
        assert_eq!(queue.quiet(end), None, "nothing has arrived");
        let begun = Instant::now();
        arrive(&queue);
        queue.arrivals().await;
        assert!(begun.elapsed() >= ARRIVALS);
        // By the clock, as what is tested.
        assert_eq!(queue.quiet(end), None, "it would wait once more");
        arrive(&queue);
        let before = Instant::now();
        assert_eq!(queue.quiet(before), None, "the end is past");
        let begun = Instant::now();
        // Cells that arrive without an end are not waited for.
        let mut arrivals = pin!(queue.arrivals());
        loop {
            arrive(&queue);
            tokio::select! {
                biased;
                () = &mut arrivals => break,
                () = tokio::time::sleep(ARRIVALS / 5) => {}
            }
        }
        assert!(begun.elapsed() >= ARRIVALS);
    }
}
