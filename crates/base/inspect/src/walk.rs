//! The recursion from a value to a node, and the state that all levels share.

use drupe_protocol::preview::{Kind, Node, Object, Text};

use super::Options;
use super::budget::Budget;
use super::class::{Chain, Class};
use super::hooks::Hooks;
use super::primitives;
use super::properties::{Indices, Keys, Names};

/// Proxies of proxies are followed this far.
const MAX_PROXIES: usize = 1_000;

/// One description of one value.
pub(super) struct Walk<'s, 'o> {
    pub(super) options: Options,
    pub(super) budget: Budget,
    pub(super) names: Names<'s>,
    /// The realm's own `Object.prototype`, whatever the page put in its place.
    pub(super) object_prototype: v8::Local<'s, v8::Object>,
    /// Who calls the inspect functions of objects; nobody, as a rule.
    pub(super) hooks: Option<&'o mut dyn Hooks>,
    /// How many of these returned another value to be shown, on the way to the current one.
    pub(super) redirections: u32,
    /// Prototypes whose class name is known.
    pub(super) classes: Vec<(v8::Local<'s, v8::Object>, Text)>,
    /// The objects around the current value.
    around: Vec<v8::Local<'s, v8::Object>>,
    /// Those of them that were met again inside, in the order of their reference numbers.
    circular: Vec<v8::Local<'s, v8::Object>>,
}

impl<'s, 'o> Walk<'s, 'o> {
    pub(super) fn new(scope: &v8::PinScope<'s, '_>, options: Options, hooks: Option<&'o mut dyn Hooks>) -> Self {
        let object = v8::Object::new(scope);
        let prototype = object.get_prototype(scope).and_then(|prototype| prototype.try_into().ok());
        Self {
            options,
            budget: Budget::new(&options),
            names: Names::new(scope),
            object_prototype: prototype.unwrap_or(object),
            hooks,
            redirections: 0,
            classes: Vec::new(),
            around: Vec::new(),
            circular: Vec::new(),
        }
    }

    /// Describes a value that lies `level` levels of objects below the first.
    pub(super) fn value(&mut self, scope: &mut v8::PinScope<'s, '_>, value: v8::Local<'s, v8::Value>, level: u32) -> Node {
        if !self.budget.take_node() {
            return Node::Omitted;
        }
        if let Some(node) = primitives::primitive(scope, value, &mut self.budget, &self.options) {
            return node;
        }
        let Ok(receiver) = v8::Local::<v8::Object>::try_from(value) else { return Node::Omitted };
        let mut object = receiver;
        if self.options.show_proxy
            && let Ok(proxy) = v8::Local::<v8::Proxy>::try_from(object)
        {
            return self.proxy(scope, proxy, level);
        }
        for _ in 0..MAX_PROXIES {
            let Ok(proxy) = v8::Local::<v8::Proxy>::try_from(object) else { break };
            match v8::Local::<v8::Object>::try_from(proxy.get_target(scope)) {
                Ok(target) if !proxy.is_revoked() => object = target,
                _ => return Node::RevokedProxy,
            }
        }
        if object.is_proxy() {
            return Node::Omitted;
        }
        if let Some(node) = self.custom(scope, object, receiver, level) {
            return node;
        }
        if self.around.contains(&object) {
            return Node::Circular(self.reference(object));
        }
        self.object(scope, object, level)
    }

    /// Describes a proxy as such: `Proxy [ target, handler ]`.
    fn proxy(&mut self, scope: &mut v8::PinScope<'s, '_>, proxy: v8::Local<'s, v8::Proxy>, level: u32) -> Node {
        if proxy.is_revoked() {
            return Node::RevokedProxy;
        }
        let mut out = Object { kind: Kind::Array, class: "Proxy".into(), ..Object::default() };
        if level > self.options.depth {
            out.cut = true;
            return Node::Object(Box::new(out));
        }
        let (target, handler) = (proxy.get_target(scope), proxy.get_handler(scope));
        for value in [target, handler] {
            let value = self.value(scope, value, level + 1);
            out.entries.push(value.into());
        }
        Node::Object(Box::new(out))
    }

