//! The native part of `node:util`: the kernel's own inspector with Node's options, the console's formatter, and checks
//! of types.

use std::cell::RefCell;

use drupe_inspect::Options;
use v8::MapFnTo as _;

use crate::{
    console,
    format::{hooks::Customs, inspect_options::InspectOptions},
    inspect::presets,
    isolate::{
        attempt::Failure,
        native,
        native::{Args, Return, add, put},
        peek,
        realm::Realm,
    },
};

pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, ops: v8::Local<'s, v8::Object>) -> Option<()> {
    add(scope, ops, "inspect", inspect)?;
    Realm::of(scope).state::<Customs>().inspect.set(Some(inspect.map_fn_to()));
    add(scope, ops, "format", format)?;
    add(scope, ops, "displayWidth", display_width)?;
    let types = v8::Object::new(scope);
    for (index, (name, _)) in (0..).zip(TYPES) {
        let data = v8::Integer::new(scope, index);
        let function = native::function(scope, v8::FunctionTemplate::builder(is_of_type).data(data.into()).length(1))?;
        let key = v8::String::new(scope, name)?;
        function.set_name(key);
        types.create_data_property(scope, key.into(), function.into())?;
    }
    put(scope, ops, "types", types.into())
}

type Check = fn(v8::Local<v8::Value>) -> bool;

/// The functions of `util.types` that ask for internal slots.
const TYPES: &[(&str, Check)] = &[
    ("isExternal", |value| value.is_external()),
    ("isDate", |value| value.is_date()),
    ("isArgumentsObject", |value| value.is_arguments_object()),
    ("isBigIntObject", |value| value.is_big_int_object()),
    ("isBooleanObject", |value| value.is_boolean_object()),
    ("isNumberObject", |value| value.is_number_object()),
    ("isStringObject", |value| value.is_string_object()),
    ("isSymbolObject", |value| value.is_symbol_object()),
    ("isBoxedPrimitive", |value| {
        value.is_number_object()
            || value.is_string_object()
            || value.is_boolean_object()
            || value.is_big_int_object()
            || value.is_symbol_object()
    }),
    ("isNativeError", |value| value.is_native_error()),
    ("isRegExp", |value| value.is_reg_exp()),
    ("isAsyncFunction", |value| value.is_async_function()),
    ("isGeneratorFunction", |value| value.is_generator_function()),
    ("isGeneratorObject", |value| value.is_generator_object()),
    ("isPromise", |value| value.is_promise()),
    ("isMap", |value| value.is_map()),
    ("isSet", |value| value.is_set()),
    ("isMapIterator", |value| value.is_map_iterator()),
    ("isSetIterator", |value| value.is_set_iterator()),
    ("isWeakMap", |value| value.is_weak_map()),
    ("isWeakSet", |value| value.is_weak_set()),
    ("isArrayBuffer", |value| value.is_array_buffer()),
    ("isDataView", |value| value.is_data_view()),
    ("isSharedArrayBuffer", |value| value.is_shared_array_buffer()),
    ("isProxy", |value| value.is_proxy()),
    ("isModuleNamespaceObject", |value| value.is_module_namespace_object()),
    ("isAnyArrayBuffer", |value| value.is_array_buffer() || value.is_shared_array_buffer()),
];

fn is_of_type(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    if peek::refuses(scope) {
        return;
    }
    let index = args.data().uint32_value(scope).unwrap_or(0) as usize;
    result.set_bool(TYPES.get(index).is_some_and(|(_, check)| check(args.get(0))));
}

/// `displayWidth(text)`: how many columns of a terminal it takes.
fn display_width<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let text = args.get(0).to_rust_string_lossy(scope);
    result.set_uint32(u32::try_from(drupe_preview::display_width(&text)).unwrap_or(u32::MAX));
}

/// `inspect(value, options)`, or as it was once called, `inspect(value, showHidden, depth, colors)`.
fn inspect<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if peek::refuses(scope) {
        return;
    }
    let mut wanted = InspectOptions::default();
    if let Ok(given) = args.get(1).try_cast::<v8::Object>() {
        wanted = wanted.with(scope, given);
    } else {
        wanted.options.show_hidden = args.get(1).is_true();
        wanted.set_depth(args.get(2));
        wanted.set_colors(args.get(3).is_true());
    }
    let (text, failure) = wanted.text(scope, args.get(0));
    answer(scope, &text, failure, &mut result);
}

/// `format(options, args)`: the text of `console.log(...args)`; values are shown as `options` say.
fn format<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let mut wanted = InspectOptions::default();
    if let Ok(given) = args.get(0).try_cast::<v8::Object>() {
        wanted = wanted.with(scope, given);
    }
    let Ok(array) = args.get(1).try_cast::<v8::Array>() else { return };
    let args = (0..array.length()).filter_map(|index| array.get_index(scope, index)).collect::<Vec<_>>();
    let failure = RefCell::new(None);
    let mut show = |scope: &mut v8::PinScope, value: v8::Local<v8::Value>, options: Option<&Options>| {
        if failure.borrow().is_some() {
            return String::new();
        }
        let wanted = match options {
            Some(options) => {
                let mut filled = wanted;
                filled.options = presets::whole(*options);
                // What stands in the midst of a text (`%s`) has no colours.
                filled.set_colors(wanted.options.coloured && options.depth > 0);
                filled
            }
            None => wanted,
        };
        let (text, failed) = wanted.text(scope, value);
        *failure.borrow_mut() = failed;
        text
    };
    let mut cut = console::Cut::whole(scope);
    let formatted = console::format_with(scope, &args, true, &mut show, &mut cut);
    match formatted {
        Ok(_) if cut.is_some() => native::throw_range_error(scope, "Invalid string length"),
        Ok(text) => answer(scope, &text, failure.into_inner(), &mut result),
        Err(failure) => failure.throw(scope),
    }
}

fn answer(scope: &mut v8::PinScope, text: &str, failure: Option<Failure>, result: &mut Return) {
    match failure {
        Some(failure) => failure.throw(scope),
        None => {
            if let Some(text) = v8::String::new(scope, text) {
                result.set(text.into());
            }
        }
    }
}
