//! A session: one isolate with one context, from the snapshot, and V8's inspector attached to it.
//!
//! Reset makes a new isolate rather than a new context. The measured times are about the same (0.9 ms to make one, 0.2
//! ms to dispose of the former), and nothing can be left over: no promise jobs, finalizers or hash seeds.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use drupe_inspect::Intrinsics;
use drupe_protocol::{CallId, RunId, introspection::Preview, request::Preload};

use super::jobs::enter_jobs;
use crate::{
    console,
    environment::{evaluate::Evaluation, program},
    errors::rejections,
    host::{self, Calls},
    inspect::origins,
    introspection::{self, Helper, Questions, cdp::Inspector},
    isolate::{
        entry::Entry,
        guard::{Guard, Stop},
        halt::{Halt, Jobs},
        limits::HeapLimit,
        native,
        realm::{Connection, Realm, set_current_run},
        watchdog::Watchdog,
    },
    modules, natives,
    node::{builtin_names, process::Ticks},
    process::{
        fatal,
        platform::{self, Jit},
        time_zone,
    },
    stacks::frames,
    wire::{inbox::Inbox, outbox::Outbox},
};

/// Made by `build.rs` from `js/`.
static SNAPSHOT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/snapshot.bin"));

/// What sessions are made of, session after session.
#[derive(Debug)]
pub(crate) struct SessionFactory {
    pub(crate) guard: Arc<Guard>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) watchdog: Arc<Watchdog>,
    pub(crate) questions: Arc<Questions>,
    pub(crate) inbox: Rc<Inbox>,
    /// The newest call to the host, of all sessions.
    pub(crate) last_call: Rc<Cell<CallId>>,
    /// The functions that the embedder lends.
    pub(crate) functions: RefCell<Vec<String>>,
    /// What sessions begin with.
    pub(crate) preload: RefCell<Option<Preload>>,
    pub(crate) memory_limit: Option<usize>,
    /// In bytes.
    pub(crate) machine_memory: Option<u64>,
    /// Whether sessions have the names of built-in modules.
    pub(crate) builtin_names: bool,
}

/// The engine could not set up the global environment.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a session: V8 refused to set up the global environment")]
pub struct SessionError;

/// An isolate and all that belongs to it. **Fields are dropped in this order**: the inspector first, the isolate before
/// the limit that watches it.
pub(crate) struct Session {
    inspector: Rc<Inspector>,
    context: v8::Global<v8::Context>,
    realm: Rc<Realm>,
    isolate: v8::OwnedIsolate,
    heap_limit: Box<HeapLimit>,
    /// What is left to do before the first run.
    settling: Option<v8::Global<v8::Function>>,
    guard: Arc<Guard>,
    /// Whether it has begun as it should.
    pub(crate) preloaded: bool,
    pub(crate) generation: u64,
}

/// How many frames V8 captures with an error. A stack shows ten, and between two of the program's there may be a dozen
/// of the loader's own.
const CAPTURED_FRAMES: i32 = 128;

impl Session {
    pub(crate) fn new(factory: &SessionFactory, generation: u64) -> Result<Self, SessionError> {
        time_zone::restore();
        let heap_limit = HeapLimit::new(factory.memory_limit, factory.guard.clone());
        let mut isolate =
            v8::Isolate::new(heap_limit.create_params(factory.machine_memory).snapshot_blob(v8::StartupData::from(SNAPSHOT)));
        let connection = Connection { outbox: factory.outbox.clone(), watchdog: factory.watchdog.clone() };
        let realm = Rc::new(Realm::new(connection, factory.guard.clone(), factory.inbox.clone(), generation));
        realm.keep(Rc::new(RefCell::new(Calls::new(factory.last_call.clone()))));
        realm.keep(Rc::new(Helper::new(factory.questions.clone(), factory.guard.clone(), factory.watchdog.clone())));
        isolate.set_slot(realm.clone());
        origins::EMBEDDER.install(&mut isolate);
        isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
        isolate.set_allow_atomics_wait(false);
        isolate.set_capture_stack_trace_for_uncaught_exceptions(true, CAPTURED_FRAMES);
        isolate.add_message_listener(program::on_message);
        isolate.set_promise_reject_callback(rejections::on_promise_reject);
        isolate.set_prepare_stack_trace_callback(frames::prepare_stack_trace);
        fatal::watch(&mut isolate);
        modules::watch(&mut isolate);
        heap_limit.watch(&mut isolate);
        let (context, settling) = global_environment(&mut isolate).ok_or(SessionError)?;
        let inspector = Rc::new(Inspector::new(&mut isolate, &context));
        begin_help(&mut isolate, &context, &realm, &inspector, factory.builtin_names);
        let functions = factory.functions.borrow();
        if !functions.is_empty() {
            lend_functions(&mut isolate, &context, &functions);
        }
        factory.guard.set_isolate(Some(isolate.thread_safe_handle()));
        let guard = factory.guard.clone();
        Ok(Self { inspector, context, realm, isolate, heap_limit, settling: Some(settling), guard, preloaded: false, generation })
    }

