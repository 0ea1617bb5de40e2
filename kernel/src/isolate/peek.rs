//! Reads objects without running any JavaScript; native functions refuse meanwhile.

pub(crate) use drupe_inspect::peek::{data_property, is_looking, string_property, string_start, without_javascript};

use crate::isolate::realm::Realm;

/// Whether a native function must do nothing; **each native function that user code can get hold of asks first**.
///
/// It may be called as a getter while values are looked at: V8 switches JavaScript off, but not functions of the
/// embedder. Throws then. And V8 may call it as a promise job of a program that has ended: a native function does not
/// look for a stop.
pub(crate) fn refuses(scope: &mut v8::PinScope) -> bool {
    let is_looking = is_looking(scope);
    if is_looking {
        let undefined = v8::undefined(scope).into();
        scope.throw_exception(undefined);
    }
    let realm = Realm::of(scope);
    is_looking || realm.exit.is_leaving() && realm.guard.is_stopped()
}
