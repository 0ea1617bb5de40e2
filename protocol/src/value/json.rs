//! Values as plain data, for JSON and other formats that people read. `Value`'s implementation of `Serialize` documents
//! the result for each kind.

use std::cell::{Cell, RefCell};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};

use super::{BigInt, ErrorValue, TypedArrayKind, Value, iso_date::iso_date};
use crate::codec::MAX_VALUE_DEPTH;

/// What may be written more than once, in bytes: an element counts [`ELEMENT`] bytes, and a text or typed array its length besides.
const MAX_REPEATED: usize = 64 << 20;

/// What an element that is written again counts at least.
const ELEMENT: usize = 16;

/// Writes `value`, which is whole: its [`Ref`](Value::Ref)s point into it.
pub(super) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let mut containers = Vec::new();
    if !is_shallow(value, MAX_VALUE_DEPTH) {
        return Err(too_deep());
    }
    // Without a reference no container needs its number.
    if has_ref(value) {
        number(value, &mut containers);
    }
    let whole = Whole { open: RefCell::new(Vec::new()), repeated: Cell::new(0), containers };
    Plain { value, whole: &whole, level: 1, again: false }.serialize(serializer)
}

fn too_deep<E: serde::ser::Error>() -> E {
    E::custom(format_args!("the value nests deeper than {MAX_VALUE_DEPTH} levels"))
}

/// Whether a value has at most `levels` levels. Whoever goes through all of it is sure of its stack then.
fn is_shallow(value: &Value, levels: usize) -> bool {
    let mut shallow = levels > 0;
    if shallow {
        each_child(value, &mut |child| shallow = shallow && is_shallow(child, levels - 1));
    }
    shallow
}

fn has_ref(value: &Value) -> bool {
    let mut found = matches!(value, Value::Ref(_));
    each_child(value, &mut |child| found = found || has_ref(child));
    found
}

/// Lists containers by their numbers: in the order in which they open.
fn number<'a>(value: &'a Value, containers: &mut Vec<&'a Value>) {
    if is_container(value) {
        containers.push(value);
    }
    each_child(value, &mut |child| number(child, containers));
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_) | Value::Map(_) | Value::Set(_) | Value::Error(_))
}

fn each_child<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    match value {
        Value::Array(items) | Value::Set(items) => items.iter().for_each(visit),
        Value::Object(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            visit(key);
            visit(value);
        }),
        Value::Error(error) => error.cause.iter().chain(&error.errors).for_each(visit),
        _ => {}
    }
}

/// How long a value is without its children, in bytes of text.
fn length(value: &Value) -> usize {
    /// What an element of a typed array takes at most.
    const ELEMENT_TEXT: usize = 24;
    match value {
        Value::String(text) => text.len(),
        Value::Utf16(units) => units.len() * 3,
        Value::ArrayBuffer(bytes) => bytes.len() * 4,
        Value::TypedArray(kind, bytes) => bytes.len() / kind.element_size() * ELEMENT_TEXT,
        Value::BigInt(number) => number.magnitude().len() * 3,
        Value::RegExp(regexp) => regexp.source.len(),
        Value::Object(entries) => entries.iter().map(|(key, _)| key.len()).sum(),
        Value::Error(error) => error.message.len() + error.stack.as_ref().map_or(0, String::len),
        _ => 0,
    }
}

/// What is known while a value is written.
struct Whole<'a> {
    /// Empty if no container is met again.
    containers: Vec<&'a Value>,
    /// The containers that are being written.
    open: RefCell<Vec<*const Value>>,
    /// How many bytes were written again.
    repeated: Cell<usize>,
}

/// A value, or a part of one.
#[derive(Clone, Copy)]
struct Plain<'a> {
    value: &'a Value,
    whole: &'a Whole<'a>,
    /// How deep it lies.
    level: usize,
    /// Whether it was written before.
    again: bool,
}

impl<'a> Plain<'a> {
    fn inner(self, value: &'a Value) -> Self {
        Self { value, level: self.level + 1, ..self }
    }

    /// What a property of an object is left out for.
    fn is_nothing(self) -> bool {
        matches!(self.value, Value::Undefined | Value::Hole | Value::Opaque(_))
    }

