//! Encodes values to msgpack, as [`wire`](super::wire) defines it.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap, SerializeSeq},
};
use serde_bytes::Bytes;

use super::{
    ErrorValue, Value, json, typed,
    wire::{MAX_SAFE_INTEGER, head, leaf},
};
use crate::{codec::MAX_VALUE_DEPTH, shared};

/// The name under which rmp-serde spells extension types.
const EXTENSION: &str = rmp_serde::MSGPACK_EXT_STRUCT_NAME;

struct Ext<'a>(i8, &'a [u8]);

impl Serialize for Ext<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(EXTENSION, &(self.0, Bytes::new(self.1)))
    }
}

/// In msgpack (and other formats that are not for people) as [`wire`](super::wire) says. In JSON and its like as plain
/// data, as `JSON.stringify` would write it, and where that writes nothing of use, as its contents:
///
/// - `undefined`, what is no data (functions, symbols), `NaN` and the infinities are `null`; as properties of objects,
///   `undefined` and what is no data are left out
/// - a BigInt is its decimal digits as a string (hexadecimal with `0x` beyond 128 bits), a `Date` its ISO 8601 text, a
///   `RegExp` its source between slashes
/// - typed arrays, `ArrayBuffer`s and `DataView`s are arrays of their elements (of bytes, the last two), a `Set` is an
///   array, a `Map` an array of pairs
/// - an error is an object with `name`, `message`, and if it has them `stack`, `cause` and `errors`
///
/// An object that is met twice is written twice. A cycle is an error, and so is a value that comes to more than 60
/// levels, or that repeats more than 64 MiB.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_newtype_struct(typed::NAME, &Plain(self));
        }
        At { value: self, level: 1 }.serialize(serializer)
    }
}

/// A value as plain data, or handed over to a conversion.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if typed::give(self.0) {
            return serializer.serialize_unit();
        }
        json::serialize(self.0, serializer)
    }
}

/// A value whose container, if it is one, would be this many levels deep.
struct At<'a> {
    value: &'a Value,
    level: usize,
}

/// A value directly in an array.
struct Element<'a>(At<'a>);

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.value {
            Value::Hole if self.0.level <= MAX_VALUE_DEPTH => Ext(leaf::HOLE, &[]).serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

impl Serialize for At<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use Value as V;
        let inner = |value| At { value, level: self.level + 1 };
        let depth = match self.value {
            V::Null | V::Bool(_) | V::String(_) | V::Number(_) => 0,
            V::Map(_) | V::Set(_) | V::Error(_) | V::RegExp(_) | V::Opaque(_) => self.level + 1,
            _ => self.level,
        };
        if depth > MAX_VALUE_DEPTH {
            return Err(S::Error::custom(format_args!("value nests deeper than {MAX_VALUE_DEPTH} levels")));
        }
        let ext = |code, bytes: &[u8], serializer: S| Ext(code, bytes).serialize(serializer);
        match self.value {
            V::Undefined => ext(leaf::UNDEFINED, &[], serializer),
            V::Hole => Err(S::Error::custom("a hole stands only directly in an array")),
            V::Null => serializer.serialize_unit(),
            V::Bool(flag) => serializer.serialize_bool(*flag),
            V::Number(number) => serialize_number(*number, serializer),
            V::BigInt(number) => {
                let mut bytes = Vec::with_capacity(1 + number.magnitude().len());
                bytes.push(u8::from(number.is_negative()));
                bytes.extend_from_slice(number.magnitude());
                ext(leaf::BIGINT, &bytes, serializer)
            }
            V::String(text) => serializer.serialize_str(text),
            V::Utf16(units) => {
                let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
                ext(leaf::UTF16, &bytes, serializer)
            }
            V::Date(time) => ext(leaf::DATE, &time.to_le_bytes(), serializer),
            V::Ref(number) => ext(leaf::REF, &number.to_le_bytes(), serializer),
            V::ArrayBuffer(bytes) => shared::offering(&bytes.0, || ext(leaf::ARRAY_BUFFER, bytes, serializer)),
            V::TypedArray(kind, bytes) => shared::offering(&bytes.0, || ext(leaf::TYPED_ARRAY + *kind as i8, bytes, serializer)),
            V::Array(items) => serializer.collect_seq(items.iter().map(|item| Element(inner(item)))),
            V::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, &inner(value)))?;
                map.end()
            }
            V::Map(entries) => {
                let items = entries.iter().flat_map(|(key, value)| [inner(key), inner(value)]);
                headed(serializer, head::MAP, entries.len() * 2, items)
            }
            V::Set(items) => headed(serializer, head::SET, items.len(), items.iter().map(inner)),
            V::RegExp(regexp) => headed(serializer, head::REGEXP, 2, [&regexp.source, &regexp.flags]),
            V::Opaque(opaque) => headed(serializer, head::OPAQUE, 2, [&opaque.class, &opaque.text]),
            V::Error(error) => serialize_error(error, self.level + 1, serializer),
        }
    }
}

/// Whole numbers that a double holds exactly travel as integers, which are shorter; the rest, and `-0`, as binary64.
fn serialize_number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and the comparison then fails")]
    let integer = number as i64;
    #[expect(clippy::cast_precision_loss, reason = "integers past 2^53 are excluded")]
    let exact = integer.unsigned_abs() <= MAX_SAFE_INTEGER && (integer as f64).to_bits() == number.to_bits();
    if exact { serializer.serialize_i64(integer) } else { serializer.serialize_f64(number) }
}

fn headed<S: Serializer, T: Serialize>(
    serializer: S,
    code: i8,
    count: usize,
    items: impl IntoIterator<Item = T>,
) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(1 + count))?;
    seq.serialize_element(&Ext(code, &[]))?;
    items.into_iter().try_for_each(|item| seq.serialize_element(&item))?;
    seq.end()
}

fn serialize_error<S: Serializer>(error: &ErrorValue, level: usize, serializer: S) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(Some(6))?;
    seq.serialize_element(&Ext(head::ERROR, &[]))?;
    seq.serialize_element(&error.name)?;
    seq.serialize_element(&error.message)?;
    seq.serialize_element(&error.stack)?;
    for value in [&error.cause, &error.errors] {
        match value {
            Some(value) => seq.serialize_element(&At { value, level })?,
            None => seq.serialize_element(&Ext(leaf::HOLE, &[]))?,
        }
    }
    seq.end()
}
