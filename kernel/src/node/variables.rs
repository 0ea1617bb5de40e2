//! The object behind `process.env`: an assigned value becomes a string at once, and `TZ` sets the time zone of `Date`.
//!
//! As in Node, all its properties are plain: they can be changed and deleted. So every change that is noted does take
//! place.

use v8::Intercepted;

use crate::{
    isolate::native::{Args, Return, add},
    process::time_zone,
};

type PropertyArgs<'s> = v8::PropertyCallbackArguments<'s>;
type Done<'a> = v8::ReturnValue<'a, v8::Boolean>;

/// Fills in what `js/lib/node/internal/process_env.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "newEnvironment", new_environment)
}

/// `newEnvironment()`: an empty one.
fn new_environment(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let template = v8::ObjectTemplate::new(scope);
    // Reading asks nobody: its properties are its own.
    let handler = v8::NamedPropertyHandlerConfiguration::new().setter(assigned).definer(defined).deleter(deleted);
    template.set_named_property_handler(handler.flags(v8::PropertyHandlerFlags::ONLY_INTERCEPT_STRINGS));
    if let Some(environment) = template.new_instance(scope) {
        result.set(environment.into());
    }
}

/// As in Node, a value becomes a string.
fn assigned<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    value: v8::Local<'s, v8::Value>,
    args: PropertyArgs<'s>,
    _: Done,
) -> Intercepted {
    if let Ok(text) = value.try_cast::<v8::String>() {
        note(scope, key, Some(text));
        return Intercepted::kNo;
    }
    // A symbol throws.
    let Some(text) = value.to_string(scope) else { return Intercepted::kYes };
    // The definition is noted as one.
    args.holder().create_data_property(scope, key, text.into());
    Intercepted::kYes
}

fn defined<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    descriptor: &v8::PropertyDescriptor,
    args: PropertyArgs<'s>,
    done: Done,
) -> Intercepted {
    if descriptor.has_get() || descriptor.has_set() {
        refuse(scope, "'process.env' does not accept an accessor(getter/setter) descriptor");
        return Intercepted::kYes;
    }
    let is_writable = descriptor.has_writable() && descriptor.writable();
    let is_enumerable = descriptor.has_enumerable() && descriptor.enumerable();
    let is_configurable = descriptor.has_configurable() && descriptor.configurable();
    if !(descriptor.has_value() && is_writable && is_enumerable && is_configurable) {
        refuse(scope, "'process.env' only accepts a configurable, writable, and enumerable data descriptor");
        return Intercepted::kYes;
    }
    let value = v8::Local::new(scope, descriptor.value());
    match value.try_cast::<v8::String>() {
        Ok(text) => {
            note(scope, key, Some(text));
            Intercepted::kNo
        }
        // As what is assigned.
        Err(_) => assigned(scope, key, value, args, done),
    }
}

/// Throws a `TypeError` about how a variable is defined.
fn refuse(scope: &mut v8::PinScope, words: &str) {
    let (Some(message), Some(key), Some(code)) = (
        v8::String::new(scope, words),
        v8::String::new(scope, "code"),
        v8::String::new(scope, "ERR_INVALID_OBJECT_DEFINE_PROPERTY"),
    ) else {
        return;
    };
    let error = v8::Exception::type_error(scope, message);
    if let Ok(error) = error.try_cast::<v8::Object>() {
        error.create_data_property(scope, key.into(), code.into());
    }
    scope.throw_exception(error);
}

fn deleted<'s>(scope: &mut v8::PinScope<'s, '_>, key: v8::Local<'s, v8::Name>, _: PropertyArgs<'s>, _: Done) -> Intercepted {
    note(scope, key, None);
    Intercepted::kNo
}

/// A variable has a new value, or none.
fn note<'s>(scope: &mut v8::PinScope<'s, '_>, key: v8::Local<'s, v8::Name>, value: Option<v8::Local<'s, v8::String>>) {
    let is_zone = key.try_cast::<v8::String>().is_ok_and(|key| key.length() == 2 && key.to_rust_string_lossy(scope) == "TZ");
    if is_zone {
        let zone = value.map(|value| value.to_rust_string_lossy(scope));
        time_zone::change(zone.as_deref());
        scope.date_time_configuration_change_notification(v8::TimeZoneDetection::Skip);
    }
}
