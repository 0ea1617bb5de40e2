//! The engine's own functions, taken before any user code ran, for slots that nothing else can read.
//!
//! They are called on nothing but the object in question, take no options and look up nothing on it, so that no code of the page
//! takes part: each checks the slot it is about and throws where there is none.

use std::rc::Rc;

use drupe_protocol::preview::{Kind, Node, Object};

use super::class::Chain;
use super::primitives;
use super::properties::name;
use super::walk::Walk;

/// Longest text of a Temporal object.
const MAX_TEXT: usize = 200;

const TEMPORAL: [&str; 8] =
    ["Duration", "Instant", "PlainDate", "PlainDateTime", "PlainMonthDay", "PlainTime", "PlainYearMonth", "ZonedDateTime"];

/// Functions of one realm. Capture them when the realm is new and before user code runs.
#[derive(Debug, Default)]
pub(crate) struct Intrinsics {
    symbol_value_of: Option<v8::Global<v8::Function>>,
    map_entries: Option<v8::Global<v8::Function>>,
    set_values: Option<v8::Global<v8::Function>>,
    map_next: Option<v8::Global<v8::Function>>,
    set_next: Option<v8::Global<v8::Function>>,
    error_prototype: Option<v8::Global<v8::Object>>,
    /// By the name of the class.
    temporal: Vec<(&'static str, v8::Global<v8::Function>)>,
}

impl Intrinsics {
    /// Takes the functions from the current context, whose globals must be untouched, and keeps them with it. Without this, Temporal
    /// objects show no text, boxed symbols no name, and of very large collections only the size is shown.
    pub(crate) fn install(scope: &mut v8::PinScope<'_, '_>) {
        let captured = Self::capture(scope);
        drop(scope.get_current_context().set_slot(Rc::new(captured)));
    }

    fn of(scope: &v8::PinScope<'_, '_>) -> Option<Rc<Self>> {
        scope.get_current_context().get_slot()
    }

    fn capture(scope: &mut v8::PinScope<'_, '_>) -> Self {
        let temporal =
            TEMPORAL.iter().filter_map(|class| Some((*class, function(scope, &["Temporal", class, "prototype", "toString"])?)));
        let temporal = temporal.collect();
        let map = v8::Map::new(scope);
        let map_entries = function(scope, &["Map", "prototype", "entries"]);
        let map_next = map_entries.as_ref().and_then(|entries| next_of(scope, entries, map.into()));
        let set = v8::Set::new(scope);
        let set_values = function(scope, &["Set", "prototype", "values"]);
        let set_next = set_values.as_ref().and_then(|values| next_of(scope, values, set.into()));
        Self {
            symbol_value_of: function(scope, &["Symbol", "prototype", "valueOf"]),
            error_prototype: object(scope, &["Error", "prototype"]),
            map_entries,
            set_values,
            map_next,
            set_next,
            temporal,
        }
    }
}

/// The object at the end of a path of properties that begins at the global object.
fn object(scope: &v8::PinScope<'_, '_>, path: &[&str]) -> Option<v8::Global<v8::Object>> {
    let mut at = scope.get_current_context().global(scope);
    for step in path {
        at = at.get(scope, name(scope, step).into())?.try_into().ok()?;
    }
    Some(v8::Global::new(scope, at))
}

fn function(scope: &v8::PinScope<'_, '_>, path: &[&str]) -> Option<v8::Global<v8::Function>> {
    let object = v8::Local::new(scope, object(scope, path)?);
    Some(v8::Global::new(scope, v8::Local::<v8::Function>::try_from(object).ok()?))
}

/// The `next` of the iterators that a function returns.
fn next_of(
    scope: &v8::PinScope<'_, '_>,
    function: &v8::Global<v8::Function>,
    collection: v8::Local<v8::Value>,
) -> Option<v8::Global<v8::Function>> {
    let iterator = v8::Local::new(scope, function).call(scope, collection, &[])?;
    let next = v8::Local::<v8::Object>::try_from(iterator).ok()?.get(scope, name(scope, "next").into())?;
    Some(v8::Global::new(scope, v8::Local::<v8::Function>::try_from(next).ok()?))
}

impl<'s> Walk<'s, '_> {
    /// Whether an object inherits from the realm's own `Error`, without having been made by it.
    pub(super) fn inherits_from_error(&self, scope: &v8::PinScope<'s, '_>, chain: &Chain<'s>) -> bool {
        // The object, something, `Error.prototype` or what is below it, and `Object.prototype`.
        if chain.objects.len() < 3 {
            return false;
        }
        let prototype = Intrinsics::of(scope).and_then(|known| Some(v8::Local::new(scope, known.error_prototype.as_ref()?)));
        prototype.is_some_and(|prototype| chain.objects[1..].contains(&prototype))
    }

    /// The symbol inside a boxed symbol.
    pub(super) fn boxed_symbol(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Node> {
        let intrinsics = Intrinsics::of(scope)?;
        let symbol = call(scope, intrinsics.symbol_value_of.as_ref()?, object)?.try_into().ok()?;
        Some(Node::Symbol(primitives::symbol_name(scope, symbol, &mut self.budget)))
    }

    /// Fills in the text of a Temporal object; nothing for any other.
    pub(super) fn temporal(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, out: &mut Object) {
        let Some(class) = out.tag.as_str().strip_prefix("Temporal.") else { return };
        let Some(intrinsics) = Intrinsics::of(scope) else { return };
        let Some((_, to_string)) = intrinsics.temporal.iter().find(|known| known.0 == class) else { return };
        let text = call(scope, to_string, object).and_then(|text| v8::Local::<v8::String>::try_from(text).ok());
        if let Some(text) = text {
            out.text = primitives::text(scope, text, &mut self.budget, MAX_TEXT);
            out.kind = Kind::Temporal;
        }
    }

    /// The first entries of a map (key, value, key, value...) or items of a set, without a copy of all of it. `None` where the
    /// collection is small enough to be copied, or where it cannot be done.
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
        let intrinsics = Intrinsics::of(scope)?;
        let is_map = object.is_map();
        let (start, next) = if is_map {
            (intrinsics.map_entries.as_ref()?, intrinsics.map_next.as_ref()?)
        } else {
            (intrinsics.set_values.as_ref()?, intrinsics.set_next.as_ref()?)
        };
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
    function: &v8::Global<v8::Function>,
    receiver: v8::Local<'s, v8::Object>,
) -> Option<v8::Local<'s, v8::Value>> {
    let function = v8::Local::new(scope, function);
    v8::allow_javascript_execution_scope!(let scope, scope);
    function.call(scope, receiver.into(), &[])
}
