//! Maps, sets, their iterators, weak collections and promises.

use drupe_protocol::preview::{Entry, Key, Kind, Node, Object, State};

use super::walk::Walk;

/// A collection of more entries is not copied to be shown: V8 hands out all entries or none.
const MAX_COPIED: usize = 100_000;

impl<'s> Walk<'s, '_> {
    /// Adds the entries of a map.
    pub(super) fn map(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(map) = v8::Local::<v8::Map>::try_from(object) else { return };
        let size = map.size();
        if let Some(first) = self.first_entries(scope, object, size) {
            self.pairs(scope, &first, size, level, out);
        } else if size <= MAX_COPIED {
            let all = Copied { array: map.as_array(scope) };
            self.pairs(scope, &all.first(scope, 2 * self.wanted(size)), size, level, out);
        } else {
            out.entries.push(Node::MoreItems(size as u64).into());
        }
    }

    /// Adds the items of a set.
    pub(super) fn set(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(set) = v8::Local::<v8::Set>::try_from(object) else { return };
        let size = set.size();
        if let Some(first) = self.first_entries(scope, object, size) {
            self.items(scope, &first, size, level, out);
        } else if size <= MAX_COPIED {
            let all = Copied { array: set.as_array(scope) };
            self.items(scope, &all.first(scope, self.wanted(size)), size, level, out);
        } else {
            out.entries.push(Node::MoreItems(size as u64).into());
        }
    }

    /// Adds what is in an iterator's future, or in a weak collection if hidden things are to be shown.
    pub(super) fn previewed(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        level: u32,
        out: &mut Object,
    ) {
        let is_weak = matches!(out.kind, Kind::WeakMap | Kind::WeakSet);
        if is_weak && !self.options.show_hidden {
            return out.entries.push(Node::State(State::ItemsUnknown).into());
        }
        let (Some(array), is_pairs) = object.preview_entries(scope) else { return };
        out.kind = match out.kind {
            Kind::MapIterator if is_pairs => Kind::MapEntries,
            Kind::SetIterator if is_pairs => Kind::SetEntries,
            kind => kind,
        };
        let all = Copied { array };
        let length = array.length() as usize;
        if is_pairs {
            self.pairs(scope, &all.first(scope, 2 * self.wanted(length / 2)), length / 2, level, out);
        } else {
            self.items(scope, &all.first(scope, self.wanted(length)), length, level, out);
        }
    }

    /// Adds a promise's value, reason or state.
    pub(super) fn promise(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        level: u32,
        out: &mut Object,
    ) {
        let Ok(promise) = v8::Local::<v8::Promise>::try_from(object) else { return };
        let key = match promise.state() {
            v8::PromiseState::Pending => return out.entries.push(Node::State(State::Pending).into()),
            v8::PromiseState::Fulfilled => Key::Item,
            v8::PromiseState::Rejected => Key::Rejected,
        };
        let value = self.value(scope, promise.result(scope), level);
        out.entries.push(Entry { key, value });
    }

    /// How many entries to show of a collection.
    pub(super) fn wanted(&self, size: usize) -> usize {
        size.min(self.options.max_array_length).min(self.budget.nodes())
    }

    fn items(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        items: &[v8::Local<'s, v8::Value>],
        size: usize,
        level: u32,
        out: &mut Object,
    ) {
        for item in items {
            let node = self.value(scope, *item, level);
            out.entries.push(node.into());
        }
        push_more(size, items.len(), out);
    }

    pub(super) fn pairs(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        flat: &[v8::Local<'s, v8::Value>],
        size: usize,
        level: u32,
        out: &mut Object,
    ) {
        for pair in flat.chunks_exact(2) {
            let key = self.value(scope, pair[0], level);
            let value = self.value(scope, pair[1], level);
            out.entries.push(Entry { key: Key::Value(Box::new(key)), value });
        }
        push_more(size, flat.len() / 2, out);
    }
}

fn push_more(size: usize, shown: usize, out: &mut Object) {
    if size > shown {
        out.entries.push(Node::MoreItems((size - shown) as u64).into());
    }
}

/// An array that V8 made: no page has seen it, and it has no holes.
struct Copied<'s> {
    array: v8::Local<'s, v8::Array>,
}

impl<'s> Copied<'s> {
    fn first(&self, scope: &v8::PinScope<'s, '_>, count: usize) -> Vec<v8::Local<'s, v8::Value>> {
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(self.array.length());
        (0..count).filter_map(|index| self.array.get_index(scope, index)).collect()
    }
}
