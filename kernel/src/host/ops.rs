//! The native functions behind `js/host.js`, and the functions there that turn answers into values.

use drupe_protocol::{
    Event, encode,
    host::{CallId, HostCall, HostError, HostNext},
};

use super::{Calls, Full, Open, blocking, cancel, to_javascript};
use crate::{
    isolate::{
        native::{Args, Return, add, call_js, throw_range_error},
        realm::{Realm, current_run},
    },
    values::{Limits, from_wire, to_wire_shared},
};

/// How many bytes of msgpack the arguments of a call may take.
const MAX_ARGUMENTS: Limits = Limits { bytes: 64 << 20 };

/// Fills in what `js/host.js` needs.
pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "hostOpen", open)?;
    add(scope, ops, "hostNext", next)?;
    add(scope, ops, "hostCancel", cancel_call)?;
    add(scope, ops, "hostUnref", unreference)?;
    add(scope, ops, "hostRef", reference)?;
    add(scope, ops, "hostCallSync", call_sync)?;
    let object = v8::Global::new(scope, ops);
    Realm::of(scope).ops.set(object).ok()
}

/// Lends functions of the host to JavaScript, by their names.
pub(crate) fn define_functions(scope: &mut v8::PinScope, names: &[String]) {
    let names = names.iter().filter_map(|name| v8::String::new(scope, name).map(Into::into)).collect::<Vec<_>>();
    let names = v8::Array::new_with_elements(scope, &names);
    call_js(scope, "defineFunctions", &[names.into()]);
}

/// `hostOpen(op, args)`: `[id, promise]` of a new call.
fn open<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let realm = Realm::of(scope);
    let Some(call) = new_call(scope, &realm, &args) else { return };
    let Some(resolver) = v8::PromiseResolver::new(scope) else { return };
    let resolving = Some(v8::Global::new(scope, resolver));
    let open =
        Open { resolver: resolving, run: call.run, budget: realm.budget.get(), weight: 0, sent: false, unreferenced: false };
    let (call_id, id) = (call.call, number(scope, call.call));
    let mut frame = Vec::new();
    if encode(&Event::HostCall(call), &mut frame).is_err() {
        return throw_range_error(scope, "the arguments of a call to the host are too many for a message; send less at once");
    }
    let opened = Calls::of(&realm).borrow_mut().open(call_id, frame, open);
    match opened {
        Ok(Some(frame)) => realm.say_frame(&frame),
        Ok(None) => {}
        Err(Full) => {
            return throw_range_error(scope, "too many calls to the host wait for an answer; await some before making more");
        }
    }
    let promise = resolver.get_promise(scope);
    result.set(v8::Array::new_with_elements(scope, &[id, promise.into()]).into());
}

/// `hostNext(id)`: a promise for the next item of a stream.
fn next<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let realm = Realm::of(scope);
    let (Some(call), Some(resolver)) = (id(args.get(0)), v8::PromiseResolver::new(scope)) else { return };
    let global = v8::Global::new(scope, resolver);
    let asked = match Calls::of(&realm).borrow_mut().open.get_mut(&call) {
        Some(open) if open.resolver.is_none() => {
            open.resolver = Some(global);
            true
        }
        _ => false,
    };
    if asked {
        realm.say(&Event::HostNext(HostNext { call }));
    } else {
        // The stream is over, or was cut off by an interrupt.
        let end = v8::undefined(scope).into();
        resolver.resolve(scope, end);
    }
    result.set(resolver.get_promise(scope).into());
}

/// `hostCancel(id)`: nobody waits for the call any more.
fn cancel_call(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Some(call) = id(args.get(0)) {
        cancel(&Realm::of(scope), call);
    }
}

/// `hostUnref(id)`: no program waits for the call.
fn unreference(scope: &mut v8::PinScope, args: Args, _: Return) {
    set_unreferenced(scope, &args, true);
}

/// `hostRef(id)`: programs wait for the call again.
fn reference(scope: &mut v8::PinScope, args: Args, _: Return) {
    set_unreferenced(scope, &args, false);
}

fn set_unreferenced(scope: &v8::PinScope, args: &Args, unreferenced: bool) {
    let realm = Realm::of(scope);
    let Some(call) = id(args.get(0)) else { return };
    if let Some(open) = Calls::of(&realm).borrow_mut().open.get_mut(&call) {
        open.unreferenced = unreferenced;
    }
}

/// `hostCallSync(op, args)`: the answer, once it has come.
fn call_sync<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let realm = Realm::of(scope);
    let Some(call) = new_call(scope, &realm, &args) else { return };
    let id = call.call;
    // Without an answer JavaScript is being stopped: what is returned reaches nobody.
    if let Some(answer) = blocking::call(scope, call) {
        result.set(to_javascript(scope, id, answer));
    } else {
        realm.say(&Event::HostCancel(drupe_protocol::host::HostCancel { call: id }));
    }
}

/// A call of `(op, args)`; after throwing, `None`.
fn new_call<'s>(scope: &mut v8::PinScope<'s, '_>, realm: &Realm, args: &Args<'s>) -> Option<HostCall> {
    let op = args.get(0).to_rust_string_lossy(scope);
    match to_wire_shared(scope, args.get(1), MAX_ARGUMENTS) {
        Some(drupe_protocol::Value::Array(args)) => {
            Some(HostCall { call: Calls::of(realm).borrow().fresh_id(), run: current_run(scope), op, args })
        }
        _ => {
            let limit = MAX_ARGUMENTS.bytes >> 20;
            throw_range_error(scope, &format!("the arguments of a call to the host may take {limit} MiB; send less at once"));
            None
        }
    }
}

/// The failure that `js/host.js` will throw for `error`.
pub(super) fn failure<'s>(scope: &mut v8::PinScope<'s, '_>, error: HostError) -> Option<v8::Local<'s, v8::Value>> {
    let HostError { name, message, code, properties, .. } = error;
    let name = v8::String::new(scope, &name)?.into();
    let message = v8::String::new(scope, &message)?.into();
    let code = match code {
        Some(code) => v8::String::new(scope, &code)?.into(),
        None => v8::undefined(scope).into(),
    };
    let properties = match properties {
        Some(properties) => from_wire(scope, properties)?,
        None => v8::undefined(scope).into(),
    };
    call_js(scope, "failure", &[name, message, code, properties])
}

/// The stream that a call was answered by.
pub(super) fn stream<'s>(scope: &mut v8::PinScope<'s, '_>, call: CallId) -> Option<v8::Local<'s, v8::Value>> {
    let call = number(scope, call);
    call_js(scope, "stream", &[call])
}

/// An item of a stream, which may be `undefined` and is not the end. It inherits nothing: the promise that it settles
/// asks it for `then`.
pub(super) fn item<'s>(scope: &mut v8::PinScope<'s, '_>, value: v8::Local<'s, v8::Value>) -> Option<v8::Local<'s, v8::Value>> {
    let item = v8::Array::new_with_elements(scope, &[value]);
    let nothing = v8::null(scope).into();
    item.set_prototype(scope, nothing)?;
    Some(item.into())
}

#[expect(clippy::cast_precision_loss, reason = "no process makes 2^53 calls")]
fn number<'s>(scope: &mut v8::PinScope<'s, '_>, call: CallId) -> v8::Local<'s, v8::Value> {
    v8::Number::new(scope, call as f64).into()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only `number` makes them")]
fn id(value: v8::Local<v8::Value>) -> Option<CallId> {
    value.try_cast::<v8::Number>().ok().map(|number| number.value() as CallId)
}
