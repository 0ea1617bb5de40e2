//! Members that the environment itself loads on first use. They are loaded for an answer, too, because no user code
//! takes part. If a load leads to user code all the same, it is ended after a short time.
//!
//! **Only while no JavaScript is on the stack**: a file of the library may be half loaded where other code was
//! interrupted. Getters are recognized by marks that cannot be imitated: the number of their script, or the library's
//! own list (`ops.isLazy`).

use std::time::Duration;

use super::Helper;
use crate::isolate::{entry::Entry, native, peek::without_javascript, realm::Realm};

/// CPU time of one load. A person types on meanwhile.
const BUDGET: Duration = Duration::from_millis(100);

/// What the accessor `key` of `object` loads, if it is the environment's own.
pub(super) fn load<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<v8::Local<'s, v8::Value>> {
    let getter = getter(scope, object, key)?;
    if is(scope, "environmentGetter", getter.into()) {
        // Its getter asks the host. The object itself has what was told already.
        return get(scope, "environment");
    }
    if !helper.may_load.get() || !is_ours(scope, helper, getter) {
        return None;
    }
    call(scope, helper, getter, object.into(), &[])
}

/// Whether the accessor `key` of `object` is one of those that `js/library.js` defines.
pub(super) fn is_loading<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> bool {
    getter(scope, object, key).is_some_and(|getter| is_loader(scope, getter))
}

/// What a built-in module exports.
pub(super) fn module<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, specifier: &str) -> Option<v8::Local<'s, v8::Value>> {
    if !helper.may_load.get() {
        return None;
    }
    let library = function(scope, "library")?;
    let name = v8::String::new(scope, "node/builtins")?;
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let builtins = call(scope, helper, library, undefined, &[name.into()])?.try_cast::<v8::Object>().ok()?;
    let specifier = v8::String::new(scope, specifier)?;
    let load = without_javascript(scope, |scope| native::get(scope, builtins, "load"))?.try_cast::<v8::Function>().ok()?;
    // A name that no built-in module has throws.
    call(scope, helper, load, undefined, &[specifier.into()])
}

/// The parameters of a function of the environment's own, where its text does not say them as its documentation does.
pub(super) fn parameters<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    function: v8::Local<'s, v8::Function>,
) -> Option<String> {
    if !helper.may_load.get() {
        return None;
    }
    let library = self::function(scope, "library")?;
    let name = v8::String::new(scope, "node/internal/heads")?;
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let heads = call(scope, helper, library, undefined, &[name.into()])?.try_cast::<v8::Object>().ok()?;
    let ask = without_javascript(scope, |scope| native::get(scope, heads, "parameters"))?.try_cast::<v8::Function>().ok()?;
    let told = call(scope, helper, ask, undefined, &[function.into()])?.try_cast::<v8::String>().ok()?;
    Some(told.to_rust_string_lossy(scope))
}

/// Whether a value is the object behind `process.env`.
pub(super) fn is_environment<'s>(scope: &mut v8::PinScope<'s, '_>, value: v8::Local<'s, v8::Value>) -> bool {
    is(scope, "environment", value)
}

/// The getter of `key`, wherever `object` inherits it from.
fn getter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<v8::Local<'s, v8::Function>> {
    /// Nothing of the environment's inherits more.
    const MAX_PROTOTYPES: usize = 10;
    without_javascript(scope, |scope| {
        let mut holder = object;
        for _ in 0..MAX_PROTOTYPES {
            if holder.is_proxy() {
                return None;
            }
            if let Ok(descriptor) = holder.get_own_property_descriptor(scope, key)?.try_cast::<v8::Object>() {
                let getter = native::get(scope, descriptor, "get")?.try_cast::<v8::Function>().ok()?;
                return Some(getter).filter(|getter| !getter.is_proxy());
            }
            holder = holder.get_prototype(scope)?.try_cast().ok()?;
        }
        None
    })
}

/// Whether a getter stands in the file whose getters load, as `ops.library` does.
fn is_loader<'s>(scope: &mut v8::PinScope<'s, '_>, getter: v8::Local<'s, v8::Function>) -> bool {
    function(scope, "library").is_some_and(|library| library.script_id() == getter.script_id())
}

fn is_ours<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, getter: v8::Local<'s, v8::Function>) -> bool {
    if is_loader(scope, getter) {
        return true;
    }
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let is_lazy = function(scope, "isLazy");
    is_lazy.and_then(|is_lazy| call(scope, helper, is_lazy, undefined, &[getter.into()])).is_some_and(|answer| answer.is_true())
}

fn is<'s>(scope: &mut v8::PinScope<'s, '_>, key: &str, value: v8::Local<'s, v8::Value>) -> bool {
    get(scope, key).is_some_and(|known| known.is_object() && known.strict_equals(value))
}

fn function<'s>(scope: &mut v8::PinScope<'s, '_>, key: &str) -> Option<v8::Local<'s, v8::Function>> {
    get(scope, key)?.try_cast().ok()
}

/// What the library has put into `ops`, which no user code can reach.
fn get<'s>(scope: &mut v8::PinScope<'s, '_>, key: &str) -> Option<v8::Local<'s, v8::Value>> {
    let holder = Realm::of(scope).ops.get()?.clone();
    let holder = v8::Local::new(scope, holder);
    without_javascript(scope, |scope| native::get(scope, holder, key))
}

/// Calls a function of the library, in a stretch of its own: **none is open where answers may load.** What it throws
/// goes nowhere.
fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    function: v8::Local<'s, v8::Function>,
    this: v8::Local<'s, v8::Value>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    v8::tc_scope!(let scope, scope);
    v8::allow_javascript_execution_scope!(let scope, scope);
    let (value, stopped) = helper.guard.enter(Entry::quiet(BUDGET), || function.call(scope, this, args));
    if stopped.is_some() {
        // Perhaps it was to stop a run that awaits.
        helper.guard.wake();
    }
    value.filter(|_| stopped.is_none())
}
