//! Rejected promises without a handler. They wait until the end of the turn, because a handler may still be added.

use std::cell::RefCell;

use drupe_protocol::{RunId, event::Location};

use crate::{
    errors::exception,
    isolate::realm::{Realm, current_run},
};

/// No more than this many wait for the end of a turn; V8 would keep each alive.
const MAX_WAITING: usize = 10_000;

/// How much is read of the name of what rejects, in UTF-16 code units.
const MAX_CALLED: usize = 100;

/// Rejected promises of this turn, in order.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    waiting: Vec<Rejection>,
    /// Promises that got a handler after they had been told.
    handled_late: Vec<v8::Global<v8::Promise>>,
}

/// A promise without a handler.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) promise: v8::Global<v8::Promise>,
    pub(crate) reason: v8::Global<v8::Value>,
    /// The run that rejected it.
    pub(crate) run: Option<RunId>,
    /// Where, if it is no error, which has a stack.
    pub(crate) at: Option<Location>,
}

impl Rejections {
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.handled_late.is_empty()
    }

    /// Takes those that still have no handler.
    pub(crate) fn take(&mut self) -> Vec<Rejection> {
        std::mem::take(&mut self.waiting)
    }

    /// Takes those that got a handler after they had been told.
    pub(crate) fn take_handled_late(&mut self) -> Vec<v8::Global<v8::Promise>> {
        std::mem::take(&mut self.handled_late)
    }

    /// It is told in another turn.
    pub(crate) fn put_back(&mut self, rejection: Rejection) {
        self.waiting.push(rejection);
    }

    /// Somebody handles it after all.
    pub(crate) fn forget(&mut self, scope: &v8::PinScope, promise: v8::Local<v8::Promise>) {
        let promise = v8::Global::new(scope, promise);
        self.waiting.retain(|rejection| rejection.promise != promise);
    }
}

/// V8's promise reject callback.
pub(crate) extern "C" fn on_promise_reject(message: v8::PromiseRejectMessage) {
    // SAFETY: V8 calls this on the isolate's thread, with a message that is valid for the call.
    v8::callback_scope!(unsafe scope, &message);
    let realm = Realm::of(scope);
    let held = realm.state::<RefCell<Rejections>>();
    let mut rejections = held.borrow_mut();
    match message.get_event() {
        v8::PromiseRejectEvent::PromiseRejectWithNoHandler => {
            let Some(reason) = message.get_value() else { return };
            if rejections.waiting.len() < MAX_WAITING {
                let promise = v8::Global::new(scope, message.get_promise());
                let at = place(scope, reason);
                let reason = v8::Global::new(scope, reason);
                rejections.waiting.push(Rejection { promise, reason, run: current_run(scope), at });
            } else {
                drop(rejections);
                realm.console_quota.dropped(current_run(scope));
            }
        }
        v8::PromiseRejectEvent::PromiseHandlerAddedAfterReject => {
            let promise = v8::Global::new(scope, message.get_promise());
            let before = rejections.waiting.len();
            rejections.waiting.retain(|rejection| rejection.promise != promise);
            if rejections.waiting.len() == before && rejections.handled_late.len() < MAX_WAITING {
                rejections.handled_late.push(promise);
            }
        }
        // Settled twice: not an error.
        v8::PromiseRejectEvent::PromiseRejectAfterResolved | v8::PromiseRejectEvent::PromiseResolveAfterResolved => {}
    }
}

/// Where the user's code calls what rejects. Of a throw in an asynchronous function V8 knows only where that function
/// ends, or throws last, and a promise's job that throws has no place at all: **a wrong place is worse than none**.
fn place<'s>(scope: &mut v8::PinScope<'s, '_>, reason: v8::Local<'s, v8::Value>) -> Option<Location> {
    if reason.is_native_error() {
        return None;
    }
    let message = v8::Exception::create_message(scope, reason);
    let at = exception::place(scope, reason, message)?;
    let line = message.get_source_line(scope)?;
    let mut units = vec![0; line.length().saturating_sub(at.position.column as usize).min(MAX_CALLED)];
    line.write_v2(scope, at.position.column, &mut units, v8::WriteFlags::empty());
    let text = String::from_utf16_lossy(&units);
    let called = text.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$'));
    (called.len() < text.len() && called.starts_with('(')).then_some(at)
}
