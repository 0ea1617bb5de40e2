//! JavaScript values as JSON.
//!
//! Values that JSON has are written as JSON: `null`, booleans, finite numbers, strings, arrays, plain objects.
//! Everything else is an object whose first key is `$type`:
//!
//! | `$type` | other keys |
//! |---|---|
//! | `undefined`, `hole` (a missing array element) | |
//! | `number` | `value`: `"NaN"`, `"Infinity"`, `"-Infinity"` or `"-0"` |
//! | `bigint` | `value`: decimal digits, or beyond 128 bits hexadecimal with `0x`, after a `-` if negative |
//! | `string` (with lone surrogates) | `utf16`: its code units |
//! | `Date` | `value`: milliseconds since the Unix epoch, `null` if invalid |
//! | `RegExp` | `source`, `flags` |
//! | `ArrayBuffer`, `DataView`, `Uint8Array` and the other typed arrays | `hex`: its bytes, little-endian |
//! | `Map` | `entries`: a list of pairs |
//! | `Set` | `items` |
//! | `Error` | `name`, `message`, and if there are any `stack`, `cause`, `errors` |
//! | `Object` (a plain object that has a key `$type` itself) | `entries`: a list of pairs |
//! | `ref` | `index`: the number of an array, object, Map, Set or Error that was written before; they are counted from 0 as they open |
//! | `opaque` (no data, or too deep) | `class`, `text` |

use drupe_protocol::{
    Value, hex,
    value::{BigInt, ErrorValue, TypedArrayKind, json_number},
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

pub(super) const TYPE: &str = "$type";

/// A value that serializes as the module says; in formats that are not for people, such as msgpack, as on the kernel's
/// wire.
#[derive(Clone, Copy, Debug)]
pub struct TypedJson<'a>(pub &'a Value);

impl Serialize for TypedJson<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "`special` lists the others")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => self::number(serializer, *number),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => items_of(items).serialize(serializer),
            Value::Object(entries) if entries.iter().all(|(key, _)| key != TYPE) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, TypedJson(value))))
            }
            Value::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| (key, TypedJson(value))).collect::<Vec<_>>();
                typed(serializer, "Object", |map| map.serialize_entry("entries", &entries))
            }
            other => special(serializer, other),
        }
    }
}

fn special<S: Serializer>(serializer: S, value: &Value) -> Result<S::Ok, S::Error> {
    match value {
        Value::BigInt(number) => typed(serializer, "bigint", |map| map.serialize_entry("value", &digits(number))),
        Value::Utf16(units) => typed(serializer, "string", |map| map.serialize_entry("utf16", units)),
        Value::Date(time) => {
            let time = time.is_finite().then_some(*time);
            typed(serializer, "Date", |map| map.serialize_entry("value", &time.map(Number)))
        }
        Value::RegExp(regexp) => typed(serializer, "RegExp", |map| {
            map.serialize_entry("source", &regexp.source)?;
            map.serialize_entry("flags", &regexp.flags)
        }),
        Value::ArrayBuffer(bytes) => typed(serializer, "ArrayBuffer", |map| map.serialize_entry("hex", &hex(bytes))),
        Value::TypedArray(kind, bytes) => typed(serializer, &array_name(*kind), |map| map.serialize_entry("hex", &hex(bytes))),
        Value::Hole => typed(serializer, "hole", |_| Ok(())),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (TypedJson(key), TypedJson(value))).collect::<Vec<_>>();
            typed(serializer, "Map", |map| map.serialize_entry("entries", &entries))
        }
        Value::Set(items) => typed(serializer, "Set", |map| map.serialize_entry("items", &items_of(items))),
        Value::Error(error) => typed(serializer, "Error", |map| self::error(map, error)),
        Value::Ref(index) => typed(serializer, "ref", |map| map.serialize_entry("index", index)),
        Value::Opaque(opaque) => typed(serializer, "opaque", |map| {
            map.serialize_entry("class", &opaque.class)?;
            map.serialize_entry("text", &opaque.text)
        }),
        Value::Undefined => typed(serializer, "undefined", |_| Ok(())),
        // JSON's own are written above; what is left is a kind of value that is not known here.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            typed(serializer, "unknown", |_| Ok(()))
        }
        _ => typed(serializer, "unknown", |_| Ok(())),
    }
}

