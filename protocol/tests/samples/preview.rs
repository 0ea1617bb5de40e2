//! A preview tree with one of everything: every word and every field of the vocabulary.

use drupe_protocol::preview::{Accessor, Bytes, Entry, Excerpt, Key, Kind, Node, Object, State, Text};

/// A string with half a surrogate pair, which is spelled as a pair.
fn half() -> Text {
    Text::from_utf16(&[0x61, 0xd800])
}

fn nodes() -> Vec<Node> {
    vec![
        Node::Undefined,
        Node::Null,
        Node::Boolean(true),
        Node::Number(-0.0),
        Node::Number(70_000.0),
        Node::BigInt("-258".into()),
        Node::String(Excerpt { text: "é".into(), more: 0 }),
        Node::String(Excerpt { text: half(), more: 300 }),
        Node::Symbol("iterator".into()),
        Node::Circular(1),
        Node::Accessor(Accessor::Getter),
        Node::Accessor(Accessor::Setter),
        Node::Accessor(Accessor::GetterSetter),
        Node::RevokedProxy,
        Node::Uninitialized,
        Node::Omitted,
        Node::Holes(2),
        Node::MoreItems(900),
        Node::MoreProperties(1),
        Node::Bytes(Bytes { bytes: vec![0, 255], more: 0 }),
        Node::Bytes(Bytes { bytes: vec![1], more: 70_000 }),
        Node::Custom("Vec <1, 2>".into()),
        Node::State(State::Pending),
        Node::State(State::ItemsUnknown),
        Node::State(State::Detached),
    ]
}

fn keys() -> [Key; 6] {
    let value = Key::Value(Box::new(Node::Null));
    [Key::Item, Key::Name("a".into()), Key::Hidden("b".into()), Key::Symbol(half()), value, Key::Rejected]
}

const KINDS: [Kind; 28] = [
    Kind::Plain,
    Kind::Arguments,
    Kind::Array,
    Kind::ArrayBuffer,
    Kind::AsyncFunction,
    Kind::AsyncGeneratorFunction,
    Kind::Boxed,
    Kind::Class,
    Kind::DataView,
    Kind::Date,
    Kind::Error,
    Kind::External,
    Kind::Function,
    Kind::GeneratorFunction,
    Kind::Map,
    Kind::MapEntries,
    Kind::MapIterator,
    Kind::Module,
    Kind::Promise,
    Kind::RegExp,
    Kind::Set,
    Kind::SetEntries,
    Kind::SetIterator,
    Kind::SharedArrayBuffer,
    Kind::Temporal,
    Kind::TypedArray,
    Kind::WeakMap,
    Kind::WeakSet,
];

/// All of it, in one object.
pub(crate) fn preview() -> Node {
    let kinds = KINDS.map(|kind| Node::Object(Box::new(Object { kind, ..Object::default() })));
    let keyed = keys().map(|key| Entry { key, value: Node::Null });
    let entries = nodes().into_iter().chain(kinds).map(Entry::from).chain(keyed).collect();
    Node::Object(Box::new(Object {
        kind: Kind::Array,
        class: "Array".into(),
        null_prototype: true,
        tag: "t".into(),
        size: Some(1000),
        reference: 1,
        cut: true,
        numeric: true,
        text: "x".into(),
        extends: "Base".into(),
        primitive: Some(Node::Boolean(false)),
        entries,
    }))
}
