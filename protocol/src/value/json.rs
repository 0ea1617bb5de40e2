//! Values as plain data, for JSON and other formats that people read. `Value`'s implementation of `Serialize` documents
//! the result for each kind.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};

use super::{
    BigInt, ErrorValue, Value,
    elements::{elements, json_number},
    iso_date::iso_date,
    walk::{NoTree, Whole, is_container},
};
use crate::codec::MAX_VALUE_DEPTH;

/// Writes `value`, which is whole: its [`Ref`](Value::Ref)s point into it.
pub(super) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let whole = Whole::new(value).map_err(S::Error::custom)?;
    Plain { value, whole: &whole, level: 1, again: false }.serialize(serializer)
}

/// A value, or a part of one.
#[derive(Clone, Copy)]
struct Plain<'a> {
    value: &'a Value,
    whole: &'a Whole<'a>,
    /// Its level; the whole value has the level 1.
    level: usize,
    /// Whether it was written before.
    again: bool,
}

impl<'a> Plain<'a> {
    fn inner(self, value: &'a Value) -> Self {
        Self { value, level: self.level + 1, ..self }
    }

    /// Whether a property of this value is left out.
    fn is_nothing(self) -> bool {
        matches!(self.value, Value::Undefined | Value::Hole | Value::Opaque(_))
    }

    fn container<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.whole.within(self.value, || Ok::<_, NoTree>(self.contents(serializer)));
        written.map_err(S::Error::custom)?
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
        if self.level > MAX_VALUE_DEPTH && is_container(self.value) {
            return Err(S::Error::custom(NoTree::TooDeep));
        }
        if self.again {
            self.whole.count_again(self.value).map_err(S::Error::custom)?;
        }
        match self.value {
            Value::Undefined | Value::Hole | Value::Opaque(_) | Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => json_number(*number, serializer),
            Value::BigInt(number) => serializer.collect_str(&Digits(number)),
            Value::String(text) => serializer.serialize_str(text),
            Value::Utf16(units) => serializer.serialize_str(&String::from_utf16_lossy(units)),
            Value::Date(time) => match iso_date(*time) {
                Some(text) => serializer.serialize_str(&text),
                None => serializer.serialize_unit(),
            },
            Value::RegExp(regexp) => serializer.collect_str(&format_args!("/{}/{}", regexp.source, regexp.flags)),
            Value::ArrayBuffer(bytes) => serializer.collect_seq(bytes.iter()),
            Value::TypedArray(kind, bytes) => serializer.collect_seq(elements(*kind, bytes)),
            Value::Array(_) | Value::Object(_) | Value::Map(_) | Value::Set(_) | Value::Error(_) => self.container(serializer),
            Value::Ref(number) => {
                let value = self.whole.container(*number).map_err(S::Error::custom)?;
                Plain { value, again: true, ..*self }.serialize(serializer)
            }
        }
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
        assert_eq!(json(Bytes::from([0, 255])), "[0,255]");
        assert_eq!(json(Value::ArrayBuffer([7].into())), "[7]");
        let typed = |kind, bytes: &[u8]| json(Value::TypedArray(kind, bytes.into()));
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
