//! Calls to the host: every request for something outside of the kernel goes through here, and the parent decides.
//!
//! JavaScript opens a call and awaits its answer, or blocks until the answer comes ([`blocking`]). [`ops`] has the
//! native functions for both, and `js/host.js` builds the environment's interface on them. [`Calls`] is the list of
//! open calls.

mod blocking;
mod ops;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use drupe_protocol::{
    Event, RunId,
    codec::weight,
    host::{Answer, CallId, HostCancel, HostError, MAX_OPEN_CALLS},
};

pub(crate) use ops::{define_functions, install};

use crate::{
    isolate::{array_buffers::NO_ROOM_FOR_ANSWER, realm::Realm},
    values::from_wire,
};

/// How many calls may wait until others are answered, and how many bytes their messages may take.
const MAX_WAITING: usize = 4096;
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What the calls that were sent may weigh for the parent together. One alone may weigh more, and one that blocks is
/// not counted: both together stay below what the parent bears
/// ([`MAX_CALLS_WEIGHT`](drupe_protocol::host::MAX_CALLS_WEIGHT)).
const MAX_WEIGHT: usize = 128 << 20;

/// One place is kept for a call that blocks.
const MAX_OPEN: usize = MAX_OPEN_CALLS - 1;

/// The calls of a session that have no last answer.
#[derive(Debug)]
pub(crate) struct Calls {
    /// **Ids are never used again, in no session of the process**: late answers find nobody.
    last_id: Rc<Cell<CallId>>,
    open: HashMap<CallId, Open>,
    /// What the calls weigh that were sent.
    weight: usize,
    /// Not sent yet, as frames: too many are open.
    waiting: VecDeque<(CallId, Vec<u8>)>,
    /// Bytes in these.
    waiting_bytes: usize,
}

/// A call that was opened.
#[derive(Debug)]
struct Open {
    /// Who waits for the next answer; `None` for a stream that nobody asks.
    resolver: Option<v8::Global<v8::PromiseResolver>>,
    run: Option<RunId>,
    budget: Option<Duration>,
    /// What it weighs for the parent.
    weight: usize,
    /// Whether the parent knows of it.
    sent: bool,
    /// Whether a run that lasts until the session is idle does not wait for it.
    unreferenced: bool,
}

/// Too many calls wait already.
#[derive(Debug)]
struct Full;

impl Calls {
    pub(crate) fn new(last_id: Rc<Cell<CallId>>) -> Self {
        Self { last_id, open: HashMap::new(), weight: 0, waiting: VecDeque::new(), waiting_bytes: 0 }
    }

    /// The calls of a realm.
    pub(crate) fn of(realm: &Realm) -> Rc<RefCell<Self>> {
        #[expect(clippy::expect_used, reason = "the session keeps them in its realm before it lets any JavaScript run")]
        realm.kept().expect("the realm has calls")
    }

