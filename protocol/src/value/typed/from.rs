//! Values to Rust types.

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IntoDeserializer, Visitor, value::BorrowedStrDeserializer},
};

use super::{
    ConvertError,
    access::{Entries, ErrorPart, List, Pair, Variant},
    copy::copy,
    handover,
    keys::ObjectKey,
};
use crate::{
    Value,
    codec::MAX_VALUE_DEPTH,
    value::{
        BigInt, ErrorValue,
        elements::elements,
        iso_date::iso_date,
        walk::{NoTree, Whole, is_container},
    },
};

/// A Rust type that serde can deserialize, from a value.
///
/// - A Number that is whole is an integer or a float, any other a float. A BigInt is an integer of up to 128 bits.
/// - `undefined`, `null` and a hole are `None` or `()`. For a struct, a property that is `undefined` is missing.
/// - An Array, a Set and a typed array are lists; so is a Map, of pairs. An Object and a Map are maps. An Object is a
///   struct.
/// - An `ArrayBuffer`, a typed array and a `DataView` are also bytes ([`Bytes`](super::super::Bytes), `serde_bytes`).
/// - A Date is its ISO 8601 text, or for a number its milliseconds since the Unix epoch. An invalid Date is `None`.
/// - A RegExp is its text, such as `/a/g`. An Error is a struct with `name`, `message`, `stack`, `cause`, `errors`.
/// - A text, or an Object of one property, is a variant of an enum.
/// - A [`Value`] is the part itself.
///
/// An object that is met twice is read twice.
///
/// serde reads types with `flatten`, `tag` or `untagged` in two steps, and the first step knows no type: there a Date
/// is its text, `undefined` is `null`, and a function is an error also where the type does not read it.
///
/// # Errors
/// When the value does not fit the type, nests deeper than 60 levels, contains itself, repeats more than 64 MiB, or
/// holds what is no data (a function, a symbol, lone surrogates) at a place that the type reads. The error names the
/// place.
///
/// ```
/// use drupe_protocol::{Value, value::from_value};
///
/// let value = Value::Array(vec![1.into(), "a".into(), Value::Null]);
/// assert_eq!(from_value::<(u8, String, Option<f64>)>(&value)?, (1, "a".to_owned(), None));
/// # Ok::<(), drupe_protocol::value::ConvertError>(())
/// ```
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, ConvertError> {
    let whole = Whole::new(value)?;
    T::deserialize(FromValue::new(value, &whole))
}

/// Reads a part of a value.
#[derive(Clone, Copy)]
pub(super) struct FromValue<'a, 'de> {
    value: &'de Value,
    whole: &'a Whole<'de>,
    level: usize,
    /// Whether it was read before.
    again: bool,
}

impl<'a, 'de> FromValue<'a, 'de> {
    pub(super) fn new(value: &'de Value, whole: &'a Whole<'de>) -> Self {
        Self { value, whole, level: 1, again: false }
    }

    fn inner(self, value: &'de Value) -> Self {
        Self { value, level: self.level + 1, ..self }
    }

    /// The value itself, where it is met again. Every part that is read again counts.
    fn resolved(self) -> Result<Self, ConvertError> {
        let this = match self.value {
            Value::Ref(number) => Self { value: self.whole.container(*number)?, again: true, ..self },
            _ => self,
        };
        if this.level > MAX_VALUE_DEPTH && is_container(this.value) {
            return Err(NoTree::TooDeep.into());
        }
        if this.again {
            this.whole.count_again(this.value)?;
        }
        Ok(this)
    }

    fn seq<V: Visitor<'de>>(self, items: &'de [Value], visitor: V) -> Result<V::Value, ConvertError> {
        let parts = items.iter().map(move |item| self.inner(item));
        self.whole.within(self.value, || visit_list(parts, visitor))
    }

    fn map<V: Visitor<'de>, K: Deserializer<'de, Error = ConvertError>>(
        self,
        entries: impl Iterator<Item = (K, Option<&'de str>, &'de Value)>,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let entries = entries.map(|(key, name, value)| (key, name, self.inner(value)));
        self.whole.within(self.value, || visitor.visit_map(Entries { entries, value: None }))
    }

    fn object<V: Visitor<'de>>(
        self,
        entries: &'de [(String, Value)],
        is_read: fn(&Value) -> bool,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let read = entries.iter().filter(move |(_, value)| is_read(value));
        self.map(read.map(|(key, value)| (ObjectKey(key), Some(&**key), value)), visitor)
    }

    fn error<V: Visitor<'de>>(self, error: &'de ErrorValue, visitor: V) -> Result<V::Value, ConvertError> {
        let texts = [("name", Some(&error.name)), ("message", Some(&error.message)), ("stack", error.stack.as_ref())];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, ErrorPart::Text(text?))));
        let values = [("cause", &error.cause), ("errors", &error.errors)];
        let values = values.into_iter().filter_map(|(key, value)| Some((key, ErrorPart::Value(self.inner(value.as_ref()?)))));
        let entries = texts.chain(values).map(|(key, part)| (ObjectKey(key), Some(key), part));
        self.whole.within(self.value, || visitor.visit_map(Entries { entries, value: None }))
    }

    /// As `deserialize_any`; a Date is a number of milliseconds.
    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.resolved()?.value {
            Value::Date(time) => number(*time, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    /// As [`float`](Self::float); -0 is 0.
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.value {
            Value::Number(0.0) => visitor.visit_u64(0),
            _ => self.float(visitor),
        }
    }
}

