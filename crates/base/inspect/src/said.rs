//! What the accessors of an error came to, kept with the error.
//!
//! V8 reads `name` and `message` when `stack` is first read, which runs the user's code if they are accessors. The
//! inspector runs no user code. So the embedder, who knows that moment, [notes](note) the text of it on the error. The
//! same holds for a `stack` that is not V8's own: [`note_stack`].

use super::{peek::data_property, properties::own_getter};

fn private<'s>(scope: &v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, name)?;
    Some(v8::Private::for_api(scope, Some(name)))
}

fn mark<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    private(scope, "drupe:said")
}

fn stack_mark<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    private(scope, "drupe:stack")
}

/// V8's own getter of an error's stack, in the current realm, and a new error that has it.
pub(crate) fn native_getter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
) -> Option<(v8::Local<'s, v8::Value>, v8::Local<'s, v8::Object>)> {
    let text = v8::String::empty(scope);
    let pristine: v8::Local<v8::Object> = v8::Exception::error(scope, text).try_into().ok()?;
    let stack = v8::String::new(scope, "stack")?;
    Some((own_getter(scope, pristine, stack.into())?, pristine))
}

/// Whether only user code can tell the stack of an error: its `stack` is an object or an accessor that is not V8's.
/// For callers that have switched JavaScript off.
pub fn has_foreign_stack<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) -> Option<bool> {
    let stack = v8::String::new(scope, "stack")?;
    if let Some(value) = data_property(scope, error, stack.into()) {
        return Some(value.is_object());
    }
    if error.has(scope, stack.into()) != Some(true) {
        return Some(false);
    }
    let getter = own_getter(scope, error, stack.into());
    Some(getter.is_none() || getter != native_getter(scope).map(|(getter, _)| getter))
}

/// Notes the text that user code told as the stack of an error.
pub fn note_stack(scope: &mut v8::PinScope, error: v8::Local<v8::Object>, stack: v8::Local<v8::String>) -> Option<()> {
    let mark = stack_mark(scope)?;
    error.set_private(scope, mark, stack.into())?.then_some(())
}

/// The stack of an error as user code told it, if that was [noted](note_stack).
pub fn foreign_stack<'s>(scope: &v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Object>) -> Option<v8::Local<'s, v8::Value>> {
    let mark = stack_mark(scope)?;
    if !error.is_native_error() || error.has_private(scope, mark) != Some(true) {
        return None;
    }
    error.get_private(scope, mark)
}

/// Notes what the `stack` and the `message` of an error came to.
pub fn note(scope: &mut v8::PinScope, error: v8::Local<v8::Object>, stack: &str, message: &str) -> Option<()> {
    let parts = [v8::String::new(scope, stack)?.into(), v8::String::new(scope, message)?.into()];
    let parts = v8::Array::new_with_elements(scope, &parts);
    let mark = mark(scope)?;
    error.set_private(scope, mark, parts.into())?.then_some(())
}

/// The error's stack and its message, if they were noted.
pub fn of<'s>(
    scope: &v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Object>,
) -> Option<(v8::Local<'s, v8::String>, v8::Local<'s, v8::String>)> {
    let mark = mark(scope)?;
    if !error.is_native_error() || error.has_private(scope, mark) != Some(true) {
        return None;
    }
    let parts = error.get_private(scope, mark)?.try_cast::<v8::Array>().ok()?;
    Some((parts.get_index(scope, 0)?.try_cast().ok()?, parts.get_index(scope, 1)?.try_cast().ok()?))
}
