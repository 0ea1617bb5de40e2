//! Conversions of Rust values to JavaScript values.

use std::collections::HashMap;

use super::{BigInt, ConvertError, Value, from_value, wire::MAX_SAFE_INTEGER};

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Number(f64::from(number))
            }
        })*
    };
}
numbers!(f64, f32, i32, u32, i16, u16, i8, u8);

/// A number where a double holds the integer exactly (up to 2^53 - 1 either side of zero), and a BigInt beyond.
macro_rules! wide {
    ($($number:ty),*) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                let number = number as i128;
                #[expect(clippy::cast_precision_loss, reason = "within 53 bits")]
                if number.unsigned_abs() <= u128::from(MAX_SAFE_INTEGER) {
                    Self::Number(number as f64)
                } else {
                    Self::BigInt(BigInt::from(number))
                }
            }
        })*
    };
}
wide!(i64, u64, isize, usize);

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Undefined
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<i128> for Value {
    fn from(number: i128) -> Self {
        Self::BigInt(BigInt::from(number))
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

/// `None` becomes `null`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// An object. Of two entries of one key the later counts.
impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut object: Vec<(String, Self)> = Vec::new();
        let mut places = HashMap::new();
        for (key, value) in entries {
            let key = key.into();
            let place = *places.entry(key.clone()).or_insert(object.len());
            match object.get_mut(place) {
                Some(entry) => entry.1 = value.into(),
                None => object.push((key, value.into())),
            }
        }
        Self::Object(object)
    }
}

/// As [`to_value`](super::to_value).
#[cfg(feature = "json")]
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as J;
        match json {
            J::Null => Self::Null,
            J::Bool(flag) => flag.into(),
            J::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => number.into(),
                (_, Some(number)) => number.into(),
                _ => number.as_f64().unwrap_or(f64::NAN).into(),
            },
            J::String(text) => text.into(),
            J::Array(items) => items.into(),
            J::Object(entries) => entries.into_iter().collect(),
        }
    }
}

macro_rules! read {
    ($($kind:ty),*) => {
        $(
            /// As [`from_value`].
            impl TryFrom<&Value> for $kind {
                type Error = ConvertError;

                fn try_from(value: &Value) -> Result<Self, ConvertError> {
                    from_value(value)
                }
            }

            /// As [`from_value`].
            impl TryFrom<Value> for $kind {
                type Error = ConvertError;

                fn try_from(value: Value) -> Result<Self, ConvertError> {
                    from_value(&value)
                }
            }
        )*
    };
}
read!(bool, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, String);

/// As [`from_value`]: what JSON has no word for is its contents, and what is no data is an error.
#[cfg(feature = "json")]
impl TryFrom<&Value> for serde_json::Value {
    type Error = ConvertError;

    fn try_from(value: &Value) -> Result<Self, ConvertError> {
        from_value(value)
    }
}

/// As [`from_value`].
#[cfg(feature = "json")]
impl TryFrom<Value> for serde_json::Value {
    type Error = ConvertError;

    fn try_from(value: Value) -> Result<Self, ConvertError> {
        from_value(&value)
    }
}
