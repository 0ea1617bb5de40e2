//! The first names of an object's properties, without listing all names of a large one.

use crate::isolate::peek;

/// Some of the own enumerable properties of an object, by name.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) list: Vec<String>,
    /// How many more there are.
    pub(super) more: usize,
}

/// The first `most` names. Of arrays, typed arrays and strings no more elements are looked at, unless some are missing.
pub(super) fn keys(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, most: usize) -> Keys {
    v8::scope!(let scope, scope);
    let object = v8::Local::new(scope, object);
    peek::without_javascript(scope, |scope| {
        let Some(length) = length(scope, object, most) else {
            return listed(scope, object, most, v8::IndexFilter::IncludeIndices);
        };
        let first = length.min(most);
        let list = (0..first).map(|index| index.to_string()).collect::<Vec<_>>();
        let named = listed(scope, object, most - first, v8::IndexFilter::SkipIndices);
        Keys { more: length - first + named.more, list: [list, named.list].concat() }
    })
}

/// How many elements an object has, if all are there; of a large array the first `most` are looked at.
fn length(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, most: usize) -> Option<usize> {
    /// In a shorter array all are listed.
    const LARGE: u32 = 10_000;
    if let Ok(array) = object.try_cast::<v8::TypedArray>() {
        return Some(array.length());
    }
    if object.is_string_object() {
        let key = v8::String::new(scope, "length")?;
        return usize::try_from(object.get(scope, key.into())?.uint32_value(scope)?).ok();
    }
    let array = object.try_cast::<v8::Array>().ok().filter(|array| array.length() > LARGE)?;
    let mut is_there = |index: u32| {
        v8::scope!(let scope, scope);
        let key = v8::Integer::new_from_unsigned(scope, index);
        key.to_string(scope).and_then(|key| array.has_own_property(scope, key.into())) == Some(true)
    };
    (0..LARGE).take(most).all(&mut is_there).then(|| array.length() as usize)
}

fn listed(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, most: usize, index_filter: v8::IndexFilter) -> Keys {
    let args = v8::GetPropertyNamesArgs {
        mode: v8::KeyCollectionMode::OwnOnly,
        property_filter: v8::PropertyFilter::ONLY_ENUMERABLE | v8::PropertyFilter::SKIP_SYMBOLS,
        index_filter,
        // Text is made only of those that are wanted.
        key_conversion: v8::KeyConversionMode::KeepNumbers,
    };
    let Some(names) = object.get_property_names(scope, args) else { return Keys::default() };
    Keys { more: (names.length() as usize).saturating_sub(most), list: strings(scope, names, most) }
}

/// The first `most` elements of an array as text.
pub(super) fn strings(scope: &mut v8::PinScope, array: v8::Local<v8::Array>, most: usize) -> Vec<String> {
    let count = array.length().min(u32::try_from(most).unwrap_or(u32::MAX));
    peek::without_javascript(scope, |scope| {
        let texts = (0..count).filter_map(|index| {
            v8::scope!(let scope, scope);
            array.get_index(scope, index).map(|item| super::raw::raw(scope, item))
        });
        texts.collect()
    })
}
