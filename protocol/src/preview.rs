//! A bounded description of a JavaScript value, as a person expects to see it in a console.
//!
//! The kernel builds the tree without running user code; `drupe-preview` lays it out as text; a rich front end may draw
//! it in its own way. The tree holds content, and no presentation: no colours, no line breaks, no quotes. **Strings in
//! it are the user's**: code that shows them must escape everything that a terminal or a page would act upon.
//!
//! Start at [`Node`], then [`Object`] and [`Entry`].

use serde::{Deserialize, Serialize};

pub use text::Text;

mod text;

/// How many levels of objects below the root a tree that crosses the wire may hold. A level costs five levels of
/// msgpack, so that a whole tree stays below fifty.
pub const MAX_DEPTH: u32 = 8;

/// One value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// `undefined`.
    #[default]
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number; negative zero, infinities and NaN included.
    Number(f64),
    /// A BigInt in decimal, without the `n`.
    BigInt(String),
    /// A string, or its beginning.
    String(Excerpt),
    /// A symbol's description.
    Symbol(Text),
    /// An object or function.
    Object(Box<Object>),
    /// One of the objects around this value: the one whose [`Object::reference`] is this number.
    Circular(u32),
    /// A property that has accessors, which were not run.
    Accessor(Accessor),
    /// A proxy that was revoked: nothing can be known about it.
    RevokedProxy,
    /// A binding of a module that has not been initialised yet.
    Uninitialized,
    /// The value could not be read, or the budget of the whole tree was spent before it.
    Omitted,
    /// A run of this many array elements that do not exist.
    Holes(u64),
    /// This many more elements, entries or items follow that the tree leaves out.
    MoreItems(u64),
    /// This many more properties follow that the tree leaves out.
    MoreProperties(u64),
    /// The beginning of a buffer.
    Bytes(Bytes),
    /// What an object says of itself, where its own inspect hook was asked.
    Custom(Text),
    /// A word about a state that is no value: `pending`, `detached`, `items unknown`.
    State(State),
}

/// A string, or its beginning.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Excerpt {
    /// What is shown.
    pub text: Text,
    /// How many UTF-16 units follow that were left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more: u64,
}

/// The first bytes of a buffer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bytes {
    /// What is shown.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// How many bytes follow that were left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub more: u64,
}

/// Which accessors a property has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accessor {
    /// It can be read.
    Getter,
    /// It can be written.
    Setter,
    /// Both.
    GetterSetter,
}

/// What there is to say where there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A promise that is not settled.
    Pending,
    /// A weak collection: listing it would show what the garbage collector did.
    ItemsUnknown,
    /// A buffer that was transferred away.
    Detached,
}

/// An object: what it is called, and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// What kind of object it is, by its internal slots rather than by its name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// The name of its constructor. Where `null_prototype` is set, what it was made as.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class: Text,
    /// It inherits from nothing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub null_prototype: bool,
    /// Its `Symbol.toStringTag`, unless that is among the entries. Where it is the class again, it is not worth showing
    /// beside it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tag: Text,
    /// How many elements or entries it has, where its kind counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The number by which [`Node::Circular`] names it; 0 where nothing inside refers back to it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reference: u32,
    /// It lies deeper than was asked for: it has contents, none of which are here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cut: bool,
    /// The elements at the positions that are shown are numbers or BigInts, all of them, so that they may be aligned as
    /// such.
    #[serde(default, skip_serializing_if = "is_default")]
    pub numeric: bool,
    /// By kind: a function's name, a regular expression's source with slashes and flags, a date in ISO 8601, an error's
    /// stack (or name and message where it has none), a Temporal object's text.
    #[serde(default, skip_serializing_if = "is_default")]
    pub text: Text,
    /// What a class extends; empty where it extends nothing by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub extends: Text,
    /// The primitive inside a boxed primitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primitive: Option<Node>,
    /// Elements, then named properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
}

