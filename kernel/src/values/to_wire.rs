//! Converts JavaScript values to data, bounded, without running user code.

use std::collections::HashMap;

use drupe_inspect::regexp_flags;
use drupe_protocol::{
    Value,
    value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind},
};

use crate::{
    inspect::presets,
    isolate::{array_buffers, peek},
};

/// Nesting past this becomes opaque; the wire allows 64 levels in all, the message around the value included.
const MAX_DEPTH: usize = 48;

/// How much a value may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of msgpack, estimated from above for small values and closely for large ones.
    pub(crate) bytes: usize,
}

/// `value` as data; `None` when it does not fit into `limits`. What is not data becomes [`Value::Opaque`].
pub(crate) fn to_wire(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, limits: Limits) -> Option<Value> {
    to_wire_counted(scope, value, limits).0
}

/// As [`to_wire`]; large buffers are shared with JavaScript. **To be encoded before JavaScript runs again.**
pub(crate) fn to_wire_shared(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, limits: Limits) -> Option<Value> {
    written(scope, value, limits, true).0
}

/// As [`to_wire`], and how much of the limit it took.
pub(crate) fn to_wire_counted(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, limits: Limits) -> (Option<Value>, usize) {
    written(scope, value, limits, false)
}

fn written(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, limits: Limits, shares: bool) -> (Option<Value>, usize) {
    peek::without_javascript(scope, |scope| {
        let mut writer = Writer { left: limits.bytes, shares, seen: HashMap::new(), containers: 0 };
        match writer.value(scope, value, 0) {
            Ok(value) => (Some(value), limits.bytes - writer.left),
            Err(Full) => (None, 0),
        }
    })
}

