//! The names of an object: its constructor's name and its tag.

use drupe_protocol::preview::{Node, Text};

use super::primitives;
use super::properties::Property;
use super::walk::Walk;

/// Prototype chains are followed this far.
const MAX_CHAIN: usize = 1_000;
/// Names of constructors and tags are read this far.
pub(super) const MAX_NAME: usize = 1_000;
/// Classes remembered during one walk: lists of objects usually have few.
const MAX_REMEMBERED: usize = 8;

/// The name of an object's class.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    pub(super) name: Text,
    pub(super) null_prototype: bool,
}

impl Class {
    pub(super) fn is(&self, name: &str) -> bool {
        !self.null_prototype && self.name == *name
    }
}

/// An object, then what it inherits from.
pub(super) struct Chain<'s> {
    pub(super) objects: Vec<v8::Local<'s, v8::Object>>,
    /// It ends in a proxy, which would have to be asked, or it is far too long.
    pub(super) opaque: bool,
}

impl<'s> Chain<'s> {
    pub(super) fn of(scope: &v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Self {
        let mut objects = Vec::with_capacity(4);
        objects.push(object);
        let mut at = object;
        while let Some(Ok(next)) = at.get_prototype(scope).map(v8::Local::<v8::Object>::try_from) {
            if next.is_proxy() || objects.len() == MAX_CHAIN {
                return Self { objects, opaque: true };
            }
            objects.push(next);
            at = next;
        }
        Self { objects, opaque: false }
    }
}

impl<'s> Walk<'s, '_> {
    /// The class of the first object of a chain, as Node finds it: by the first `constructor` on the way up that is a
    /// named function the object is an instance of.
    pub(super) fn class(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, level: u32) -> Class {
        let objects = &chain.objects;
        let direct = objects.get(1).copied();
        let has_own =
            objects.first().is_some_and(|first| first.has_real_named_property(scope, self.names.constructor) != Some(false));
        if !has_own && let Some(known) = self.classes.iter().find(|known| Some(known.0) == direct) {
            return Class { name: known.1.clone(), null_prototype: false };
        }
        for index in 0..objects.len() {
            let Some(name) = self.constructor_name(scope, objects, index) else { continue };
            if let (false, Some(direct)) = (has_own, direct)
                && self.classes.len() < MAX_REMEMBERED
            {
                self.classes.push((direct, name.clone()));
            }
            return Class { name, null_prototype: false };
        }
        self.nameless(scope, chain, level)
    }

    fn constructor_name(
        &mut self,
        scope: &v8::PinScope<'s, '_>,
        objects: &[v8::Local<'s, v8::Object>],
        index: usize,
    ) -> Option<Text> {
        let at = *objects.get(index)?;
        if index > 0 && at == self.object_prototype {
            return Some("Object".into());
        }
        if at.has_real_named_property(scope, self.names.constructor) != Some(true) {
            return None;
        }
        let constructor: v8::Local<v8::Function> = self.own(scope, at, self.names.constructor).value()?.try_into().ok()?;
        if constructor.is_proxy() {
            return None;
        }
        let name = self.function_name(scope, constructor)?;
        let prototype: v8::Local<v8::Object> =
            self.own(scope, constructor.into(), self.names.prototype).value()?.try_into().ok()?;
        (!name.is_empty() && objects.get(1..)?.contains(&prototype)).then_some(name)
    }

    fn nameless(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, level: u32) -> Class {
        let Some(&object) = chain.objects.first() else { return Class::default() };
        // What V8 remembers of how it was made; it looks at stored data only.
        let made_as = object.get_constructor_name();
        let made_as = primitives::text(scope, made_as, &mut self.budget, MAX_NAME);
        let Some(&prototype) = chain.objects.get(1) else {
            if chain.opaque {
                return Class { name: format!("{made_as} <Complex prototype>").into(), null_prototype: false };
            }
            return Class { name: made_as, null_prototype: true };
        };
        let from = if level > self.options.depth || self.budget.nodes() == 0 {
            "Complex prototype".into()
        } else {
            self.prototype_name(scope, prototype, level + 1)
        };
        Class { name: format!("{made_as} <{from}>").into(), null_prototype: false }
    }

    fn prototype_name(&mut self, scope: &mut v8::PinScope<'s, '_>, prototype: v8::Local<'s, v8::Object>, level: u32) -> String {
        let class = self.class(scope, &Chain::of(scope, prototype), level);
        if !class.null_prototype {
            return class.name.into_string();
        }
        let node: Node = self.object(scope, prototype, self.options.depth + 1);
        drupe_preview::render(&node, &drupe_preview::Options::default())
    }

    /// The `Symbol.toStringTag` of the first object of a chain, if it is not shown as a property anyway.
    pub(super) fn tag(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>) -> Text {
        let Some(&object) = chain.objects.first() else { return Text::default() };
        let tag = self.inherited(scope, &chain.objects, self.names.tag);
        if tag.is_absent() {
            return Text::default();
        }
        let is_own = object.has_real_named_property(scope, self.names.tag) == Some(true);
        if is_own && (self.options.show_hidden || self.is_enumerable(scope, object, self.names.tag)) {
            return Text::default();
        }
        let tag = match tag {
            Property::Accessor(_) if self.hooks.is_some() => self.told_tag(scope, object),
            // The engine's own getters tell a typed array's type.
            Property::Accessor(_) => return self.typed_array_name(object).into(),
            property => property.string(),
        };
        let Some(tag) = tag.filter(|tag| tag.length() > 0) else { return Text::default() };
        primitives::text(scope, tag, &mut self.budget, MAX_NAME)
    }
}
