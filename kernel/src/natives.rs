//! The native functions behind the global environment (`js/`), and how they are put into a fresh session.

use std::cell::RefCell;

use drupe_protocol::event::Origin;

use crate::{
    console,
    environment::{
        library, program,
        timers::{Call, MAX_ENTRIES, TimerId, Timers},
    },
    errors::exception,
    host,
    inspect::presets,
    isolate::{
        native::{Args, Return, add, get, throw_range_error},
        realm::{Realm, current_run},
    },
    modules,
    node::{async_context, buffer, hash, process, util, variables, zlib},
    stacks::{located, said},
    web,
};

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
    variables::install(scope, ops)?;
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

/// `schedule(callback, delay, repeat, args)`: the id of a new timer.
fn schedule(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Some(call) = call(scope, args.get(0), args.get(3)) else { return };
    let delay = args.get(1).number_value(scope).unwrap_or(f64::NAN);
    let repeat = args.get(2).is_true();
    result.set_uint32(Realm::of(scope).state::<RefCell<Timers>>().borrow_mut().schedule(call, delay, repeat));
}

/// `immediate(callback, args)`: the id of a new immediate.
fn immediate(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let Some(call) = call(scope, args.get(0), args.get(1)) else { return };
    result.set_uint32(Realm::of(scope).state::<RefCell<Timers>>().borrow_mut().immediate(call));
}

/// What is to be called; `None` where no function was given, or with a `RangeError` where too much waits already.
fn call(scope: &mut v8::PinScope, callback: v8::Local<v8::Value>, args: v8::Local<v8::Value>) -> Option<Call> {
    if Realm::of(scope).state::<RefCell<Timers>>().borrow().is_full() {
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
        Realm::of(scope).state::<RefCell<Timers>>().borrow_mut().cancel(id);
    }
}

/// `reference(id, whether)`: whether a run that waits until it is idle waits for this timer.
fn reference(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(id) = id(args.get(0)) {
        Realm::of(scope).state::<RefCell<Timers>>().borrow_mut().reference(id, args.get(1).is_true());
    }
}

/// `refresh(id)`: starts a timer's delay anew.
fn refresh(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(id) = id(args.get(0)) {
        Realm::of(scope).state::<RefCell<Timers>>().borrow_mut().refresh(id);
    }
}

/// The id in `value`; anything but a whole number in range names no timer.
fn id(value: v8::Local<v8::Value>) -> Option<TimerId> {
    value.try_cast::<v8::Uint32>().ok().map(|id| id.value())
}

/// `brief(value)`: a line that says what `value` is, for error messages.
fn brief(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let text = presets::brief(scope, args.get(0));
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
