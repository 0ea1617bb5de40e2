//! Promises that were rejected and have no handler, until the end of the turn shows whether one comes.

use drupe_protocol::RunId;

use crate::realm::{Realm, current_run};

/// No more than this many wait for the end of a turn; V8 would keep each alive.
const MAX_WAITING: usize = 10_000;

/// Rejected promises of this turn, in order.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    waiting: Vec<Rejection>,
}

/// A promise without a handler.
#[derive(Debug)]
pub(crate) struct Rejection {
    promise: v8::Global<v8::Promise>,
    pub(crate) reason: v8::Global<v8::Value>,
    /// The run that rejected it.
    pub(crate) run: Option<RunId>,
}

impl Rejections {
    /// Takes those that still have no handler.
    pub(crate) fn take(&mut self) -> Vec<Rejection> {
        std::mem::take(&mut self.waiting)
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
    let mut rejections = realm.rejections.borrow_mut();
    match message.get_event() {
        v8::PromiseRejectEvent::PromiseRejectWithNoHandler => {
            let Some(reason) = message.get_value() else { return };
            if rejections.waiting.len() < MAX_WAITING {
                rejections.waiting.push(Rejection {
                    promise: v8::Global::new(scope, message.get_promise()),
                    reason: v8::Global::new(scope, reason),
                    run: current_run(scope),
                });
            }
        }
        v8::PromiseRejectEvent::PromiseHandlerAddedAfterReject => {
            let promise = v8::Global::new(scope, message.get_promise());
            rejections.waiting.retain(|rejection| rejection.promise != promise);
        }
        // Settled twice: not an error.
        v8::PromiseRejectEvent::PromiseRejectAfterResolved | v8::PromiseRejectEvent::PromiseResolveAfterResolved => {}
    }
}