    fn container<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        let this: *const Value = self.value;
        if self.whole.open.borrow().contains(&this) {
            return Err(S::Error::custom("the value contains itself: a cycle cannot be written as plain data"));
        }
        self.whole.open.borrow_mut().push(this);
        let written = self.contents(serializer);
        self.whole.open.borrow_mut().pop();
        written
    }

    fn contents<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Array(items) | Value::Set(items) => serializer.collect_seq(items.iter().map(|item| self.inner(item))),
            Value::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| (key, self.inner(value)));
                serializer.collect_map(entries.filter(|(_, value)| !value.is_nothing()))
            }
            Value::Map(entries) => {
                serializer.collect_seq(entries.iter().map(|(key, value)| [self.inner(key), self.inner(value)]))
            }
            Value::Error(error) => self.error(error, serializer),
            _ => serializer.serialize_unit(),
        }
    }

    fn error<S: Serializer>(self, error: &'a ErrorValue, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &error.name)?;
        map.serialize_entry("message", &error.message)?;
        if let Some(stack) = &error.stack {
            map.serialize_entry("stack", stack)?;
        }
        for (key, value) in [("cause", &error.cause), ("errors", &error.errors)] {
            if let Some(value) = value {
                map.serialize_entry(key, &self.inner(value))?;
            }
        }
        map.end()
    }
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.level > MAX_VALUE_DEPTH {
            return Err(too_deep());
        }
        if self.again {
            let repeated = self.whole.repeated.get().saturating_add(ELEMENT + length(self.value));
            self.whole.repeated.set(repeated);
            if repeated > MAX_REPEATED {
                return Err(S::Error::custom(format_args!(
                    "the value holds the same objects again and again: plain data would repeat more than {MAX_REPEATED} bytes"
                )));
            }
        }
        match self.value {
            Value::Undefined | Value::Hole | Value::Opaque(_) | Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => self::number_of(*number, serializer),
            Value::BigInt(number) => serializer.collect_str(&Digits(number)),
            Value::String(text) => serializer.serialize_str(text),
            Value::Utf16(units) => serializer.serialize_str(&String::from_utf16_lossy(units)),
            Value::Date(time) => match iso_date(*time) {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_unit(),
            },
            Value::RegExp(regexp) => serializer.collect_str(&format_args!("/{}/{}", regexp.source, regexp.flags)),
            Value::ArrayBuffer(bytes) => serializer.collect_seq(bytes),
            Value::TypedArray(kind, bytes) => elements(*kind, bytes, serializer),
            Value::Array(_) | Value::Object(_) | Value::Map(_) | Value::Set(_) | Value::Error(_) => self.container(serializer),
            Value::Ref(number) => match usize::try_from(*number).ok().and_then(|number| self.whole.containers.get(number)) {
                Some(value) => Plain { value, again: true, ..*self }.serialize(serializer),
                None => {
                    Err(S::Error::custom(format_args!("the value refers to its object number {number}, which it does not have")))
                }
            },
        }
    }
}

/// From here on JavaScript writes whole numbers with an exponent.
const WITH_EXPONENT: f64 = 1e21;

/// Whole numbers without a fraction, as JavaScript writes them.
fn number_of<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded where it is used")]
    let integer = number as i128;
    match number {
        _ if !number.is_finite() => serializer.serialize_unit(),
        _ if number.fract() == 0.0 && number.abs() < WITH_EXPONENT => match i64::try_from(integer) {
            Ok(integer) => serializer.serialize_i64(integer),
            Err(_) => serializer.serialize_i128(integer),
        },
        _ => serializer.serialize_f64(number),
    }
}

/// A BigInt in decimal, or in hexadecimal where it is too large for that.
struct Digits<'a>(&'a BigInt);

impl std::fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.0.to_i128() {
            Some(number) => write!(f, "{number}"),
            None => write!(f, "{:x}", self.0),
        }
    }
}

/// The elements of a typed array; the bytes of a `DataView`.
fn elements<S: Serializer>(kind: TypedArrayKind, bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use TypedArrayKind as K;
    macro_rules! collect {
        ($number:ty, $size:literal, $element:ty) => {
            serializer.collect_seq(
                bytes
                    .as_chunks::<$size>()
                    .0
                    .iter()
                    .map(|&chunk| Element::from(<$element>::from(<$number>::from_le_bytes(chunk)))),
            )
        };
    }
    match kind {
        K::Uint8 | K::Uint8Clamped | K::DataView => serializer.collect_seq(bytes),
        K::Int8 => collect!(i8, 1, f64),
        K::Int16 => collect!(i16, 2, f64),
        K::Uint16 => collect!(u16, 2, f64),
        K::Int32 => collect!(i32, 4, f64),
        K::Uint32 => collect!(u32, 4, f64),
        K::Float32 => collect!(f32, 4, f64),
        K::Float64 => collect!(f64, 8, f64),
        K::BigInt64 => collect!(i64, 8, i128),
        K::BigUint64 => collect!(u64, 8, i128),
        K::Float16 => {
            serializer.collect_seq(bytes.as_chunks::<2>().0.iter().map(|&chunk| Element::Number(half(u16::from_le_bytes(chunk)))))
        }
    }
}

/// An element of a typed array.
enum Element {
    Number(f64),
    BigInt(i128),
}

impl From<f64> for Element {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<i128> for Element {
    fn from(number: i128) -> Self {
        Self::BigInt(number)
    }
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => number_of(*number, serializer),
            Self::BigInt(number) => serializer.collect_str(number),
        }
    }
}

