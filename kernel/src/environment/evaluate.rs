//! Evaluation in V8's REPL mode: top-level `await` and redeclaration as V8 has them.
//!
//! V8 makes an asynchronous function of such a script. Its value is a promise of an object that holds the completion
//! value. The inspector's `Runtime.evaluate` awaits that and answers in JSON, in which a string of megabytes is copied
//! several times. So the function that the inspector calls is called here, and the value is taken from the promise
//! directly.

use std::cell::RefCell;

use drupe_protocol::{Position, event::Location};

use crate::errors::rejections::Rejections;
use crate::isolate::realm::Realm;

/// Where V8 puts the completion value, in an object without a prototype that nobody else sees.
const RESULT: &str = ".repl_result";

/// What V8 may do besides evaluating; `v8::debug::EvaluateGlobalMode`.
#[derive(Clone, Copy)]
#[repr(C)]
enum Mode {
    Default = 0,
    /// Throws at the first side effect.
    NoSideEffects = 2,
}

// Declared in V8's `debug-interface.h`, which is not among the headers that its users see: another version of V8 may
// have another signature, which is part of the name, and then this does not link.
#[cfg(not(target_env = "msvc"))]
unsafe extern "C" {
    #[link_name = "_ZN2v85debug14EvaluateGlobalEPNS_7IsolateENS_5LocalINS_6StringEEENS0_18EvaluateGlobalModeEb"]
    fn evaluate_global(isolate: v8::UnsafeRawIsolatePtr, source: *const v8::String, mode: Mode, repl: bool) -> *const v8::Value;
}

// Where an object with constructors is returned, it is by way of an address. Nobody has run this yet.
#[cfg(target_env = "msvc")]
unsafe extern "C" {
    #[link_name = "?EvaluateGlobal@debug@v8@@YA?AV?$MaybeLocal@VValue@v8@@@2@PEAVIsolate@2@V?$Local@VString@v8@@@2@W4EvaluateGlobalMode@12@_N@Z"]
    fn evaluate_global_to(
        result: *mut *const v8::Value,
        isolate: v8::UnsafeRawIsolatePtr,
        source: *const v8::String,
        mode: Mode,
        repl: bool,
    ) -> *mut *const v8::Value;
}

#[cfg(target_env = "msvc")]
unsafe fn evaluate_global(
    isolate: v8::UnsafeRawIsolatePtr,
    source: *const v8::String,
    mode: Mode,
    repl: bool,
) -> *const v8::Value {
    let mut result = std::ptr::null();
    // SAFETY: as the caller says.
    unsafe { evaluate_global_to(&raw mut result, isolate, source, mode, repl) };
    result
}

/// A chunk's evaluation, as far as it has come.
pub(crate) enum Evaluation {
    /// It runs, awaits or has settled.
    Begun(v8::Global<v8::Promise>),
    /// It threw before there was a promise; with the place if it did not compile.
    Threw(v8::Global<v8::Value>, Option<Location>),
    /// It threw at once, and its program was asked what to do about that: whether it goes on.
    Asked(bool),
    /// It was terminated.
    Nothing,
}

/// What an evaluation came to.
pub(crate) enum Settled<'s> {
    /// The completion value.
    Value(v8::Local<'s, v8::Value>),
    /// What was thrown, and where if it did not compile.
    Threw(v8::Local<'s, v8::Value>, Option<Location>),
    /// What was thrown has been dealt with: whether the program goes on.
    Asked(bool),
}

/// Starts evaluating `code` as a script called `name`. The caller guards the entry.
pub(crate) fn evaluate(scope: &mut v8::PinScope, code: &str, name: &str) -> Evaluation {
    v8::scope!(let scope, scope);
    v8::tc_scope!(let scope, scope);
    let Some(value) = call(scope, &format!("{code}\n//# sourceURL={name}"), Mode::Default, true) else {
        let Some(thrown) = scope.exception().filter(|_| !scope.has_terminated()) else { return Evaluation::Nothing };
        let at = scope.message().and_then(|message| uncompiled(scope, message, name));
        return Evaluation::Threw(v8::Global::new(scope, thrown), at);
    };
    let Ok(promise) = value.try_cast::<v8::Promise>() else { return Evaluation::Nothing };
    // Whoever evaluates is told of a rejection.
    promise.mark_as_handled();
    if promise.state() == v8::PromiseState::Rejected {
        Realm::of(scope).state::<RefCell<Rejections>>().borrow_mut().forget(scope, promise);
    }
    Evaluation::Begun(v8::Global::new(scope, promise))
}

/// The value of `code`, which declares nothing, unless it throws or has side effects. Not in REPL mode, in which a
/// script is a promise. The caller guards the entry.
pub(crate) fn evaluate_without_effects<'s>(scope: &mut v8::PinScope<'s, '_>, code: &str) -> Option<v8::Local<'s, v8::Value>> {
    v8::tc_scope!(let scope, scope);
    call(scope, code, Mode::NoSideEffects, false)
}

fn call<'s>(scope: &mut v8::PinScope<'s, '_>, source: &str, mode: Mode, repl: bool) -> Option<v8::Local<'s, v8::Value>> {
    let source = v8::String::new(scope, source)?;
    // SAFETY: the isolate is the one that is entered here, with a context. A `Local` is one pointer, in V8 as in its
    // bindings, which is passed and returned as such; null is an empty one. What is returned lives in the innermost
    // handle scope, which is that of `scope`.
    unsafe {
        let value = evaluate_global(scope.as_raw_isolate_ptr(), &raw const *source, mode, repl);
        std::mem::transmute::<*const v8::Value, Option<v8::Local<'s, v8::Value>>>(value)
    }
}

impl Evaluation {
    /// Whether there is something to be read by [`Self::settled`].
    pub(crate) fn is_settled(&self, isolate: &mut v8::Isolate) -> bool {
        match self {
            // SAFETY: the reference ends with this line, in which V8 does nothing that could move or free anything.
            Self::Begun(promise) => unsafe { promise.open(isolate) }.state() != v8::PromiseState::Pending,
            Self::Threw(..) | Self::Asked(_) => true,
            Self::Nothing => false,
        }
    }

    /// What it came to, if it has.
    pub(crate) fn settled<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<Settled<'s>> {
        match self {
            Self::Begun(promise) => {
                let promise = v8::Local::new(scope, promise);
                match promise.state() {
                    v8::PromiseState::Pending => None,
                    v8::PromiseState::Rejected => Some(Settled::Threw(promise.result(scope), None)),
                    v8::PromiseState::Fulfilled => {
                        let held = promise.result(scope).try_cast::<v8::Object>().ok()?;
                        let key = v8::String::new(scope, RESULT)?;
                        held.get(scope, key.into()).map(Settled::Value)
                    }
                }
            }
            Self::Threw(thrown, at) => Some(Settled::Threw(v8::Local::new(scope, thrown), at.clone())),
            Self::Asked(goes_on) => Some(Settled::Asked(*goes_on)),
            Self::Nothing => None,
        }
    }
}

/// Where a script did not compile. What was thrown when it ran carries its own stack.
fn uncompiled<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::Message>, name: &str) -> Option<Location> {
    if message.get_stack_trace(scope).is_some_and(|trace| trace.get_frame_count() > 0) {
        return None;
    }
    let line = u32::try_from(message.get_line_number(scope)?).ok()?.checked_sub(1)?;
    let column = u32::try_from(message.get_start_column()).ok()?;
    Some(Location::new(name, Position { line, column }))
}
