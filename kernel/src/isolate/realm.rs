//! The session's shared state, which V8's callbacks reach through a slot of the isolate.

use std::{
    any::{Any, TypeId},
    cell::{Cell, OnceCell, RefCell},
    fmt,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use drupe_protocol::{Event, RunId};

use crate::{
    isolate::{exit::Exit, guard::Guard, handles::Handles, scripts::Scripts, watchdog::Watchdog},
    wire::{console_quota::ConsoleQuota, inbox::Inbox, outbox::Outbox},
};

/// The state of one session. Only the main thread touches it; callbacks run while no borrow is held across a call into
/// V8.
///
/// A subject keeps what is its own as a [state](Self::state): the realm does not know which subjects there are.
pub(crate) struct Realm {
    connection: Connection,
    pub(crate) guard: Arc<Guard>,
    pub(crate) inbox: Rc<Inbox>,
    states: RefCell<Vec<(TypeId, Rc<dyn Any>)>>,
    /// CPU budget of the stretch that is executing; timers that it starts inherit it.
    pub(crate) budget: Cell<Option<Duration>>,
    /// V8's `CallSite.prototype.toString`, as it was before user code ran.
    pub(crate) call_site_to_string: OnceCell<v8::Global<v8::Function>>,
    /// How the program ends.
    pub(crate) exit: Exit,
    pub(crate) console_quota: ConsoleQuota,
    /// What the parent holds of the session's objects.
    pub(crate) handles: RefCell<Handles>,
    /// The object that the files in `js/` share.
    pub(crate) ops: OnceCell<v8::Global<v8::Object>>,
    pub(crate) scripts: RefCell<Scripts>,
    /// What the run that started last asked for.
    pub(crate) wishes: Cell<Wishes>,
    /// Whether what a console shows at the moment is coloured.
    pub(crate) coloring: Cell<bool>,
}

/// The way to the parent, and the watchdog, which counts CPU time and flushes.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) watchdog: Arc<Watchdog>,
}

/// What a run wants of everything that it shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    /// Objects that say themselves how they are shown.
    pub(crate) inspect_hooks: bool,
    /// Handles of objects.
    pub(crate) handles: bool,
    /// Whether the host has standard streams.
    pub(crate) streams: bool,
    /// Colours on standard output, and on standard error.
    pub(crate) colors: (bool, bool),
}

impl Realm {
    pub(crate) fn new(connection: Connection, guard: Arc<Guard>, inbox: Rc<Inbox>, generation: u64) -> Self {
        Self {
            connection,
            guard,
            inbox,
            states: RefCell::default(),
            budget: Cell::default(),
            call_site_to_string: OnceCell::new(),
            exit: Exit::default(),
            console_quota: ConsoleQuota::default(),
            handles: RefCell::new(Handles::new(generation)),
            ops: OnceCell::new(),
            scripts: RefCell::default(),
            wishes: Cell::default(),
            coloring: Cell::default(),
        }
    }

    /// What a subject keeps for the session: one of each type, made when it is first asked for.
    pub(crate) fn state<T: Default + 'static>(&self) -> Rc<T> {
        self.kept().unwrap_or_else(|| {
            let state = Rc::new(T::default());
            self.keep(state.clone());
            state
        })
    }

    /// As [`Self::state`], if it was [kept](Self::keep) or asked for before.
    pub(crate) fn kept<T: 'static>(&self) -> Option<Rc<T>> {
        let states = self.states.borrow();
        let (_, state) = states.iter().find(|(kind, _)| *kind == TypeId::of::<T>())?;
        state.clone().downcast().ok()
    }

    /// Keeps a state that is not made by `Default`. **There is none of the type yet.**
    pub(crate) fn keep<T: 'static>(&self, state: Rc<T>) {
        debug_assert!(self.kept::<T>().is_none(), "one state of each type");
        self.states.borrow_mut().push((TypeId::of::<T>(), state));
    }

    /// The realm of the isolate that `scope` is in.
    pub(crate) fn of(scope: &v8::Isolate) -> Rc<Self> {
        #[expect(clippy::expect_used, reason = "the session fills the slot before it lets any JavaScript run")]
        scope.get_slot::<Rc<Self>>().expect("the isolate has a realm").clone()
    }

    /// Says something to the parent, soon. What cannot be encoded is dropped: sizes are bounded before they come here.
    pub(crate) fn say(&self, event: &Event) {
        self.say_weighed(event);
    }

    /// As [`Self::say`]; returns how many bytes that took.
    pub(crate) fn say_weighed(&self, event: &Event) -> usize {
        let bytes = self.connection.outbox.push(event).unwrap_or(0);
        self.connection.watchdog.nudge();
        bytes
    }

    /// Says what was encoded before.
    pub(crate) fn say_frame(&self, frame: &[u8]) {
        self.connection.outbox.push_frame(frame);
        self.connection.watchdog.nudge();
    }

    /// CPU time that JavaScript has used.
    pub(crate) fn cpu_time(&self) -> Duration {
        self.connection.watchdog.cpu_time()
    }

    /// Sends what was said, now.
    pub(crate) fn flush(&self) {
        self.connection.outbox.flush();
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Realm(..)")
    }
}

/// The run that the executing JavaScript belongs to. V8 carries it through promises; timers save and restore it. Where
/// there is a [frame](current_frame), V8 carries an array of both.
pub(crate) fn current_run(scope: &v8::PinScope) -> Option<RunId> {
    let data = scope.get_continuation_preserved_embedder_data();
    let number = match data.try_cast::<v8::Array>() {
        Ok(pair) => pair.get_index(scope, 0)?.try_cast::<v8::Number>().ok()?.value(),
        Err(_) => data.try_cast::<v8::Number>().ok()?.value(),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only `set_current_run` writes it")]
    Some(number as RunId)
}

/// Says which run the JavaScript entered next belongs to. There is no frame then.
pub(crate) fn set_current_run(scope: &v8::PinScope, run: Option<RunId>) {
    scope.set_continuation_preserved_embedder_data(run_value(scope, run));
}

/// What `AsyncLocalStorage` keeps for the executing JavaScript; it goes where the run's number goes.
pub(crate) fn current_frame<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    let pair = scope.get_continuation_preserved_embedder_data().try_cast::<v8::Array>().ok()?;
    pair.get_index(scope, 1)
}

/// Gives the executing JavaScript another frame, or none; its run stays.
pub(crate) fn set_current_frame<'s>(scope: &v8::PinScope<'s, '_>, frame: Option<v8::Local<'s, v8::Value>>) {
    let run = run_value(scope, current_run(scope));
    let data = match frame {
        Some(frame) => v8::Array::new_with_elements(scope, &[run, frame]).into(),
        None => run,
    };
    scope.set_continuation_preserved_embedder_data(data);
}

fn run_value<'s>(scope: &v8::PinScope<'s, '_>, run: Option<RunId>) -> v8::Local<'s, v8::Value> {
    match run {
        #[expect(clippy::cast_precision_loss, reason = "a parent that counts past 2^53 runs is long gone")]
        Some(run) => v8::Number::new(scope, run as f64).into(),
        None => v8::undefined(scope).into(),
    }
}
