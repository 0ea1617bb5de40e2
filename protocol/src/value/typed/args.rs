//! The arguments of a call to Rust types.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
};

use super::{ConvertError, error::Step, from::FromValue};
use crate::{Value, value::walk::Whole};

/// The arguments of a call. A tuple takes one argument for each of its elements, as a function in JavaScript does: a
/// missing argument is `undefined`, and further arguments are ignored. `()` takes none. Any other type takes the first
/// argument. serde reads a Rust array as a tuple: write `([f64; 3],)` for one argument that is a list of three.
///
/// # Errors
/// As for [`from_value`](super::from_value). The first step of the error's [path](ConvertError::path) is the index of
/// the argument.
///
/// ```
/// use drupe_protocol::{Value, value::from_args};
///
/// let args = ["a".into(), 2.into()];
/// assert_eq!(from_args::<(String, u8, Option<u8>)>(&args)?, ("a".to_owned(), 2, None));
/// assert_eq!(from_args::<String>(&args)?, "a");
/// # Ok::<(), drupe_protocol::value::ConvertError>(())
/// ```
pub fn from_args<'de, T: Deserialize<'de>>(args: &'de [Value]) -> Result<T, ConvertError> {
    T::deserialize(Args(args))
}

struct Args<'de>(&'de [Value]);

impl<'de> Args<'de> {
    /// What `read` makes of the first argument.
    fn first<T>(self, read: impl FnOnce(FromValue<'_, 'de>) -> Result<T, ConvertError>) -> Result<T, ConvertError> {
        argument(self.0, 0, read)
    }
}

fn argument<'de, T>(
    args: &'de [Value],
    index: usize,
    read: impl FnOnce(FromValue<'_, 'de>) -> Result<T, ConvertError>,
) -> Result<T, ConvertError> {
    let value = args.get(index).unwrap_or(&Value::Undefined);
    let read = || read(FromValue::new(value, &Whole::new(value)?));
    read().map_err(|error| error.within(Step::Index(index)))
}

macro_rules! first {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            self.first(|value| value.$method(visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for Args<'de> {
    type Error = ConvertError;

    first! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
        deserialize_seq deserialize_map deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        self.first(|value| value.deserialize_unit_struct(name, visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, ConvertError> {
        self.first(|value| value.deserialize_newtype_struct(name, visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_seq(Tuple { args: self.0, length, index: 0 })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.first(|value| value.deserialize_tuple_struct(name, length, visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.first(|value| value.deserialize_struct(name, fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.first(|value| value.deserialize_enum(name, variants, visitor))
    }
}

struct Tuple<'de> {
    args: &'de [Value],
    length: usize,
    index: usize,
}

impl<'de> SeqAccess<'de> for Tuple<'de> {
    type Error = ConvertError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ConvertError> {
        if self.index == self.length {
            return Ok(None);
        }
        self.index += 1;
        argument(self.args, self.index - 1, |value| seed.deserialize(value)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.length - self.index)
    }
}
