//! The bundle of a value: formats that the value itself provides for front ends that can show more than text.

use drupe_protocol::event::Part;

use crate::{
    isolate::{
        attempt::{Failure, attempt},
        peek,
    },
    values::{Limits, to_wire_counted},
};

/// The registered symbol under which a value keeps the function that makes its bundle.
const DISPLAY: &str = "Jupyter.display";

/// The registered symbol under which the global object keeps the function that makes bundles of values that have no
/// such function.
const BUNDLE: &str = "drupe.bundle";

/// How many formats a bundle may have.
const MAX_PARTS: u32 = 64;

/// How long the name of a format may be.
const MAX_MIME: usize = 200;

/// How many bytes a bundle may take, all formats together.
const MAX_BUNDLE: usize = 16 << 20;

/// What a value's function for its bundle returns, or that of the session, if there is one.
pub(crate) fn ask_bundle<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
) -> Result<Option<v8::Global<v8::Value>>, Failure> {
    let Ok(object) = value.try_cast::<v8::Object>() else { return Ok(None) };
    let (function, argument) = match function_of(scope, object, DISPLAY) {
        Some(function) => (function, None),
        None => {
            let global = scope.get_current_context().global(scope);
            // A proxy would hear that it is looked at.
            let function = if object.is_proxy() { None } else { function_of(scope, global, BUNDLE) };
            let Some(function) = function else { return Ok(None) };
            (function, Some(value))
        }
    };
    let bundle = |scope: &mut v8::PinScope<'s, '_>| function.call(scope, object.into(), argument.as_slice());
    attempt(scope, |scope| bundle(scope).map(|bundle| v8::Global::new(scope, bundle))).map(Some)
}

/// The function under a registered symbol, if it is plain data: a getter is not asked for it.
fn function_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    symbol: &str,
) -> Option<v8::Local<'s, v8::Function>> {
    let name = v8::String::new(scope, symbol)?;
    let symbol = v8::Symbol::for_key(scope, name);
    peek::data_property(scope, object, symbol.into())?.try_cast::<v8::Function>().ok()
}

/// The parts of a bundle: its own enumerable properties, as far as they are data.
pub(crate) fn parts<'s>(scope: &mut v8::PinScope<'s, '_>, bundle: v8::Local<'s, v8::Value>) -> Vec<Part> {
    let Some(bundle) = bundle.try_cast::<v8::Object>().ok().filter(|bundle| !bundle.is_proxy()) else { return Vec::new() };
    peek::without_javascript(scope, |scope| {
        let args = v8::GetPropertyNamesArgs {
            mode: v8::KeyCollectionMode::OwnOnly,
            property_filter: v8::PropertyFilter::ONLY_ENUMERABLE | v8::PropertyFilter::SKIP_SYMBOLS,
            index_filter: v8::IndexFilter::SkipIndices,
            key_conversion: v8::KeyConversionMode::ConvertToString,
        };
        let Some(names) = bundle.get_property_names(scope, args) else { return Vec::new() };
        let mut left = MAX_BUNDLE;
        (0..names.length().min(MAX_PARTS))
            .filter_map(|index| {
                let name = names.get_index(scope, index)?.try_cast::<v8::String>().ok()?;
                let mime = mime(scope, name)?;
                let value = peek::data_property(scope, bundle, name.into())?;
                let (data, used) = to_wire_counted(scope, value, Limits { bytes: left });
                left -= used;
                Some(Part::new(mime, data))
            })
            .collect()
    })
}

/// The name of a format. What is no name, such as a text of megabytes, is left out.
fn mime(scope: &v8::PinScope, name: v8::Local<v8::String>) -> Option<String> {
    (name.length() <= MAX_MIME && name.contains_only_onebyte()).then(|| name.to_rust_string_lossy(scope))
}
