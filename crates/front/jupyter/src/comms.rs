//! Comms: conversations between objects of the kernel and of a front end.
//!
//! Messages of front ends go to JavaScript as the items of a stream, which it reads whenever it is not executing: also
//! while a cell awaits. JavaScript tells when it has handled each, and only then its request is idle: front ends send
//! the next when the one before is.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use drupe_client::{Answer, HostError, RunId, Value};
use futures_core::Stream;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use crate::{
    cells::Cell,
    displays::{field, json_field, text_field},
    message::{Message, Request},
    rich::bytes,
};

/// Messages that wait for JavaScript. Later ones are refused.
const MAX_WAITING: usize = 10_000;

/// How many comms may be open.
const MAX_OPEN: usize = 100_000;

/// The comms of a session.
#[derive(Debug, Default)]
pub(crate) struct Comms(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: BTreeMap<String, Open>,
    /// Where messages go. `None`: JavaScript does not listen.
    inbox: Option<mpsc::UnboundedSender<Value>>,
    /// The run that reads the inbox.
    pump: Option<RunId>,
    /// Messages that JavaScript has, the first being the one that it handles.
    handed: VecDeque<(u64, Handed)>,
    last: u64,
    /// The message that was handled last: callbacks of it may come later.
    handled: Option<Handed>,
}

/// A comm, by its id.
#[derive(Debug, Default)]
struct Open {
    target: String,
    /// The cell that opened it. `None`: a front end did.
    maker: Option<Arc<Cell>>,
}

/// A message that JavaScript has.
#[derive(Clone, Debug)]
struct Handed {
    /// Its request: what is sent by comms belongs there.
    request: Arc<Cell>,
    /// The cell of what is printed, shown and thrown: that which opened the comm, as for other late output.
    output: Arc<Cell>,
}

/// The content of a message of a comm.
#[derive(Debug, Deserialize)]
struct Content {
    comm_id: String,
    #[serde(default)]
    target_name: String,
    #[serde(default)]
    data: Json,
}

/// What a message of a front end comes to.
#[derive(Debug)]
pub(crate) enum Heard {
    /// JavaScript has it: it will be told when it is handled.
    Handed,
    /// Nobody will handle it. The answer, if there is one.
    Dropped(Option<Message>),
}

impl Comms {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream of messages, for JavaScript. The streams of earlier sessions end.
    pub(crate) fn listen(&self, run: Option<RunId>) -> Result<Answer, HostError> {
        let (send, inbox) = mpsc::unbounded_channel();
        let mut state = self.state();
        (state.inbox, state.pump) = (Some(send), run);
        Ok(Answer::stream(Inbox(inbox)))
    }

    /// A new session has begun: all comms are gone. Returns the cells of messages that will not be handled.
    pub(crate) fn reset(&self) -> Vec<Arc<Cell>> {
        let state = std::mem::take(&mut *self.state());
        state.handed.into_iter().map(|(_, handed)| handed.request).collect()
    }

    /// The cell of an event that the reader of messages caused. `is_comm`: it is a message of a comm.
    pub(crate) fn cell(&self, run: Option<RunId>, is_comm: bool) -> Option<Arc<Cell>> {
        let state = self.state();
        if run.is_none() || run != state.pump {
            return None;
        }
        let handed = state.handed.front().map(|(_, handed)| handed).or(state.handled.as_ref())?;
        Some(if is_comm { handed.request.clone() } else { handed.output.clone() })
    }