/// The number that these bits are in binary16.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Value,
        value::{BigInt, Bytes, ErrorValue, Opaque, TypedArrayKind as Kind},
    };

    fn json(value: impl Into<Value>) -> String {
        serde_json::to_string(&value.into()).unwrap()
    }

    fn refused(value: &Value) -> String {
        serde_json::to_string(value).unwrap_err().to_string()
    }

    fn opaque() -> Value {
        Value::Opaque(Box::new(Opaque { class: "function".into(), text: "[Function: f]".into() }))
    }

    #[test]
    fn plain_data_is_what_json_stringify_writes() {
        assert_eq!(json(vec![Value::from(1.0), Value::Undefined, Value::Null, Value::Hole, opaque()]), "[1,null,null,null,null]");
        assert_eq!(
            json(vec![0.0, -0.0, 1.5, -7.0, 9_007_199_254_740_991.0, 1e300]),
            "[0,0,1.5,-7,9007199254740991,1e300]".replace("1e300", "1e+300")
        );
        assert_eq!(
            json(vec![9_007_199_254_740_992.0, 1e20, -1e19]),
            "[9007199254740992,100000000000000000000,-10000000000000000000]"
        );
        assert_eq!(json(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), "[null,null,null]");
        let object =
            vec![("a".into(), true.into()), ("b".into(), Value::Undefined), ("c".into(), opaque()), ("d".into(), Value::Null)];
        assert_eq!(json(Value::Object(object)), r#"{"a":true,"d":null}"#);
        assert_eq!(json("é\"\n"), "\"é\\\"\\n\"");
        assert_eq!(json(Value::Utf16(vec![0x61, 0xd800])), "\"a\u{fffd}\"");
        assert_eq!(json(Value::Undefined), "null");
        assert_eq!(json(Value::Date(0.0)), r#""1970-01-01T00:00:00.000Z""#);
        assert_eq!(json(Value::Date(f64::NAN)), "null");
    }

    #[test]
    fn what_json_has_no_word_for_is_its_contents() {
        assert_eq!(json(i128::MAX), format!("\"{}\"", i128::MAX));
        assert_eq!(json(Value::BigInt(BigInt::new(true, vec![1; 17]))), format!("\"-0x1{}\"", "01".repeat(16)));
        assert_eq!(json(Value::Map(vec![(1.into(), "a".into())])), r#"[[1,"a"]]"#);
        assert_eq!(json(Value::Set(vec![1.into()])), "[1]");
        let error = ErrorValue { name: "TypeError".into(), message: "no".into(), cause: Some(1.into()), ..ErrorValue::default() };
        assert_eq!(json(Value::Error(Box::new(error))), r#"{"name":"TypeError","message":"no","cause":1}"#);
        assert_eq!(json(Bytes(vec![0, 255])), "[0,255]");
        assert_eq!(json(Value::ArrayBuffer(vec![7])), "[7]");
        let typed = |kind, bytes: &[u8]| json(Value::TypedArray(kind, bytes.to_vec()));
        assert_eq!(typed(Kind::Int8, &[255]), "[-1]");
        assert_eq!(typed(Kind::Int16, &[0, 128, 1, 0]), "[-32768,1]");
        assert_eq!(typed(Kind::Uint32, &[255; 4]), "[4294967295]");
        assert_eq!(typed(Kind::BigInt64, &[255; 8]), r#"["-1"]"#);
        assert_eq!(typed(Kind::BigUint64, &[255; 8]), r#"["18446744073709551615"]"#);
        assert_eq!(typed(Kind::Float32, &1.5_f32.to_le_bytes()), "[1.5]");
        assert_eq!(typed(Kind::Float64, &f64::NAN.to_le_bytes()), "[null]");
        assert_eq!(typed(Kind::Float16, &[0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c]), "[1,-2,5.960464477539063e-8,null]");
        assert_eq!(typed(Kind::DataView, &[1, 2]), "[1,2]");
    }

    #[test]
    fn what_is_met_twice_is_written_twice_and_a_cycle_is_refused() {
        let shared = Value::Array(vec![Value::Array(vec![1.into()]), Value::Ref(1)]);
        assert_eq!(json(shared), "[[1],[1]]");
        assert!(refused(&Value::Array(vec![Value::Ref(0)])).contains("contains itself"));
        assert!(refused(&Value::Array(vec![Value::Ref(7)])).contains("number 7"));
    }

    // threat B11
    #[test]
    fn what_is_written_twice_is_bounded() {
        // Each list holds the one before twice.
        let mut value = Value::Array(vec![]);
        for number in (1..40).rev() {
            value = Value::Array(vec![value, Value::Ref(number)]);
        }
        assert!(refused(&value).contains("again and again"), "{}", refused(&value));
        // A long text in a list that is met many times.
        let mut items = vec![Value::Array(vec!["x".repeat(1 << 20).into()])];
        items.extend((0..1_000).map(|_| Value::Ref(1)));
        assert!(refused(&Value::Array(items)).contains("again and again"));
        let deep = (0..10_000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(refused(&deep).contains("nests deeper"));
        // Each list holds the one before it: references make it deep.
        let chain = (0..200_u32).map(|number| Value::Array(if number == 0 { vec![] } else { vec![Value::Ref(number)] }));
        assert!(refused(&Value::Array(chain.collect())).contains("nests deeper"));
    }
}
