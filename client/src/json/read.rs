//! Values from the JSON that [`TypedJson`](super::TypedJson) writes.

#![expect(clippy::wildcard_enum_match_arm, reason = "each kind of value that a key cannot have is refused alike")]

use std::fmt;

use drupe_protocol::value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind, Value};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use super::value::{TYPE, TypedJson, array_name};

/// A value in a message: typed JSON in JSON, as [the module](super::value) lists it; the encoding of the kernel's wire
/// in msgpack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypedValue(pub Value);

impl Serialize for TypedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TypedJson(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TypedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = if deserializer.is_human_readable() {
            deserializer.deserialize_any(JsonVisitor)?
        } else {
            Value::deserialize(deserializer)?
        };
        if value == Value::Hole {
            return Err(de::Error::custom("a hole stands only directly in an array"));
        }
        value.check().map_err(de::Error::custom)?;
        Ok(Self(value))
    }
}

/// An element of an array, which may be a hole.
struct Element(Value);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor).map(Self)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JavaScript value as JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON.parse reads numbers so")]
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "JSON.parse reads numbers so")]
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Element(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::<(String, Value)>::new();
        while let Some((key, TypedValue(value))) = map.next_entry()? {
            entries.push((key, value));
        }
        match entries.first() {
            Some((key, Value::String(_))) if key == TYPE => {}
            Some((key, _)) if key == TYPE => return Err(de::Error::custom("$type is not a string")),
            _ => return unique(entries).map(Value::Object),
        }
        let Value::String(name) = entries.remove(0).1 else { return Ok(Value::Undefined) };
        let mut fields = Fields { name, entries };
        let value = fields.value()?;
        match fields.entries.first() {
            Some((key, _)) => Err(de::Error::custom(format_args!("{:?} has no key {key:?}", fields.name))),
            None => Ok(value),
        }
    }
}

/// The entries of an object. As on the kernel's wire, the same key twice is invalid.
fn unique<E: de::Error>(entries: Vec<(String, Value)>) -> Result<Vec<(String, Value)>, E> {
    let mut seen = std::collections::HashSet::with_capacity(entries.len());
    match entries.iter().find(|(key, _)| !seen.insert(key)) {
        Some((key, _)) => Err(E::custom(format_args!("the key {key:?} is there twice"))),
        None => Ok(entries),
    }
}

/// The keys beside `$type`.
struct Fields {
    name: String,
    entries: Vec<(String, Value)>,
}

