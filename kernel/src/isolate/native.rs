//! Makes native functions, and connects them with the files in `js/`.

use crate::isolate::realm::Realm;

pub(crate) type Args<'a> = v8::FunctionCallbackArguments<'a>;
pub(crate) type Return<'a> = v8::ReturnValue<'a, v8::Value>;

/// The function that `builder` describes; it is no constructor. **To be made once a session**: V8 keeps what comes from
/// a template.
///
/// It does come from one for that reason: whenever a stack is taken in a call from optimized code, V8 wants the
/// function that was called, and would otherwise make another one each time.
pub(crate) fn function<'s>(
    scope: &v8::PinScope<'s, '_>,
    builder: v8::FunctionBuilder<'s, v8::FunctionTemplate>,
) -> Option<v8::Local<'s, v8::Function>> {
    builder.constructor_behavior(v8::ConstructorBehavior::Throw).build(scope).get_function(scope)
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
    let function = function(scope, v8::FunctionTemplate::builder(callback))?;
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
