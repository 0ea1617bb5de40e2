//! Timers and immediates: when each is due, and which run it belongs to.

mod natives;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::{Duration, Instant},
};

use drupe_protocol::RunId;

pub(crate) use natives::install;

use crate::{
    environment::program,
    errors::exception,
    isolate::realm::{Realm, current_frame, current_run, set_current_frame},
};

/// Delays outside 1 ms to 2^31-1 ms become 1 ms, as in Node.
const MAX_DELAY_MS: f64 = 2_147_483_647.0;

/// So many timers and immediates may wait in a session: V8's heap limit does not see what each takes here.
pub(crate) const MAX_ENTRIES: usize = 1 << 18;

/// Identifies a timer or an immediate within its session.
pub(crate) type TimerId = u32;

/// What is to be called.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callback: v8::Global<v8::Function>,
    pub(crate) args: v8::Global<v8::Array>,
    /// The run that started it.
    pub(crate) run: Option<RunId>,
    /// What `AsyncLocalStorage` kept for whoever started it.
    frame: Option<v8::Global<v8::Value>>,
    /// CPU budget of the call.
    pub(crate) budget: Option<Duration>,
}

impl Call {
    /// A call on behalf of the executing JavaScript.
    pub(crate) fn new(scope: &v8::PinScope, callback: v8::Local<v8::Function>, args: v8::Local<v8::Array>) -> Self {
        Self {
            callback: v8::Global::new(scope, callback),
            args: v8::Global::new(scope, args),
            run: current_run(scope),
            frame: current_frame(scope).map(|frame| v8::Global::new(scope, frame)),
            budget: Realm::of(scope).budget.get(),
        }
    }

    /// Calls it, in the name of the current run, which is to be its own, and tells what it throws. Whether it came to
    /// its end: a termination is no exception of the user's.
    pub(crate) fn make(self, scope: &mut v8::PinScope) -> bool {
        let Self { callback, args, run, frame, .. } = self;
        if let Some(frame) = frame {
            let frame = v8::Local::new(scope, frame);
            set_current_frame(scope, Some(frame));
        }
        let callback = v8::Local::new(scope, callback);
        let args = v8::Local::new(scope, args);
        let args = (0..args.length()).map_while(|index| args.get_index(scope, index)).collect::<Vec<_>>();
        v8::tc_scope!(let scope, scope);
        let receiver = v8::undefined(scope).into();
        callback.call(scope, receiver, &args);
        if scope.has_terminated() {
            return false;
        }
        if let Some(thrown) = scope.exception() {
            let at = scope.message().and_then(|message| exception::place(scope, thrown, message));
            scope.reset();
            program::uncaught(scope, thrown, run, at);
        }
        true
    }
}

#[derive(Debug)]
struct Entry {
    call: Call,
    /// `None` for immediates.
    schedule: Option<Schedule>,
    /// Whether a run that lasts until the session is idle waits for this.
    referenced: bool,
}

#[derive(Clone, Copy, Debug)]
struct Schedule {
    delay: Duration,
    repeat: bool,
    /// Its place in `due`; `None` while its callback executes.
    key: Option<Key>,
}

/// Due time, then order of scheduling.
type Key = (Instant, u64);

/// All that is scheduled in a session.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    last_id: TimerId,
    sequence: u64,
    entries: HashMap<TimerId, Entry>,
    due: BTreeMap<Key, TimerId>,
    immediates: VecDeque<TimerId>,
    /// How many entries are referenced.
    referenced: usize,
}

impl Timers {
    /// Schedules a call `delay_ms` from now.
    pub(crate) fn schedule(&mut self, call: Call, delay_ms: f64, repeat: bool) -> TimerId {
        let delay_ms = if (1.0..=MAX_DELAY_MS).contains(&delay_ms) { delay_ms.trunc() } else { 1.0 };
        let delay = Duration::from_secs_f64(delay_ms / 1000.0);
        let id = self.fresh_id();
        let key = self.enqueue(id, delay);
        let schedule = Some(Schedule { delay, repeat, key: Some(key) });
        self.insert(id, Entry { call, schedule, referenced: true });
        id
    }

    /// Schedules a call for the event loop's next turn.
    pub(crate) fn immediate(&mut self, call: Call) -> TimerId {
        let id = self.fresh_id();
        self.immediates.push_back(id);
        self.insert(id, Entry { call, schedule: None, referenced: true });
        id
    }

    pub(crate) fn cancel(&mut self, id: TimerId) {
        if let Some(Entry { schedule: Some(Schedule { key: Some(key), .. }), .. }) = self.remove(id) {
            self.due.remove(&key);
        }
    }

