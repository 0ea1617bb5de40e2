//! The names that a session has beyond its initial ones.

use std::{collections::HashSet, time::Duration};

use drupe_protocol::introspection::{Global, GlobalKind, Globals, GlobalsReply};

use super::{
    Helper, bindings,
    members::{self, Held},
    own_lazy, size,
};
use crate::{inspect::presets, isolate::scripts::is_internal, modules::SHADOW};

/// How many names are listed.
const MAX_NAMES: usize = 5_000;
/// Values are looked at for so long, in CPU time: the run that is interrupted waits meanwhile, and a busy machine hides
/// nothing.
const PATIENCE: Duration = Duration::from_millis(15);
/// How long a preview may be, in characters.
const MAX_PREVIEW: usize = 120;
/// The kernel's own accessors for the last result and the last error. What the user puts in their place is no accessor.
const LAST: [&str; 2] = ["_", "_error"];

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, helper: &Helper, question: &Globals) -> GlobalsReply {
    let until = helper.watchdog.cpu_time() + PATIENCE;
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    for key in helper.lexical_names(scope).into_iter().take(MAX_NAMES) {
        v8::scope!(let scope, scope);
        let key = v8::Local::new(scope, key);
        let name = key.to_rust_string_lossy(scope);
        if seen.insert(name.clone()) {
            let held = bindings::lexical_value(scope, key).map(|value| Held::Value { value, fixed: false });
            let closely = helper.watchdog.cpu_time() < until;
            names.push(describe(scope, name, GlobalKind::Lexical, held, closely));
        }
    }
    let global = scope.get_current_context().global(scope);
    let keys = members::own_names(scope, global).map(|keys| members::strings(scope, keys)).unwrap_or_default();
    for key in keys {
        v8::scope!(let scope, scope);
        let key = v8::Local::new(scope, key);
        let name = key.to_rust_string_lossy(scope);
        if names.len() >= MAX_NAMES || is_internal(&name) || seen.contains(&name) || helper.is_initial(scope, &name) {
            continue;
        }
        let global = v8::Local::new(scope, global);
        let held = members::own(scope, global, key.into());
        // The last values, what stands in for the import of a global that failed, and what is loaded on first use.
        let is_own = LAST.contains(&&*name) || name.ends_with(SHADOW) || own_lazy::is_loading(scope, global, key.into());
        if !(is_own && matches!(held, Some(Held::Accessor))) {
            let name = name.strip_suffix(SHADOW).map(str::to_owned).unwrap_or(name);
            let closely = helper.watchdog.cpu_time() < until;
            names.push(describe(scope, name, GlobalKind::Property, held, closely));
        }
    }
    GlobalsReply { id: question.id, names }
}

fn describe(scope: &mut v8::PinScope, name: String, kind: GlobalKind, held: Option<Held>, closely: bool) -> Global {
    let unseen = |type_name: &str| (type_name.to_owned(), None, None, String::new());
    let (type_name, size, bytes, preview) = match held {
        None => unseen("uninitialized"),
        Some(Held::Accessor) => unseen("accessor"),
        Some(Held::Value { value, .. }) => {
            let preview = if closely { cut(presets::brief(scope, value)) } else { String::new() };
            (members::type_name(scope, value), size::count(value), Some(size::bytes(scope, value, closely)), preview)
        }
    };
    Global { name, kind, type_name, size, bytes, preview }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_PREVIEW) {
        text.truncate(end);
        text.push('…');
    }
    text
}
