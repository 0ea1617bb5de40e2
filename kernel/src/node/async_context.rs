//! The native side of `js/lib/node/async_hooks.js`.

use crate::isolate::{
    native::{Args, Return, add},
    realm::{current_frame, set_current_frame},
};

/// Fills in what the library needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "asyncFrame", frame)?;
    add(scope, ops, "setAsyncFrame", set_frame)
}

/// `asyncFrame()`: what was set for the JavaScript that led here; `undefined` where nothing was.
fn frame(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    if let Some(frame) = current_frame(scope) {
        result.set(frame);
    }
}

/// `setAsyncFrame(frame)`: for the JavaScript that executes, and all that it leads to.
fn set_frame<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return) {
    let frame = args.get(0);
    set_current_frame(scope, Some(frame).filter(|frame| !frame.is_undefined()));
}