    /// A message of a front end.
    pub(crate) fn heard(&self, request: &Request, cell: Arc<Cell>) -> Result<Heard, serde_json::Error> {
        let content: Content = request.content()?;
        let mut state = self.state();
        let kind = request.kind.strip_prefix("comm_").unwrap_or_default();
        match kind {
            "open" if state.inbox.is_none() || state.open.len() >= MAX_OPEN => {
                return Ok(Heard::Dropped(Some(closing(&content.comm_id))));
            }
            "open" => {
                let open = Open { target: content.target_name.clone(), maker: None };
                state.open.insert(content.comm_id.clone(), open);
            }
            _ => {}
        }
        let maker = state.open.get(&content.comm_id).and_then(|open| open.maker.clone());
        if kind == "close" {
            state.open.remove(&content.comm_id);
        }
        if state.handed.len() >= MAX_WAITING {
            return Ok(Heard::Dropped(None));
        }
        state.last += 1;
        let (number, id) = (state.last, content.comm_id.clone());
        let buffers = request.buffers.iter().map(|buffer| Value::ArrayBuffer(buffer.to_vec().into())).collect();
        #[expect(clippy::cast_precision_loss, reason = "JavaScript counts so")]
        let item = Value::Array(vec![
            Value::Number(number as f64),
            Value::String(kind.to_owned()),
            Value::String(content.comm_id),
            Value::String(content.target_name),
            content.data.into(),
            Value::Array(buffers),
        ]);
        match &state.inbox {
            Some(inbox) if inbox.send(item).is_ok() => {
                let output = maker.unwrap_or_else(|| cell.clone());
                state.handed.push_back((number, Handed { request: cell, output }));
                Ok(Heard::Handed)
            }
            _ if kind == "open" => {
                state.open.remove(&id);
                Ok(Heard::Dropped(Some(closing(&id))))
            }
            _ => Ok(Heard::Dropped(None)),
        }
    }

    /// JavaScript has handled the message `number`. Returns the cells of those that are done.
    pub(crate) fn handled(&self, number: &Value) -> Vec<Arc<Cell>> {
        let Value::Number(number) = number else { return Vec::new() };
        let mut state = self.state();
        let mut done = Vec::new();
        #[expect(clippy::cast_precision_loss, reason = "JavaScript counts so")]
        while let Some((_, handed)) = state.handed.pop_front_if(|(handed, _)| *handed as f64 <= *number) {
            done.push(handed.request.clone());
            state.handled = Some(handed);
        }
        done
    }

    /// A message of JavaScript, from a run of `cell`: `{ comm_id, target_name, data, metadata, buffers }`.
    pub(crate) fn said(&self, kind: &str, said: &Value, cell: &Arc<Cell>) -> Option<Message> {
        let id = text_field(said, "comm_id")?;
        let target = text_field(said, "target_name").unwrap_or_default();
        let mut content = json!({ "comm_id": id, "data": json_field(said, "data") });
        let mut state = self.state();
        let kind = match kind {
            "comm_open" => {
                content["target_name"] = target.into();
                if let Some(module) = text_field(said, "target_module") {
                    content["target_module"] = module.into();
                }
                if state.open.len() >= MAX_OPEN {
                    return None;
                }
                state.open.insert(id.to_owned(), Open { target: target.to_owned(), maker: Some(cell.clone()) });
                "comm_open"
            }
            "comm_close" => {
                state.open.remove(id);
                "comm_close"
            }
            _ => "comm_msg",
        };
        let mut message = Message::new(kind, content);
        message.metadata = json_field(said, "metadata");
        if let Some(Value::Array(buffers)) = field(said, "buffers") {
            message.buffers = buffers.iter().filter_map(bytes).map(Bytes::copy_from_slice).collect();
        }
        Some(message)
    }

    /// The open comms of a target, or all.
    pub(crate) fn info(&self, target: Option<&str>) -> Json {
        let state = self.state();
        let comms = state.open.iter().filter(|(_, open)| target.is_none_or(|target| target == open.target));
        comms.map(|(id, open)| (id.clone(), json!({ "target_name": open.target }))).collect::<serde_json::Map<_, _>>().into()
    }
}

/// The message that closes a comm which does not exist here.
fn closing(id: &str) -> Message {
    Message::new("comm_close", json!({ "comm_id": id, "data": {} }))
}

/// The messages of front ends, as a stream.
struct Inbox(mpsc::UnboundedReceiver<Value>);

impl Stream for Inbox {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|item| item.map(Ok))
    }
}
