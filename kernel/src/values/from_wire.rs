//! Converts data to JavaScript values.

use drupe_inspect::regexp::parse_flags;
use drupe_protocol::{
    Value,
    value::{ErrorValue, TypedArrayKind},
};

use crate::isolate::array_buffers::array_buffer;

/// `value` as JavaScript; `None` when the engine refuses, as for a string longer than it can hold. Bytes are handed
/// over, not copied.
pub(crate) fn from_wire<'s>(scope: &mut v8::PinScope<'s, '_>, value: Value) -> Option<v8::Local<'s, v8::Value>> {
    Reader { containers: Vec::new() }.value(scope, value)
}

struct Reader<'s> {
    /// Containers in the order in which they open.
    containers: Vec<v8::Local<'s, v8::Value>>,
}

impl<'s> Reader<'s> {
    fn value(&mut self, scope: &mut v8::PinScope<'s, '_>, value: Value) -> Option<v8::Local<'s, v8::Value>> {
        Some(match value {
            Value::Undefined | Value::Hole => v8::undefined(scope).into(),
            Value::Null => v8::null(scope).into(),
            Value::Bool(flag) => v8::Boolean::new(scope, flag).into(),
            Value::Number(number) => v8::Number::new(scope, number).into(),
            Value::BigInt(number) => {
                let words = number.magnitude().chunks(8).map(|chunk| {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    u64::from_le_bytes(word)
                });
                v8::BigInt::new_from_words(scope, number.is_negative(), &words.collect::<Vec<_>>())?.into()
            }
            Value::String(text) => v8::String::new(scope, &text)?.into(),
            Value::Utf16(units) => v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal)?.into(),
            Value::Date(time) => v8::Date::new(scope, time)?.into(),
            Value::RegExp(regexp) => {
                let source = v8::String::new(scope, &regexp.source)?;
                v8::RegExp::new(scope, source, parse_flags(&regexp.flags)?)?.into()
            }
            Value::ArrayBuffer(bytes) => array_buffer(scope, bytes.into_vec())?.into(),
            Value::TypedArray(kind, bytes) => view(scope, kind, bytes.into_vec())?,
            Value::Array(items) => self.array(scope, items)?,
            Value::Object(entries) => {
                let object = v8::Object::new(scope);
                self.containers.push(object.into());
                for (key, value) in entries {
                    let key = v8::String::new(scope, &key)?;
                    let value = self.value(scope, value)?;
                    object.create_data_property(scope, key.into(), value)?;
                }
                object.into()
            }
            Value::Map(entries) => {
                let map = v8::Map::new(scope);
                self.containers.push(map.into());
                for (key, value) in entries {
                    let (key, value) = (self.value(scope, key)?, self.value(scope, value)?);
                    map.set(scope, key, value)?;
                }
                map.into()
            }
            Value::Set(items) => {
                let set = v8::Set::new(scope);
                self.containers.push(set.into());
                for item in items {
                    let item = self.value(scope, item)?;
                    set.add(scope, item)?;
                }
                set.into()
            }
            Value::Error(error) => self.error(scope, *error)?,
            Value::Ref(number) => *self.containers.get(number as usize)?,
            Value::Opaque(opaque) => v8::String::new(scope, &opaque.text)?.into(),
            _ => return None,
        })
    }

    fn array(&mut self, scope: &mut v8::PinScope<'s, '_>, items: Vec<Value>) -> Option<v8::Local<'s, v8::Value>> {
        i32::try_from(items.len()).ok()?;
        // **No setter of a prototype is asked**: `set_index` asks none for an element that is there.
        let placeholders = vec![v8::undefined(scope).into(); items.len()];
        let array = v8::Array::new_with_elements(scope, &placeholders);
        self.containers.push(array.into());
        for (index, item) in (0..).zip(items) {
            if item == Value::Hole {
                array.delete_index(scope, index)?;
            } else {
                let item = self.value(scope, item)?;
                array.set_index(scope, index, item)?;
            }
        }
        Some(array.into())
    }

    fn error(&mut self, scope: &mut v8::PinScope<'s, '_>, error: ErrorValue) -> Option<v8::Local<'s, v8::Value>> {
        let message = v8::String::new(scope, &error.message)?;
        let value = match &*error.name {
            "RangeError" => v8::Exception::range_error(scope, message),
            "ReferenceError" => v8::Exception::reference_error(scope, message),
            "SyntaxError" => v8::Exception::syntax_error(scope, message),
            "TypeError" => v8::Exception::type_error(scope, message),
            _ => v8::Exception::error(scope, message),
        };
        let object = value.try_cast::<v8::Object>().ok()?;
        self.containers.push(value);
        let define = |scope: &mut v8::PinScope<'s, '_>, key: &str, value: v8::Local<'s, v8::Value>| {
            let key = v8::String::new(scope, key)?;
            object.define_own_property(scope, key.into(), value, v8::PropertyAttribute::DONT_ENUM)
        };
        if !matches!(&*error.name, "Error" | "RangeError" | "ReferenceError" | "SyntaxError" | "TypeError") {
            let name = v8::String::new(scope, &error.name)?;
            define(scope, "name", name.into())?;
        }
        if let Some(stack) = &error.stack {
            let stack = v8::String::new(scope, stack)?;
            define(scope, "stack", stack.into())?;
        }
        if let Some(cause) = error.cause {
            let cause = self.value(scope, cause)?;
            define(scope, "cause", cause)?;
        }
        if let Some(errors) = error.errors {
            let errors = self.value(scope, errors)?;
            define(scope, "errors", errors)?;
        }
        Some(value)
    }
}

fn view<'s>(scope: &mut v8::PinScope<'s, '_>, kind: TypedArrayKind, bytes: Vec<u8>) -> Option<v8::Local<'s, v8::Value>> {
    use TypedArrayKind as K;
    let length = bytes.len() / kind.element_size();
    let buffer = array_buffer(scope, bytes)?;
    Some(match kind {
        K::Int8 => v8::Int8Array::new(scope, buffer, 0, length)?.into(),
        K::Uint8 => v8::Uint8Array::new(scope, buffer, 0, length)?.into(),
        K::Uint8Clamped => v8::Uint8ClampedArray::new(scope, buffer, 0, length)?.into(),
        K::Int16 => v8::Int16Array::new(scope, buffer, 0, length)?.into(),
        K::Uint16 => v8::Uint16Array::new(scope, buffer, 0, length)?.into(),
        K::Int32 => v8::Int32Array::new(scope, buffer, 0, length)?.into(),
        K::Uint32 => v8::Uint32Array::new(scope, buffer, 0, length)?.into(),
        K::BigInt64 => v8::BigInt64Array::new(scope, buffer, 0, length)?.into(),
        K::BigUint64 => v8::BigUint64Array::new(scope, buffer, 0, length)?.into(),
        K::Float16 => {
            let array = v8::Float16Array::new(scope, buffer, 0, length)?;
            // SAFETY: every typed array is a value; the crate lacks this one conversion.
            unsafe { v8::Local::cast_unchecked(array) }
        }
        K::Float32 => v8::Float32Array::new(scope, buffer, 0, length)?.into(),
        K::Float64 => v8::Float64Array::new(scope, buffer, 0, length)?.into(),
        K::DataView => v8::DataView::new(scope, buffer, 0, length).into(),
    })
}
