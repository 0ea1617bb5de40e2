//! Rust types to values.

use std::cell::Cell;

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
        SerializeTupleVariant,
    },
};

use super::{ConvertError, error::Step, handover, keys::key_text};
use crate::{
    Value,
    codec::MAX_VALUE_DEPTH,
    shared,
    value::{
        BigInt, Bytes,
        read::duplicate,
        walk::{NoTree, is_shallow, shift},
    },
};

/// The value of a Rust type that serde can serialize.
///
/// - A number is a Number. An integer beyond 2^53 - 1 either side of zero is a BigInt, and so are `i128` and `u128`.
/// - A list or a tuple is an Array. A struct is an Object. A map is an Object if all its keys are texts, numbers,
///   booleans or names of variants, and so is an empty map; else it is a Map.
/// - `None` is `null`. `()` is `undefined`.
/// - Bytes ([`Bytes`](super::super::Bytes), or `serde_bytes`) are a `Uint8Array`. A `Vec<u8>` is an Array of numbers.
/// - A variant of an enum is its name, or an Object with its name as the one key.
/// - A [`Value`] is itself.
///
/// # Errors
/// When the data nests deeper than 60 levels, an object would have a key twice, or the type's own code fails.
///
/// ```
/// use drupe_protocol::{Value, value::to_value};
///
/// assert_eq!(to_value(&(1, "a", None::<u8>))?, Value::Array(vec![1.into(), "a".into(), Value::Null]));
/// # Ok::<(), drupe_protocol::value::ConvertError>(())
/// ```
pub fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<Value, ConvertError> {
    shared::encoding(|| data.serialize(ToValue { level: 1, opened: &Cell::new(0) }))
}

/// Makes the value of a part.
#[derive(Clone, Copy)]
struct ToValue<'a> {
    /// The level of the value, if it is a container; the outermost has the level 1.
    level: usize,
    /// The number of containers before this part.
    opened: &'a Cell<u32>,
}

impl<'a> ToValue<'a> {
    /// Opens a container of `depth` levels; what is in it is made by the result.
    fn open(self, depth: usize) -> Result<Self, ConvertError> {
        if self.level + depth > MAX_VALUE_DEPTH + 1 {
            return Err(NoTree::TooDeep.into());
        }
        self.opened.set(self.opened.get() + 1);
        Ok(Self { level: self.level + 1, ..self })
    }

    fn list(self, variant: Option<&'static str>, length: usize) -> Result<List<'a>, ConvertError> {
        let outer = if variant.is_some() { self.open(1)? } else { self };
        Ok(List { items: Vec::with_capacity(length.min(4096)), next: outer.open(1)?, variant })
    }

    fn object(self, variant: Option<&'static str>) -> Result<Object<'a>, ConvertError> {
        let outer = if variant.is_some() { self.open(1)? } else { self };
        Ok(Object { entries: Entries::Object(Vec::new()), key: None, next: outer.open(1)?, variant })
    }

    /// A value that stood in the data.
    fn embed(self, mut value: Value) -> Result<Value, ConvertError> {
        if !is_shallow(&value, (MAX_VALUE_DEPTH + 1).saturating_sub(self.level)) {
            return Err(NoTree::TooDeep.into());
        }
        let before = self.opened.get();
        self.opened.set(before + shift(&mut value, before));
        Ok(value)
    }
}

fn named(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Object(vec![(variant.to_owned(), value)]),
        None => value,
    }
}

macro_rules! numbers {
    ($($method:ident($kind:ty)),*) => {
        $(fn $method(self, number: $kind) -> Result<Value, ConvertError> {
            Ok(number.into())
        })*
    };
}

impl<'a> Serializer for ToValue<'a> {
    type Ok = Value;
    type Error = ConvertError;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    numbers!(serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128));
    numbers!(
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_f32(f32),
        serialize_f64(f64)
    );
    numbers!(serialize_bool(bool), serialize_str(&str));

    fn serialize_u128(self, number: u128) -> Result<Value, ConvertError> {
        Ok(Value::BigInt(BigInt::new(false, number.to_le_bytes().to_vec())))
    }

