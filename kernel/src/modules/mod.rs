//! ES modules in V8, and the link from a module to its imports.
//!
//! No module is resolved or read here. `js/lib/modules` requests graphs of modules from the host and drives the
//! functions of [`ops`]: compile, link, evaluate. [`callbacks`] answers V8: the module of an import, `import()` and
//! `import.meta`.

mod callbacks;
pub(crate) mod hidden;
mod ops;
pub(crate) mod requested;

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use crate::isolate::{
    native::get,
    peek::{data_property, without_javascript},
    realm::Realm,
};

pub(crate) use callbacks::watch;
pub(crate) use ops::install;

/// How many modules a session may hold; a bomb is stopped long before memory ends.
const MAX_MODULES: usize = 20_000;

/// What the names end in that chunks give to imports whose own names are the environment's globals.
pub(crate) const SHADOW: char = drupe_protocol::marks::MARK;

/// The modules of a session, in the order of their making. **An id is an index, and is never used again.**
#[derive(Debug, Default)]
pub(crate) struct Modules {
    entries: Vec<Entry>,
    /// Hashes are not unique.
    by_hash: HashMap<i32, Vec<u32>>,
}

#[derive(Debug)]
struct Entry {
    module: v8::Global<v8::Module>,
    /// By specifier and `type` attribute.
    edges: Rc<HashMap<(String, Option<String>), u32>>,
    /// What a synthetic module does when it is evaluated.
    steps: Option<v8::Global<v8::Function>>,
}

impl Modules {
    /// `None`: there are too many.
    fn add(&mut self, hash: i32, module: v8::Global<v8::Module>, steps: Option<v8::Global<v8::Function>>) -> Option<u32> {
        if self.entries.len() >= MAX_MODULES {
            return None;
        }
        let id = u32::try_from(self.entries.len()).ok()?;
        self.entries.push(Entry { module, edges: Rc::default(), steps });
        self.by_hash.entry(hash).or_default().push(id);
        Some(id)
    }

    fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id as usize)
    }
}

/// The id of a module that V8 hands in.
fn id_of(scope: &v8::PinScope, module: v8::Local<v8::Module>) -> Option<u32> {
    let realm = Realm::of(scope);
    let held = realm.state::<RefCell<Modules>>();
    let modules = held.borrow();
    let same = |id: &&u32| modules.entry(**id).is_some_and(|entry| entry.module == module);
    modules.by_hash.get(&module.get_identity_hash().get())?.iter().find(same).copied()
}

/// The module of an id.
fn module_of<'s>(scope: &v8::PinScope<'s, '_>, id: u32) -> Option<v8::Local<'s, v8::Module>> {
    let realm = Realm::of(scope);
    let module = realm.state::<RefCell<Modules>>().borrow().entry(id)?.module.clone();
    Some(v8::Local::new(scope, module))
}

/// What a chunk imported under a name of the global object, as far as it can be read without anybody's code. `None`:
/// nothing, or something else has the name now.
pub(crate) fn imported<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: v8::Local<'s, v8::String>,
) -> Option<v8::Local<'s, v8::Value>> {
    let global = scope.get_current_context().global(scope);
    if !object.strict_equals(global.into()) {
        return None;
    }
    let ops = Realm::of(scope).ops.get()?.clone();
    let ops = v8::Local::new(scope, ops);
    without_javascript(scope, |scope| {
        let object = |value: v8::Local<'s, v8::Value>| value.try_cast::<v8::Object>().ok();
        let imported = get(scope, ops, "imported").and_then(object)?;
        let entry = imported.get(scope, name.into()).and_then(object)?;
        let descriptor = global.get_own_property_descriptor(scope, name.into()).and_then(object)?;
        let ours = get(scope, entry, "get")?;
        if !get(scope, descriptor, "get")?.strict_equals(ours) {
            return None;
        }
        let (holder, key) = (get(scope, entry, "holder")?, get(scope, entry, "key")?);
        match (object(holder), key.try_cast::<v8::String>()) {
            (_, Err(_)) => Some(holder),
            // Where its declaration has not been reached yet, this throws, and nothing is known.
            (Some(holder), Ok(key)) if holder.is_module_namespace_object() => holder.get(scope, key.into()),
            (Some(holder), Ok(key)) => data_property(scope, holder, key.into()),
            (None, Ok(_)) => None,
        }
    })
}
