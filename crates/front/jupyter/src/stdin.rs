//! Questions of code to the person at the front end: `prompt`, `confirm`, `alert`, standard input, permissions.
//!
//! They go to the client that ran the cell, one at a time. **A late answer to a question is no answer to the next
//! one**, where the client says what it answers.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use drupe_client::{
    HostError, RunId,
    host::{
        Dialogs, Pending, TypedInput,
        permissions::{Decision, Extent, PermissionRequest, Prompt},
    },
};
use drupe_preview::sanitize;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    cells::{Cell, Cells},
    log::Log,
    message::{Message, Request, Session},
    output::{Output, Stream},
    zmtp::router::Router,
};

/// Asks by the stdin channel.
pub(crate) struct Stdin {
    pub(crate) cells: Arc<Cells>,
    pub(crate) session: Arc<Session>,
    pub(crate) output: Output,
    pub(crate) router: Router,
    pub(crate) log: Log,
    /// Questions go one at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
    open: Mutex<Option<Open>>,
}

/// The question that waits for its answer.
struct Open {
    /// The client that is asked.
    client: Bytes,
    /// The id of the question's message.
    id: Value,
    answer: oneshot::Sender<String>,
}

/// The content of an answer.
#[derive(Debug, Deserialize)]
struct Reply {
    value: String,
}

/// A client cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nobody;

impl Stdin {
    pub(crate) fn new(cells: Arc<Cells>, session: Arc<Session>, output: Output, router: Router, log: Log) -> Arc<Self> {
        Arc::new(Self { cells, session, output, router, log, turn: Arc::default(), open: Mutex::default() })
    }

    /// A message on the stdin channel: the answer of a client.
    pub(crate) fn heard(&self, request: &Request) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let client = request.parent.identities.first();
        let answers =
            |open: &Open| client == Some(&open.client) && (request.in_reply_to.is_null() || request.in_reply_to == open.id);
        let reply = request.content::<Reply>();
        match (reply, open.take_if(|open| answers(open))) {
            (Ok(Reply { value }), Some(open)) if request.kind == "input_reply" => {
                // One that nobody waits for was taken back at this moment.
                let _ = open.answer.send(value);
            }
            (_, Some(answered)) => {
                self.log.warn(format_args!("an answer on stdin is no input_reply with a value; the question stays"));
                *open = Some(answered);
            }
            (_, None) => self.log.warn(format_args!("an answer on stdin came that no question waits for")),
        }
    }

    /// Asks the client of a run.
    async fn ask(self: Arc<Self>, run: Option<RunId>, prompt: String) -> Result<String, Nobody> {
        let cell = self.cells.get(run).ok_or(Nobody)?;
        let client = cell.stdin.clone().ok_or(Nobody)?;
        let _turn = self.turn.clone().lock_owned().await;
        let (answer, answered) = oneshot::channel();
        let message = Message::new("input_request", json!({ "prompt": prompt, "password": false }));
        let frames = self.session.write(&message, Some(&cell.parent));
        let header: Value = frames.get(2).and_then(|header| serde_json::from_slice(header).ok()).unwrap_or_default();
        *self.open() = Some(Open { client: client.clone(), id: header["msg_id"].clone(), answer });
        let _open = Closing(&self);
        if !self.router.send(&client, &frames) {
            return Err(Nobody);
        }
        answered.await.map_err(|_| Nobody)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells a cell that nobody was asked.
    fn tell(&self, run: Option<RunId>, text: &str) {
        if let Some(cell) = self.cells.get(run) {
            self.output.print(Stream::Err, text, &cell.parent);
        }
    }

    fn is_there(&self, run: Option<RunId>) -> bool {
        self.cells.get(run).is_some_and(|cell| Cell::is_attended(&cell))
    }
}

impl Cell {
    /// Whether somebody answers its questions.
    fn is_attended(&self) -> bool {
        self.stdin.is_some()
    }
}

/// JavaScript waits. Dropped, the question is taken back.
struct Closing<'a>(&'a Stdin);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        *self.0.open() = None;
    }
}

/// The questions, as the client library asks them.
#[derive(Clone)]
pub(crate) struct Asking(pub(crate) Arc<Stdin>);

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Asking")
    }
}

const NOBODY: &str = "this front end answers no questions (allow_stdin is false)";

impl Dialogs for Asking {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        let stdin = self.0.clone();
        Box::pin(async move {
            if stdin.clone().ask(run, format!("{message} [Enter] ")).await.is_err() {
                stdin.tell(run, &format!("{message}\n"));
            }
        })
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        let stdin = self.0.clone();
        Box::pin(async move {
            let answer = stdin.clone().ask(run, format!("{message} [y/N] ")).await;
            if answer.is_err() {
                stdin.tell(run, &format!("confirm: {NOBODY}; it is false\n"));
            }
            answer.is_ok_and(|answer| matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
        })
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        let stdin = self.0.clone();
        Box::pin(async move {
            let otherwise = otherwise.filter(|otherwise| !otherwise.is_empty());
            let offered = otherwise.as_ref().map(|otherwise| format!("[{otherwise}] ")).unwrap_or_default();
            match stdin.clone().ask(run, format!("{message} {offered}")).await {
                Ok(answer) if answer.is_empty() => Some(otherwise.unwrap_or_default()),
                Ok(answer) => Some(answer),
                Err(Nobody) => {
                    stdin.tell(run, &format!("prompt: {NOBODY}; it is null\n"));
                    None
                }
            }
        })
    }
}

impl TypedInput for Asking {
    fn text(&self, run: Option<RunId>) -> Pending<Result<Option<String>, HostError>> {
        let stdin = self.0.clone();
        Box::pin(async move {
            let nobody = |_| HostError::new("Error", format!("standard input cannot be read: {NOBODY}")).with_code("EIO");
            let answer = stdin.ask(run, String::new()).await.map_err(nobody)?;
            Ok(Some(format!("{answer}\n")))
        })
    }
}

impl Prompt for Asking {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        let (stdin, question) = (self.0.clone(), question(&request));
        Box::pin(async move {
            loop {
                let Ok(answer) = stdin.clone().ask(request.run, question.clone()).await else { return Decision::Failed };
                match answer.trim().to_ascii_lowercase().as_str() {
                    "y" | "yes" | "once" => return Decision::Once,
                    "s" | "session" => return Decision::Session,
                    "" | "n" | "no" | "deny" => return Decision::Deny,
                    _ => {}
                }
            }
        })
    }

    fn is_there(&self, request: &PermissionRequest) -> bool {
        self.0.is_there(request.run)
    }
}

/// The words of a question for a permission. Names are the program's: they show no control characters.
fn question(request: &PermissionRequest) -> String {
    let plain = |text: &str| sanitize(&text.into()).replace('\n', "\\n").replace('\t', "\\t");
    let what = match &request.extent {
        Extent::Alone => plain(&request.resource),
        Extent::Below => format!("{} and all below", plain(&request.resource)),
        Extent::Command(program) => {
            let words = std::iter::once(program.file.to_string_lossy().into_owned()).chain(program.arguments.iter().cloned());
            words.map(|word| format!("\"{}\"", plain(&word).replace('"', "\\\""))).collect::<Vec<_>>().join(" ")
        }
    };
    format!("drupe: this cell wants {} access to {what}; allow? y once, s session, N deny: ", request.kind)
}
