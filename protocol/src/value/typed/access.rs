//! The parts of values, one after another: elements of lists, entries of maps, variants of enums.

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
};

use super::{
    ConvertError,
    error::Step,
    from::{FromValue, integer, number, visit_list},
};
use crate::value::elements::Element;

/// The elements of a list.
pub(super) struct List<I> {
    pub(super) items: I,
    pub(super) index: usize,
}

impl<'de, D, I> SeqAccess<'de> for &mut List<I>
where
    D: Deserializer<'de, Error = ConvertError>,
    I: ExactSizeIterator<Item = D>,
{
    type Error = ConvertError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ConvertError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        self.index += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.within(Step::Index(self.index - 1)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

impl<'de> IntoDeserializer<'de, ConvertError> for Element {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Element {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self {
            Self::Number(value) => number(value, visitor),
            Self::BigInt(value) => integer(value, visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// An entry of a `Map`, as a list of two.
pub(super) struct Pair<'a, 'de>(pub(super) FromValue<'a, 'de>, pub(super) FromValue<'a, 'de>);

impl<'de> Deserializer<'de> for Pair<'_, 'de> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visit_list([self.0, self.1].into_iter(), visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The entries of a map or an object.
pub(super) struct Entries<I, P> {
    pub(super) entries: I,
    /// The value whose key was read, and the key.
    pub(super) value: Option<(Option<String>, P)>,
}

impl<'de, K, P, I> MapAccess<'de> for Entries<I, P>
where
    K: Deserializer<'de, Error = ConvertError>,
    P: Deserializer<'de, Error = ConvertError>,
    I: Iterator<Item = (K, Option<&'de str>, P)>,
{
    type Error = ConvertError;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ConvertError> {
        let Some((key, name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((name.map(str::to_owned), value));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, ConvertError> {
        let Some((name, value)) = self.value.take() else { return Err(ConvertError::new("no key was read")) };
        seed.deserialize(value).map_err(|error| match name {
            Some(name) => error.within(Step::Key(name)),
            None => error,
        })
    }
}

/// A part of an error.
pub(super) enum ErrorPart<'a, 'de> {
    Text(&'de str),
    Value(FromValue<'a, 'de>),
}

impl<'de> Deserializer<'de> for ErrorPart<'_, 'de> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self {
            Self::Text(text) => visitor.visit_borrowed_str(text),
            Self::Value(value) => value.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self {
            Self::Text(_) => visitor.visit_some(self),
            Self::Value(value) => value.deserialize_option(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        match self {
            Self::Text(_) => visitor.visit_newtype_struct(self),
            Self::Value(value) => value.deserialize_newtype_struct(name, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        match self {
            Self::Text(text) => visitor.visit_enum(StrDeserializer::<ConvertError>::new(text)),
            Self::Value(value) => value.deserialize_enum(name, variants, visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// An object with one property, as a variant with contents.
pub(super) struct Variant<'a, 'de> {
    pub(super) name: &'de str,
    pub(super) content: FromValue<'a, 'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = ConvertError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ConvertError> {
        let variant = seed.deserialize(BorrowedStrDeserializer::<ConvertError>::new(self.name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = ConvertError;

    fn unit_variant(self) -> Result<(), ConvertError> {
        Deserialize::deserialize(self.content).map_err(|error: ConvertError| error.within(Step::Key(self.name.to_owned())))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ConvertError> {
        seed.deserialize(self.content).map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ConvertError> {
        self.content.deserialize_seq(visitor).map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, ConvertError> {
        let made = self.content.deserialize_struct("", fields, visitor);
        made.map_err(|error| error.within(Step::Key(self.name.to_owned())))
    }
}