    fn serialize_char(self, character: char) -> Result<Value, ConvertError> {
        Ok(Value::String(character.into()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ConvertError> {
        Ok(shared::take(bytes).map_or_else(|| bytes.into(), Bytes).into())
    }

    fn serialize_none(self) -> Result<Value, ConvertError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, data: &T) -> Result<Value, ConvertError> {
        data.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ConvertError> {
        Ok(Value::Undefined)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ConvertError> {
        Ok(Value::Undefined)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, ConvertError> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, data: &T) -> Result<Value, ConvertError> {
        if name != handover::NAME {
            return data.serialize(self);
        }
        match handover::ask(|| data.serialize(self)) {
            (_, Some(value)) => self.embed(value),
            (made, None) => made,
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        data: &T,
    ) -> Result<Value, ConvertError> {
        let value = data.serialize(self.open(1)?).map_err(|error| error.within(Step::Key(variant.to_owned())))?;
        Ok(named(Some(variant), value))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List<'a>, ConvertError> {
        self.list(None, length.unwrap_or(0))
    }

    fn serialize_tuple(self, length: usize) -> Result<List<'a>, ConvertError> {
        self.list(None, length)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List<'a>, ConvertError> {
        self.list(None, length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<List<'a>, ConvertError> {
        self.list(Some(variant), length)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, ConvertError> {
        self.object(None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, ConvertError> {
        self.object(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, ConvertError> {
        self.object(Some(variant))
    }
}

/// An array that is being made.
struct List<'a> {
    items: Vec<Value>,
    next: ToValue<'a>,
    variant: Option<&'static str>,
}

impl List<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ConvertError> {
        let item = item.serialize(self.next).map_err(|error| error.within(Step::Index(self.items.len())))?;
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Result<Value, ConvertError> {
        Ok(named(self.variant, Value::Array(self.items)))
    }
}

macro_rules! lists {
    ($($kind:ident, $method:ident;)*) => {
        $(impl $kind for List<'_> {
            type Ok = Value;
            type Error = ConvertError;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), ConvertError> {
                self.push(item)
            }

            fn end(self) -> Result<Value, ConvertError> {
                self.finish()
            }
        })*
    };
}
lists! {
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field;
    SerializeTupleVariant, serialize_field;
}

/// An object or a `Map` that is being made.
struct Object<'a> {
    entries: Entries,
    /// The key whose value comes next.
    key: Option<Key>,
    next: ToValue<'a>,
    variant: Option<&'static str>,
}

enum Entries {
    Object(Vec<(String, Value)>),
    Map(Vec<(Value, Value)>),
}

enum Key {
    Text(String),
    Other(Value),
}

impl Object<'_> {
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ConvertError> {
        self.key = Some(match (&mut self.entries, key_text(key)) {
            (Entries::Object(_), Some(text)) => Key::Text(text),
            (entries, _) => {
                if let Entries::Object(texts) = entries {
                    // A Map has two levels on the wire.
                    self.next.level += 1;
                    if self.next.level > MAX_VALUE_DEPTH + 1 {
                        return Err(NoTree::TooDeep.into());
                    }
                    let texts = std::mem::take(texts).into_iter().map(|(key, value)| (key.into(), value));
                    *entries = Entries::Map(texts.collect());
                }
                Key::Other(key.serialize(self.next)?)
            }
        });
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, data: &T) -> Result<(), ConvertError> {
        match (self.key.take(), &mut self.entries) {
            (Some(Key::Text(key)), Entries::Object(entries)) => match data.serialize(self.next) {
                Ok(value) => entries.push((key, value)),
                Err(error) => return Err(error.within(Step::Key(key))),
            },
            (Some(Key::Other(key)), Entries::Map(entries)) => entries.push((key, data.serialize(self.next)?)),
            _ => return Err(ConvertError::new("a value of the map has no key")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Value, ConvertError> {
        let value = match self.entries {
            Entries::Object(entries) => match duplicate(&entries) {
                Some(key) => return Err(ConvertError::new(format_args!("the key {key:?} stands twice"))),
                None => Value::Object(entries),
            },
            Entries::Map(entries) => Value::Map(entries),
        };
        Ok(named(self.variant, value))
    }
}

impl SerializeMap for Object<'_> {
    type Ok = Value;
    type Error = ConvertError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ConvertError> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ConvertError> {
        self.value(value)
    }

    fn end(self) -> Result<Value, ConvertError> {
        self.finish()
    }
}

macro_rules! structs {
    ($($kind:ident),*) => {
        $(impl $kind for Object<'_> {
            type Ok = Value;
            type Error = ConvertError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, field: &T) -> Result<(), ConvertError> {
                self.key = Some(Key::Text(name.to_owned()));
                self.value(field)
            }

            fn end(self) -> Result<Value, ConvertError> {
                self.finish()
            }
        })*
    };
}
structs!(SerializeStruct, SerializeStructVariant);
