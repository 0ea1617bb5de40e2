//! Decodes msgpack to values, as [`wire`](super::wire) defines it, and refuses everything else.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use super::{
    BigInt, Bytes, ErrorValue, Opaque, RegExp, TypedArrayKind, Value,
    typed::{self, PlainVisitor},
    wire::{MAX_SAFE_INTEGER, head, leaf},
};
use crate::{pages, shared};

/// No more than this many elements are reserved on a header's word alone.
const TRUST: usize = 64;

/// From msgpack (and other formats that are not for people) as [`wire`](super::wire) says. From JSON and its like the
/// plain data: an integer beyond 2^53 - 1 either side of zero is a BigInt.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_newtype_struct(typed::NAME, PlainVisitor);
        }
        match deserializer.deserialize_any(ItemVisitor)? {
            Item::Value(Value::Hole) => Err(de::Error::custom("a hole stands only directly in an array")),
            Item::Value(value) => Ok(value),
            Item::Head(code) => Err(misplaced(code)),
        }
    }
}

/// Reads a field that is present as a value, so that `null` is a value and not an absent one.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What may stand in an array: a value or, in first place, a head.
enum Item {
    Value(Value),
    Head(i8),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

impl Item {
    /// As a later element of an array.
    fn element<E: de::Error>(self) -> Result<Value, E> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Head(code) => Err(misplaced(code)),
        }
    }
}

