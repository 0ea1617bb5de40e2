//! Names in scope at the top level, and their values.

use super::{
    Helper,
    members::{self, Held},
    own_lazy,
};
use crate::{environment::last_values, modules::SHADOW};

impl Helper {
    /// The names of lexical bindings, in the order of their making. Not those that the transpiler adds.
    pub(super) fn lexical_names<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Vec<v8::Local<'s, v8::String>> {
        self.inspector
            .get()
            .and_then(std::rc::Weak::upgrade)
            .and_then(|inspector| inspector.lexical_names(scope))
            .unwrap_or_default()
            .into_iter()
            .filter(|name| !name.to_rust_string_lossy(scope).ends_with(SHADOW))
            .collect()
    }

    /// Whether the global object had a property of this name before user code ran.
    pub(super) fn is_initial(&self, scope: &mut v8::PinScope, name: &str) -> bool {
        let names = self.initial_names.get_or_init(|| {
            v8::scope!(let scope, scope);
            let Some(names) = self.initial.get() else { return std::collections::HashSet::new() };
            let names = v8::Local::new(scope, names);
            members::strings(scope, names).into_iter().map(|name| name.to_rust_string_lossy(scope)).collect()
        });
        names.contains(name)
    }
}

/// The value of a lexical binding. **`name` must be one**: then its reading runs no code of the user's. `None` before
/// its declaration has been reached.
pub(super) fn lexical_value<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: v8::Local<'s, v8::String>,
) -> Option<v8::Local<'s, v8::Value>> {
    v8::tc_scope!(let scope, scope);
    // A description may be what was interrupted: it looks at values with JavaScript switched off.
    v8::allow_javascript_execution_scope!(let scope, scope);
    v8::Script::compile(scope, name, None)?.run(scope)
}

/// What `name` is bound to at the top level.
pub(super) fn named<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, name: &str) -> Option<v8::Local<'s, v8::Value>> {
    let lexical = helper.lexical_names(scope);
    let key = v8::String::new(scope, name)?;
    if lexical.iter().any(|lexical| lexical.strict_equals(key.into())) {
        return lexical_value(scope, key);
    }
    let global = scope.get_current_context().global(scope);
    // An import by the name of a global is held beside that.
    let shadow = v8::String::new(scope, &format!("{name}{SHADOW}"))?;
    if let Some(Held::Value { value, .. }) = members::own(scope, global, shadow.into()) {
        return Some(value);
    }
    match members::find(scope, global, key.into())? {
        Held::Value { value, .. } => Some(value),
        // The kernel's own accessors have nothing to run; of others nothing is known.
        Held::Accessor => last_values::named(scope, name).or_else(|| own_lazy::load(scope, helper, global, key.into())),
    }
}
