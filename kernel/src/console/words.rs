//! `%s` of an object: its own text, chosen as in Node, or none if it is formatted like any value.
//!
//! A function is its source. An object of a built-in class is formatted. For an object of another class `toString` is
//! called, if that is a function of the environment, such as that of `URL` or `Buffer`, or if the run enables hooks.

use crate::isolate::{
    attempt::{Failure, attempt},
    native, peek,
    realm::Realm,
    scripts::is_internal,
};

use super::raw::raw_within;

/// The classes of the language.
const LANGUAGE: &str = "AggregateError Array ArrayBuffer AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date \
    DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int16Array Int32Array Int8Array \
    Intl Iterator Map Number Object Promise Proxy RangeError ReferenceError RegExp Set SharedArrayBuffer String SuppressedError Symbol \
    SyntaxError Temporal TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly";

/// How many prototypes are looked at.
const MAX_PROTOTYPES: usize = 100;

/// What an object calls itself, in at most so many bytes; `None`: it is to be shown.
pub(super) fn of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    asks: bool,
    most: usize,
) -> Result<Option<String>, Failure> {
    let Ok(object) = value.try_cast::<v8::Object>() else { return Ok(None) };
    let Some(to_string) = peek::without_javascript(scope, |scope| asked(scope, object, asks)) else { return Ok(None) };
    let said = attempt(scope, |scope| {
        let said = match to_string {
            Asked::Function(to_string) => to_string.call(scope, value, &[])?.to_string(scope)?,
            Asked::Object => value.to_string(scope)?,
        };
        Some(raw_within(scope, said.into(), most))
    })?;
    Ok(Some(said))
}

/// The function that makes the text.
enum Asked<'s> {
    /// A function of the engine's or of the environment.
    Function(v8::Local<'s, v8::Function>),
    /// The object, in its own way.
    Object,
}

/// Finds the function that makes the text, if there is one.
fn asked<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, asks: bool) -> Option<Asked<'s>> {
    let key = v8::String::new(scope, "toString")?;
    let mut target = object;
    while let Ok(proxy) = target.try_cast::<v8::Proxy>() {
        if proxy.is_revoked() {
            return None;
        }
        target = proxy.get_target(scope).try_cast().ok()?;
    }
    let to_string = peek::data_property(scope, target, key.into())?.try_cast::<v8::Function>().ok()?;
    if object.is_function() {
        let of_language = function_to_string(scope).is_some_and(|own| to_string.strict_equals(own.into()));
        return if of_language { Some(Asked::Function(to_string)) } else { asks.then_some(Asked::Object) };
    }
    if object.is_proxy() && !asks {
        return None;
    }
    let to_primitive = v8::Symbol::get_to_primitive(scope).into();
    let to_primitive = peek::data_property(scope, target, to_primitive).and_then(|value| value.try_cast::<v8::Function>().ok());
    if asks && to_primitive.is_some_and(|function| is_written(function)) {
        return Some(Asked::Object);
    }
    let is_own = target.has_own_property(scope, key.into())?;
    if !is_own && is_of_language(scope, target, key)? {
        return None;
    }
    // Their elements, which are numbers, joined by the engine.
    let join = v8::String::new(scope, "join")?.into();
    let joins = target.is_typed_array() && !is_written(to_string);
    if joins
        && peek::data_property(scope, target, join)
            .is_some_and(|join| join.try_cast::<v8::Function>().is_ok_and(|join| !is_written(join)))
    {
        return Some(Asked::Function(to_string));
    }
    if is_of_environment(scope, to_string) { Some(Asked::Function(to_string)) } else { asks.then_some(Asked::Object) }
}

/// Whether the prototype that has the `toString` belongs to a class of the language.
fn is_of_language<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::String>,
) -> Option<bool> {
    let mut holder = object;
    for _ in 0..MAX_PROTOTYPES {
        holder = holder.get_prototype(scope)?.try_cast().ok()?;
        if holder.is_proxy() {
            return None;
        }
        if holder.has_own_property(scope, key.into())? {
            break;
        }
    }
    let constructor = v8::String::new(scope, "constructor")?;
    if !holder.has_own_property(scope, constructor.into())? {
        return Some(false);
    }
    let Some(constructor) = peek::data_property(scope, holder, constructor.into()) else { return Some(false) };
    let Ok(constructor) = constructor.try_cast::<v8::Function>() else { return Some(false) };
    let name = constructor.get_name(scope).to_rust_string_lossy(scope);
    Some(LANGUAGE.split_ascii_whitespace().any(|known| known == name))
}

/// Whether a function is written in a file of the environment.
fn is_of_environment<'s>(scope: &mut v8::PinScope<'s, '_>, function: v8::Local<'s, v8::Function>) -> bool {
    let script = function.get_script_origin(scope).resource_name();
    script.is_some_and(|script| script.is_string() && is_internal(&script.to_rust_string_lossy(scope)))
}

/// Whether a function is written in JavaScript, and not the engine's own.
fn is_written(function: v8::Local<v8::Function>) -> bool {
    function.get_script_line_number().is_some()
}

/// `Function.prototype.toString`, whatever the page has put there.
fn function_to_string<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Function>> {
    let ops = Realm::of(scope).ops.get()?.clone();
    let ops = v8::Local::new(scope, ops);
    native::get(scope, ops, "functionToString")?.try_cast().ok()
}

/// Whether JSON says of a value that it has no end.
pub(super) fn is_circular(scope: &mut v8::PinScope, thrown: v8::Local<v8::Value>) -> bool {
    let Some(error) = thrown.try_cast::<v8::Object>().ok().filter(|error| error.is_native_error()) else { return false };
    peek::without_javascript(scope, |scope| {
        peek::string_property(scope, error, "message")
            .is_some_and(|message| message.starts_with("Converting circular structure to JSON"))
    })
}
