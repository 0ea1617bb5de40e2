//! The native functions behind `setTimeout` and similar functions.

use std::cell::RefCell;

use super::{Call, MAX_ENTRIES, TimerId, Timers};
use crate::isolate::{
    native::{Args, Return, add, throw_range_error},
    realm::Realm,
};

/// Fills in what files of the environment need.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "schedule", schedule)?;
    add(scope, ops, "immediate", immediate)?;
    add(scope, ops, "cancel", cancel)?;
    add(scope, ops, "reference", reference)?;
    add(scope, ops, "activeTimers", active)?;
    add(scope, ops, "refresh", refresh)
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

/// `activeTimers()`: `[timers, immediates]`, how many there are of each that keep a program from its exit.
fn active(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let (timers, immediates) = Realm::of(scope).state::<RefCell<Timers>>().borrow().active();
    let numbers = [timers, immediates].map(|count| v8::Integer::new_from_unsigned(scope, count).into());
    result.set(v8::Array::new_with_elements(scope, &numbers).into());
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
