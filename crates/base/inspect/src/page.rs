//! One page of an object's contents, for front ends that open an object step by step. It runs no user code.

use std::time::{Duration, Instant};

use drupe_protocol::preview::{Excerpt, Key, Node, State};

use super::Options;
use super::arrays::index_name;
use super::budget::Budget;
use super::primitives::{excerpt, read_at};
use super::properties::{Property, name};
use super::walk::{self, Walk};
use crate::peek;

/// V8 hands out all entries of a collection or none; those of a larger one are not listed, only counted by its head.
const MAX_COPIED: usize = 1_000_000;

/// What an object holds at some of its positions.
pub struct Page<'s> {
    /// The object without its contents, or the beginning of the string.
    pub head: Node,
    /// The prototype, on a page from the first position on.
    pub prototype: Option<Item<'s>>,
    /// How many positions there are.
    pub total: u64,
    /// The position after the page.
    pub next: u64,
    /// What is at the positions of the page; nothing for an element that does not exist.
    pub items: Vec<Item<'s>>,
}

/// One thing in an object.
pub struct Item<'s> {
    /// What stands before the value.
    pub key: Key,
    /// The key of a map's entry.
    pub key_value: Option<v8::Local<'s, v8::Value>>,
    /// The value as a tree.
    pub node: Node,
    /// The value itself; `None` for an accessor, and where the tree stands for a state.
    pub value: Option<v8::Local<'s, v8::Value>>,
    /// The attributes of a named property.
    pub attributes: Option<v8::PropertyAttribute>,
}

/// The parts of an object, one after the other. Each has its positions.
struct Parts<'s> {
    elements: u32,
    entries: Option<Entries<'s>>,
    slots: Vec<(&'static str, Slot<'s>)>,
    names: Option<v8::Local<'s, v8::Array>>,
}

/// The entries of a map, flat, or the items of a set.
struct Entries<'s> {
    flat: v8::Local<'s, v8::Array>,
    /// Two for a map.
    step: u32,
}

/// An internal slot.
enum Slot<'s> {
    Value(v8::Local<'s, v8::Value>),
    Node(Node),
}

/// What is at up to `count` positions of `object` from `start` on; fewer when they take longer than `patience`.
/// **V8 lists all names and entries of an object for each page, which does not count**: a page of a large
/// object has more than one position. `each` is how much is told of each value. The caller has switched nothing
/// off.
pub fn page<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    start: u64,
    count: u32,
    patience: Duration,
    each: &Options,
) -> Page<'s> {
    peek::without_javascript(scope, |scope| Walk::new(scope, *each, None).page(scope, object, start, count, patience))
}

/// What is in a string from its unit `start` on, up to `count` units, as one item. Its positions are its UTF-16 code
/// units.
pub fn page_of_string<'s>(
    scope: &v8::Isolate,
    string: v8::Local<'s, v8::String>,
    start: u64,
    count: u32,
    each: &Options,
) -> Page<'s> {
    let length = string.length();
    let start = usize::try_from(start).map_or(length, |start| start.min(length));
    let (text, shown) = read_at(scope, string, start, (length - start).min(count as usize));
    let next = start + shown;
    let node = Node::String(Excerpt { text, more: (length - next) as u64 });
    let item = Item { key: Key::Item, key_value: None, node, value: None, attributes: None };
    Page {
        head: Node::String(excerpt(scope, string, &mut Budget::new(each), each.max_string_length)),
        prototype: None,
        total: length as u64,
        next: next as u64,
        items: if shown > 0 { vec![item] } else { Vec::new() },
    }
}