/// Only what `value` is and how it prints.
pub(crate) fn opaque(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Value {
    let class = match value.try_cast::<v8::Object>() {
        Ok(object) if !value.is_function() => object.get_constructor_name().to_rust_string_lossy(scope),
        _ => value.type_of(scope).to_rust_string_lossy(scope),
    };
    Value::Opaque(Box::new(Opaque { class, text: presets::brief(scope, value) }))
}

/// The budget is used up.
struct Full;

struct Writer {
    left: usize,
    /// Whether the value shares the memory of large buffers.
    shares: bool,
    /// Containers met so far, by identity hash.
    seen: HashMap<i32, Vec<(v8::Global<v8::Object>, u32)>>,
    containers: u32,
}

impl Writer {
    fn pay(&mut self, bytes: usize) -> Result<(), Full> {
        self.left = self.left.checked_sub(bytes).ok_or(Full)?;
        Ok(())
    }

    fn value(&mut self, scope: &mut v8::PinScope, value: v8::Local<v8::Value>, depth: usize) -> Result<Value, Full> {
        self.pay(1)?;
        if value.is_undefined() {
            return Ok(Value::Undefined);
        }
        if value.is_null() {
            return Ok(Value::Null);
        }
        if value.is_boolean() {
            return Ok(Value::Bool(value.is_true()));
        }
        if let Ok(number) = value.try_cast::<v8::Number>() {
            self.pay(8)?;
            return Ok(Value::Number(number.value()));
        }
        if let Ok(text) = value.try_cast::<v8::String>() {
            return self.string(scope, text);
        }
        if let Ok(number) = value.try_cast::<v8::BigInt>() {
            return self.bigint(number);
        }
        match value.try_cast::<v8::Object>() {
            Ok(object) => {
                v8::scope!(let scope, scope);
                let object = v8::Local::new(scope, object);
                self.object(scope, object, depth)
            }
            Err(_) => self.opaque(scope, value),
        }
    }

    fn string(&mut self, scope: &mut v8::PinScope, text: v8::Local<v8::String>) -> Result<Value, Full> {
        // At least a byte a unit: a string that cannot fit is never copied out.
        if text.length() > self.left {
            return Err(Full);
        }
        let value = well_formed(scope, text).map_or_else(|| Value::Utf16(units(scope, text)), Value::String);
        self.pay(match &value {
            Value::String(text) => text.len(),
            _ => text.length() * 2,
        })?;
        Ok(value)
    }

    fn bigint(&mut self, number: v8::Local<v8::BigInt>) -> Result<Value, Full> {
        self.pay(number.word_count() * 8)?;
        let mut words = vec![0; number.word_count()];
        let (negative, words) = number.to_words_array(&mut words);
        Ok(Value::BigInt(BigInt::new(negative, words.iter().flat_map(|word| word.to_le_bytes()).collect())))
    }

    fn opaque(&mut self, scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Result<Value, Full> {
        let value = opaque(scope, value);
        if let Value::Opaque(opaque) = &value {
            self.pay(opaque.class.len() + opaque.text.len())?;
        }
        Ok(value)
    }

    fn object<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        depth: usize,
    ) -> Result<Value, Full> {
        if object.is_date() {
            self.pay(8)?;
            return Ok(object.try_cast::<v8::Date>().map_or(Value::Date(f64::NAN), |date| Value::Date(date.value_of())));
        }
        if let Ok(regexp) = object.try_cast::<v8::RegExp>() {
            return self.regexp(scope, regexp);
        }
        if object.is_array_buffer_view() {
            return self.view(scope, object);
        }
        if let Ok(buffer) = object.try_cast::<v8::ArrayBuffer>() {
            self.pay(buffer.byte_length())?;
            let bytes = if self.shares {
                array_buffers::shared_of_buffer(buffer)
            } else {
                array_buffers::copy_of_store(&buffer.get_backing_store()).into()
            };
            return Ok(Value::ArrayBuffer(bytes));
        }
        if !is_data(object) || depth >= MAX_DEPTH {
            return self.opaque(scope, object.into());
        }
        if let Some(number) = self.meet(scope, object) {
            self.pay(4)?;
            return Ok(Value::Ref(number));
        }
        if let Ok(array) = object.try_cast::<v8::Array>() {
            self.array(scope, array, depth)
        } else if let Ok(map) = object.try_cast::<v8::Map>() {
            self.pay(map.size())?;
            let flat = map.as_array(scope);
            let items = self.elements(scope, flat, depth)?;
            let mut items = items.into_iter();
            Ok(Value::Map(std::iter::from_fn(|| items.next().zip(items.next())).collect()))
        } else if let Ok(set) = object.try_cast::<v8::Set>() {
            self.pay(set.size())?;
            let flat = set.as_array(scope);
            Ok(Value::Set(self.elements(scope, flat, depth)?))
        } else if object.is_native_error() {
            self.error(scope, object, depth)
        } else {
            self.plain(scope, object, depth)
        }
    }

    /// The number of a container met before; a new one gets the next number.
    fn meet(&mut self, scope: &v8::PinScope, object: v8::Local<v8::Object>) -> Option<u32> {
        let met = self.seen.entry(object.get_identity_hash().get()).or_default();
        if let Some((_, number)) = met.iter().find(|(seen, _)| *seen == object) {
            return Some(*number);
        }
        met.push((v8::Global::new(scope, object), self.containers));
        self.containers += 1;
        None
    }

    fn array(&mut self, scope: &mut v8::PinScope, array: v8::Local<v8::Array>, depth: usize) -> Result<Value, Full> {
        // Every element costs at least a byte, present or not.
        if array.length() as usize > self.left {
            return Err(Full);
        }
        Ok(Value::Array(self.elements(scope, array, depth)?))
    }

    fn elements(&mut self, scope: &mut v8::PinScope, array: v8::Local<v8::Array>, depth: usize) -> Result<Vec<Value>, Full> {
        let mut items = Vec::with_capacity(array.length().min(1024) as usize);
        for index in 0..array.length() {
            v8::scope!(let scope, scope);
            let item = match array.get_index(scope, index) {
                Some(item) if !item.is_undefined() => self.value(scope, item, depth + 1)?,
                Some(undefined) => {
                    let key = v8::Integer::new_from_unsigned(scope, index);
                    let present = key.to_string(scope).and_then(|key| array.has_own_property(scope, key.into()));
                    if present == Some(false) { Value::Hole } else { self.value(scope, undefined, depth + 1)? }
                }
                None => getter(),
            };
            items.push(item);
        }
        Ok(items)
    }

    fn plain(&mut self, scope: &mut v8::PinScope, object: v8::Local<v8::Object>, depth: usize) -> Result<Value, Full> {
        let options = v8::GetPropertyNamesArgs {
            mode: v8::KeyCollectionMode::OwnOnly,
            property_filter: v8::PropertyFilter::ONLY_ENUMERABLE | v8::PropertyFilter::SKIP_SYMBOLS,
            index_filter: v8::IndexFilter::IncludeIndices,
            key_conversion: v8::KeyConversionMode::ConvertToString,
        };
        v8::scope!(let scope, scope);
        let Some(names) = object.get_own_property_names(scope, options) else { return self.no_data(scope, object) };
        let mut keys = Vec::with_capacity(names.length().min(64) as usize);
        for index in 0..names.length() {
            let Some(key) = names.get_index(scope, index) else { continue };
            let Ok(name) = key.try_cast::<v8::String>() else { continue };
            self.pay(name.length())?;
            // The wire's keys are Unicode, and unique: keys that are neither after conversion make this no plain data.
            let Some(text) = well_formed(scope, name) else { return self.no_data(scope, object) };
            keys.push((key, text));
        }
        if keys.is_empty() && is_instance(scope, object) {
            return self.no_data(scope, object);
        }
        let mut entries = Vec::with_capacity(keys.len());
        for (key, text) in keys {
            v8::scope!(let scope, scope);
            let value = match object.get(scope, key) {
                Some(value) => self.value(scope, value, depth + 1)?,
                None => getter(),
            };
            entries.push((text, value));
        }
        Ok(Value::Object(entries))
    }

    /// The container met last is none: what is opaque has no number.
    fn no_data(&mut self, scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> Result<Value, Full> {
        if let Some(met) = self.seen.get_mut(&object.get_identity_hash().get()) {
            met.pop();
            self.containers -= 1;
        }
        self.opaque(scope, object.into())
    }

    fn error<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        depth: usize,
    ) -> Result<Value, Full> {
        let text = |scope: &mut v8::PinScope, key| peek::string_property(scope, object, key);
        let mut error = ErrorValue {
            name: text(scope, "name").unwrap_or_else(|| "Error".into()),
            message: text(scope, "message").unwrap_or_default(),
            stack: Some(presets::stack(scope, object)),
            ..ErrorValue::default()
        };
        self.pay(error.name.len() + error.message.len() + error.stack.as_ref().map_or(0, String::len))?;
        error.cause = self.own(scope, object, "cause", depth)?;
        error.errors = self.own(scope, object, "errors", depth)?;
        Ok(Value::Error(Box::new(error)))
    }

    fn own(
        &mut self,
        scope: &mut v8::PinScope,
        object: v8::Local<v8::Object>,
        key: &str,
        depth: usize,
    ) -> Result<Option<Value>, Full> {
        v8::scope!(let scope, scope);
        let Some(key) = v8::String::new(scope, key) else { return Ok(None) };
        if object.has_own_property(scope, key.into()) != Some(true) {
            return Ok(None);
        }
        object.get(scope, key.into()).map(|value| self.value(scope, value, depth + 1)).transpose()
    }

    fn regexp<'s>(&mut self, scope: &mut v8::PinScope<'s, '_>, regexp: v8::Local<'s, v8::RegExp>) -> Result<Value, Full> {
        let source = regexp.get_source(scope).to_rust_string_lossy(scope);
        self.pay(source.len() + 8)?;
        let flags = regexp_flags(scope, regexp.into()).unwrap_or_default();
        Ok(Value::RegExp(Box::new(RegExp { source, flags })))
    }

    fn view(&mut self, scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> Result<Value, Full> {
        let (Some(kind), Ok(view)) = (view_kind(object.into()), object.try_cast::<v8::ArrayBufferView>()) else {
            return self.opaque(scope, object.into());
        };
        self.pay(view.byte_length())?;
        let bytes =
            if self.shares { array_buffers::shared_of_view(scope, view) } else { array_buffers::copy_of_view(view).into() };
        let whole = bytes.len() - bytes.len() % kind.element_size();
        Ok(Value::TypedArray(kind, bytes.truncated(whole)))
    }
}

/// A string as Unicode; `None` if it has lone surrogates.
fn well_formed(scope: &mut v8::PinScope, text: v8::Local<v8::String>) -> Option<String> {
    if text.contains_only_onebyte() {
        Some(text.to_rust_string_lossy(scope))
    } else {
        String::from_utf16(&units(scope, text)).ok()
    }
}

fn units(scope: &mut v8::PinScope, text: v8::Local<v8::String>) -> Vec<u16> {
    let mut units = vec![0; text.length()];
    text.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    units
}

/// Stands for a property that code would have to compute.
fn getter() -> Value {
    Value::Opaque(Box::new(Opaque { class: "getter".into(), text: "[Getter]".into() }))
}

/// Objects whose content is their own properties or entries.
fn is_data(object: v8::Local<v8::Object>) -> bool {
    let value: v8::Local<v8::Value> = object.into();
    !(value.is_function()
        || value.is_proxy()
        || value.is_promise()
        || value.is_weak_map()
        || value.is_weak_set()
        || value.is_generator_object()
        || value.is_module_namespace_object()
        || value.is_map_iterator()
        || value.is_set_iterator()
        || value.is_shared_array_buffer()
        || value.is_wasm_module_object()
        || value.is_wasm_memory_object()
        || value.is_number_object()
        || value.is_boolean_object()
        || value.is_string_object()
        || value.is_symbol_object()
        || value.is_big_int_object()
        || value.is_external())
}

/// Whether it is made by a class, such as `URL`: one without properties of its own keeps its content elsewhere.
fn is_instance(scope: &v8::PinScope, object: v8::Local<v8::Object>) -> bool {
    // `Object.prototype` of any context has no prototype.
    let prototype = object.get_prototype(scope).and_then(|found| found.try_cast::<v8::Object>().ok());
    prototype.and_then(|found| found.get_prototype(scope)).is_some_and(|above| !above.is_null())
}

fn view_kind(value: v8::Local<v8::Value>) -> Option<TypedArrayKind> {
    use TypedArrayKind as K;
    let kinds = [
        (value.is_uint8_array(), K::Uint8),
        (value.is_uint8_clamped_array(), K::Uint8Clamped),
        (value.is_int8_array(), K::Int8),
        (value.is_uint16_array(), K::Uint16),
        (value.is_int16_array(), K::Int16),
        (value.is_uint32_array(), K::Uint32),
        (value.is_int32_array(), K::Int32),
        (value.is_big_int64_array(), K::BigInt64),
        (value.is_big_uint64_array(), K::BigUint64),
        (value.is_float16_array(), K::Float16),
        (value.is_float32_array(), K::Float32),
        (value.is_float64_array(), K::Float64),
        (value.is_data_view(), K::DataView),
    ];
    kinds.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
}