impl Fields {
    fn value<E: de::Error>(&mut self) -> Result<Value, E> {
        Ok(match &*self.name {
            "undefined" => Value::Undefined,
            "hole" => Value::Hole,
            "number" => self.number()?,
            "bigint" => self.bigint()?,
            "string" => {
                Value::Utf16(self.array("utf16")?.iter().map(unit).collect::<Option<_>>().ok_or_else(|| self.bad("utf16"))?)
            }
            "Date" => match self.take("value")? {
                Value::Number(time) => Value::Date(time),
                Value::Null => Value::Date(f64::NAN),
                _ => return Err(self.bad("value")),
            },
            "RegExp" => Value::RegExp(Box::new(RegExp { source: self.string("source")?, flags: self.string("flags")? })),
            "ArrayBuffer" => Value::ArrayBuffer(self.bytes()?.into()),
            "Map" => Value::Map(self.pairs()?),
            "Set" => Value::Set(self.whole_array("items")?),
            "Error" => self.error()?,
            "Object" => {
                let pairs = self.pairs()?.into_iter();
                let entries = pairs.map(|(key, value)| key.as_str().map(|key| (key.to_owned(), value))).collect::<Option<_>>();
                Value::Object(unique(entries.ok_or_else(|| self.bad("entries"))?)?)
            }
            "ref" => match self.take("index")? {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
                Value::Number(index) if index.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&index) => {
                    Value::Ref(index as u32)
                }
                _ => return Err(self.bad("index")),
            },
            "opaque" => Value::Opaque(Box::new(Opaque { class: self.string("class")?, text: self.string("text")? })),
            _ => match TypedArrayKind::ALL.into_iter().find(|kind| array_name(*kind) == self.name) {
                Some(kind) => {
                    let bytes = self.bytes()?;
                    if bytes.len() % kind.element_size() != 0 {
                        return Err(self.bad("hex"));
                    }
                    Value::TypedArray(kind, bytes.into())
                }
                None => return Err(E::custom(format_args!("{:?} is no $type", self.name))),
            },
        })
    }

    fn number<E: de::Error>(&mut self) -> Result<Value, E> {
        Ok(Value::Number(match &*self.string("value")? {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            "-0" => -0.0,
            _ => return Err(self.bad("value")),
        }))
    }

    fn bigint<E: de::Error>(&mut self) -> Result<Value, E> {
        let text = self.string("value")?;
        if let Ok(number) = text.parse::<i128>() {
            return Ok(Value::BigInt(number.into()));
        }
        let (negative, digits) = text.strip_prefix('-').map_or((false, &*text), |digits| (true, digits));
        let bytes = digits.strip_prefix("0x").and_then(|digits| {
            // Pairs of digits, from the last.
            let odd = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
            unhex(&odd).filter(|bytes| !bytes.is_empty())
        });
        let mut bytes = bytes.ok_or_else(|| self.bad("value"))?;
        bytes.reverse();
        Ok(Value::BigInt(BigInt::new(negative, bytes)))
    }

    fn error<E: de::Error>(&mut self) -> Result<Value, E> {
        let stack = if self.has("stack") { Some(self.string("stack")?) } else { None };
        let cause = if self.has("cause") { Some(self.take("cause")?) } else { None };
        let errors = if self.has("errors") { Some(self.take("errors")?) } else { None };
        let (name, message) = (self.string("name")?, self.string("message")?);
        Ok(Value::Error(Box::new(ErrorValue { name, message, stack, cause, errors })))
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name == key)
    }

    fn take<E: de::Error>(&mut self, key: &str) -> Result<Value, E> {
        match self.entries.iter().position(|(name, _)| name == key) {
            Some(index) => Ok(self.entries.remove(index).1),
            None => Err(E::custom(format_args!("{:?} needs the key {key:?}", self.name))),
        }
    }

    fn string<E: de::Error>(&mut self, key: &str) -> Result<String, E> {
        match self.take(key)? {
            Value::String(text) => Ok(text),
            _ => Err(self.bad(key)),
        }
    }

    fn array<E: de::Error>(&mut self, key: &str) -> Result<Vec<Value>, E> {
        match self.take(key)? {
            Value::Array(items) => Ok(items),
            _ => Err(self.bad(key)),
        }
    }

    /// An array without holes.
    fn whole_array<E: de::Error>(&mut self, key: &str) -> Result<Vec<Value>, E> {
        let items = self.array(key)?;
        if items.contains(&Value::Hole) { Err(self.bad(key)) } else { Ok(items) }
    }

    fn bytes<E: de::Error>(&mut self) -> Result<Vec<u8>, E> {
        unhex(&self.string::<E>("hex")?).ok_or_else(|| self.bad("hex"))
    }

    fn pairs<E: de::Error>(&mut self) -> Result<Vec<(Value, Value)>, E> {
        let pair = |item| match item {
            Value::Array(pair) if !pair.contains(&Value::Hole) => {
                <[Value; 2]>::try_from(pair).ok().map(|[key, value]| (key, value))
            }
            _ => None,
        };
        self.array::<E>("entries")?.into_iter().map(pair).collect::<Option<_>>().ok_or_else(|| self.bad("entries"))
    }

    fn bad<E: de::Error>(&self, key: &str) -> E {
        E::custom(format_args!("{key:?} of {:?} is not as it must be", self.name))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
fn unit(value: &Value) -> Option<u16> {
    value.as_f64().filter(|unit| unit.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(unit)).map(|unit| unit as u16)
}

/// The bytes of hexadecimal digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if text.len() % 2 == 1 {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use drupe_protocol::value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind, Value};

    use super::TypedValue;

    #[test]
    fn each_value_is_read_as_it_was_written() {
        let error = ErrorValue {
            name: "TypeError".into(),
            message: "no".into(),
            stack: Some("TypeError: no".into()),
            cause: Some(Value::Number(1.0)),
            errors: None,
        };
        let mut values = vec![
            Value::Undefined,
            Value::Null,
            Value::Bool(true),
            Value::Number(f64::INFINITY),
            Value::Number(1.5),
            Value::Number(1e300),
            Value::String("é\u{1f600}".into()),
            Value::Utf16(vec![0xd800, 65]),
            Value::Date(0.5),
            Value::BigInt((-7_i128).into()),
            Value::BigInt(BigInt::new(true, vec![1; 40])),
            Value::RegExp(Box::new(RegExp { source: "a+".into(), flags: "g".into() })),
            Value::ArrayBuffer([0, 255].into()),
            Value::Array(vec![Value::Hole, Value::Number(1.0)]),
            Value::Map(vec![(Value::Number(1.0), Value::Set(vec![Value::Ref(0)]))]),
            Value::Object(vec![("b".into(), Value::Null), ("a".into(), Value::Undefined)]),
            Value::Object(vec![("$type".into(), Value::Null), ("a".into(), Value::Null)]),
            Value::Error(Box::new(error)),
            Value::Opaque(Box::new(Opaque { class: "function".into(), text: "[Function: f]".into() })),
        ];
        values.extend(TypedArrayKind::ALL.map(|kind| Value::TypedArray(kind, [7; 8].into())));
        for value in values {
            let json = serde_json::to_string(&TypedValue(value.clone())).unwrap();
            assert_eq!(serde_json::from_str::<TypedValue>(&json).unwrap().0, value, "{json}");
        }
        let zero = serde_json::from_str::<TypedValue>(r#"{"$type":"number","value":"-0"}"#).unwrap().0;
        assert!(zero.as_f64().unwrap().is_sign_negative());
    }

    #[test]
    fn what_is_no_value_says_why() {
        for (json, why) in [
            (r#"{"$type":"Nothing"}"#, "\"Nothing\" is no $type"),
            (r#"{"$type":1}"#, "$type is not a string"),
            (r#"{"$type":"Date"}"#, "\"Date\" needs the key \"value\""),
            (r#"{"$type":"Date","value":1,"zone":1}"#, "\"Date\" has no key \"zone\""),
            (r#"{"$type":"Uint8Array","hex":"abc"}"#, "\"hex\" of \"Uint8Array\" is not as it must be"),
            (r#"{"$type":"Int16Array","hex":"ab"}"#, "\"hex\" of \"Int16Array\" is not as it must be"),
            (r#"{"$type":"bigint","value":"0x"}"#, "\"value\" of \"bigint\" is not as it must be"),
            (r#"{"$type":"bigint","value":"one"}"#, "\"value\" of \"bigint\" is not as it must be"),
            (r#"{"$type":"ref","index":0}"#, "the value refers to its object number 0, which it does not have there"),
            (r#"[{"$type":"ref","index":1},[]]"#, "the value refers to its object number 1, which it does not have there"),
            (r#"{"$type":"ref","index":-1}"#, "\"index\" of \"ref\" is not as it must be"),
            (r#"{"$type":"Map","entries":[[1]]}"#, "\"entries\" of \"Map\" is not as it must be"),
            (r#"{"$type":"Set","items":[{"$type":"hole"}]}"#, "\"items\" of \"Set\" is not as it must be"),
            (r#"{"$type":"hole"}"#, "a hole stands only directly in an array"),
            (r#"{"a":1,"a":2}"#, "the key \"a\" is there twice"),
            (r#"[{"$type":"RegExp","source":"a","flags":"x"}]"#, "a regular expression has no flags \"x\""),
            (r#"{"$type":"RegExp","source":"a","flags":"gg"}"#, "a regular expression has no flags \"gg\""),
            (r#"{"$type":"RegExp","source":"a","flags":"uv"}"#, "a regular expression has no flags \"uv\""),
        ] {
            let error = serde_json::from_str::<TypedValue>(json).unwrap_err().to_string();
            assert!(error.starts_with(why), "{json}: {error}");
        }
    }
}