/// What kind of object it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the language's own")]
pub enum Kind {
    /// Nothing more special than an object.
    #[default]
    Plain,
    Arguments,
    Array,
    ArrayBuffer,
    AsyncFunction,
    AsyncGeneratorFunction,
    /// An object made by `new Number(1)`, `Object("s")` and the like.
    Boxed,
    Class,
    DataView,
    Date,
    Error,
    /// A value that only the host can read.
    External,
    Function,
    GeneratorFunction,
    Map,
    /// An iterator over pairs, of a map or of a set.
    MapEntries,
    MapIterator,
    Module,
    Promise,
    RegExp,
    Set,
    SetEntries,
    SetIterator,
    SharedArrayBuffer,
    Temporal,
    TypedArray,
    WeakMap,
    WeakSet,
}

/// One thing inside an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What stands before the value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub key: Key,
    /// The value.
    pub value: Node,
}

/// What stands before a value inside an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Nothing: an element of an array, an item of a set, a promise's value.
    #[default]
    Item,
    /// A property's name.
    Name(Text),
    /// The name of a property that is not enumerable, or of an internal one.
    Hidden(Text),
    /// The description of a property's symbol.
    Symbol(Text),
    /// The key of a map's entry.
    Value(Box<Node>),
    /// The value is a promise's reason.
    Rejected,
}

impl From<Node> for Entry {
    fn from(value: Node) -> Self {
        Self { key: Key::Item, value }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Node {
    /// The tree without what lies more than `depth` levels of objects below this one, which is marked as cut. Text may
    /// show more levels than the wire may carry.
    pub fn prune(&mut self, depth: u32) {
        let Self::Object(object) = self else { return };
        for entry in &mut object.entries {
            if let Key::Value(key) = &mut entry.key {
                key.prune_or_cut(depth);
            }
            entry.value.prune_or_cut(depth);
        }
    }

    fn prune_or_cut(&mut self, depth: u32) {
        if let Some(depth) = depth.checked_sub(1) {
            self.prune(depth);
        } else if let Self::Object(object) = self
            && !object.entries.is_empty()
        {
            object.entries = Vec::new();
            object.cut = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Excerpt, Key, Kind, MAX_DEPTH, Node, Object, Text};
    use crate::{decode, encode};

    /// Bytes of length before a message.
    const PREFIX: usize = 4;

    fn map_of(key: Node, value: Node) -> Node {
        let entries = vec![Entry { key: Key::Value(Box::new(key)), value }];
        Node::Object(Box::new(Object { kind: Kind::Map, class: "Map".into(), size: Some(1), entries, ..Object::default() }))
    }

    fn sent(node: &Node) -> Node {
        let mut frame = Vec::new();
        encode(node, &mut frame).unwrap();
        decode(&frame[PREFIX..]).unwrap()
    }

    #[test]
    fn what_was_sent_arrives() {
        let text = Text::from_utf16(&[0xd800, 0x61]);
        let node = map_of(Node::String(Excerpt { text, more: 3 }), Node::Number(-0.0));
        let arrived = sent(&node);
        assert_eq!(arrived, node);
        let Node::Object(map) = arrived else { panic!("an object") };
        assert!(matches!(map.entries[0].value, Node::Number(zero) if zero.is_sign_negative()));
    }

    #[test]
    fn defaults_take_no_room() {
        let mut frame = Vec::new();
        encode(&Node::Object(Box::default()), &mut frame).unwrap();
        assert_eq!(&frame[PREFIX..], b"\x81\xa6object\x80");
    }

    #[test]
    fn the_deepest_tree_fits() {
        let mut node = Node::Null;
        for _ in 0..30 {
            node = map_of(node, Node::Null);
        }
        node.prune(MAX_DEPTH);
        assert_eq!(sent(&node), node);
        let mut levels = 0;
        let mut at = &node;
        while let Node::Object(object) = at {
            levels += 1;
            let Some(Entry { key: Key::Value(key), .. }) = object.entries.first() else {
                assert!(object.cut);
                break;
            };
            at = key;
        }
        // The root, the levels below it, and the one that is cut off.
        assert_eq!(levels, MAX_DEPTH + 2);
    }
}
