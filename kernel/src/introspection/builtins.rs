//! The path of a built-in function. Its name alone does not tell its parameters.

use super::members::{self, Held};
use crate::isolate::peek;

/// The globals whose functions are looked through, and those of their prototypes.
const HOLDERS: &[&str] = &[
    "Array",
    "ArrayBuffer",
    "Atomics",
    "BigInt",
    "DataView",
    "Date",
    "Error",
    "FinalizationRegistry",
    "Function",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "Uint8Array",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "console",
];

/// The path of a function: `parseInt`, `Reflect.get`, `Map.prototype.get`, `TypedArray.prototype.set`. `None` for
/// others.
pub(super) fn path(scope: &mut v8::PinScope, function: v8::Local<v8::Function>) -> Option<String> {
    v8::scope!(let scope, scope);
    let function = v8::Local::new(scope, function);
    let name = peek::without_javascript(scope, |scope| peek::string_property(scope, function.into(), "name"))?;
    let global = scope.get_current_context().global(scope);
    if name.is_empty() || holds(scope, global, &name, function) {
        return (!name.is_empty()).then_some(name);
    }
    for holder in HOLDERS {
        v8::scope!(let scope, scope);
        let Some(object) = object(scope, global, holder) else { continue };
        if holds(scope, object, &name, function) {
            return Some(format!("{holder}.{name}"));
        }
        let Some(prototype) = object_of_class(scope, object) else { continue };
        if holds(scope, prototype, &name, function) {
            return Some(format!("{holder}.prototype.{name}"));
        }
    }
    // What all typed arrays inherit has no name of its own.
    let typed = object(scope, global, "Uint8Array")?.get_prototype(scope)?.try_cast::<v8::Object>().ok()?;
    if holds(scope, typed, &name, function) {
        return Some(format!("TypedArray.{name}"));
    }
    let prototype = object_of_class(scope, typed)?;
    holds(scope, prototype, &name, function).then(|| format!("TypedArray.prototype.{name}"))
}

/// Whether an object has the function by this name.
fn holds<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
    function: v8::Local<'s, v8::Function>,
) -> bool {
    value(scope, object, name).is_some_and(|value| value.strict_equals(function.into()))
}

fn object_of_class<'s>(scope: &mut v8::PinScope<'s, '_>, class: v8::Local<'s, v8::Object>) -> Option<v8::Local<'s, v8::Object>> {
    if class.is_function() { object(scope, class, "prototype") } else { None }
}

fn object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Object>> {
    value(scope, object, name)?.try_cast().ok()
}

fn value<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    if object.is_proxy() {
        return None;
    }
    let key = v8::String::new(scope, name)?;
    match members::own(scope, object, key.into())? {
        Held::Value { value, .. } => Some(value),
        Held::Accessor => None,
    }
}
