//! Finds the value that a chain leads to, without running any of the user's code.

use drupe_protocol::chain::{Chain, Literal, Root, Step};

use super::{
    Helper, bindings,
    members::{self, Held},
    own_lazy,
};

/// The value that a chain leads to, or another one of the same class.
pub(super) fn resolve<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, chain: &Chain) -> Option<v8::Local<'s, v8::Value>> {
    let (mut value, steps) = match (&chain.root, &*chain.steps) {
        // The promise itself is not made.
        (Root::Import(import), [Step::Awaited(_), rest @ ..]) => {
            (own_lazy::module(scope, helper, import.specifier.as_ref()?)?, rest)
        }
        (root, steps) => (begin(scope, helper, root)?, steps),
    };
    for step in steps {
        value = match step {
            Step::Key(key) => member(scope, helper, value, key)?,
            // What a constructor makes has at least its prototype's members.
            Step::Instance(_) => {
                let class = value.try_cast::<v8::Function>().ok()?;
                member(scope, helper, class.into(), "prototype")?
            }
            Step::Awaited(_) => settled(value, scope)?,
            // A newer parent's.
            Step::Unknown(_) => return None,
        };
    }
    Some(value)
}

fn begin<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, root: &Root) -> Option<v8::Local<'s, v8::Value>> {
    match root {
        Root::Name(name) => bindings::named(scope, helper, name),
        Root::Global(_) => Some(scope.get_current_context().global(scope).into()),
        Root::Literal(literal) => like(scope, *literal),
        Root::Module(specifier) => own_lazy::module(scope, helper, specifier),
        Root::Import(_) => Some(v8::PromiseResolver::new(scope)?.get_promise(scope).into()),
        // A newer parent's.
        Root::Unknown(_) => None,
    }
}

/// What awaiting a value comes to, as far as that is known already.
fn settled<'s>(value: v8::Local<'s, v8::Value>, scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    match value.try_cast::<v8::Promise>() {
        Ok(promise) if promise.state() == v8::PromiseState::Fulfilled => Some(promise.result(scope)),
        Ok(_) => None,
        Err(_) => Some(value),
    }
}

/// A member that is stored as data, or that the environment loads.
fn member<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    value: v8::Local<'s, v8::Value>,
    key: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    if value.is_null_or_undefined() {
        return None;
    }
    let object = value.to_object(scope)?;
    let key = v8::String::new(scope, key)?;
    match members::find(scope, object, key.into())? {
        Held::Value { value, .. } => Some(value),
        Held::Accessor => own_lazy::load(scope, helper, object, key.into()),
    }
}

/// Some value of a literal's class.
fn like<'s>(scope: &mut v8::PinScope<'s, '_>, literal: Literal) -> Option<v8::Local<'s, v8::Value>> {
    Some(match literal {
        Literal::String => v8::String::empty(scope).into(),
        Literal::Number => v8::Integer::new(scope, 0).into(),
        Literal::BigInt => v8::BigInt::new_from_i64(scope, 0).into(),
        Literal::Boolean => v8::Boolean::new(scope, true).into(),
        Literal::Array => v8::Array::new(scope, 0).into(),
        Literal::Object => v8::Object::new(scope).into(),
        Literal::RegExp => {
            let source = v8::String::empty(scope);
            v8::RegExp::new(scope, source, v8::RegExpCreationFlags::empty())?.into()
        }
        // A newer parent's.
        Literal::Unknown => return None,
    })
}
