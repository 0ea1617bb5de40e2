//! Questions that only the JavaScript thread can answer: completions, the session's names, the status.
//!
//! The control thread puts them into one queue and requests an interrupt of V8. **The one that takes a question from
//! the queue answers it**: the interrupt handler, at V8's next safe point, or the event loop, if the stretch has ended
//! before. So each is answered once, and an interrupt that finds an empty queue does nothing. An answer runs no user
//! code, and changes nothing that user code could see.
//!
//! The parent reads what is being typed, and asks for a name or for a chain of members: **no source is read here**.
//! [`resolve`] finds the value of a chain, [`complete`] lists names and members. [`globals`], [`status`] and
//! [`properties`] are other questions. [`bindings`] reads names. Only [`preview`] evaluates code.

mod bindings;
mod builtins;
pub(crate) mod cdp;
mod complete;
mod describe;
mod globals;
mod lazy;
mod members;
mod own_lazy;
pub(crate) mod preview;
mod properties;
mod resolve;
mod size;
mod status;

use std::{
    cell::{Cell, OnceCell},
    collections::{HashSet, VecDeque},
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::{Rc, Weak},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use drupe_protocol::{
    Reply,
    describe::{Inspect, InspectReply},
    handles::{Properties, PropertiesReply, Release},
    introspection::{Complete, CompleteReply, Globals, GlobalsReply, Preview, PreviewReply, Status, StatusReply},
};

use crate::{
    introspection::cdp::Inspector,
    isolate::{guard::Guard, realm::Realm, watchdog::Watchdog},
    wire::replies::Replies,
};

/// A question of the parent's.
#[derive(Debug)]
pub(crate) enum Question {
    Complete(Complete),
    Globals(Globals),
    Status(Status),
    Preview(Preview),
    Properties(Properties),
    /// Not to be answered.
    Release(Release),
    Inspect(Inspect),
}

impl Question {
    /// The answer that says nothing, if there is to be one.
    fn nothing(&self) -> Option<Reply> {
        Some(match self {
            Self::Complete(Complete { id, .. }) => Reply::Complete(CompleteReply { id: *id, ..CompleteReply::default() }),
            Self::Globals(Globals { id }) => Reply::Globals(GlobalsReply { id: *id, names: Vec::new() }),
            Self::Status(Status { id }) => Reply::Status(StatusReply { id: *id, ..StatusReply::default() }),
            Self::Inspect(Inspect { id, .. }) => Reply::Inspect(Box::new(InspectReply { id: *id, subject: None })),
            Self::Preview(Preview { id, .. }) => Reply::Preview(PreviewReply { id: *id, text: None }),
            Self::Properties(Properties { id, .. }) => {
                Reply::Properties(Box::new(PropertiesReply { id: *id, ..PropertiesReply::default() }))
            }
            Self::Release(_) => return None,
        })
    }
}

/// The questions that wait. Shared by the control thread, which asks, and the JavaScript thread, which answers.
#[derive(Debug)]
pub(crate) struct Questions {
    waiting: Mutex<VecDeque<Question>>,
    replies: Replies,
}

impl Questions {
    pub(crate) fn new(replies: Replies) -> Self {
        Self { waiting: Mutex::default(), replies }
    }

    /// Adds a question. Whoever calls this then calls the JavaScript thread, by [`Guard::request_interrupt`].
    pub(crate) fn ask(&self, question: Question) {
        self.lock().push_back(question);
    }

    /// Whether any question waits.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.lock().is_empty()
    }

    fn has_preview(&self) -> bool {
        self.lock().iter().any(|question| matches!(question, Question::Preview(_)))
    }

    fn next(&self) -> Option<Question> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Question>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What answering needs of one session. Belongs to its realm.
#[derive(Debug)]
pub(crate) struct Helper {
    questions: Arc<Questions>,
    guard: Arc<Guard>,
    watchdog: Arc<Watchdog>,
    context: OnceCell<v8::Global<v8::Context>>,
    /// The session's own inspector: it alone knows the names of lexical bindings.
    inspector: OnceCell<Weak<Inspector>>,
    /// Names of the global object's properties before user code ran; made into a set when somebody asks.
    initial: OnceCell<v8::Global<v8::Array>>,
    initial_names: OnceCell<HashSet<String>>,
    /// V8's own `Function.prototype.toString`.
    function_text: OnceCell<v8::Global<v8::Function>>,
    /// When the active run began, and the CPU time that the thread had used by then.
    pub(crate) clock: Cell<Option<(Instant, Duration)>>,
    /// Whether answers are being made: reading a binding is JavaScript too, and may itself be interrupted.
    busy: Cell<bool>,
    /// Whether answers may load what the environment has not loaded yet.
    may_load: Cell<bool>,
}

impl Helper {
    /// The helper of a realm.
    pub(crate) fn of(realm: &Realm) -> Rc<Self> {
        #[expect(clippy::expect_used, reason = "the session keeps it in its realm before it lets any JavaScript run")]
        realm.kept().expect("the realm has a helper")
    }

    pub(crate) fn new(questions: Arc<Questions>, guard: Arc<Guard>, watchdog: Arc<Watchdog>) -> Self {
        Self {
            questions,
            guard,
            watchdog,
            context: OnceCell::new(),
            inspector: OnceCell::new(),
            initial: OnceCell::new(),
            initial_names: OnceCell::new(),
            function_text: OnceCell::new(),
            clock: Cell::default(),
            busy: Cell::default(),
            may_load: Cell::default(),
        }
    }

    /// Whether a preview may be made: nothing runs or awaits, and no newer one is asked for.
    fn may_preview(&self, executing: bool) -> bool {
        !executing && self.guard.active().is_none() && !self.questions.has_preview()
    }

    /// Answers a preview by what `evaluate` makes of it; other questions wait meanwhile, and **must be looked for
    /// afterwards**.
    pub(crate) fn preview(&self, evaluate: impl FnOnce() -> PreviewReply) {
        self.busy.set(true);
        let previewed = evaluate();
        self.busy.set(false);
        self.questions.replies.say(&Reply::Preview(previewed));
    }

    /// The session is complete, and no user code has run. Takes note of the names that it begins with.
    pub(crate) fn begin(&self, scope: &mut v8::PinScope, inspector: &Rc<Inspector>) {
        let context = scope.get_current_context();
        let global = context.global(scope);
        // Set once: a realm belongs to one session.
        let _ = self.context.set(v8::Global::new(scope, context));
        let _ = self.inspector.set(Rc::downgrade(inspector));
        if let Some(names) = members::own_names(scope, global) {
            let _ = self.initial.set(v8::Global::new(scope, names));
        }
        if let Some(function) = describe::function_text(scope, &Realm::of(scope)) {
            let _ = self.function_text.set(v8::Global::new(scope, function));
        }
    }
}

/// Answers all questions that wait, in the session's entered context. `executing`: user code is on the stack. Returns a
/// preview that the caller is to answer, and then to call again: it needs a context that is not entered.
pub(crate) fn answer_all(scope: &mut v8::PinScope, executing: bool) -> Option<Preview> {
    let realm = Realm::of(scope);
    let helper = Helper::of(&realm);
    // Whoever is at it already goes on until the queue is empty.
    if helper.busy.replace(true) {
        return None;
    }
    helper.may_load.set(!executing);
    let mut preview = None;
    while let Some(question) = helper.questions.next() {
        let question = match question {
            Question::Preview(question) if helper.may_preview(executing) => {
                preview = Some(question);
                break;
            }
            other => other,
        };
        // A bug in an answer must not unwind into V8, nor leave the parent waiting.
        let answered = catch_unwind(AssertUnwindSafe(|| answer(scope, &realm, &question, executing)));
        if let Some(reply) = answered.unwrap_or_else(|_| question.nothing()) {
            helper.questions.replies.say(&reply);
        }
    }
    helper.busy.set(false);
    preview
}

fn answer(scope: &mut v8::PinScope, realm: &Realm, question: &Question, executing: bool) -> Option<Reply> {
    v8::scope!(let scope, scope);
    Some(match question {
        Question::Complete(question) => Reply::Complete(complete::answer(scope, &Helper::of(realm), question)),
        Question::Globals(question) => Reply::Globals(globals::answer(scope, &Helper::of(realm), question)),
        Question::Status(question) => Reply::Status(status::answer(scope, realm, question, executing)),
        Question::Inspect(question) => Reply::Inspect(Box::new(describe::answer(scope, realm, question))),
        // Something runs: the event loop takes those that can be answered.
        Question::Preview(_) => return question.nothing(),
        Question::Properties(question) => properties::answer(scope, realm, question),
        Question::Release(question) => {
            properties::release(realm, question);
            return None;
        }
    })
}

/// V8's callback at a safe point of what executes.
///
/// # Safety
/// For V8 to call, on the isolate's own thread.
pub(crate) unsafe extern "C" fn on_interrupt(mut isolate: v8::UnsafeRawIsolatePtr, _: *mut c_void) {
    // A panic must not cross V8's frames. What it would leave undone is answered by the event loop.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: V8 passes the isolate that is executing on this thread, and it outlives the call. Nobody else uses it
        // meanwhile: whoever entered JavaScript waits in V8 for its return.
        let isolate = unsafe { v8::Isolate::ref_from_raw_isolate_ptr_mut(&mut isolate) };
        let Some(realm) = isolate.get_slot::<Rc<Realm>>().cloned() else { return };
        let helper = Helper::of(&realm);
        helper.guard.interrupt_delivered();
        let Some(context) = helper.context.get() else { return };
        // The kernel's own code is soon done, and may stand in the midst of what an answer would load: the event loop
        // answers then.
        if !helper.guard.is_executing() {
            return;
        }
        v8::scope!(let scope, isolate);
        let context = v8::Local::new(scope, context);
        let scope = &mut v8::ContextScope::new(scope, context);
        // No preview is left to make where something executes.
        let _: Option<Preview> = answer_all(scope, true);
        // A stop that came meanwhile may have hit the reading of a binding here instead of the user's code.
        helper.guard.renew_stop();
    }));
}
