//! The value that an expression would have, evaluated without any effect on the session.
//!
//! V8 throws at the first side effect. It knows which of its own functions have none, and lets code change objects that
//! this code has made. Effects that V8 lets pass are caught here: promise jobs go to a queue that is thrown away with
//! them, and rejections are dropped.

use std::cell::RefCell;
use std::time::Duration;

use drupe_protocol::introspection::{Preview, PreviewReply};

use crate::{
    environment::evaluate::evaluate_without_effects,
    errors::rejections::Rejections,
    inspect::presets,
    isolate::{
        entry::Entry,
        guard::{Guard, Stop},
        realm::Realm,
    },
};

/// CPU time of one preview. A person types on meanwhile.
const BUDGET: Duration = Duration::from_millis(50);

/// What it came to, and what stopped it, if something did. For an isolate that has **no context entered and nothing to
/// do**.
pub(crate) fn answer(
    isolate: &mut v8::OwnedIsolate,
    context: &v8::Global<v8::Context>,
    realm: &Realm,
    guard: &Guard,
    question: &Preview,
) -> (PreviewReply, Option<Stop>) {
    let nowhere = v8::MicrotaskQueue::new(isolate, v8::MicrotasksPolicy::Explicit);
    v8::scope!(let scope, isolate);
    let context = v8::Local::new(scope, context);
    let nothing = PreviewReply { id: question.id, text: None };
    let Some(jobs) = context.get_microtask_queue() else { return (nothing, None) };
    let rejections = realm.state::<RefCell<Rejections>>().take();
    context.set_microtask_queue(&nowhere);
    let (text, stopped) = {
        let scope = &mut v8::ContextScope::new(scope, context);
        let (value, stopped) = guard.enter(Entry::quiet(BUDGET), || evaluate_without_effects(scope, &question.code));
        let text = value.filter(|_| stopped.is_none()).map(|value| presets::foreseen(scope, value));
        (text, stopped)
    };
    context.set_microtask_queue(jobs);
    realm.state::<RefCell<Rejections>>().replace(rejections);
    (PreviewReply { text, ..nothing }, stopped)
}
