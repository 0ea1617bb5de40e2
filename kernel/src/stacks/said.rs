//! Errors whose `name` or `message` is an accessor: their text is known once their `stack` was read, and is kept with
//! them.
//!
//! V8 reads both accessors when `stack` is first read, which runs the user's code. The inspector runs no user code.
//! So the text of that moment is noted on the error. Where a run enables hooks, the accessors of an error that is
//! shown or uncaught are read in that stretch of JavaScript, under its budget. So is a `stack` that is not V8's
//! own. `Error.captureStackTrace` reads nothing: it is called in constructors, before the error has all its fields.

use super::frames;
use drupe_inspect::said::{has_foreign_stack, note_stack};
pub(crate) use drupe_inspect::said::{note, of};

use crate::isolate::{
    attempt::{Failure, attempt},
    peek,
    realm::Realm,
};

/// The parts of an error's first line.
pub(crate) const PARTS: [&str; 2] = ["name", "message"];

/// A part of an error's first line that only its own code can tell: asked, where JavaScript may run.
pub(crate) fn ask(scope: &mut v8::PinScope, error: v8::Local<v8::Object>, part: &str) -> Option<String> {
    if !must_be_asked(scope, error, part) || peek::is_looking(scope) {
        return None;
    }
    let asked = attempt(scope, |scope| {
        v8::scope!(let scope, scope);
        let error = v8::Local::new(scope, error);
        let key = v8::String::new(scope, part)?;
        let value = error.get(scope, key.into())?;
        Some(if value.is_undefined() { None } else { Some(value.to_string(scope)?.to_rust_string_lossy(scope)) })
    });
    asked.ok().flatten()
}

/// Asks an error what it says, by reading its `stack`, if that is not known, and where the run lets objects speak for
/// themselves. For stretches of JavaScript only. What a `stack` that is not V8's throws is returned; a stop is raised
/// again by `attempt`.
pub(crate) fn hear(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> Result<(), Failure> {
    v8::scope!(let scope, scope);
    let thrown = v8::Local::new(scope, thrown);
    if !Realm::of(scope).wishes.get().inspect_hooks || !is_unheard(scope, thrown) {
        return Ok(());
    }
    let Ok(error) = thrown.try_cast::<v8::Object>() else { return Ok(()) };
    let tells_stack = tells_stack(scope, error);
    let heard = attempt(scope, |scope| {
        let key = v8::String::new(scope, "stack")?;
        let stack = error.get(scope, key.into())?;
        if tells_stack {
            // As in Node, one that is false is none.
            let text = if stack.boolean_value(scope) { stack.to_string(scope)? } else { v8::String::empty(scope) };
            note_stack(scope, error, text)?;
        }
        Some(())
    });
    if tells_stack { heard } else { Ok(()) }
}

/// Whether a thrown value is an error that has yet to be asked what it says.
pub(crate) fn is_unheard<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> bool {
    let Some(error) = thrown.try_cast::<v8::Object>().ok().filter(|_| thrown.is_native_error()) else { return false };
    if tells_stack(scope, error) {
        return true;
    }
    of(scope, error).is_none() && PARTS.iter().any(|part| must_be_asked(scope, error, part))
}

/// Whether the user's code tells the stack: by an accessor or an object in its place, or by `Error.prepareStackTrace`.
fn tells_stack<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) -> bool {
    peek::without_javascript(scope, |scope| {
        has_foreign_stack(scope, error).unwrap_or_default() || frames::formatter(scope).is_some()
    })
}

/// Whether a property is there, and is an accessor.
fn must_be_asked(scope: &mut v8::PinScope, error: v8::Local<v8::Object>, part: &str) -> bool {
    v8::scope!(let scope, scope);
    let error = v8::Local::new(scope, error);
    let Some(key) = v8::String::new(scope, part) else { return false };
    peek::without_javascript(scope, |scope| {
        peek::data_property(scope, error, key.into()).is_none() && error.has(scope, key.into()) == Some(true)
    })
}
