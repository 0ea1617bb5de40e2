//! Arbitrary values.

use drupe_protocol::{
    Value,
    value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

pub(crate) fn value() -> BoxedStrategy<Value> {
    leaf()
        .prop_recursive(5, 48, 6, |inner| {
            let pairs = vec((inner.clone(), inner.clone()), 0..4);
            prop_oneof![
                4 => vec(prop_oneof![6 => inner.clone(), 1 => Just(Value::Hole)], 0..6).prop_map(Value::Array),
                // More than eight keys take another way through the search for duplicates.
                4 => vec((any::<String>(), inner.clone()), 0..12).prop_map(object),
                1 => pairs.prop_map(Value::Map),
                1 => vec(inner.clone(), 0..6).prop_map(Value::Set),
                1 => error(inner),
            ]
        })
        .boxed()
}

fn leaf() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        any::<u64>().prop_map(|bits| Value::Number(f64::from_bits(bits))),
        (-1_i64 << 54..1 << 54).prop_map(|integer| Value::Number(integer as f64)),
        (any::<bool>(), vec(any::<u8>(), 0..20)).prop_map(|(negative, bytes)| Value::BigInt(BigInt::new(negative, bytes))),
        any::<String>().prop_map(Value::String),
        vec(any::<u16>(), 0..8).prop_map(Value::Utf16),
        any::<u64>().prop_map(|bits| Value::Date(f64::from_bits(bits))),
        (any::<String>(), "[dgimsuvy]{0,3}").prop_map(|(source, flags)| Value::RegExp(Box::new(RegExp { source, flags }))),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Value::ArrayBuffer(bytes.into())),
        (select(TypedArrayKind::ALL.as_slice()), vec(any::<u8>(), 0..40)).prop_map(|(kind, mut bytes)| {
            bytes.truncate(bytes.len() / kind.element_size() * kind.element_size());
            Value::TypedArray(kind, bytes.into())
        }),
        any::<u32>().prop_map(Value::Ref),
        any::<(String, String)>().prop_map(|(class, text)| Value::Opaque(Box::new(Opaque { class, text }))),
    ]
    .boxed()
}

fn object(mut entries: Vec<(String, Value)>) -> Value {
    let mut seen = std::collections::HashSet::new();
    entries.retain(|(key, _)| seen.insert(key.clone()));
    Value::Object(entries)
}

fn error(inner: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (any::<(String, String, Option<String>)>(), option::of(inner.clone()), option::of(inner))
        .prop_map(|((name, message, stack), cause, errors)| {
            Value::Error(Box::new(ErrorValue { name, message, stack, cause, errors }))
        })
        .boxed()
}
