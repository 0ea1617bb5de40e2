//! Stored properties: listed and described, never read through a getter or a proxy.

use drupe_protocol::introspection::CompletionKind;

use crate::{isolate::peek::without_javascript, modules};

/// How many prototypes are followed.
const MAX_PROTOTYPES: usize = 100;

/// What a property holds.
pub(super) enum Held<'s> {
    /// A value; `fixed` if it can never be another.
    Value { value: v8::Local<'s, v8::Value>, fixed: bool },
    /// A getter or setter, which nobody calls here.
    Accessor,
}

/// The names of own properties, array indices left out. **Not for proxies**, which would be asked.
pub(super) fn own_names<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
) -> Option<v8::Local<'s, v8::Array>> {
    let args = v8::GetPropertyNamesArgsBuilder::new()
        .mode(v8::KeyCollectionMode::OwnOnly)
        .property_filter(v8::PropertyFilter::SKIP_SYMBOLS)
        .index_filter(v8::IndexFilter::SkipIndices)
        .key_conversion(v8::KeyConversionMode::ConvertToString)
        .build();
    // Not `get_own_property_names`: that lists array indices whatever it is told.
    object.get_property_names(scope, args)
}

/// The strings of an array that V8 made.
pub(super) fn strings<'s>(scope: &mut v8::PinScope<'s, '_>, array: v8::Local<'s, v8::Array>) -> Vec<v8::Local<'s, v8::String>> {
    (0..array.length()).filter_map(|index| array.get_index(scope, index)?.try_cast().ok()).collect()
}

/// A value and what it inherits from, as objects with names to list: a proxy stands for its target.
pub(super) fn holders<'s>(scope: &mut v8::PinScope<'s, '_>, value: v8::Local<'s, v8::Value>) -> Vec<v8::Local<'s, v8::Object>> {
    let mut holders = Vec::new();
    // Primitives have their wrapper, made without anybody's code; null and undefined have none.
    let mut next = if value.is_null_or_undefined() { None } else { value.to_object(scope) };
    for _ in 0..MAX_PROTOTYPES {
        let Some(holder) = next else { break };
        next = match holder.try_cast::<v8::Proxy>() {
            Ok(proxy) => proxy.get_target(scope).try_cast().ok(),
            Err(_) => {
                holders.push(holder);
                holder.get_prototype(scope).and_then(|prototype| prototype.try_cast().ok())
            }
        };
    }
    holders
}

/// An own property. **Not for proxies**, which would be asked.
pub(super) fn own<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<Held<'s>> {
    without_javascript(scope, |scope| {
        let descriptor = object.get_own_property_descriptor(scope, key)?.try_cast::<v8::Object>().ok()?;
        let value_key = v8::String::new(scope, "value")?;
        // What Object.prototype has by these names is not meant.
        if descriptor.has_own_property(scope, value_key.into()) != Some(true) {
            // What a chunk imported is behind the kernel's own getters.
            let imported = key.try_cast().ok().and_then(|name| modules::imported(scope, object, name));
            return Some(imported.map_or(Held::Accessor, |value| Held::Value { value, fixed: false }));
        }
        let value = descriptor.get(scope, value_key.into())?;
        let may = |key| {
            let key = v8::String::new(scope, key)?;
            descriptor.get(scope, key.into()).map(|flag| flag.is_true())
        };
        let fixed = may("writable") == Some(false) && may("configurable") == Some(false);
        Some(Held::Value { value, fixed })
    })
}

/// A property of `object` or of what it inherits from; `None` if there is none or a proxy stands in between.
pub(super) fn find<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<Held<'s>> {
    let mut holder = object;
    for _ in 0..MAX_PROTOTYPES {
        if holder.is_proxy() {
            return None;
        }
        if let Some(held) = own(scope, holder, key) {
            return Some(held);
        }
        holder = holder.get_prototype(scope)?.try_cast().ok()?;
    }
    None
}

/// What kind of thing a value is: `typeof` of a primitive, `function`, `class`, or the class of an object.
pub(super) fn type_name(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    if is_class(scope, value) {
        return "class".to_owned();
    }
    match value.try_cast::<v8::Object>() {
        Ok(object) if !object.is_function() => {
            // Stored data, as V8 itself names it in its own messages.
            let name = object.get_constructor_name().to_rust_string_lossy(scope);
            if name.is_empty() { "Object".to_owned() } else { name }
        }
        _ => value.type_of(scope).to_rust_string_lossy(scope),
    }
}

/// What a property, or a name in scope, is to whoever completes it.
pub(super) fn kind(scope: &mut v8::PinScope, held: &Held, in_scope: bool) -> CompletionKind {
    match held {
        Held::Value { value, .. } if is_class(scope, *value) => CompletionKind::Class,
        Held::Value { value, .. } if value.is_function() && in_scope => CompletionKind::Function,
        Held::Value { value, .. } if value.is_function() => CompletionKind::Method,
        Held::Value { fixed: true, .. } => CompletionKind::Constant,
        _ if in_scope => CompletionKind::Variable,
        _ => CompletionKind::Property,
    }
}

/// Whether a value is a class of the user's or one of the engine's constructors: functions whose `prototype` is theirs
/// for good.
fn is_class(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> bool {
    v8::scope!(let scope, scope);
    let Ok(function) = value.try_cast::<v8::Function>() else { return false };
    let function = v8::Local::new(scope, function);
    let Some(key) = v8::String::new(scope, "prototype").filter(|_| !function.is_proxy()) else { return false };
    matches!(own(scope, function.into(), key.into()), Some(Held::Value { fixed: true, .. }))
}