    /// Does what must be done before the first run, but need not delay the news that the session is there.
    pub(crate) fn finish_setup(&mut self) {
        if let Some(settle) = self.settling.take() {
            self.without_javascript(|scope| {
                let receiver = v8::undefined(scope).into();
                v8::tc_scope!(let scope, scope);
                // The kernel's own code. Where it fails for want of memory, a few kinds of objects show less.
                v8::Local::new(scope, settle).call(scope, receiver, &[]);
            });
        }
    }

    /// The state that V8's callbacks share with the event loop.
    pub(crate) fn realm(&self) -> &Realm {
        &self.realm
    }

    /// Enters JavaScript in the name of `run`, guarded, and then runs the promise jobs that are due, guarded too.
    /// Returns what `javascript` returned, and how the stretch was stopped, if it was.
    pub(crate) fn enter<T>(
        &mut self,
        run: Option<RunId>,
        budget: Option<Duration>,
        javascript: impl FnOnce(&mut v8::PinScope) -> T,
    ) -> Entered<T> {
        self.recover_unnoticed();
        let Self { context, realm, isolate, guard, heap_limit, .. } = self;
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, &*context);
        let scope = &mut v8::ContextScope::new(scope, context);
        realm.budget.set(budget);
        let (value, stopped) = guard.enter(Entry::within(budget), || {
            set_current_run(scope, run);
            let value = javascript(scope);
            set_current_run(scope, None);
            value
        });
        if let Some(stop) = stopped {
            heap_limit.recover(scope);
            let halt = Halt { stop, run, jobs: Jobs::Ran };
            if realm.exit.is_leaving() {
                // Stopped before it begins: a program that ends leaves none to the next one.
                realm.state::<RefCell<Ticks>>().borrow_mut().clear();
                enter_jobs(scope, realm, guard, Entry::after_end(budget));
                return Entered { value, halt: Some(halt) };
            }
            let jobs = match enter_jobs(scope, realm, guard, Entry::after_stop(budget)) {
                Some(again) if again.dropped => Jobs::StoppedToo(again.stop, again.run),
                Some(_) | None => Jobs::Ran,
            };
            return Entered { value, halt: Some(Halt { jobs, ..halt }) };
        }
        let stopped = enter_jobs(scope, realm, guard, Entry::within(budget));
        let halt = stopped.map(|stopped| Halt {
            stop: stopped.stop,
            run: stopped.run.or(run),
            jobs: if stopped.dropped { Jobs::Stopped } else { Jobs::NoneLeft },
        });
        Entered { value, halt }
    }

    /// Works with the session's values where no JavaScript of the user is to run: no budget, and no promise jobs.
    pub(crate) fn without_javascript<T>(&mut self, work: impl FnOnce(&mut v8::PinScope) -> T) -> T {
        self.recover_unnoticed();
        v8::scope!(let scope, &mut self.isolate);
        let context = v8::Local::new(scope, &self.context);
        let scope = &mut v8::ContextScope::new(scope, context);
        work(scope)
    }

    /// Answers the questions that wait, if any. For the event loop: what executes is interrupted for them.
    pub(crate) fn answer_questions(&mut self) {
        while let Some(question) = self.without_javascript(|scope| introspection::answer_all(scope, false)) {
            self.preview(&question);
        }
    }

    fn preview(&mut self, question: &Preview) {
        let mut stopped = None;
        let Self { context, realm, isolate, guard, heap_limit, .. } = self;
        Helper::of(realm).preview(|| {
            let previewed;
            (previewed, stopped) = introspection::preview::answer(isolate, context, realm, guard, question);
            previewed
        });
        if stopped == Some(Stop::MemoryLimit) {
            heap_limit.recover(isolate);
        }
    }

    /// Whether `evaluation` has come to its end.
    pub(crate) fn has_settled(&mut self, evaluation: &Evaluation) -> bool {
        evaluation.is_settled(&mut self.isolate)
    }

    /// After the heap limit stopped a run: makes room again. Returns the limit in bytes.
    pub(crate) fn recover_memory(&mut self) -> u64 {
        self.heap_limit.recover(&mut self.isolate)
    }

    /// What array buffers may hold, in bytes.
    pub(crate) fn buffers_limit(&self) -> u64 {
        self.heap_limit.of_buffers()
    }

    /// A limit that was reached where nothing could be stopped, or what was to be stopped had been told so already.
    fn recover_unnoticed(&mut self) {
        if self.heap_limit.is_full() {
            self.heap_limit.recover(&mut self.isolate);
        }
    }

    /// What the active run may have the heap grow to, in bytes; without it, the limit is the kernel's.
    pub(crate) fn limit_memory(&mut self, limit: Option<usize>) {
        self.heap_limit.set_for_run(&mut self.isolate, limit);
    }

    /// Runs one task that V8 posted to this thread, such as the end of a WebAssembly compilation or a finalizer;
    /// `value` says whether there was one. Its budget is that of the stretch before: who registers a finalizer does not
    /// escape the watchdog. **A stop that comes in a task waits for a short time**: most tasks execute no JavaScript.
    /// If the task ends in that time, it was not stopped.
    pub(crate) fn run_platform_task(&mut self) -> Entered<bool> {
        let guard = self.guard.clone();
        let mut is_whole = false;
        let entered = self.enter(None, self.realm.budget.get(), |scope| {
            guard.hold_stops();
            let ran = platform::run_task(scope);
            is_whole = guard.release_stops();
            ran
        });
        let is_stopped = |halt: &Halt| !is_whole || halt.stop == Stop::MemoryLimit || !matches!(halt.jobs, Jobs::Ran);
        Entered { halt: entered.halt.filter(is_stopped), ..entered }
    }

    /// Whether V8 works for this session on other threads, and will post a task when it is done.
    pub(crate) fn has_background_work(&self) -> bool {
        self.isolate.has_pending_background_tasks()
    }
}

