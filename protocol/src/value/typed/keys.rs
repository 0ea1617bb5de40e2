//! The keys of objects: texts in JavaScript, often numbers in Rust.

use serde::{
    Deserializer, Serialize, Serializer,
    de::{IntoDeserializer, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
    ser::Impossible,
};

use super::ConvertError;

/// The text of a key that an object may have: of a text, a number, a boolean or a variant of an enum.
pub(super) fn key_text<T: Serialize + ?Sized>(key: &T) -> Option<String> {
    key.serialize(KeyText).ok()
}

struct KeyText;

type Never = Impossible<String, ConvertError>;

fn no_text<T>() -> Result<T, ConvertError> {
    Err(ConvertError::new("an object's key must be a text"))
}

macro_rules! texts {
    ($($method:ident($kind:ty)),*) => {
        $(fn $method(self, key: $kind) -> Result<String, ConvertError> {
            Ok(key.to_string())
        })*
    };
}

impl Serializer for KeyText {
    type Ok = String;
    type Error = ConvertError;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    texts!(
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_i128(i128)
    );
    texts!(serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128));
    texts!(serialize_char(char), serialize_str(&str));

    fn serialize_f32(self, _: f32) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_f64(self, _: f64) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_none(self) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<String, ConvertError> {
        key.serialize(self)
    }

    fn serialize_unit(self) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<String, ConvertError> {
        Ok(name.to_owned())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<String, ConvertError> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, key: &T) -> Result<String, ConvertError> {
        key.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<String, ConvertError> {
        no_text()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_tuple(self, _: usize) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Never, ConvertError> {
        no_text()
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Never, ConvertError> {
        no_text()
    }
}

/// A key of an object, which may also be read as a number or a boolean.
pub(super) struct ObjectKey<'de>(pub(super) &'de str);

macro_rules! parsed {
    ($($method:ident, $visit:ident, $kind:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            match self.0.parse::<$kind>() {
                Ok(key) => visitor.$visit(key),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for ObjectKey<'de> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool, visit_bool, bool;
        deserialize_i8, visit_i64, i64;
        deserialize_i16, visit_i64, i64;
        deserialize_i32, visit_i64, i64;
        deserialize_i64, visit_i64, i64;
        deserialize_i128, visit_i128, i128;
        deserialize_u8, visit_u64, u64;
        deserialize_u16, visit_u64, u64;
        deserialize_u32, visit_u64, u64;
        deserialize_u64, visit_u64, u64;
        deserialize_u128, visit_u128, u128;
        deserialize_f32, visit_f64, f64;
        deserialize_f64, visit_f64, f64;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let key: BorrowedStrDeserializer<ConvertError> = BorrowedStrDeserializer::new(self.0);
        key.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