/// A whole number in the widest type that fits it, any other number as a float.
pub(super) fn number<'de, V: Visitor<'de>>(number: f64, visitor: V) -> Result<V::Value, ConvertError> {
    /// 2^63.
    const PAST_I64: f64 = 9_223_372_036_854_775_808.0;
    /// 2^64.
    const PAST_U64: f64 = 18_446_744_073_709_551_616.0;
    let is_whole = number.fract() == 0.0 && !(number == 0.0 && number.is_sign_negative());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within the type's range")]
    match number {
        _ if is_whole && (-PAST_I64..0.0).contains(&number) => visitor.visit_i64(number as i64),
        _ if is_whole && (0.0..PAST_U64).contains(&number) => visitor.visit_u64(number as u64),
        _ => visitor.visit_f64(number),
    }
}

fn bigint<'de, V: Visitor<'de>>(number: &BigInt, visitor: V) -> Result<V::Value, ConvertError> {
    if let Some(number) = number.to_i128() {
        return integer(number, visitor);
    }
    match number.to_u128() {
        Some(number) => visitor.visit_u128(number),
        None => Err(ConvertError::custom(format_args!(
            "a BigInt of {} bytes does not fit an integer of 128 bits",
            number.magnitude().len()
        ))),
    }
}

pub(super) fn integer<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, ConvertError> {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => visitor.visit_i64(number),
        (_, Ok(number)) => visitor.visit_u64(number),
        _ => visitor.visit_i128(number),
    }
}

/// A list; all of it must be read.
pub(super) fn visit_list<'de, V: Visitor<'de>, D: Deserializer<'de, Error = ConvertError>>(
    items: impl ExactSizeIterator<Item = D>,
    visitor: V,
) -> Result<V::Value, ConvertError> {
    let length = items.len();
    let mut list = List { items, index: 0 };
    let made = visitor.visit_seq(&mut list)?;
    match list.items.len() {
        0 => Ok(made),
        left => Err(ConvertError::invalid_length(length, &format!("a list of {} elements", length - left).as_str())),
    }
}

macro_rules! numbers {
    ($($method:ident $as:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            self.$as(visitor)
        })*
    };
}

macro_rules! any {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            self.deserialize_any(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for FromValue<'_, 'de> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        match this.value {
            Value::Undefined | Value::Null | Value::Hole => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(value) => number(*value, visitor),
            Value::BigInt(value) => bigint(value, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Utf16(_) => Err(ConvertError::new("the text has lone surrogates, which no Rust text can have")),
            Value::Date(time) => match iso_date(*time) {
                Some(text) => visitor.visit_string(text),
                None => visitor.visit_unit(),
            },
            Value::RegExp(regexp) => visitor.visit_string(format!("/{}/{}", regexp.source, regexp.flags)),
            Value::ArrayBuffer(bytes) => visit_list(bytes.iter().map(|byte| (*byte).into_deserializer()), visitor),
            Value::TypedArray(kind, bytes) => visit_list(elements(*kind, bytes), visitor),
            Value::Array(items) | Value::Set(items) => this.seq(items, visitor),
            Value::Object(entries) => this.object(entries, |_| true, visitor),
            Value::Map(entries) => this.map(entries.iter().map(|(key, value)| (this.inner(key), None, value)), visitor),
            Value::Error(error) => this.error(error, visitor),
            Value::Opaque(opaque) => Err(ConvertError::custom(format_args!("a {} is no data: {}", opaque.class, opaque.text))),
            Value::Ref(_) => Err(NoTree::Cycle.into()),
        }
    }

    numbers! {
        deserialize_i8 integer deserialize_i16 integer deserialize_i32 integer deserialize_i64 integer
        deserialize_i128 integer deserialize_u8 integer deserialize_u16 integer deserialize_u32 integer
        deserialize_u64 integer deserialize_u128 integer deserialize_f32 float deserialize_f64 float
    }

    any! { deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_unit deserialize_map deserialize_identifier }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.resolved()?.value {
            Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => visitor.visit_borrowed_bytes(bytes),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.value {
            Value::Undefined | Value::Null | Value::Hole => visitor.visit_none(),
            Value::Date(time) if iso_date(*time).is_none() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        if name != handover::NAME {
            return visitor.visit_newtype_struct(self);
        }
        handover::offer(copy(self.value, self.whole, self.again)?, || visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        let Value::Map(entries) = this.value else { return this.deserialize_any(visitor) };
        let pairs = entries.iter().map(|(key, value)| Pair(this.inner(key), this.inner(value)));
        this.whole.within(this.value, || visit_list(pairs, visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        let Value::Object(entries) = this.value else { return this.deserialize_any(visitor) };
        this.object(entries, |value| !matches!(value, Value::Undefined), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        let this = self.resolved()?;
        match this.value {
            Value::String(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
            Value::Object(entries) => match entries.as_slice() {
                [(name, content)] => {
                    let variant = Variant { name, content: this.inner(content) };
                    this.whole.within(this.value, || visitor.visit_enum(variant))
                }
                _ => Err(ConvertError::new("a variant of an enum is a text, or an object with one property")),
            },
            _ => Err(ConvertError::new("a variant of an enum is a text, or an object with one property")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_unit()
    }
}
