//! Own properties, read by their descriptors.

use drupe_protocol::preview::{Accessor, Entry, Key, Node, Text};

use super::primitives;
use super::walk::Walk;

/// A property as it is stored.
#[derive(Clone, Copy)]
pub(super) enum Property<'s> {
    Absent,
    Value(v8::Local<'s, v8::Value>),
    Accessor(Accessor),
    /// A binding of a module that is not initialised, or V8 refused.
    Unreadable,
}

impl<'s> Property<'s> {
    pub(super) fn value(self) -> Option<v8::Local<'s, v8::Value>> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }

    pub(super) fn string(self) -> Option<v8::Local<'s, v8::String>> {
        self.value()?.try_into().ok()
    }

    pub(super) fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Some of an object's keys.
#[derive(Default)]
pub(super) struct Keys<'s> {
    pub(super) list: Vec<v8::Local<'s, v8::Name>>,
    /// How many more there are.
    pub(super) more: u64,
}

impl Keys<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.more == 0
    }

    pub(super) fn len(&self) -> usize {
        self.list.len() + usize::from(self.more > 0)
    }
}

/// Which own properties an object lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Indices {
    Included,
    Skipped,
}

/// The names that the walk looks up, made once.
pub(super) struct Names<'s> {
    pub(super) constructor: v8::Local<'s, v8::Name>,
    pub(super) enumerable: v8::Local<'s, v8::Name>,
    pub(super) get: v8::Local<'s, v8::Name>,
    pub(super) name: v8::Local<'s, v8::Name>,
    pub(super) prototype: v8::Local<'s, v8::Name>,
    pub(super) set: v8::Local<'s, v8::Name>,
    pub(super) tag: v8::Local<'s, v8::Name>,
    pub(super) value: v8::Local<'s, v8::Name>,
}

impl<'s> Names<'s> {
    pub(super) fn new(scope: &v8::PinScope<'s, '_>) -> Self {
        Self {
            constructor: name(scope, "constructor"),
            enumerable: name(scope, "enumerable"),
            get: name(scope, "get"),
            name: name(scope, "name"),
            prototype: name(scope, "prototype"),
            set: name(scope, "set"),
            tag: v8::Symbol::get_to_string_tag(scope).into(),
            value: name(scope, "value"),
        }
    }
}

/// A property name.
pub(super) fn name<'s>(scope: &v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::Name> {
    v8::String::new_from_utf8(scope, text.as_bytes(), v8::NewStringType::Internalized)
        .unwrap_or_else(|| v8::String::empty(scope))
        .into()
}

/// The getter of an own accessor; `undefined` if it has a setter alone.
pub(super) fn own_getter<'s>(
    scope: &v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<v8::Local<'s, v8::Value>> {
    let descriptor: v8::Local<v8::Object> = object.get_own_property_descriptor(scope, key)?.try_into().ok()?;
    let get = name(scope, "get");
    (descriptor.has_own_property(scope, get) == Some(true)).then(|| descriptor.get(scope, get.into())).flatten()
}

