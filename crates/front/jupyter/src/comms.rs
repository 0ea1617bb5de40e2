//! Comms: conversations between objects of the kernel and of a front end.
//!
//! Messages of front ends go to JavaScript as the items of a stream, which it reads whenever it is not executing: also
//! while a cell awaits. JavaScript tells when it has handled each, and only then its request is idle: front ends send
//! the next when the one before is.
//!
//! A stop may hit JavaScript's reader in the midst of a message, and then it is gone. So messages wait here, where the
//! next reader finds them ([`Comms::renew`]).

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use drupe_client::{Answer, HostError, RunId, Value};
use futures_core::Stream;
use serde::Deserialize;
use serde_json::{Value as Json, json};

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

/// Readers that are remembered. What a callback of an older one says belongs to no cell.
const MAX_PUMPS: usize = 100;

/// The comms of a session.
#[derive(Debug, Default)]
pub(crate) struct Comms(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: BTreeMap<String, Open>,
    /// The number of the stream that messages go to. **The streams before it end.**
    reader: u64,
    /// Whether JavaScript reads that stream, or is about to.
    listens: bool,
    /// Whether another reader is about to begin.
    is_renewed: bool,
    /// Messages that JavaScript has not asked for yet.
    waiting: VecDeque<(u64, Value)>,
    /// Who waits for the next.
    waker: Option<Waker>,
    /// The newest message that JavaScript has asked for.
    read: u64,
    /// The runs that read the stream, or have read one before it.
    pumps: BTreeSet<RunId>,
    /// Messages that are not handled yet, in their order.
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

/// A message for JavaScript.
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

    /// The stream of messages, for JavaScript. The streams before it end.
    pub(crate) fn listen(self: &Arc<Self>, run: Option<RunId>) -> Result<Answer, HostError> {
        let mut state = self.state();
        state.reader += 1;
        (state.listens, state.is_renewed) = (true, false);
        state.pumps.extend(run);
        if state.pumps.len() > MAX_PUMPS {
            state.pumps.pop_first();
        }
        state.waker.take().into_iter().for_each(Waker::wake);
        Ok(Answer::stream(Inbox { comms: self.clone(), number: state.reader }))
    }

    /// A new session has begun: all comms are gone, and JavaScript is about to listen. Returns the cells of messages
    /// that will not be handled.
    pub(crate) fn reset(&self) -> Vec<Arc<Cell>> {
        self.state().begin_anew(true)
    }

    /// JavaScript will not listen in this session. Returns the cells of messages that will not be handled.
    pub(crate) fn close(&self) -> Vec<Arc<Cell>> {
        self.state().begin_anew(false)
    }

    /// Another reader is about to begin, with the messages that JavaScript has not asked for. Returns the cells of
    /// those that it has. `None`: that is so already.
    pub(crate) fn renew(&self) -> Option<Vec<Arc<Cell>>> {
        let mut state = self.state();
        if !state.listens || state.is_renewed {
            return None;
        }
        state.is_renewed = true;
        let read = state.read;
        Some(state.handled(|number| number <= read))
    }

    /// The newest message that JavaScript has asked for, unless it waits for the next, or its reader is about to begin.
    pub(crate) fn unsettled(&self) -> Option<u64> {
        let state = self.state();
        let waits = state.waker.is_some() || state.is_renewed || !state.listens;
        (!waits).then_some(state.read)
    }

    /// Whether this run reads the messages.
    pub(crate) fn is_reader(&self, run: Option<RunId>) -> bool {
        run.is_some() && run.as_ref() == self.state().pumps.last()
    }

    /// The cell of an event that the reader of messages caused. `is_comm`: it is a message of a comm.
    pub(crate) fn cell(&self, run: Option<RunId>, is_comm: bool) -> Option<Arc<Cell>> {
        let state = self.state();
        if !state.pumps.contains(&run?) {
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
            "open" if !state.listens || state.open.len() >= MAX_OPEN => {
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
        if !state.listens || state.handed.len() >= MAX_WAITING {
            return Ok(Heard::Dropped(None));
        }
        state.last += 1;
        let number = state.last;
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
        let output = maker.unwrap_or_else(|| cell.clone());
        state.handed.push_back((number, Handed { request: cell, output }));
        state.waiting.push_back((number, item));
        state.waker.take().into_iter().for_each(Waker::wake);
        Ok(Heard::Handed)
    }

    /// JavaScript has handled the message `number`. Returns the cells of those that are done.
    pub(crate) fn handled(&self, number: &Value) -> Vec<Arc<Cell>> {
        let Value::Number(told) = number else { return Vec::new() };
        #[expect(clippy::cast_precision_loss, reason = "JavaScript counts so")]
        self.state().handled(|number| number as f64 <= *told)
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

impl State {
    /// Begins anew. Returns the cells of messages that were not handled.
    fn begin_anew(&mut self, listens: bool) -> Vec<Arc<Cell>> {
        // The streams of before stay behind.
        let reader = self.reader + 1;
        let before = std::mem::replace(self, Self { reader, listens, is_renewed: listens, ..Self::default() });
        before.handed.into_iter().map(|(_, handed)| handed.request).collect()
    }

    /// The first messages, as far as `are`, are handled. Returns their cells.
    fn handled(&mut self, are: impl Fn(u64) -> bool) -> Vec<Arc<Cell>> {
        let mut done = Vec::new();
        while let Some((_, handed)) = self.handed.pop_front_if(|(number, _)| are(*number)) {
            done.push(handed.request.clone());
            self.handled = Some(handed);
        }
        done
    }
}

/// The message that closes a comm which does not exist here.
fn closing(id: &str) -> Message {
    Message::new("comm_close", json!({ "comm_id": id, "data": {} }))
}

/// The messages of front ends, as a stream.
struct Inbox {
    comms: Arc<Comms>,
    number: u64,
}

impl Stream for Inbox {
    type Item = Result<Value, HostError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Self::Item>> {
        let mut state = self.comms.state();
        if state.reader != self.number {
            return Poll::Ready(None);
        }
        let Some((number, item)) = state.waiting.pop_front() else {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        state.read = number;
        Poll::Ready(Some(Ok(item)))
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let mut state = self.comms.state();
        if state.reader == self.number {
            state.listens = false;
        }
    }
}
