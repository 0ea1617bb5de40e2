//! How native functions are made.

/// The function that `builder` describes; it is no constructor. **To be made once a session**: V8 keeps what comes from a template.
///
/// It does come from one for that reason: whenever a stack is taken in a call from optimized code, V8 wants the function that was called, and
/// would otherwise make another one each time.
pub(crate) fn function<'s>(
    scope: &v8::PinScope<'s, '_>,
    builder: v8::FunctionBuilder<'s, v8::FunctionTemplate>,
) -> Option<v8::Local<'s, v8::Function>> {
    builder.constructor_behavior(v8::ConstructorBehavior::Throw).build(scope).get_function(scope)
}