impl<'s> Walk<'s, '_> {
    fn page(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        start: u64,
        count: u32,
        patience: Duration,
    ) -> Page<'s> {
        let parts = self.parts(scope, object);
        let total = parts.total();
        let end = total.min(start.saturating_add(u64::from(count)));
        let mut page = Page { head: self.head(scope, object), prototype: None, total, next: start.min(total), items: Vec::new() };
        if start == 0 && !object.is_proxy() {
            let prototype = object.get_prototype(scope).filter(|prototype| prototype.is_object());
            page.prototype = prototype.map(|prototype| self.slot(scope, "[[Prototype]]", Slot::Value(prototype)));
        }
        let begun = Instant::now();
        while page.next < end && (page.next == start || begun.elapsed() < patience) {
            let item;
            (item, page.next) = self.item(scope, object, &parts, page.next);
            page.items.extend(item);
        }
        // A run of elements that do not exist may reach further than was asked for.
        page
    }

    /// What the object is called.
    fn head(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Node {
        self.budget = Budget::new(&self.options);
        if object.is_proxy() {
            return self.value(scope, object.into(), self.options.depth + 1);
        }
        let mut head = self.object(scope, object, self.options.depth + 1);
        if let Node::Object(head) = &mut head {
            head.size = walk::size(object);
        }
        head
    }

    fn parts(&self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Parts<'s> {
        let slots = slots(scope, object);
        if object.is_proxy() {
            return Parts { elements: 0, entries: None, slots, names: None };
        }
        let elements = self.elements(scope, object);
        let indices = if elements > 0 { v8::IndexFilter::SkipIndices } else { v8::IndexFilter::IncludeIndices };
        let args = v8::GetPropertyNamesArgs {
            mode: v8::KeyCollectionMode::OwnOnly,
            property_filter: v8::PropertyFilter::ALL_PROPERTIES,
            index_filter: indices,
            key_conversion: v8::KeyConversionMode::KeepNumbers,
        };
        // A module that is not initialised cannot be asked for more than its names.
        let names = object.get_property_names(scope, args).or_else(|| {
            let args = v8::GetPropertyNamesArgsBuilder::new()
                .mode(v8::KeyCollectionMode::OwnOnly)
                .property_filter(v8::PropertyFilter::SKIP_SYMBOLS)
                .build();
            object.get_property_names(scope, args)
        });
        Parts { elements, entries: entries(scope, object), slots, names }
    }

    /// How many elements are counted rather than listed.
    fn elements(&self, scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> u32 {
        if object.is_string_object() {
            let length = self.own(scope, object, name(scope, "length")).value();
            return length.and_then(|length| length.uint32_value(scope)).unwrap_or(0);
        }
        let counted = object.is_array() || object.is_typed_array();
        let size = if counted { walk::size(object) } else { None };
        u32::try_from(size.unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// What is at a position, and the next position.
    fn item(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        parts: &Parts<'s>,
        position: u64,
    ) -> (Option<Item<'s>>, u64) {
        let mut at = position;
        let next = position + 1;
        // Each index below is smaller than a number of 32 bits that it was compared with.
        let index = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
        if at < u64::from(parts.elements) {
            let Some(name) = index_name(scope, index(at)) else { return (None, next) };
            let property = self.own(scope, object, name);
            if property.is_absent() {
                return (None, u64::from(self.next_element(scope, object, index(at), parts.elements)));
            }
            return (Some(self.named(scope, object, name, property)), next);
        }
        at -= u64::from(parts.elements);
        if let Some(entries) = &parts.entries {
            if at < entries.len() {
                return (self.entry(scope, entries, index(at)), next);
            }
            at -= entries.len();
        }
        if let Some((name, slot)) = usize::try_from(at).ok().and_then(|at| parts.slots.get(at)) {
            let slot = match slot {
                Slot::Value(value) => Slot::Value(*value),
                Slot::Node(node) => Slot::Node(node.clone()),
            };
            return (Some(self.slot(scope, name, slot)), next);
        }
        at -= parts.slots.len() as u64;
        let key = parts.names.and_then(|names| names.get_index(scope, index(at)));
        let key = key.and_then(|key| match v8::Local::<v8::Number>::try_from(key) {
            Ok(number) => number.to_string(scope).map(Into::into),
            Err(_) => v8::Local::<v8::Name>::try_from(key).ok(),
        });
        let Some(key) = key else { return (None, next) };
        let property = self.own(scope, object, key);
        (Some(self.named(scope, object, key, property)), next)
    }

    fn named(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        key: v8::Local<'s, v8::Name>,
        property: Property<'s>,
    ) -> Item<'s> {
        self.budget = Budget::new(&self.options);
        let unreadable = matches!(property, Property::Unreadable) && object.is_module_namespace_object();
        let entry = self.property(scope, key, property, false, 0);
        let node = if unreadable { Node::Uninitialized } else { entry.value };
        let attributes = object.get_real_named_property_attributes(scope, key);
        Item { key: entry.key, key_value: None, node, value: property.value(), attributes }
    }

    fn entry(&mut self, scope: &mut v8::PinScope<'s, '_>, entries: &Entries<'s>, index: u32) -> Option<Item<'s>> {
        let first = entries.flat.get_index(scope, index * entries.step)?;
        self.budget = Budget::new(&self.options);
        let node = self.value(scope, first, 0);
        if entries.step == 1 {
            return Some(Item { key: Key::Item, key_value: None, node, value: Some(first), attributes: None });
        }
        let second = entries.flat.get_index(scope, index * entries.step + 1)?;
        self.budget = Budget::new(&self.options);
        let value = self.value(scope, second, 0);
        let key = Key::Value(Box::new(node));
        Some(Item { key, key_value: Some(first), node: value, value: Some(second), attributes: None })
    }

    fn slot(&mut self, scope: &mut v8::PinScope<'s, '_>, name: &str, slot: Slot<'s>) -> Item<'s> {
        self.budget = Budget::new(&self.options);
        let (node, value) = match slot {
            Slot::Value(value) => (self.value(scope, value, 0), Some(value)),
            Slot::Node(node) => (node, None),
        };
        Item { key: Key::Hidden(name.into()), key_value: None, node, value, attributes: None }
    }
}

impl Parts<'_> {
    fn total(&self) -> u64 {
        let names = self.names.map_or(0, |names| u64::from(names.length()));
        u64::from(self.elements) + self.entries.as_ref().map_or(0, Entries::len) + self.slots.len() as u64 + names
    }
}

impl Entries<'_> {
    fn len(&self) -> u64 {
        u64::from(self.flat.length() / self.step)
    }
}

fn entries<'s>(scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Entries<'s>> {
    if let Ok(map) = v8::Local::<v8::Map>::try_from(object) {
        (map.size() <= MAX_COPIED).then(|| Entries { flat: map.as_array(scope), step: 2 })
    } else if let Ok(set) = v8::Local::<v8::Set>::try_from(object) {
        (set.size() <= MAX_COPIED).then(|| Entries { flat: set.as_array(scope), step: 1 })
    } else {
        None
    }
}

fn slots<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Vec<(&'static str, Slot<'s>)> {
    if let Ok(proxy) = v8::Local::<v8::Proxy>::try_from(object) {
        if proxy.is_revoked() {
            return Vec::new();
        }
        let (target, handler) = (proxy.get_target(scope), proxy.get_handler(scope));
        vec![("[[Target]]", Slot::Value(target)), ("[[Handler]]", Slot::Value(handler))]
    } else if let Ok(promise) = v8::Local::<v8::Promise>::try_from(object) {
        match promise.state() {
            v8::PromiseState::Pending => vec![("[[PromiseState]]", Slot::Node(Node::State(State::Pending)))],
            v8::PromiseState::Fulfilled => vec![("[[PromiseResult]]", Slot::Value(promise.result(scope)))],
            v8::PromiseState::Rejected => vec![("[[PromiseReason]]", Slot::Value(promise.result(scope)))],
        }
    } else {
        Vec::new()
    }
}