/// A session that is over. Taking it apart takes time, for which the next one need not wait; and while it is there, the
/// next one is made faster, because V8 shares between isolates what never changes.
pub(crate) struct Retired(Session);

impl Session {
    /// Ends the session. **No other is made before that**: the isolate that was made last is the one that executes.
    pub(crate) fn retire(self) -> Retired {
        self.guard.set_isolate(None);
        // SAFETY: it was entered when it was made, and nothing of it is on the stack.
        unsafe { self.isolate.exit() };
        Retired(self)
    }
}

impl Drop for Retired {
    fn drop(&mut self) {
        // SAFETY: this thread made it. It is taken apart right after this, and so left again: the next session's is
        // then entered as before.
        unsafe { self.0.isolate.enter() };
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.inspector.detach(&mut self.isolate, &self.context);
        self.isolate.remove_slot::<Rc<Realm>>();
    }
}

/// What came of an entry into JavaScript.
#[derive(Debug)]
pub(crate) struct Entered<T> {
    pub(crate) value: T,
    /// How it was stopped.
    pub(crate) halt: Option<Halt>,
}

/// Lends the functions of the embedder to a new session.
fn lend_functions(isolate: &mut v8::OwnedIsolate, context: &v8::Global<v8::Context>, names: &[String]) {
    v8::scope!(let scope, isolate);
    let context = v8::Local::new(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    host::define_functions(scope, names);
}

/// Lets the questions of the control channel find this session, and gives it the names that come after those it begins
/// with.
fn begin_help(
    isolate: &mut v8::OwnedIsolate,
    context: &v8::Global<v8::Context>,
    realm: &Realm,
    inspector: &Rc<Inspector>,
    with_builtin_names: bool,
) {
    v8::scope!(let scope, isolate);
    let context = v8::Local::new(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    Helper::of(realm).begin(scope, inspector);
    if with_builtin_names {
        // A session without them is one all the same.
        let _ = builtin_names::define(scope);
    }
}

/// Takes WebAssembly away: the snapshot was made where there is one, and V8 cannot run any without making machine code.
fn withhold_wasm(scope: &mut v8::PinScope, context: v8::Local<v8::Context>) -> Option<()> {
    unsafe extern "C" fn refuse(_: v8::Local<v8::Context>, _: v8::Local<v8::String>) -> bool {
        false
    }
    scope.set_allow_wasm_code_generation_callback(refuse);
    let name = v8::String::new(scope, "WebAssembly")?;
    context.global(scope).delete(scope, name.into())?;
    Some(())
}

/// A context of the environment, and the function that ends its set-up.
fn global_environment(isolate: &mut v8::OwnedIsolate) -> Option<(v8::Global<v8::Context>, v8::Global<v8::Function>)> {
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, context);
    let ops = scope.get_context_data_from_snapshot_once::<v8::Object>(0).ok()?;
    natives::install(scope, ops)?;
    console::install(scope)?;
    if platform::jit() == Jit::Off {
        withhold_wasm(scope, context)?;
    }
    let intrinsics = native::get(scope, ops, "intrinsics")?.try_cast::<v8::Object>().ok()?;
    Intrinsics::install(scope, intrinsics);
    let settle = native::get(scope, ops, "captureTemporal")?.try_cast::<v8::Function>().ok()?;
    Some((v8::Global::new(scope, context), v8::Global::new(scope, settle)))
}