/// The class of a typed array or `DataView`.
pub(super) fn array_name(kind: TypedArrayKind) -> String {
    if kind == TypedArrayKind::DataView { "DataView".to_owned() } else { format!("{kind:?}Array") }
}

fn typed<S: Serializer>(
    serializer: S,
    name: &str,
    fill: impl FnOnce(&mut S::SerializeMap) -> Result<(), S::Error>,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry(TYPE, name)?;
    fill(&mut map)?;
    map.end()
}

fn error<M: SerializeMap>(map: &mut M, error: &ErrorValue) -> Result<(), M::Error> {
    map.serialize_entry("name", &error.name)?;
    map.serialize_entry("message", &error.message)?;
    if let Some(stack) = &error.stack {
        map.serialize_entry("stack", stack)?;
    }
    if let Some(cause) = &error.cause {
        map.serialize_entry("cause", &TypedJson(cause))?;
    }
    match &error.errors {
        Some(errors) => map.serialize_entry("errors", &TypedJson(errors)),
        None => Ok(()),
    }
}

fn items_of(items: &[Value]) -> impl Serialize {
    struct Items<'a>(&'a [Value]);
    impl Serialize for Items<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut list = serializer.serialize_seq(Some(self.0.len()))?;
            self.0.iter().try_for_each(|item| list.serialize_element(&TypedJson(item)))?;
            list.end()
        }
    }
    Items(items)
}

/// A finite number, as JavaScript would write it: `1`, not `1.0`.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(serializer, self.0)
    }
}

fn number<S: Serializer>(serializer: S, number: f64) -> Result<S::Ok, S::Error> {
    match number {
        _ if number.is_nan() => not_json(serializer, "NaN"),
        f64::INFINITY => not_json(serializer, "Infinity"),
        f64::NEG_INFINITY => not_json(serializer, "-Infinity"),
        _ if number == 0.0 && number.is_sign_negative() => not_json(serializer, "-0"),
        _ => json_number(number, serializer),
    }
}

fn not_json<S: Serializer>(serializer: S, number: &str) -> Result<S::Ok, S::Error> {
    typed(serializer, "number", |map| map.serialize_entry("value", number))
}

fn digits(number: &BigInt) -> String {
    number.to_i128().map_or_else(|| format!("{number:x}"), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use drupe_protocol::{Value, value::TypedArrayKind};

    use super::TypedJson;

    fn json(value: Value) -> String {
        serde_json::to_string(&TypedJson(&value)).unwrap()
    }

    #[test]
    fn what_json_can_say_is_json() {
        let object = Value::Object(vec![("b".into(), vec![1.0, 2.5].into()), ("a".into(), Value::Null)]);
        assert_eq!(json(object), r#"{"b":[1,2.5],"a":null}"#);
        assert_eq!(json(Value::from(1e21)), "1e+21");
        assert_eq!(json(Value::from("é\n")), r#""é\n""#);
    }

    #[test]
    fn the_rest_names_its_type() {
        assert_eq!(json(Value::Undefined), r#"{"$type":"undefined"}"#);
        assert_eq!(json(Value::from(-0.0)), r#"{"$type":"number","value":"-0"}"#);
        assert_eq!(json(Value::from(f64::NAN)), r#"{"$type":"number","value":"NaN"}"#);
        assert_eq!(json(Value::from(-5_i128)), r#"{"$type":"bigint","value":"-5"}"#);
        assert_eq!(json(Value::Date(1.0)), r#"{"$type":"Date","value":1}"#);
        assert_eq!(json(Value::Date(f64::NAN)), r#"{"$type":"Date","value":null}"#);
        let bytes = Value::TypedArray(TypedArrayKind::Uint8Clamped, [0, 255].into());
        assert_eq!(json(bytes), r#"{"$type":"Uint8ClampedArray","hex":"00ff"}"#);
        let map = Value::Map(vec![(Value::from(1), Value::Set(vec![Value::Ref(0)]))]);
        assert_eq!(json(map), r#"{"$type":"Map","entries":[[1,{"$type":"Set","items":[{"$type":"ref","index":0}]}]]}"#);
        let object = Value::Object(vec![("$type".into(), Value::from(1))]);
        assert_eq!(json(object), r#"{"$type":"Object","entries":[["$type",1]]}"#);
    }
}