    pub(crate) fn reference(&mut self, id: TimerId, referenced: bool) {
        if let Some(entry) = self.entries.get_mut(&id)
            && entry.referenced != referenced
        {
            entry.referenced = referenced;
            self.referenced = if referenced { self.referenced + 1 } else { self.referenced - 1 };
        }
    }

    /// Starts a timer's delay anew.
    pub(crate) fn refresh(&mut self, id: TimerId) {
        let Some(Entry { schedule: Some(schedule), .. }) = self.entries.get(&id) else { return };
        let Schedule { delay, key: Some(old), .. } = *schedule else { return };
        self.due.remove(&old);
        let key = self.enqueue(id, delay);
        if let Some(Entry { schedule: Some(schedule), .. }) = self.entries.get_mut(&id) {
            schedule.key = Some(key);
        }
    }

    /// When the event loop must turn next: at once with immediates, else when the first timer is due.
    pub(crate) fn next_turn(&self) -> Option<Instant> {
        if self.immediates.is_empty() { self.due.keys().next().map(|(instant, _)| *instant) } else { Some(Instant::now()) }
    }

    /// Takes the first timer that is due at `now`. One that repeats stays until [`Self::called`] schedules it again.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<(TimerId, Call)> {
        let (&key, &id) = self.due.first_key_value().filter(|((due, _), _)| *due <= now)?;
        self.due.remove(&key);
        let entry = self.entries.get_mut(&id)?;
        match &mut entry.schedule {
            Some(schedule) if schedule.repeat => {
                schedule.key = None;
                Some((id, entry.call.clone()))
            }
            _ => self.remove(id).map(|entry| (id, entry.call)),
        }
    }

    /// A timer's callback has returned: one that repeats, and was not cancelled meanwhile, is scheduled again.
    pub(crate) fn called(&mut self, id: TimerId) {
        let Some(Entry { schedule: Some(Schedule { delay, key: None, .. }), .. }) = self.entries.get(&id) else { return };
        let key = self.enqueue(id, *delay);
        if let Some(Entry { schedule: Some(schedule), .. }) = self.entries.get_mut(&id) {
            schedule.key = Some(key);
        }
    }

    /// How many immediates wait; those that they schedule wait for the turn after.
    pub(crate) fn immediates(&self) -> usize {
        self.immediates.len()
    }

    /// Takes the next immediate; `None` if it was cancelled, or there is none.
    pub(crate) fn take_immediate(&mut self) -> Option<Call> {
        let id = self.immediates.pop_front()?;
        self.remove(id).map(|entry| entry.call)
    }

    /// Whether anything is scheduled that would keep a program from its exit.
    pub(crate) fn any_referenced(&self) -> bool {
        self.referenced > 0
    }

    /// How many timers and how many immediates would keep a program from its exit.
    pub(crate) fn active(&self) -> (u32, u32) {
        let active = self.entries.values().filter(|entry| entry.referenced);
        active.fold((0, 0), |(timers, immediates), entry| match entry.schedule {
            Some(_) => (timers + 1, immediates),
            None => (timers, immediates + 1),
        })
    }

    /// Drops what `run` has scheduled; returns how much that was.
    pub(crate) fn cancel_run(&mut self, run: RunId) -> u32 {
        let of_run = self.entries.iter().filter(|(_, entry)| entry.call.run == Some(run)).map(|(id, _)| *id).collect::<Vec<_>>();
        of_run.into_iter().map(|id| self.cancel(id)).zip(1..).last().map_or(0, |((), count)| count)
    }

    /// Drops everything; returns how much that was.
    pub(crate) fn cancel_all(&mut self) -> u32 {
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        *self = Self { last_id: self.last_id, sequence: self.sequence, ..Self::default() };
        count
    }

    /// Whether no more can be scheduled.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= MAX_ENTRIES
    }

    fn insert(&mut self, id: TimerId, entry: Entry) {
        self.referenced += usize::from(entry.referenced);
        self.entries.insert(id, entry);
    }

    fn remove(&mut self, id: TimerId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.referenced -= usize::from(entry.referenced);
        Some(entry)
    }

    fn enqueue(&mut self, id: TimerId, delay: Duration) -> Key {
        self.sequence += 1;
        let key = (Instant::now() + delay, self.sequence);
        self.due.insert(key, id);
        key
    }

    fn fresh_id(&mut self) -> TimerId {
        loop {
            self.last_id = self.last_id.wrapping_add(1);
            if self.last_id != 0 && !self.entries.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }
}
