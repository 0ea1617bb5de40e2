//! The globals of CommonJS, which a module that is run does not have. `js/lib/modules/main.js` takes them away.

use std::cell::RefCell;

use crate::isolate::{
    native::{Args, Return},
    realm::Realm,
};

/// Gives them back.
#[derive(Debug, Default)]
struct Hidden(Option<v8::Global<v8::Function>>);

/// `beforeNextScript(function)`: has the function called before the next script is evaluated.
pub(super) fn before_next_script<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let Ok(function) = args.get(0).try_cast::<v8::Function>() else { return };
    let function = v8::Global::new(scope, function);
    *Realm::of(scope).state::<RefCell<Hidden>>().borrow_mut() = Hidden(Some(function));
}

/// Gives the script that is evaluated next the globals that an earlier module did not have.
pub(crate) fn restore(scope: &mut v8::PinScope) {
    let Some(function) = Realm::of(scope).state::<RefCell<Hidden>>().take().0 else { return };
    v8::scope!(let scope, scope);
    let (function, receiver) = (v8::Local::new(scope, function), v8::undefined(scope).into());
    // It calls no code of the user's, and throws nothing. A script that is to be stopped is stopped after this, too.
    let _ = function.call(scope, receiver, &[]);
}
