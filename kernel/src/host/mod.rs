//! Calls to the host: everything outside of the kernel is asked for here, and the parent decides.
//!
//! JavaScript opens a call and awaits its answer, or blocks until it comes ([`blocking`]); [`ops`] are the native functions for both,
//! and `js/host.js` makes of them what the rest of the environment uses. [`Calls`] knows which are open.

mod blocking;
mod ops;

use std::{
    cell::Cell,
    collections::{HashMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use drupe_protocol::{
    Event, RunId,
    host::{Answer, CallId, HostCall, HostCancel, HostError, HostReply, MAX_OPEN_CALLS},
};

pub(crate) use ops::{install, lend};

use crate::{event_loop::EventLoop, realm::Realm, values::from_wire};

/// How many calls may wait until others are answered.
const MAX_WAITING: usize = 4096;

/// One place is kept for a call that blocks.
const MAX_OPEN: usize = MAX_OPEN_CALLS - 1;

/// The calls of a session that have no last answer.
#[derive(Debug)]
pub(crate) struct Calls {
    /// **Ids are never used again, in no session of the process**: late answers find nobody.
    last_id: Rc<Cell<CallId>>,
    open: HashMap<CallId, Open>,
    /// Not sent yet: too many are open.
    waiting: VecDeque<HostCall>,
}

/// A call that was opened.
#[derive(Debug)]
struct Open {
    /// Who waits for the next answer; `None` for a stream that nobody asks.
    resolver: Option<v8::Global<v8::PromiseResolver>>,
    run: Option<RunId>,
    budget: Option<Duration>,
    /// Whether the parent knows of it.
    sent: bool,
}

/// Too many calls wait already.
#[derive(Debug)]
struct Full;

impl Calls {
    pub(crate) fn new(last_id: Rc<Cell<CallId>>) -> Self {
        Self { last_id, open: HashMap::new(), waiting: VecDeque::new() }
    }

    fn fresh_id(&self) -> CallId {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    /// Whether anybody waits for an answer.
    pub(crate) fn any_awaited(&self) -> bool {
        self.open.values().any(|open| open.resolver.is_some())
    }

    /// Opens a call, or lets it wait for its turn; returns what is to be sent.
    fn open(&mut self, call: HostCall, open: Open) -> Result<Option<HostCall>, Full> {
        let room = self.open.len() - self.waiting.len() < MAX_OPEN;
        if !room && self.waiting.len() >= MAX_WAITING {
            return Err(Full);
        }
        self.open.insert(call.call, Open { sent: room, ..open });
        if room {
            return Ok(Some(call));
        }
        self.waiting.push_back(call);
        Ok(None)
    }

    /// A call is over: returns the one that may be sent in its place.
    fn close(&mut self, call: CallId) -> Option<HostCall> {
        match self.open.remove(&call) {
            Some(open) if open.sent => {
                let next = self.waiting.pop_front()?;
                if let Some(open) = self.open.get_mut(&next.call) {
                    open.sent = true;
                }
                Some(next)
            }
            Some(_) => {
                self.waiting.retain(|waiting| waiting.call != call);
                None
            }
            None => None,
        }
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
        let mut calls = realm.calls.borrow_mut();
        let sent = calls.open.get(&call).is_some_and(|open| open.sent);
        (sent, calls.close(call))
    };
    if sent {
        realm.say(&Event::HostCancel(HostCancel { call }));
    }
    if let Some(next) = next {
        realm.say(&Event::HostCall(next));
    }
}

/// Ends all calls of a run that was stopped.
pub(crate) fn cancel_run(realm: &Realm, run: RunId) {
    let calls = realm.calls.borrow().of_run(run);
    calls.into_iter().for_each(|call| cancel(realm, call));
}

impl EventLoop<'_> {
    /// The host has answered a call.
    pub(crate) fn host_reply(&mut self, reply: HostReply) {
        let HostReply { call, answer } = reply;
        let realm = self.session.realm();
        let taken = realm.calls.borrow_mut().take(call);
        if is_last(&answer) {
            let next = realm.calls.borrow_mut().close(call);
            if let Some(next) = next {
                self.say(&Event::HostCall(next));
            }
        }
        let Some((resolver, run, budget)) = taken else { return };
        let entered = self.session.enter(run, budget, |scope| {
            let resolver = v8::Local::new(scope, resolver);
            let value = to_javascript(scope, call, answer);
            resolver.resolve(scope, value);
        });
        self.after_callback(run, entered);
    }
}

/// Whether a call is over with this.
fn is_last(answer: &Answer) -> bool {
    !matches!(answer, Answer::Stream(_) | Answer::Item(_))
}

/// What `js/host.js` makes of an answer: a value, a failure, a stream, or an item.
fn to_javascript<'s>(scope: &mut v8::PinScope<'s, '_>, call: CallId, answer: Answer) -> v8::Local<'s, v8::Value> {
    let made = match answer {
        Answer::Value(answered) => from_wire(scope, answered.value),
        Answer::Error(error) => ops::failure(scope, error),
        Answer::Stream(_) => ops::stream(scope, call),
        Answer::Item(answered) => from_wire(scope, answered.value).and_then(|value| ops::item(scope, value)),
        Answer::End(_) => Some(v8::undefined(scope).into()),
        Answer::Unknown(name) => {
            ops::failure(scope, HostError::new("Error", format!("this kernel does not know the answer {name:?} of its host")))
        }
        _ => None,
    };
    let unusable = || HostError::new("RangeError", "the host's answer is too large for this engine");
    match made {
        Some(value) => value,
        None => ops::failure(scope, unusable()).unwrap_or_else(|| v8::undefined(scope).into()),
    }
}