fn misplaced<E: de::Error>(code: i8) -> E {
    E::custom(format_args!("extension type {code:#04x} stands only at the head of an array"))
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JavaScript value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Item, E> {
        Ok(Item::Value(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Item, E> {
        Ok(Item::Value(Value::Bool(flag)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Item, E> {
        if number > MAX_SAFE_INTEGER {
            return Err(E::custom(format_args!("integer {number} is not exact as a number; send a BigInt")));
        }
        #[expect(clippy::cast_precision_loss, reason = "checked above")]
        Ok(Item::Value(Value::Number(number as f64)))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Item, E> {
        if number.unsigned_abs() > MAX_SAFE_INTEGER {
            return Err(E::custom(format_args!("integer {number} is not exact as a number; send a BigInt")));
        }
        #[expect(clippy::cast_precision_loss, reason = "checked above")]
        Ok(Item::Value(Value::Number(number as f64)))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Item, E> {
        Ok(Item::Value(Value::Number(number)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Item, E> {
        Ok(Item::Value(Value::String(pages::copy_text(text))))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Item, E> {
        Ok(Item::Value(Value::String(text)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
        let (code, Payload(payload)) = <(i8, Payload)>::deserialize(deserializer)?;
        if payload.is_empty() && (head::MAP..=head::OPAQUE).contains(&code) {
            return Ok(Item::Head(code));
        }
        read_leaf(code, payload).map(Item::Value).map_err(de::Error::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        let first = match seq.next_element()? {
            Some(Item::Head(code)) => return read_headed(code, seq).map(Item::Value),
            Some(Item::Value(first)) => first,
            None => return Ok(Item::Value(Value::Array(Vec::new()))),
        };
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(TRUST) + 1);
        items.push(first);
        while let Some(item) = seq.next_element::<Item>()? {
            items.push(item.element()?);
        }
        Ok(Item::Value(Value::Array(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let mut entries: Vec<(String, Value)> = Vec::with_capacity(map.size_hint().unwrap_or(0).min(TRUST));
        while let Some((Text(key), value)) = map.next_entry()? {
            entries.push((key, value));
        }
        match duplicate(&entries) {
            Some(key) => Err(de::Error::custom(format_args!("duplicate key {key:?}"))),
            None => Ok(Item::Value(Value::Object(entries))),
        }
    }
}

pub(super) fn duplicate(entries: &[(String, Value)]) -> Option<&str> {
    if entries.len() <= 8 {
        let earlier = |index: usize| entries[..index].iter().any(|(key, _)| *key == entries[index].0);
        return (1..entries.len()).find(|&index| earlier(index)).map(|index| &*entries[index].0);
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().map(|(key, _)| &**key).find(|key| !seen.insert(*key))
}

fn read_leaf(code: i8, payload: Bytes) -> Result<Value, Cow<'static, str>> {
    let kind = || usize::try_from(code - leaf::TYPED_ARRAY).ok().and_then(|index| TypedArrayKind::ALL.get(index).copied());
    match (code, &*payload) {
        (leaf::UNDEFINED, []) => Ok(Value::Undefined),
        (leaf::HOLE, []) => Ok(Value::Hole),
        (leaf::BIGINT, [0 | 1]) if payload[0] == 1 => Err("BigInt is a negative zero".into()),
        (leaf::BIGINT, [0 | 1, .., 0]) if payload.len() > 1 => Err("BigInt has trailing zero bytes".into()),
        (leaf::BIGINT, [sign @ (0 | 1), magnitude @ ..]) => Ok(Value::BigInt(BigInt::new(*sign == 1, magnitude.to_vec()))),
        (leaf::UTF16, bytes) if bytes.len().is_multiple_of(2) => {
            Ok(Value::Utf16(bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect()))
        }
        (leaf::DATE, bytes) => match bytes.try_into() {
            Ok(bytes) => Ok(Value::Date(f64::from_le_bytes(bytes))),
            Err(_) => Err("Date is not eight bytes".into()),
        },
        (leaf::REF, bytes) => match bytes.try_into() {
            Ok(bytes) => Ok(Value::Ref(u32::from_le_bytes(bytes))),
            Err(_) => Err("reference is not four bytes".into()),
        },
        (leaf::ARRAY_BUFFER, _) => Ok(Value::ArrayBuffer(payload)),
        (leaf::TYPED_ARRAY.., bytes) => match kind() {
            Some(kind) if bytes.len().is_multiple_of(kind.element_size()) => Ok(Value::TypedArray(kind, payload)),
            Some(kind) => Err(format!("{} bytes are no whole number of {kind:?} elements", bytes.len()).into()),
            None => Err(format!("unknown extension type {code:#04x}").into()),
        },
        _ => Err(format!("unknown or malformed extension of type {code:#04x}").into()),
    }
}

fn read_headed<'de, A: SeqAccess<'de>>(code: i8, mut seq: A) -> Result<Value, A::Error> {
    let value = match code {
        head::MAP => {
            let mut entries = Vec::with_capacity((seq.size_hint().unwrap_or(0) / 2).min(TRUST));
            while let Some(key) = seq.next_element()? {
                entries.push((key, required(&mut seq, "a value for each key of a Map")?));
            }
            return Ok(Value::Map(entries));
        }
        head::SET => {
            let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(TRUST));
            while let Some(item) = seq.next_element()? {
                items.push(item);
            }
            return Ok(Value::Set(items));
        }
        head::ERROR => Value::Error(Box::new(ErrorValue {
            name: text(&mut seq, "an error's name")?,
            message: text(&mut seq, "an error's message")?,
            stack: required::<_, Option<Text>>(&mut seq, "an error's stack")?.map(|Text(stack)| stack),
            cause: unless_hole(&mut seq, "an error's cause")?,
            errors: unless_hole(&mut seq, "an error's errors")?,
        })),
        head::REGEXP => Value::RegExp(Box::new(RegExp {
            source: text(&mut seq, "a regular expression's source")?,
            flags: text(&mut seq, "a regular expression's flags")?,
        })),
        _ => Value::Opaque(Box::new(Opaque {
            class: text(&mut seq, "an opaque value's class")?,
            text: text(&mut seq, "an opaque value's text")?,
        })),
    };
    match seq.next_element::<de::IgnoredAny>()? {
        None => Ok(value),
        Some(_) => Err(de::Error::custom(format_args!("too many elements behind the head {code:#04x}"))),
    }
}

fn required<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(seq: &mut A, what: &str) -> Result<T, A::Error> {
    seq.next_element()?.ok_or_else(|| de::Error::custom(format_args!("missing {what}")))
}

fn text<'de, A: SeqAccess<'de>>(seq: &mut A, what: &str) -> Result<String, A::Error> {
    required(seq, what).map(|Text(text)| text)
}

fn unless_hole<'de, A: SeqAccess<'de>>(seq: &mut A, what: &str) -> Result<Option<Value>, A::Error> {
    let value = required::<_, Item>(seq, what)?.element()?;
    Ok(if value == Value::Hole { None } else { Some(value) })
}

/// A msgpack str. `String` would also take a bin.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// What an extension holds.
struct Payload(Bytes);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PayloadVisitor;
        impl Visitor<'_> for PayloadVisitor {
            type Value = Payload;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the bytes of an extension")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Payload, E> {
                Ok(Payload(shared::part(bytes).map_or_else(|| pages::copy(bytes).into(), Bytes)))
            }
        }
        deserializer.deserialize_bytes(PayloadVisitor)
    }
}
