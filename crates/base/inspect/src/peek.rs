//! Reads objects without running any JavaScript.

use std::{cell::Cell, rc::Rc};

/// How many prototypes a look-up follows before it gives up.
const MAX_PROTOTYPES: usize = 100;

/// Whether values are being read in an isolate, in a slot of it.
#[derive(Debug, Default)]
struct Looking(Cell<bool>);

/// Runs `look` with JavaScript switched off: a getter, a proxy trap or a hook on the way throws instead of running, and
/// that exception goes nowhere. Whatever `look` reads, **no user code runs**, if the embedder's native functions ask
/// [`is_looking`].
pub fn without_javascript<'s, T>(scope: &mut v8::PinScope<'s, '_>, look: impl FnOnce(&mut v8::PinScope<'s, '_>) -> T) -> T {
    v8::tc_scope!(let scope, scope);
    v8::disallow_javascript_execution_scope!(let scope, scope, v8::OnFailure::ThrowOnFailure);
    let looking = looking(scope);
    let before = looking.0.replace(true);
    let seen = look(scope);
    looking.0.set(before);
    seen
}

/// Whether values are being read [without JavaScript](without_javascript). V8 switches JavaScript off, but not native
/// functions of the embedder, which may be getters: such a function must do nothing meanwhile.
pub fn is_looking(scope: &v8::Isolate) -> bool {
    scope.get_slot::<Rc<Looking>>().is_some_and(|looking| looking.0.get())
}

fn looking(scope: &mut v8::Isolate) -> Rc<Looking> {
    if let Some(looking) = scope.get_slot::<Rc<Looking>>() {
        return looking.clone();
    }
    let looking = Rc::<Looking>::default();
    scope.set_slot(looking.clone());
    looking
}

/// The data property `key` of `object` or of its prototypes; `None` where a getter or a proxy would have to run.
pub fn data_property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<v8::Local<'s, v8::Value>> {
    let value_key = v8::String::new(scope, "value")?;
    let mut holder = object;
    for _ in 0..MAX_PROTOTYPES {
        if holder.is_proxy() {
            return None;
        }
        let descriptor = holder.get_own_property_descriptor(scope, key)?;
        if let Ok(descriptor) = descriptor.try_cast::<v8::Object>() {
            // An accessor's descriptor has no `value`, and what Object.prototype has by that name is not meant.
            return descriptor
                .has_own_property(scope, value_key.into())?
                .then(|| descriptor.get(scope, value_key.into()))
                .flatten();
        }
        holder = holder.get_prototype(scope)?.try_cast().ok()?;
    }
    None
}

/// [`data_property`] by a name in Rust, if it is a string.
pub fn string_property(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, key: &str) -> Option<String> {
    v8::scope!(let scope, scope);
    let object = v8::Local::new(scope, object);
    text_property(scope, object, key).map(|text| text.to_rust_string_lossy(scope))
}

/// At most `units` UTF-16 code units of [`string_property`], which is all that is read of it; an ellipsis stands for
/// the rest.
pub fn string_start(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, key: &str, units: usize) -> Option<String> {
    v8::scope!(let scope, scope);
    let object = v8::Local::new(scope, object);
    let text = text_property(scope, object, key)?;
    if text.length() <= units {
        return Some(text.to_rust_string_lossy(scope));
    }
    let mut start = vec![0; units];
    text.write_v2(scope, 0, &mut start, v8::WriteFlags::empty());
    Some(String::from_utf16_lossy(&start) + "…")
}

fn text_property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: &str,
) -> Option<v8::Local<'s, v8::String>> {
    let key = v8::String::new(scope, key)?;
    data_property(scope, object, key.into())?.try_cast().ok()
}
