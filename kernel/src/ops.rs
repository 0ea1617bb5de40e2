//! The native functions behind the global environment (`js/`), and how they are put into a fresh session.

use drupe_protocol::event::Origin;

use crate::{
    async_context, buffer, console, environment, exception, hash, host, library, located, modules, native, process, program,
    realm::{Realm, current_run},
    said, show,
    timers::{Call, MAX_ENTRIES, TimerId},
    util, web, zlib,
};

pub(crate) type Args<'a> = v8::FunctionCallbackArguments<'a>;
pub(crate) type Return<'a> = v8::ReturnValue<'a, v8::Value>;

/// Fills `ops`, the object that the files in `js/` share.
pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "schedule", schedule)?;
    add(scope, ops, "immediate", immediate)?;
    add(scope, ops, "cancel", cancel)?;
    add(scope, ops, "reference", reference)?;
    add(scope, ops, "refresh", refresh)?;
    add(scope, ops, "brief", brief)?;
    add(scope, ops, "uncaught", uncaught)?;
    add(scope, ops, "reportError", report_error)?;
    add(scope, ops, "consoleLog", console::log)?;
    add(scope, ops, "routeConsole", console::route)?;
    async_context::install(scope, ops)?;
    environment::install(scope, ops)?;
    host::install(scope, ops)?;
    library::install(scope, ops)?;
    located::install(scope, ops)?;
    process::install(scope, ops)?;
    program::install(scope, ops)?;
    modules::install(scope, ops)?;
    util::install(scope, ops)?;
    web::install(scope, ops)?;
    buffer::install(scope, ops)?;
    hash::install(scope, ops)?;
    zlib::install(scope, ops)?;
    let to_string = get(scope, ops, "callSiteToString")?.try_cast::<v8::Function>().ok()?;
    Realm::of(scope).call_site_to_string.set(v8::Global::new(scope, to_string)).ok()
}

/// What a file in `js/` has put into `ops`.
pub(crate) fn get<'s>(
    scope: &v8::PinScope<'s, '_>,
    ops: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    let key = v8::String::new(scope, name)?;
    ops.get(scope, key.into())
}

/// Calls a function that a file in `js/` has put into `ops`.
pub(crate) fn call_js<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let object = Realm::of(scope).ops.get()?.clone();
    let object = v8::Local::new(scope, object);
    let function = get(scope, object, name)?.try_cast::<v8::Function>().ok()?;
    let receiver = v8::undefined(scope).into();
    function.call(scope, receiver, args)
}

pub(crate) fn add(
    scope: &mut v8::PinScope,
    ops: v8::Local<v8::Object>,
    name: &str,
    callback: impl v8::MapFnTo<v8::FunctionCallback>,
) -> Option<()> {
    let function = native::function(scope, v8::FunctionTemplate::builder(callback))?;
    put(scope, ops, name, function.into())
}

/// Gives the files in `js/` a value.
pub(crate) fn put(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>, name: &str, value: v8::Local<v8::Value>) -> Option<()> {
    let key = v8::String::new(scope, name)?;
    ops.set(scope, key.into(), value)?.then_some(())
}

/// Throws an `Error`.
pub(crate) fn throw_error(scope: &mut v8::PinScope, message: &str) {
    throw(scope, message, v8::Exception::error);
}

/// Throws a `RangeError`.
pub(crate) fn throw_range_error(scope: &mut v8::PinScope, message: &str) {
    throw(scope, message, v8::Exception::range_error);
}

fn throw<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    message: &str,
    error: impl FnOnce(&v8::PinScope<'s, '_>, v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value>,
) {
    // Where there is no room for the message, V8 has thrown already.
    if let Some(message) = v8::String::new(scope, message) {
        let error = error(scope, message);
        scope.throw_exception(error);
    }
}

/// `schedule(callback, delay, repeat, args)`: the id of a new timer.
fn schedule(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Some(call) = call(scope, args.get(0), args.get(3)) else { return };
    let delay = args.get(1).number_value(scope).unwrap_or(f64::NAN);
    let repeat = args.get(2).is_true();
    result.set_uint32(Realm::of(scope).timers.borrow_mut().schedule(call, delay, repeat));
}

/// `immediate(callback, args)`: the id of a new immediate.
fn immediate(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Some(call) = call(scope, args.get(0), args.get(1)) else { return };
    result.set_uint32(Realm::of(scope).timers.borrow_mut().immediate(call));
}

/// What is to be called; `None` where no function was given, or with a `RangeError` where too much waits already.
fn call(scope: &mut v8::PinScope, callback: v8::Local<v8::Value>, args: v8::Local<v8::Value>) -> Option<Call> {
    if Realm::of(scope).timers.borrow().is_full() {
        throw_range_error(scope, &format!("too many timers: {MAX_ENTRIES} wait already"));
        return None;
    }
    let callback = callback.try_cast::<v8::Function>().ok()?;
    let args = args.try_cast::<v8::Array>().ok()?;
    Some(Call::new(scope, callback, args))
}

/// `cancel(id)`: forgets a timer or an immediate.
fn cancel(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(id) = id(args.get(0)) {
        Realm::of(scope).timers.borrow_mut().cancel(id);
    }
}

/// `reference(id, whether)`: whether a run that waits until it is idle waits for this timer.
fn reference(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(id) = id(args.get(0)) {
        Realm::of(scope).timers.borrow_mut().reference(id, args.get(1).is_true());
    }
}

/// `refresh(id)`: starts a timer's delay anew.
fn refresh(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(id) = id(args.get(0)) {
        Realm::of(scope).timers.borrow_mut().refresh(id);
    }
}

/// The id in `value`; anything but a whole number in range names no timer.
fn id(value: v8::Local<v8::Value>) -> Option<TimerId> {
    value.try_cast::<v8::Uint32>().ok().map(|id| id.value())
}

/// `brief(value)`: a line that says what `value` is, for error messages.
fn brief(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let text = show::brief(scope, args.get(0));
    if let Some(text) = v8::String::new(scope, &text) {
        result.set(text.into());
    }
}

/// `uncaught(error)`: a callback threw, and nobody caught it.
fn uncaught<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    program::uncaught(scope, args.get(0), current_run(scope), None);
}

/// `reportError(error)`, as the web platform has it.
fn report_error<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    said::hear(scope, args.get(0));
    exception::report(scope, args.get(0), current_run(scope), Origin::Report, None);
}
