//! Elements of arrays, holes included. The cost depends on the number of shown elements, and not on the length of the
//! array.

use drupe_protocol::preview::{Node, Object};

use super::properties::{Keys, Property};
use super::walk::Walk;

/// This many absent elements in a row are looked at one by one; after that the engine is asked which elements there
/// are.
const MAX_STEPS: u32 = 100_000;

impl<'s> Walk<'s, '_> {
    /// Adds the elements of an array.
    pub(super) fn array(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        keys: &Keys<'s>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(array) = v8::Local::<v8::Array>::try_from(object) else { return };
        let length = array.length();
        let limit = usize::try_from(length).unwrap_or(usize::MAX).min(self.options.max_array_length);
        let mut index = 0;
        let mut numeric = true;
        while out.entries.len() < limit && index < length && self.budget.nodes() > 0 {
            match self.element(scope, object, index) {
                Property::Absent => {
                    let next = self.next_element(scope, object, index, length);
                    out.entries.push(Node::Holes(u64::from(next - index)).into());
                    index = next;
                    numeric = false;
                }
                Property::Value(value) => {
                    numeric = numeric && (value.is_number() || value.is_big_int());
                    let node = self.value(scope, value, level);
                    out.entries.push(node.into());
                    index += 1;
                }
                property => {
                    numeric = false;
                    out.entries.push(
                        if let Property::Accessor(accessor) = property { Node::Accessor(accessor) } else { Node::Omitted }.into(),
                    );
                    index += 1;
                }
            }
        }
        let shown = out.entries.len();
        if index < length {
            out.entries.push(Node::MoreItems(u64::from(length - index)).into());
        }
        out.numeric = numeric && self.goes_on_numeric(scope, object, shown, out.entries.len() + keys.len());
    }

    /// Whether the elements at the positions from `from` to `to` are numbers: those that the lines after the elements
    /// stand in for. Node aligns a list by what it holds at as many positions as the list has lines.
    fn goes_on_numeric(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, from: usize, to: usize) -> bool {
        (from..to).all(|index| {
            let element = u32::try_from(index).map(|index| self.element(scope, object, index));
            matches!(element, Ok(Property::Value(value)) if value.is_number() || value.is_big_int())
        })
    }

    fn element(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, index: u32) -> Property<'s> {
        match index_name(scope, index) {
            Some(name) => self.own(scope, object, name),
            None => Property::Unreadable,
        }
    }

    /// The index of the first element after a hole, or the length.
    pub(super) fn next_element(
        &self,
        scope: &v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        hole: u32,
        length: u32,
    ) -> u32 {
        let stop = length.min(hole.saturating_add(MAX_STEPS));
        for index in hole + 1..stop {
            let exists = index_name(scope, index).is_some_and(|name| object.has_real_named_property(scope, name) == Some(true));
            if exists {
                return index;
            }
        }
        if stop == length { length } else { self.listed_element(scope, object, stop, length) }
    }

    /// The same for arrays that have few elements far apart: V8 lists the elements in ascending order.
    fn listed_element(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, from: u32, length: u32) -> u32 {
        let args = v8::GetPropertyNamesArgs {
            mode: v8::KeyCollectionMode::OwnOnly,
            property_filter: v8::PropertyFilter::ONLY_ENUMERABLE | v8::PropertyFilter::SKIP_SYMBOLS,
            index_filter: v8::IndexFilter::IncludeIndices,
            key_conversion: v8::KeyConversionMode::KeepNumbers,
        };
        let Some(names) = object.get_property_names(scope, args) else { return length };
        let at = |position: u32| -> Option<u32> {
            let name = names.get_index(scope, position)?;
            let index = v8::Local::<v8::Number>::try_from(name).ok()?.value();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an index, compared with the length after this"
            )]
            Some(index as u32)
        };
        // Names that are no indices come after all that are.
        let (mut low, mut high) = (0, names.length());
        while low < high {
            let middle = low + (high - low) / 2;
            if at(middle).is_some_and(|index| index < from) { low = middle + 1 } else { high = middle }
        }
        at(low).filter(|index| *index < length).unwrap_or(length)
    }
}

/// An index as a property name. The conversion of a number is the engine's own.
pub(super) fn index_name<'s>(scope: &v8::PinScope<'s, '_>, index: u32) -> Option<v8::Local<'s, v8::Name>> {
    let number = v8::Integer::new_from_unsigned(scope, index);
    number.to_string(scope).map(Into::into)
}
