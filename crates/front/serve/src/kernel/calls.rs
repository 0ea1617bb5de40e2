//! Calls of JavaScript that a client answers: functions, and questions to a person.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, ready},
};

use drupe_client::{
    Answer, HostError, Policy, RunId, Value,
    host::{
        Dialogs, Pending,
        permissions::{Decision, PermissionRequest, Prompt},
    },
    json::TypedValue,
};
use futures_core::Stream;
use tokio::sync::mpsc;

use super::Served;
use crate::{
    Ceiling,
    connection::outbox::Outbox,
    message::{
        client::Question,
        server::{Asked, CallBody, Failure, OfCall},
    },
};

/// What a client says to a call.
#[derive(Debug)]
pub(crate) enum Answered {
    Value(Value),
    Failed(HostError),
    /// Items follow.
    Stream,
    Item(Value),
    End,
}

/// The calls that a client is to answer.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    last: u64,
    calls: HashMap<u64, Call>,
    /// The client is gone.
    has_ended: bool,
}

#[derive(Debug)]
struct Call {
    kernel: String,
    answers: mpsc::UnboundedSender<Answered>,
    /// An answer is waited for. **What comes without being asked for is skipped**, so that no answers pile up.
    is_waiting: bool,
}

impl Calls {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client has answered. What answers no open call is skipped.
    pub(crate) fn answered(&self, call: u64, answered: Answered) {
        if let Some(call) = self.open().calls.get_mut(&call)
            && std::mem::take(&mut call.is_waiting)
        {
            // One that nobody waits for is about to be taken back.
            drop(call.answers.send(answered));
        }
    }

    /// The client is gone: all its calls fail.
    pub(crate) fn end(&self) {
        let mut open = self.open();
        open.has_ended = true;
        open.calls.clear();
    }

    /// A kernel is gone: its calls are over.
    pub(crate) fn cancel_of(&self, kernel: &str) {
        self.open().calls.retain(|_, call| call.kernel != kernel);
    }

    fn begin(&self, kernel: &str) -> Option<(u64, mpsc::UnboundedReceiver<Answered>)> {
        let mut open = self.open();
        if open.has_ended {
            return None;
        }
        open.last += 1;
        let (answers, read) = mpsc::unbounded_channel();
        let call = open.last;
        open.calls.insert(call, Call { kernel: kernel.to_owned(), answers, is_waiting: true });
        Some((call, read))
    }

    /// The next item of a stream is waited for.
    fn expect(&self, call: u64) {
        if let Some(call) = self.open().calls.get_mut(&call) {
            call.is_waiting = true;
        }
    }

    /// Whether the call was still open.
    fn finish(&self, call: u64) -> bool {
        self.open().calls.remove(&call).is_some()
    }
}

/// A call that a client is to answer. Dropped before it is over, it is taken back.
#[derive(Debug)]
struct Asking {
    client: Arc<Outbox>,
    call: u64,
    answers: mpsc::UnboundedReceiver<Answered>,
    is_over: bool,
}

impl Asking {
    fn begin(client: Arc<Outbox>, kernel: &str, run: Option<RunId>, asked: &Asked) -> Result<Self, HostError> {
        let (call, answers) = client.calls().begin(kernel).ok_or_else(client_gone)?;
        let asking = Self { client, call, answers, is_over: false };
        match asking.client.try_send("call", CallBody { call, kernel, run, asked }) {
            Ok(()) => Ok(asking),
            Err(why) => {
                asking.client.calls().finish(call);
                Err(HostError::new("RangeError", format!("the call cannot be sent to the client: {why}")))
            }
        }
    }