    /// Describes an object that is no proxy.
    pub(super) fn object(&mut self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, level: u32) -> Node {
        let chain = Chain::of(scope, object);
        let class = self.class(scope, &chain, level);
        let tag = self.tag(scope, &chain);
        let kind = match kind(object, &class) {
            Kind::Plain if !class.is("Object") && self.inherits_from_error(scope, &chain) => Kind::Error,
            kind => kind,
        };
        if kind == Kind::TypedArray && class.is("Buffer") && object.is_uint8_array() {
            return self.node_buffer(object);
        }
        let mut out = Object { kind, tag, class: class.name, null_prototype: class.null_prototype, ..Object::default() };
        let indices = match kind {
            Kind::Array | Kind::TypedArray | Kind::Boxed => Indices::Skipped,
            _ => Indices::Included,
        };
        let mut keys = self.keys(scope, object, indices);
        self.fill_head(scope, &chain, &mut keys, &mut out);
        if out.kind == Kind::Plain
            && !out.class.is_empty()
            && let Some(view) = self.view(scope, &chain)
        {
            return self.viewed(scope, object, view, &keys, level, out);
        }
        if keys.is_empty() && is_empty(&out, self.options.show_hidden) {
            return Node::Object(Box::new(out));
        }
        if level > self.options.depth {
            // A regular expression says all it has to say even so.
            out.cut = kind != Kind::RegExp;
            out.size = None;
            return Node::Object(Box::new(out));
        }
        self.around.push(object);
        self.fill_contents(scope, object, &keys, level + 1, &mut out);
        if kind == Kind::Error {
            self.error_properties(scope, &chain, &keys, level + 1, &mut out.entries);
        } else {
            self.properties(scope, object, &keys, level + 1, &mut out.entries);
        }
        self.around.pop();
        if let Some(index) = self.circular.iter().position(|known| *known == object) {
            out.reference = number(index);
        }
        Node::Object(Box::new(out))
    }

    /// Describes an object by what its class tells of it, and what else it has.
    fn viewed(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        view: v8::Local<'s, v8::Object>,
        keys: &Keys<'s>,
        level: u32,
        mut out: Object,
    ) -> Node {
        // The tag is the class's name once more.
        out.tag = Text::default();
        if level > self.options.depth {
            out.cut = true;
            return Node::Object(Box::new(out));
        }
        self.around.push(object);
        if let Ok(pairs) = v8::Local::<v8::Array>::try_from(view) {
            out.kind = Kind::Map;
            let all: Vec<_> = (0..pairs.length()).filter_map(|index| pairs.get_index(scope, index)).collect();
            let size = all.len() / 2;
            self.pairs(scope, &all[..2 * self.wanted(size)], size, level + 1, &mut out);
        } else {
            let shown = self.keys(scope, view, Indices::Included);
            self.properties(scope, view, &shown, level + 1, &mut out.entries);
        }
        self.properties(scope, object, keys, level + 1, &mut out.entries);
        self.around.pop();
        if let Some(index) = self.circular.iter().position(|known| *known == object) {
            out.reference = number(index);
        }
        Node::Object(Box::new(out))
    }

    fn reference(&mut self, object: v8::Local<'s, v8::Object>) -> u32 {
        let index = self.circular.iter().position(|known| *known == object).unwrap_or_else(|| {
            self.circular.push(object);
            self.circular.len() - 1
        });
        number(index)
    }

    /// What is said of the object before its contents.
    fn fill_head(&mut self, scope: &mut v8::PinScope<'s, '_>, chain: &Chain<'s>, keys: &mut Keys<'s>, out: &mut Object) {
        let Some(&object) = chain.objects.first() else { return };
        match out.kind {
            Kind::Array | Kind::Map | Kind::Set | Kind::TypedArray => out.size = size(object),
            Kind::Function => self.function(scope, chain, out),
            Kind::RegExp => self.regexp(scope, object, out),
            Kind::Date => out.text = super::boxed::date_text(object).into(),
            Kind::Boxed => self.boxed(scope, object, out),
            Kind::Error => self.error(scope, chain, keys, out),
            Kind::Plain => self.temporal(scope, object, out),
            _ => {}
        }
    }

