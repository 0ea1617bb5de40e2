//! Requests on the shell and control channels, and who answers them.
//!
//! Cells wait in the queue of their subshell. Everything else is answered at once, also while a cell runs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::watch, task::AbortHandle};

use crate::{
    cells::Cell,
    comms::Heard,
    execute::Queue,
    front::Front,
    introspect,
    message::{Message, Request, VERSION, failure},
    usage::Usage,
};

/// How many subshells there may be.
const MAX_SUBSHELLS: usize = 256;

/// How many questions of editors are worked on at once. Later ones wait.
const MAX_QUESTIONS: usize = 16;

/// Answers requests.
pub(crate) struct Requests {
    front: Arc<Front>,
    main: Arc<Queue>,
    subshells: Mutex<BTreeMap<String, Subshell>>,
    last_subshell: AtomicU64,
    questions: Arc<tokio::sync::Semaphore>,
    usage: Arc<Usage>,
    /// The ports of the channels, for a request that is deprecated.
    ports: Value,
    /// Set once this process is to end.
    stop: watch::Sender<bool>,
}

/// A queue of its own, and the task that runs its cells.
struct Subshell {
    queue: Arc<Queue>,
    task: AbortHandle,
}

impl Drop for Subshell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug, Deserialize)]
struct Target {
    #[serde(default)]
    target_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Shutdown {
    #[serde(default)]
    restart: bool,
}

#[derive(Debug, Deserialize)]
struct SubshellId {
    subshell_id: String,
}

#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

impl Requests {
    /// Must be called within the runtime. `stop` becomes true once a client shuts the kernel down.
    pub(crate) fn new(front: Arc<Front>, ports: Value, stop: watch::Sender<bool>) -> Arc<Self> {
        let main = Arc::new(Queue::default());
        run_cells(&front, &main);
        Arc::new(Self {
            front,
            main,
            subshells: Mutex::default(),
            last_subshell: AtomicU64::new(0),
            questions: Arc::new(tokio::sync::Semaphore::new(MAX_QUESTIONS)),
            usage: Arc::default(),
            ports,
            stop,
        })
    }

    fn subshells(&self) -> MutexGuard<'_, BTreeMap<String, Subshell>> {
        self.subshells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request on the shell channel.
    pub(crate) fn shell(self: &Arc<Self>, request: Request) {
        match &*request.kind {
            "execute_request" => self.execute(request),
            "comm_open" | "comm_msg" | "comm_close" => self.comm(&request),
            "complete_request" | "inspect_request" | "is_complete_request" => self.question(request),
            "kernel_info_request" => self.answer(&request, "kernel_info_reply", kernel_info()),
            "connect_request" => self.answer(&request, "connect_reply", self.ports.clone()),
            "history_request" => match request.content() {
                Ok(asked) => self.answer(&request, "history_reply", self.front.history.reply(&asked)),
                Err(error) => self.refuse(&request, "history_reply", &error),
            },
            "comm_info_request" => match request.content::<Target>() {
                Ok(Target { target_name }) => {
                    let comms = self.front.comms.info(target_name.as_deref());
                    self.answer(&request, "comm_info_reply", json!({ "status": "ok", "comms": comms }));
                }
                Err(error) => self.refuse(&request, "comm_info_reply", &error),
            },
            other => self.front.log.warn(format_args!("a request {other:?} on the shell channel is not known")),
        }
    }

    /// Adds a cell to its queue.
    fn execute(&self, request: Request) {
        let queue = match &request.subshell {
            None => Some(self.main.clone()),
            Some(id) => self.subshells().get(id).map(|subshell| subshell.queue.clone()),
        };
        let why = match queue {
            None => "there is no subshell of this id",
            Some(queue) if queue.push(request.clone()) => return,
            Some(_) => "too many cells wait",
        };
        let mut content = failure("InvalidRequest", why, &[why.to_owned()]);
        content["execution_count"] = self.front.count().into();
        self.answer(&request, "execute_reply", content);
    }

    /// A question of an editor: it is answered beside others.
    fn question(self: &Arc<Self>, request: Request) {
        let requests = self.clone();
        tokio::spawn(async move {
            // It is never closed.
            let _permit = requests.questions.acquire().await;
            let kernel = &requests.front.kernel;
            let (kind, content) = match &*request.kind {
                "complete_request" => (
                    "complete_reply",
                    match request.content() {
                        Ok(at) => introspect::complete(kernel, &at).await.unwrap_or_else(|error| {
                            let why = error.to_string();
                            failure("KernelError", &why, std::slice::from_ref(&why))
                        }),
                        Err(error) => wrong(&error),
                    },
                ),
                "inspect_request" => (
                    "inspect_reply",
                    match request.content() {
                        Ok(at) => introspect::inspect(kernel, &at).await,
                        Err(error) => wrong(&error),
                    },
                ),
                _ => (
                    "is_complete_reply",
                    match request.content::<Code>() {
                        Ok(Code { code }) => introspect::is_complete(code).await,
                        Err(error) => wrong(&error),
                    },
                ),
            };
            requests.answer(&request, kind, content);
        });
    }

