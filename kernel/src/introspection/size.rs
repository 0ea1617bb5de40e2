//! The size of a value: a count where the value stores one, and an estimate in bytes.
//!
//! V8 has no cheap way to measure an object, so [`bytes`] follows its layouts: shallow (the values that a value refers
//! to do not count, but the elements of buffers do), with words of eight bytes.

use super::members;

const WORD: u64 = 8;
/// Hidden class, properties, elements.
const OBJECT: u64 = 3 * WORD;

/// How many things a value holds: UTF-16 code units, elements, entries, or bytes.
pub(super) fn count(value: v8::Local<v8::Value>) -> Option<u64> {
    let count = if let Ok(text) = value.try_cast::<v8::String>() {
        text.length()
    } else if let Ok(array) = value.try_cast::<v8::Array>() {
        array.length() as usize
    } else if let Ok(map) = value.try_cast::<v8::Map>() {
        map.size()
    } else if let Ok(set) = value.try_cast::<v8::Set>() {
        set.size()
    } else if let Ok(view) = value.try_cast::<v8::ArrayBufferView>() {
        view.byte_length()
    } else if let Ok(buffer) = value.try_cast::<v8::ArrayBuffer>() {
        buffer.byte_length()
    } else if let Ok(buffer) = value.try_cast::<v8::SharedArrayBuffer>() {
        buffer.byte_length()
    } else {
        return None;
    };
    u64::try_from(count).ok()
}

/// About how many bytes a value takes by itself. Properties are counted if `closely`, which takes time in proportion to
/// them.
pub(super) fn bytes(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, closely: bool) -> u64 {
    v8::scope!(let scope, scope);
    if let Ok(text) = value.try_cast::<v8::String>() {
        let width = if text.is_onebyte() { 1 } else { 2 };
        return (2 * WORD + units(text.length()) * width).next_multiple_of(WORD);
    }
    if let Ok(big) = value.try_cast::<v8::BigInt>() {
        return (2 + units(big.word_count())) * WORD;
    }
    // Numbers that do not fit in the reference itself are the exception.
    let Ok(object) = value.try_cast::<v8::Object>() else { return WORD };
    if object.is_proxy() {
        return 3 * WORD;
    }
    let object = v8::Local::new(scope, object);
    let names = if closely { members::own_names(scope, object).map_or(0, |names| names.length()) } else { 0 };
    OBJECT + u64::from(names) * WORD + content(scope, object)
}

/// What an object has beyond its properties.
fn content(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> u64 {
    // Hash tables grow by doubling: a bucket for two entries, and for each entry its parts and a link.
    let table = |size: usize, parts: u64| units(size.max(4).next_power_of_two()) * WORD * (2 * parts + 3) / 2;
    if let Ok(array) = object.try_cast::<v8::Array>() {
        // What is sparse takes less than its length; nothing takes more than there is.
        let used = units(scope.get_heap_statistics().used_heap_size());
        WORD + (u64::from(array.length()) * WORD).min(used)
    } else if let Ok(map) = object.try_cast::<v8::Map>() {
        table(map.size(), 2)
    } else if let Ok(set) = object.try_cast::<v8::Set>() {
        table(set.size(), 1)
    } else if object.is_function() {
        5 * WORD
    } else {
        // Bytes outside the heap.
        count(object.into()).map_or(0, |bytes| 8 * WORD + bytes)
    }
}

fn units(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
