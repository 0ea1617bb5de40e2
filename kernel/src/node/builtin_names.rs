//! The names of Node's built-in modules at the top level, such as `fs`, for sessions that a person types in. Each is
//! loaded on first use, and gives way to a declaration of the user by that name.

use crate::isolate::{native::get, realm::Realm};

/// Defines the names in a session in which nothing has run.
pub(crate) fn define(scope: &mut v8::PinScope) -> Option<()> {
    let realm = Realm::of(scope);
    v8::tc_scope!(let scope, scope);
    let ops = v8::Local::new(scope, realm.ops.get()?);
    let library = get(scope, ops, "library")?.try_cast::<v8::Function>().ok()?;
    let file = v8::String::new(scope, "node/internal/builtin_names")?;
    library.call(scope, ops.into(), &[file.into()]).map(|_| ())
}