    /// A message of a comm. It is idle when JavaScript has handled it.
    fn comm(&self, request: &Request) {
        let stdin = request.parent.identities.first().cloned();
        let cell = Arc::new(Cell { parent: request.parent.clone(), stdin, ..Cell::default() });
        self.front.output.status("busy", Some(&request.parent));
        let answer = match self.front.comms.heard(request, cell.clone()) {
            Ok(Heard::Handed) => return,
            Ok(Heard::Dropped(answer)) => answer,
            Err(error) => {
                self.front.log.warn(format_args!("a {} has a content that is wrong: {error}", request.kind));
                None
            }
        };
        if let Some(message) = answer {
            self.front.say(&cell, &message);
        }
        self.front.output.status("idle", Some(&request.parent));
    }

    /// A request on the control channel.
    pub(crate) fn control(self: &Arc<Self>, request: Request) {
        match &*request.kind {
            "kernel_info_request" => self.answer_control(&request, "kernel_info_reply", kernel_info()),
            "interrupt_request" => {
                let requests = self.clone();
                tokio::spawn(async move {
                    let found = requests.front.interrupt().await;
                    requests.answer_control(&request, "interrupt_reply", json!({ "status": "ok", "found": found }));
                });
            }
            "shutdown_request" => {
                let restart = request.content::<Shutdown>().is_ok_and(|shutdown| shutdown.restart);
                self.answer_control(&request, "shutdown_reply", json!({ "status": "ok", "restart": restart }));
                self.stop.send_replace(true);
            }
            "usage_request" => {
                let requests = self.clone();
                tokio::spawn(async move {
                    let usage = requests.usage.reply(&requests.front.kernel).await;
                    requests.answer_control(&request, "usage_reply", usage);
                });
            }
            "create_subshell_request" => self.answer_control(&request, "create_subshell_reply", self.create_subshell()),
            "delete_subshell_request" => {
                let id = request.content::<SubshellId>();
                let found = id.is_ok_and(|SubshellId { subshell_id }| self.subshells().remove(&subshell_id).is_some());
                let why = "there is no subshell of this id";
                let content = if found { json!({ "status": "ok" }) } else { failure("InvalidRequest", why, &[why.to_owned()]) };
                self.answer_control(&request, "delete_subshell_reply", content);
            }
            "list_subshell_request" => {
                let ids: Vec<_> = self.subshells().keys().cloned().collect();
                self.answer_control(&request, "list_subshell_reply", json!({ "status": "ok", "subshell_id": ids }));
            }
            other => self.front.log.warn(format_args!("a request {other:?} on the control channel is not known")),
        }
    }

    fn create_subshell(&self) -> Value {
        let mut subshells = self.subshells();
        if subshells.len() >= MAX_SUBSHELLS {
            let why = format!("there are {MAX_SUBSHELLS} subshells; delete some");
            return failure("TooMany", &why, std::slice::from_ref(&why));
        }
        let id = format!("subshell-{}", self.last_subshell.fetch_add(1, Ordering::Relaxed) + 1);
        let queue = Arc::new(Queue::default());
        let task = run_cells(&self.front, &queue);
        subshells.insert(id.clone(), Subshell { queue, task });
        json!({ "status": "ok", "subshell_id": id })
    }

    fn answer(&self, request: &Request, kind: &'static str, content: Value) {
        self.front.output.status("busy", Some(&request.parent));
        self.front.reply(&self.front.shell, request, &Message::new(kind, content));
        self.front.output.status("idle", Some(&request.parent));
    }

    fn answer_control(&self, request: &Request, kind: &'static str, content: Value) {
        self.front.output.status("busy", Some(&request.parent));
        self.front.reply(&self.front.control, request, &Message::new(kind, content));
        self.front.output.status("idle", Some(&request.parent));
    }

    fn refuse(&self, request: &Request, kind: &'static str, error: &serde_json::Error) {
        self.answer(request, kind, wrong(error));
    }
}

/// The answer to a content that cannot be read.
fn wrong(error: &serde_json::Error) -> Value {
    let why = error.to_string();
    failure("InvalidRequest", &why, std::slice::from_ref(&why))
}

fn run_cells(front: &Arc<Front>, queue: &Arc<Queue>) -> AbortHandle {
    let (front, queue) = (front.clone(), queue.clone());
    tokio::spawn(async move { front.run_cells(&queue).await }).abort_handle()
}

fn kernel_info() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "status": "ok",
        "protocol_version": VERSION,
        "implementation": "drupe",
        "implementation_version": version,
        "language_info": {
            "name": "typescript",
            "version": version,
            "mimetype": "text/typescript",
            "file_extension": ".ts",
            "pygments_lexer": "typescript",
            "codemirror_mode": "typescript",
            "nbconvert_exporter": "script",
        },
        "banner": format!("drupe {version}: TypeScript and JavaScript; %help lists commands"),
        "debugger": false,
        "help_links": [
            { "text": "JavaScript", "url": "https://developer.mozilla.org/docs/Web/JavaScript/Reference" },
            { "text": "TypeScript", "url": "https://www.typescriptlang.org/docs/handbook/" },
        ],
        "supported_features": ["kernel subshells"],
    })
}
