//! What the accessors of an error came to, kept with the error.
//!
//! V8 reads `name` and `message` when `stack` is first read, which runs the user's code if they are accessors. The
//! inspector runs no user code. So the embedder, who knows that moment, [notes](note) the text of it on the error.

fn mark<'s>(scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Private>> {
    let name = v8::String::new(scope, "drupe:said")?;
    Some(v8::Private::for_api(scope, Some(name)))
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
