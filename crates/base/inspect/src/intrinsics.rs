//! The engine's own functions, taken before any user code ran, for slots that cannot be read in another way.
//!
//! They are called only on the object in question, take no options and look up nothing on it, so that no user code
//! takes part. Each checks its slot, and throws where there is none.

use std::rc::Rc;

use drupe_protocol::preview::{Kind, Node, Object};

use super::class::Chain;
use super::primitives;
use super::properties::name;
use super::walk::Walk;

/// Longest text of a Temporal object.
const MAX_TEXT: usize = 200;

/// Functions of one realm, collected when the realm is new and before user code runs, in an object without a prototype:
/// `errorPrototype`, `symbolValueOf`, `mapEntries`, `mapNext`, `setValues`, `setNext`, and the `toString` of each class
/// of Temporal by the tag of its objects, such as `Temporal.Instant`.
#[derive(Debug)]
pub struct Intrinsics(v8::Global<v8::Object>);

impl Intrinsics {
    /// Keeps what was collected with the current context. Without this, Temporal objects show no text, boxed symbols no
    /// name, and of very large collections only the size is shown.
    pub fn install(scope: &mut v8::PinScope<'_, '_>, collected: v8::Local<v8::Object>) {
        let collected = v8::Global::new(scope, collected);
        drop(scope.get_current_context().set_slot(Rc::new(Self(collected))));
    }

    /// One of them. The collection has no prototype and is out of the page's reach: looking into it runs nothing.
    fn get<'s>(scope: &v8::PinScope<'s, '_>, key: &str) -> Option<v8::Local<'s, v8::Object>> {
        let intrinsics = scope.get_current_context().get_slot::<Self>()?;
        v8::Local::new(scope, &intrinsics.0).get(scope, name(scope, key).into())?.try_into().ok()
    }

    fn function<'s>(scope: &v8::PinScope<'s, '_>, key: &str) -> Option<v8::Local<'s, v8::Function>> {
        Self::get(scope, key)?.try_into().ok()
    }
}

impl<'s> Walk<'s, '_> {
    /// Whether an object inherits from the realm's own `Error`, without having been made by it.
    pub(super) fn inherits_from_error(&self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>) -> bool {
        // The object, something, `Error.prototype` or what is below it, and `Object.prototype`.
        if chain.objects.len() < 3 {
            return false;
        }
        let prototype = Intrinsics::get(scope, "errorPrototype");
        prototype.is_some_and(|prototype| chain.objects[1..].contains(&prototype))
    }

    /// The symbol inside a boxed symbol.
    pub(super) fn boxed_symbol(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Node> {
        let value_of = Intrinsics::function(scope, "symbolValueOf")?;
        let symbol = call(scope, value_of, object)?.try_into().ok()?;
        Some(Node::Symbol(primitives::symbol_name(scope, symbol, &mut self.budget)))
    }

    /// Fills in the text of a Temporal object; nothing for any other.
    pub(super) fn temporal(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, out: &mut Object) {
        if !out.tag.as_str().starts_with("Temporal.") {
            return;
        }
        let Some(to_string) = Intrinsics::function(scope, out.tag.as_str()) else { return };
        let text = call(scope, to_string, object).and_then(|text| v8::Local::<v8::String>::try_from(text).ok());
        if let Some(text) = text {
            out.text = primitives::text(scope, text, &mut self.budget, MAX_TEXT);
            out.kind = Kind::Temporal;
        }
    }

    /// The first entries of a map (key, value, key, value...) or items of a set, without a copy of all of it. `None`
    /// where the collection is small enough to be copied, or where it cannot be done.
    pub(super) fn first_entries(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        size: usize,
    ) -> Option<Vec<v8::Local<'s, v8::Value>>> {
        let wanted = self.wanted(size);
        if size <= 4 * wanted {
            return None;
        }
        let is_map = object.is_map();
        let (start, next) = if is_map { ("mapEntries", "mapNext") } else { ("setValues", "setNext") };
        let (start, next) = (Intrinsics::function(scope, start)?, Intrinsics::function(scope, next)?);
        let iterator: v8::Local<v8::Object> = call(scope, start, object)?.try_into().ok()?;
        let mut entries = Vec::with_capacity(2 * wanted);
        for _ in 0..wanted {
            let result: v8::Local<v8::Object> = call(scope, next, iterator)?.try_into().ok()?;
            let value = self.own(scope, result, self.names.value).value()?;
            if is_map {
                let pair: v8::Local<v8::Array> = value.try_into().ok()?;
                entries.extend([pair.get_index(scope, 0)?, pair.get_index(scope, 1)?]);
            } else {
                entries.push(value);
            }
        }
        Some(entries)
    }
}

/// Calls a function of the engine in a place where JavaScript is otherwise refused.
fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    function: v8::Local<'s, v8::Function>,
    receiver: v8::Local<'s, v8::Object>,
) -> Option<v8::Local<'s, v8::Value>> {
    v8::allow_javascript_execution_scope!(let scope, scope);
    function.call(scope, receiver.into(), &[])
}