    async fn answer(mut self) -> Result<Answer, HostError> {
        match self.answers.recv().await {
            Some(Answered::Value(value)) => {
                self.is_over = true;
                Ok(Answer::Value(value))
            }
            Some(Answered::Failed(error)) => {
                self.is_over = true;
                Err(error)
            }
            Some(Answered::Stream) => Ok(Answer::stream(Items { asking: self, has_asked: false })),
            Some(Answered::Item(_) | Answered::End) => Err(out_of_turn()),
            None => Err(client_gone()),
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let was_open = self.client.calls().finish(self.call);
        if was_open && !self.is_over {
            self.client.send("cancel", OfCall { call: self.call });
        }
    }
}

/// The items of a stream, each asked for when JavaScript wants it.
#[derive(Debug)]
struct Items {
    asking: Asking,
    /// The next item was asked for.
    has_asked: bool,
}

impl Stream for Items {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Self::Item>> {
        if self.asking.is_over {
            return Poll::Ready(None);
        }
        if !self.has_asked {
            self.has_asked = true;
            self.asking.client.calls().expect(self.asking.call);
            self.asking.client.send("next", OfCall { call: self.asking.call });
        }
        let answered = ready!(self.asking.answers.poll_recv(cx));
        self.has_asked = false;
        let item = match answered {
            Some(Answered::Item(value)) => return Poll::Ready(Some(Ok(value))),
            Some(Answered::End) => None,
            Some(Answered::Failed(error)) => Some(Err(error)),
            Some(Answered::Value(_) | Answered::Stream) => Some(Err(out_of_turn())),
            None => Some(Err(client_gone())),
        };
        self.asking.is_over = true;
        Poll::Ready(item)
    }
}

fn client_gone() -> HostError {
    HostError::new("Error", "the client that defines this function is gone").with_code("ERR_CLIENT_GONE")
}

fn out_of_turn() -> HostError {
    HostError::new("Error", "the client's answer to this call was out of turn").with_code("ERR_INVALID_RETURN_VALUE")
}

/// Calls the function `name` of a client.
pub(crate) async fn call_function(
    served: Weak<Served>,
    name: String,
    args: Vec<Value>,
    run: Option<RunId>,
) -> Result<Answer, HostError> {
    let (id, client) = {
        let served = served.upgrade().ok_or_else(client_gone)?;
        (served.id.clone(), served.definer(&name).ok_or_else(client_gone)?)
    };
    let asked = Asked::Function { function: name, args: args.into_iter().map(TypedValue).collect() };
    Asking::begin(client, &id, run, &asked)?.answer().await
}

/// Asks the clients of a kernel what a person would say.
#[derive(Debug)]
pub(crate) struct Questions {
    served: Mutex<Weak<Served>>,
    /// The most that a person may grant: either.
    most: [Policy; 2],
}

impl Questions {
    /// Questions whose answers grant no more than `most` does.
    pub(crate) fn new(most: &Ceiling) -> Self {
        Self { served: Mutex::default(), most: [most.policy.clone(), most.ask.clone()] }
    }

    /// The kernel is there.
    pub(crate) fn set(&self, served: &Arc<Served>) {
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(served);
    }

    fn served(&self) -> Option<Arc<Served>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    /// The answer; `None`: nobody answers such questions, or the client is gone.
    fn ask(&self, question: Question, run: Option<RunId>, asked: Asked) -> Pending<Option<Value>> {
        let served = self.served();
        let client = served.as_ref().and_then(|served| served.answerer(question));
        let asking = served.zip(client).and_then(|(served, client)| Asking::begin(client, &served.id, run, &asked).ok());
        Box::pin(async move {
            let asking = asking?;
            let (client, call) = (asking.client.clone(), asking.call);
            match asking.answer().await {
                Ok(Answer::Value(value)) => {
                    if let Some(wanted) = wanted_instead(question, &value) {
                        let failure = Failure::of_field("bad_message", "value", format!("the answer must be {wanted}"));
                        client.send("error", Failure { call: Some(call), ..failure });
                    }
                    Some(value)
                }
                Ok(Answer::Stream(_)) | Err(_) => None,
            }
        })
    }
}

/// What the answer to a question must be, if `value` is none.
fn wanted_instead(question: Question, value: &Value) -> Option<&'static str> {
    let (is_answer, wanted) = match question {
        Question::Permission => {
            let is_decision = matches!(value.as_str(), Some("once" | "session" | "deny"));
            (is_decision, "\"once\", \"session\" or \"deny\"")
        }
        Question::Alert => (true, "null"),
        Question::Confirm => (matches!(value, Value::Bool(_)), "true or false"),
        Question::Prompt => (matches!(value, Value::String(_) | Value::Null), "a string or null"),
    };
    (!is_answer).then_some(wanted)
}

impl Prompt for Questions {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        let asked = Asked::Permission { permission: request.kind.name(), resource: request.resource, api: request.api };
        let answer = self.ask(Question::Permission, request.run, asked);
        Box::pin(async move {
            match answer.await.as_ref().and_then(Value::as_str) {
                Some("once") => Decision::Once,
                Some("session") => Decision::Session,
                Some("deny") => Decision::Deny,
                _ => Decision::Failed,
            }
        })
    }

    fn is_there(&self, request: &PermissionRequest) -> bool {
        let served = self.served();
        served.is_some_and(|served| served.answerer(Question::Permission).is_some())
            && self.most.iter().any(|most| most.bounds(request))
    }
}

impl Dialogs for Questions {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        let answer = self.ask(Question::Alert, run, Asked::Alert { message });
        Box::pin(async move { drop(answer.await) })
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        let answer = self.ask(Question::Confirm, run, Asked::Confirm { message });
        Box::pin(async move { answer.await == Some(Value::Bool(true)) })
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        let answer = self.ask(Question::Prompt, run, Asked::Prompt { message, default: otherwise });
        Box::pin(async move {
            match answer.await {
                Some(Value::String(text)) => Some(text),
                _ => None,
            }
        })
    }
}