    /// What is in the object besides its properties.
    fn fill_contents(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        keys: &Keys<'s>,
        level: u32,
        out: &mut Object,
    ) {
        match out.kind {
            Kind::Array => self.array(scope, object, keys, level, out),
            Kind::TypedArray => self.typed_array(scope, object, keys, level, out),
            Kind::ArrayBuffer | Kind::SharedArrayBuffer => self.buffer(object, out),
            Kind::DataView => self.data_view(scope, object, level, out),
            Kind::Map => self.map(scope, object, level, out),
            Kind::Set => self.set(scope, object, level, out),
            Kind::MapIterator | Kind::SetIterator | Kind::WeakMap | Kind::WeakSet => self.previewed(scope, object, level, out),
            Kind::Promise => self.promise(scope, object, level, out),
            _ => {}
        }
    }
}

/// Reference numbers begin at 1.
fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

pub(super) fn size(object: v8::Local<v8::Object>) -> Option<u64> {
    if let Ok(array) = v8::Local::<v8::Array>::try_from(object) {
        Some(u64::from(array.length()))
    } else if let Ok(map) = v8::Local::<v8::Map>::try_from(object) {
        Some(map.size() as u64)
    } else if let Ok(set) = v8::Local::<v8::Set>::try_from(object) {
        Some(set.size() as u64)
    } else {
        v8::Local::<v8::TypedArray>::try_from(object).ok().map(|array| array.length() as u64)
    }
}

/// Whether nothing but the head is to be shown of an object without properties.
fn is_empty(object: &Object, show_hidden: bool) -> bool {
    match object.kind {
        Kind::TypedArray => object.size == Some(0) && !show_hidden,
        Kind::Array | Kind::Map | Kind::Set => object.size == Some(0),
        Kind::ArrayBuffer | Kind::SharedArrayBuffer | Kind::DataView | Kind::Promise | Kind::WeakMap | Kind::WeakSet => false,
        Kind::MapIterator | Kind::MapEntries | Kind::SetIterator | Kind::SetEntries | Kind::Module => false,
        _ => true,
    }
}

/// By internal slots. An object that inherits from nothing but `Object` is shown as such, whatever it was made as.
fn kind(object: v8::Local<v8::Object>, class: &Class) -> Kind {
    if object.is_array() {
        Kind::Array
    } else if object.is_function() {
        Kind::Function
    } else if object.is_set() {
        Kind::Set
    } else if object.is_map() {
        Kind::Map
    } else if object.is_typed_array() {
        Kind::TypedArray
    } else if object.is_map_iterator() {
        Kind::MapIterator
    } else if object.is_set_iterator() {
        Kind::SetIterator
    } else if class.is("Object") {
        if object.is_arguments_object() { Kind::Arguments } else { Kind::Plain }
    } else {
        special_kind(object)
    }
}

fn special_kind(object: v8::Local<v8::Object>) -> Kind {
    if object.is_reg_exp() {
        Kind::RegExp
    } else if object.is_date() {
        Kind::Date
    } else if object.is_native_error() {
        Kind::Error
    } else if object.is_array_buffer() {
        Kind::ArrayBuffer
    } else if object.is_shared_array_buffer() {
        Kind::SharedArrayBuffer
    } else if object.is_data_view() {
        Kind::DataView
    } else if object.is_promise() {
        Kind::Promise
    } else if object.is_weak_set() {
        Kind::WeakSet
    } else if object.is_weak_map() {
        Kind::WeakMap
    } else if object.is_module_namespace_object() {
        Kind::Module
    } else if is_boxed(object) {
        Kind::Boxed
    } else if object.is_external() {
        Kind::External
    } else {
        Kind::Plain
    }
}

fn is_boxed(object: v8::Local<v8::Object>) -> bool {
    object.is_number_object()
        || object.is_string_object()
        || object.is_boolean_object()
        || object.is_big_int_object()
        || object.is_symbol_object()
}
