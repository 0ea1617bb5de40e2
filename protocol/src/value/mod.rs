//! JavaScript values as data.
//!
//! [`Value`] is a JavaScript value outside of its engine: primitives and plain data, typed, with sharing and cycles
//! kept. [`wire`] defines the encoding of each kind in msgpack.

mod bigint;
mod bytes;
mod convert;
mod elements;
mod iso_date;
mod json;
mod read;
mod typed;
mod walk;
mod weight;
pub mod wire;
mod write;

pub use self::bytes::Bytes;
pub use bigint::BigInt;
pub use elements::json_number;
pub use iso_date::{date_of, iso_date};
pub(crate) use read::present;
pub use typed::{ConvertError, from_args, from_value, to_value};

/// A JavaScript value by value.
///
/// With msgpack it is serialized as the wire says. With formats for people, such as JSON, it is plain data: see [its
/// implementation](#impl-Serialize-for-Value). [`to_value`] and [`from_value`] convert from and to the types that serde
/// knows.
///
/// *Containers* ([`Array`](Self::Array), [`Object`](Self::Object), [`Map`](Self::Map), [`Set`](Self::Set),
/// [`Error`](Self::Error)) are numbered from 0 in the order in which they open, depth first; [`Ref`](Self::Ref) points
/// back to one by that number. So an object met twice is sent once, and a cycle ends.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `undefined`.
    #[default]
    Undefined,
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; `NaN`, the infinities and `-0` included.
    Number(f64),
    /// A BigInt.
    BigInt(BigInt),
    /// A string that is well-formed Unicode.
    String(String),
    /// A string with lone surrogates, as its UTF-16 code units.
    Utf16(Vec<u16>),
    /// A `Date`: milliseconds since the Unix epoch, `NaN` if invalid.
    Date(f64),
    /// A `RegExp`.
    RegExp(Box<RegExp>),
    /// An `ArrayBuffer`.
    ArrayBuffer(Bytes),
    /// A typed array or `DataView`: its kind and its bytes, little-endian.
    TypedArray(TypedArrayKind, Bytes),
    /// An array; missing elements are [`Hole`](Self::Hole)s.
    Array(Vec<Value>),
    /// An element that an array does not have. Stands only directly in [`Array`](Self::Array).
    Hole,
    /// An object's own enumerable string-keyed properties, in order. **Keys are unique.**
    Object(Vec<(String, Value)>),
    /// A `Map`, in order.
    Map(Vec<(Value, Value)>),
    /// A `Set`, in order.
    Set(Vec<Value>),
    /// An error.
    Error(Box<ErrorValue>),
    /// The container with this number, met again.
    Ref(u32),
    /// Something that is not data, such as a function, a symbol or a promise, or that lies too deep: only its text.
    Opaque(Box<Opaque>),
}

/// A regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegExp {
    /// Its source, without the slashes.
    pub source: String,
    /// Its flags.
    pub flags: String,
}

/// An error by value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorValue {
    /// Its `name`.
    pub name: String,
    /// Its `message`.
    pub message: String,
    /// Its `stack` text, if it is a string.
    pub stack: Option<String>,
    /// Its `cause`, if it has one.
    pub cause: Option<Value>,
    /// An `AggregateError`'s `errors`, if it has them.
    pub errors: Option<Value>,
}

/// A value of which only the text crosses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// What it is: the `typeof` of a primitive or the class of an object, such as `function`, `symbol`, `Promise`.
    pub class: String,
    /// As a console prints it, bounded.
    pub text: String,
}

/// The element types of typed arrays, and `DataView`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the view of that name")]
#[repr(u8)]
pub enum TypedArrayKind {
    Int8 = 0,
    Uint8 = 1,
    Uint8Clamped = 2,
    Int16 = 3,
    Uint16 = 4,
    Int32 = 5,
    Uint32 = 6,
    BigInt64 = 7,
    BigUint64 = 8,
    Float16 = 9,
    Float32 = 10,
    Float64 = 11,
    DataView = 12,
}

impl TypedArrayKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Int8,
        Self::Uint8,
        Self::Uint8Clamped,
        Self::Int16,
        Self::Uint16,
        Self::Int32,
        Self::Uint32,
        Self::BigInt64,
        Self::BigUint64,
        Self::Float16,
        Self::Float32,
        Self::Float64,
        Self::DataView,
    ];

    /// Bytes of one element; 1 for `DataView`.
    #[must_use]
    pub fn element_size(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 | Self::Uint8Clamped | Self::DataView => 1,
            Self::Int16 | Self::Uint16 | Self::Float16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::BigInt64 | Self::BigUint64 | Self::Float64 => 8,
        }
    }
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The text, if it is a well-formed string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The bytes of an `ArrayBuffer`, a typed array or a `DataView`, little-endian.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::ArrayBuffer(bytes) | Self::TypedArray(_, bytes) = self { Some(bytes) } else { None }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The property `key`, if it is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}
