//! Errors whose `name` or `message` is an accessor: their text is known once their `stack` was read, and is kept with
//! them.
//!
//! V8 reads both accessors when `stack` is first read, which runs the user's code. The inspector runs no user code. So
//! the text of that moment is noted on the error. Where a run enables hooks, the accessors of an error that is shown or
//! uncaught are read in that stretch of JavaScript, under its budget. `Error.captureStackTrace` reads nothing: it is
//! called in constructors, before the error has all its fields.

pub(crate) use drupe_inspect::said::{note, of};

use crate::isolate::{attempt::attempt, peek, realm::Realm};

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
/// themselves. For stretches of JavaScript only.
pub(crate) fn hear(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) {
    v8::scope!(let scope, scope);
    let thrown = v8::Local::new(scope, thrown);
    if !Realm::of(scope).wishes.get().inspect_hooks || !is_unheard(scope, thrown) {
        return;
    }
    // An error from the getter is ignored. A stop is raised again by `attempt`.
    let _ = attempt(scope, |scope| {
        let error = thrown.try_cast::<v8::Object>().ok()?;
        let key = v8::String::new(scope, "stack")?;
        error.get(scope, key.into()).map(|_| ())
    });
}

/// Whether a thrown value is an error that has yet to be asked what it says.
pub(crate) fn is_unheard<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>) -> bool {
    let Some(error) = thrown.try_cast::<v8::Object>().ok().filter(|_| thrown.is_native_error()) else { return false };
    if of(scope, error).is_some() {
        return false;
    }
    PARTS.iter().any(|part| must_be_asked(scope, error, part))
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