impl<'s> Walk<'s, '_> {
    /// An own property of an object that is no proxy.
    pub(super) fn own(
        &self,
        scope: &v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        key: v8::Local<'s, v8::Name>,
    ) -> Property<'s> {
        match object.get_own_property_descriptor(scope, key) {
            Some(descriptor) => self.read_descriptor(scope, descriptor),
            None => Property::Unreadable,
        }
    }

    /// The descriptor is an ordinary object that inherits from the page's `Object.prototype`: only what it has itself
    /// counts.
    fn read_descriptor(&self, scope: &v8::PinScope<'s, '_>, descriptor: v8::Local<'s, v8::Value>) -> Property<'s> {
        let Ok(descriptor) = v8::Local::<v8::Object>::try_from(descriptor) else { return Property::Absent };
        let names = &self.names;
        if descriptor.has_own_property(scope, names.value) == Some(true) {
            return descriptor.get(scope, names.value.into()).map_or(Property::Unreadable, Property::Value);
        }
        let has = |name: v8::Local<'s, v8::Name>| {
            descriptor.has_own_property(scope, name) == Some(true)
                && descriptor.get(scope, name.into()).is_some_and(|accessor| !accessor.is_undefined())
        };
        match (has(names.get), has(names.set)) {
            (true, true) => Property::Accessor(Accessor::GetterSetter),
            (true, false) => Property::Accessor(Accessor::Getter),
            (false, true) => Property::Accessor(Accessor::Setter),
            (false, false) => Property::Value(v8::undefined(scope).into()),
        }
    }

    /// A property of the first object of a prototype chain that has it.
    pub(super) fn inherited(
        &self,
        scope: &v8::PinScope<'s, '_>,
        chain: &[v8::Local<'s, v8::Object>],
        key: v8::Local<'s, v8::Name>,
    ) -> Property<'s> {
        let owner = chain.iter().find(|object| object.has_real_named_property(scope, key) == Some(true));
        owner.map_or(Property::Absent, |owner| self.own(scope, *owner, key))
    }

    /// Whether an own property is enumerable; an absent one counts as such.
    pub(super) fn is_enumerable(
        &self,
        scope: &v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        key: v8::Local<'s, v8::Name>,
    ) -> bool {
        let Some(descriptor) = object.get_own_property_descriptor(scope, key) else { return true };
        let Ok(descriptor) = v8::Local::<v8::Object>::try_from(descriptor) else { return true };
        descriptor.get(scope, self.names.enumerable.into()).is_none_or(|enumerable| enumerable.is_true())
    }

    /// The keys of the properties to be shown: strings, then symbols; no more than the budget could show.
    pub(super) fn keys(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, indices: Indices) -> Keys<'s> {
        let filter =
            if self.options.show_hidden { v8::PropertyFilter::ALL_PROPERTIES } else { v8::PropertyFilter::ONLY_ENUMERABLE };
        let index_filter = match indices {
            Indices::Included => v8::IndexFilter::IncludeIndices,
            Indices::Skipped => v8::IndexFilter::SkipIndices,
        };
        let args = v8::GetPropertyNamesArgs {
            mode: v8::KeyCollectionMode::OwnOnly,
            property_filter: filter,
            index_filter,
            key_conversion: v8::KeyConversionMode::ConvertToString,
        };
        // Asking a module whether a binding is enumerable fails while it is not initialised; its names are known all
        // the same.
        let names = v8::PropertyFilter::SKIP_SYMBOLS;
        let all = || v8::GetPropertyNamesArgs { property_filter: names, ..args };
        let Some(array) = object
            .get_property_names(scope, copy(&args))
            .or_else(|| object.is_module_namespace_object().then(|| object.get_property_names(scope, all())).flatten())
        else {
            return Keys::default();
        };
        let length = array.length();
        let shown = length.min(u32::try_from(self.budget.nodes()).unwrap_or(u32::MAX));
        let list = (0..shown).filter_map(|index| array.get_index(scope, index)?.try_into().ok()).collect();
        Keys { list, more: u64::from(length - shown) }
    }

    /// Adds the properties with these keys to an object's entries.
    pub(super) fn properties(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        keys: &Keys<'s>,
        level: u32,
        entries: &mut Vec<Entry>,
    ) {
        for (index, key) in keys.list.iter().enumerate() {
            if self.budget.nodes() == 0 {
                let left = (keys.list.len() - index) as u64;
                return entries.push(Node::MoreProperties(left + keys.more).into());
            }
            let hidden = self.options.show_hidden && !self.is_enumerable(scope, object, *key);
            let property = self.own(scope, object, *key);
            let mut entry = self.property(scope, *key, property, hidden, level);
            if matches!(property, Property::Unreadable) && object.is_module_namespace_object() {
                entry.value = Node::Uninitialized;
            }
            entries.push(entry);
        }
        if keys.more > 0 {
            entries.push(Node::MoreProperties(keys.more).into());
        }
    }

    /// One property.
    pub(super) fn property(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        key: v8::Local<'s, v8::Name>,
        property: Property<'s>,
        hidden: bool,
        level: u32,
    ) -> Entry {
        let value = match property {
            Property::Value(value) => self.value(scope, value, level),
            Property::Accessor(accessor) => Node::Accessor(accessor),
            Property::Unreadable => Node::Omitted,
            Property::Absent => Node::Undefined,
        };
        let key = match v8::Local::<v8::Symbol>::try_from(key) {
            Ok(symbol) => Key::Symbol(primitives::symbol_name(scope, symbol, &mut self.budget)),
            Err(_) if hidden => Key::Hidden(self.name_text(scope, key)),
            Err(_) => Key::Name(self.name_text(scope, key)),
        };
        Entry { key, value }
    }

    fn name_text(&mut self, scope: &v8::PinScope<'s, '_>, key: v8::Local<'s, v8::Name>) -> Text {
        let Ok(key) = v8::Local::<v8::String>::try_from(key) else { return Text::default() };
        primitives::name(scope, key, &mut self.budget)
    }
}

fn copy(args: &v8::GetPropertyNamesArgs) -> v8::GetPropertyNamesArgs {
    v8::GetPropertyNamesArgs { ..*args }
}

/// A property that is not one of the object's own but stands for an internal slot.
pub(super) fn slot(name: &str, value: Node) -> Entry {
    Entry { key: Key::Name(name.into()), value }
}
