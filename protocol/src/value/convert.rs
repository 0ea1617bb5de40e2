//! Conversions of Rust values to JavaScript values.

use super::{BigInt, TypedArrayKind, Value, wire::MAX_SAFE_INTEGER};

/// Bytes that are to be a `Uint8Array`. (A `Vec<u8>` is an array of numbers, as each `Vec` is.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl From<Bytes> for Value {
    fn from(Bytes(bytes): Bytes) -> Self {
        Self::TypedArray(TypedArrayKind::Uint8, bytes)
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_owned())
    }
}

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