    fn fresh_id(&self) -> CallId {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    /// Whether anybody waits for an answer who keeps a program from its exit.
    pub(crate) fn any_awaited(&self) -> bool {
        self.open.values().any(|open| open.resolver.is_some() && !open.unreferenced)
    }

    /// Opens a call, or lets it wait for its turn; returns what is to be sent.
    fn open(&mut self, call: CallId, frame: Vec<u8>, open: Open) -> Result<Option<Vec<u8>>, Full> {
        // Behind the length.
        let weight = weight(frame.get(4..).unwrap_or_default());
        let room = self.waiting.is_empty() && self.has_room(weight);
        if !room && (self.waiting.len() >= MAX_WAITING || self.waiting_bytes + frame.len() > MAX_WAITING_BYTES) {
            return Err(Full);
        }
        self.open.insert(call, Open { weight, sent: room, ..open });
        if room {
            self.weight += weight;
            return Ok(Some(frame));
        }
        self.waiting_bytes += frame.len();
        self.waiting.push_back((call, frame));
        Ok(None)
    }

    fn has_room(&self, weight: usize) -> bool {
        self.open.len() - self.waiting.len() < MAX_OPEN && (self.weight == 0 || self.weight + weight <= MAX_WEIGHT)
    }

    /// A call is over: returns what may be sent in its place.
    fn close(&mut self, call: CallId) -> Vec<Vec<u8>> {
        match self.open.remove(&call) {
            Some(open) if open.sent => self.weight -= open.weight,
            Some(_) => {
                self.waiting.retain(|(waiting, frame)| {
                    self.waiting_bytes -= if *waiting == call { frame.len() } else { 0 };
                    *waiting != call
                });
            }
            None => return Vec::new(),
        }
        let mut frames = Vec::new();
        while let Some((next, _)) = self.waiting.front() {
            let weight = self.open.get(next).map_or(0, |open| open.weight);
            // The first that waits is among the open ones, too.
            if !self.has_room(weight) {
                break;
            }
            let Some((next, frame)) = self.waiting.pop_front() else { break };
            if let Some(open) = self.open.get_mut(&next) {
                open.sent = true;
            }
            self.waiting_bytes -= frame.len();
            self.weight += weight;
            frames.push(frame);
        }
        frames
    }

    /// Takes an answer; returns who waits for it.
    fn take(&mut self, call: CallId) -> Option<(v8::Global<v8::PromiseResolver>, Option<RunId>, Option<Duration>)> {
        let open = self.open.get_mut(&call)?;
        Some((open.resolver.take()?, open.run, open.budget))
    }

    fn of_run(&self, run: RunId) -> Vec<CallId> {
        self.open.iter().filter(|(_, open)| open.run == Some(run)).map(|(call, _)| *call).collect()
    }
}

/// Ends a call from this side. Its promise stays pending.
fn cancel(realm: &Realm, call: CallId) {
    let (sent, next) = {
        let held = Calls::of(realm);
        let mut calls = held.borrow_mut();
        let sent = calls.open.get(&call).is_some_and(|open| open.sent);
        (sent, calls.close(call))
    };
    if sent {
        realm.say(&Event::HostCancel(HostCancel { call }));
    }
    next.iter().for_each(|frame| realm.say_frame(frame));
}

/// Ends all calls of a run that was stopped. Returns how many there were.
pub(crate) fn cancel_run(realm: &Realm, run: RunId) -> u32 {
    let calls = Calls::of(realm).borrow().of_run(run);
    calls.into_iter().map(|call| cancel(realm, call)).zip(1..).last().map_or(0, |((), count)| count)
}

/// Takes an answer: who waits for it, the run that asked, and the CPU budget of what goes on with it.
pub(crate) fn take(
    realm: &Realm,
    call: CallId,
    answer: &Answer,
) -> Option<(v8::Global<v8::PromiseResolver>, Option<RunId>, Option<Duration>)> {
    let calls = Calls::of(realm);
    let taken = calls.borrow_mut().take(call);
    if is_last(answer) {
        let next = calls.borrow_mut().close(call);
        next.iter().for_each(|frame| realm.say_frame(frame));
    }
    taken
}

/// Whether a call is over with this.
fn is_last(answer: &Answer) -> bool {
    !matches!(answer, Answer::Stream(_) | Answer::Item(_))
}

/// What `js/host.js` makes of an answer: a value, a failure, a stream, or an item.
pub(crate) fn to_javascript<'s>(scope: &mut v8::PinScope<'s, '_>, call: CallId, answer: Answer) -> v8::Local<'s, v8::Value> {
    let made = match answer {
        Answer::Value(answered) => from_wire(scope, answered.value),
        Answer::Error(error) => ops::failure(scope, error),
        Answer::Stream(_) => ops::stream(scope, call),
        Answer::Item(answered) => from_wire(scope, answered.value).and_then(|value| ops::item(scope, value)),
        Answer::End(_) => Some(v8::undefined(scope).into()),
        Answer::Unknown(name) => {
            ops::failure(scope, HostError::new("Error", format!("this kernel does not know the answer {name:?} of its host")))
        }
    };
    let unusable = || HostError::new("RangeError", NO_ROOM_FOR_ANSWER);
    match made {
        Some(value) => value,
        None => ops::failure(scope, unusable()).unwrap_or_else(|| v8::undefined(scope).into()),
    }
}
