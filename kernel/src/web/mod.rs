//! The native parts of the web platform: URLs, encodings, base64, the structured clone, clocks.
//!
//! The classes are JavaScript (`js/lib/web`), and only they can reach these functions. User code cannot call one while
//! the kernel reads values, because JavaScript is switched off then. They only compute; none has any other authority.

mod base64;
mod clock;
mod clone;
mod encoding;
mod url;

pub(crate) use clock::monotonic;

use crate::isolate::native::{Args, Return, add, throw_range_error};

/// Fills in what the library files below `web/` need.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    base64::install(scope, ops)?;
    clock::install(scope, ops)?;
    clone::install(scope, ops)?;
    encoding::install(scope, ops)?;
    url::install(scope, ops)?;
    add(scope, ops, "isAnyArrayBuffer", is_any_array_buffer)?;
    add(scope, ops, "teachView", teach_view)
}

/// `isAnyArrayBuffer(value)`: whether it is an ArrayBuffer or a SharedArrayBuffer.
fn is_any_array_buffer<'s>(_: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    result.set_bool(args.get(0).is_array_buffer() || args.get(0).is_shared_array_buffer());
}

/// `teachView(prototype, view)`: objects that inherit from `prototype` are shown as `view(object)` tells.
fn teach_view<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    if let (Ok(prototype), Ok(view)) = (args.get(0).try_cast::<v8::Object>(), args.get(1).try_cast::<v8::Function>()) {
        drupe_inspect::teach_view(scope, prototype, view);
    }
}

/// A string of JavaScript; throws where it would be too long.
fn text<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> Option<v8::Local<'s, v8::Value>> {
    let made = v8::String::new(scope, text);
    if made.is_none() {
        throw_range_error(scope, "Cannot create a string that long");
    }
    made.map(Into::into)
}
