//! Arbitrary preview trees.

use drupe_protocol::preview::{Accessor, Bytes, Entry, Excerpt, Key, Kind, Node, Object, State, Text};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A tree as no kernel makes it: fields and kinds go together in any way.
pub(crate) fn node() -> BoxedStrategy<Node> {
    leaf().prop_recursive(4, 32, 5, |inner| object(inner).prop_map(|object| Node::Object(Box::new(object)))).boxed()
}

/// Half surrogate pairs among them.
fn text() -> BoxedStrategy<Text> {
    prop_oneof![
        any::<String>().prop_map(Text::from),
        vec(prop_oneof![any::<u16>(), 0xd800..0xe000_u16], 0..6).prop_map(|units| Text::from_utf16(&units)),
    ]
    .boxed()
}

fn leaf() -> BoxedStrategy<Node> {
    let accessors = [Accessor::Getter, Accessor::Setter, Accessor::GetterSetter];
    let states = [State::Pending, State::ItemsUnknown, State::Detached];
    let words = [Node::Undefined, Node::Null, Node::RevokedProxy, Node::Uninitialized, Node::Omitted];
    prop_oneof![
        2 => select(words.to_vec()),
        1 => any::<bool>().prop_map(Node::Boolean),
        2 => any::<u64>().prop_map(|bits| Node::Number(f64::from_bits(bits))),
        1 => any::<i64>().prop_map(|number| Node::BigInt(number.to_string())),
        2 => (text(), any::<u64>()).prop_map(|(text, more)| Node::String(Excerpt { text, more })),
        1 => text().prop_map(Node::Symbol),
        1 => any::<u32>().prop_map(Node::Circular),
        1 => select(accessors.to_vec()).prop_map(Node::Accessor),
        1 => any::<u64>().prop_map(Node::Holes),
        1 => any::<u64>().prop_map(Node::MoreItems),
        1 => any::<u64>().prop_map(Node::MoreProperties),
        1 => (vec(any::<u8>(), 0..20), any::<u64>()).prop_map(|(bytes, more)| Node::Bytes(Bytes { bytes, more })),
        1 => text().prop_map(Node::Custom),
        1 => select(states.to_vec()).prop_map(Node::State),
    ]
    .boxed()
}

fn object(inner: BoxedStrategy<Node>) -> BoxedStrategy<Object> {
    let kinds = [Kind::Plain, Kind::Array, Kind::Boxed, Kind::Error, Kind::Map, Kind::SetEntries, Kind::Temporal];
    let texts = (text(), text(), text(), text());
    let numbers = any::<(Option<u64>, u32, bool, bool, bool)>();
    let contents = (option::of(inner.clone()), vec(entry(inner), 0..5));
    (select(kinds.to_vec()), texts, numbers, contents)
        .prop_map(|(kind, texts, numbers, (primitive, entries))| {
            let (class, tag, text, extends) = texts;
            let (size, reference, null_prototype, cut, numeric) = numbers;
            Object { kind, class, null_prototype, tag, size, reference, cut, numeric, text, extends, primitive, entries }
        })
        .boxed()
}

pub(crate) fn entry(inner: BoxedStrategy<Node>) -> BoxedStrategy<Entry> {
    let key = prop_oneof![
        Just(Key::Item),
        text().prop_map(Key::Name),
        text().prop_map(Key::Hidden),
        text().prop_map(Key::Symbol),
        inner.clone().prop_map(|node| Key::Value(Box::new(node))),
        Just(Key::Rejected),
    ];
    (key, inner).prop_map(|(key, value)| Entry { key, value }).boxed()
}
