//! V8's callbacks for modules.

use std::cell::RefCell;

use super::{Modules, id_of, module_of, requested};
use crate::{
    isolate::{
        native::{call_js, get, throw_error},
        realm::Realm,
    },
    stacks::frames,
};

/// Answers for an isolate from now on.
pub(crate) fn watch(isolate: &mut v8::Isolate) {
    isolate.set_host_import_module_dynamically_callback(import_dynamically);
    isolate.set_host_initialize_import_meta_object_callback(fill_import_meta);
}

/// Which module an import of `referrer` means. Its edges came with the graph.
pub(super) fn resolve<'s>(
    context: v8::Local<'s, v8::Context>,
    specifier: v8::Local<'s, v8::String>,
    attributes: v8::Local<'s, v8::FixedArray>,
    referrer: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Module>> {
    // SAFETY: V8 calls this on the isolate's thread, with a context that is valid for the call.
    v8::callback_scope!(unsafe scope, context);
    let specifier = specifier.to_rust_string_lossy(scope);
    // Keys, values and places.
    let kind = attribute(scope, attributes, 3).map(|kind| kind.to_rust_string_lossy(scope));
    let edges = id_of(scope, referrer)
        .and_then(|id| Some(Realm::of(scope).state::<RefCell<Modules>>().borrow().entry(id)?.edges.clone()));
    let key = (specifier, kind);
    match edges.and_then(|edges| edges.get(&key).copied()).and_then(|id| module_of(scope, id)) {
        Some(module) => Some(module),
        None => {
            throw_error(scope, &format!("the host has not said which module {:?} is", key.0));
            None
        }
    }
}

/// Evaluates a synthetic module.
pub(super) fn evaluate_steps<'s>(
    context: v8::Local<'s, v8::Context>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    // SAFETY: V8 calls this on the isolate's thread, with a context that is valid for the call.
    v8::callback_scope!(unsafe scope, context);
    let realm = Realm::of(scope);
    let id = id_of(scope, module)?;
    let steps = realm.state::<RefCell<Modules>>().borrow().entry(id)?.steps.clone()?;
    let steps = v8::Local::new(scope, steps);
    let receiver = v8::undefined(scope).into();
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    steps.call(scope, receiver, &[id])?;
    let resolver = v8::PromiseResolver::new(scope)?;
    let done = v8::undefined(scope).into();
    resolver.resolve(scope, done)?;
    Some(resolver.get_promise(scope).into())
}

/// `import(specifier)`, from wherever.
fn import_dynamically<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    _options: v8::Local<'s, v8::Data>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    let kind: v8::Local<v8::Value> = match attribute(scope, attributes, 2) {
        Some(kind) => kind.into(),
        None => v8::undefined(scope).into(),
    };
    let is_named = referrer.try_cast::<v8::String>().is_ok_and(|name| name.length() > 0);
    let referrer = if is_named { referrer } else { chunk_file(scope).unwrap_or(referrer) };
    let loader = loader(scope)?;
    let import = get(scope, loader, "importDynamically")?.try_cast::<v8::Function>().ok()?;
    let receiver: v8::Local<v8::Value> = v8::undefined(scope).into();
    let request = requested::take(scope, specifier).unwrap_or(receiver);
    import.call(scope, receiver, &[specifier.into(), referrer, kind, request])?.try_cast().ok()
}

/// The file that the chunk on top of the stack was, if it was one: V8 knows a chunk by its source's URL alone.
fn chunk_file<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    let trace = v8::StackTrace::current_stack_trace(scope, 1)?;
    let name = frames::frame(scope, trace, 0)?.get_script_name_or_source_url(scope)?;
    let text = name.to_rust_string_lossy(scope);
    file_url(scope, &text)
}

/// The file that the caller of the environment was, if it was a chunk: its URL.
pub(super) fn calling_file<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    /// How many of the environment's own frames may be above it.
    const ABOVE: usize = 16;
    let trace = v8::StackTrace::current_stack_trace(scope, ABOVE)?;
    for index in 0..trace.get_frame_count() {
        let name = frames::frame(scope, trace, index)?.get_script_name_or_source_url(scope);
        let text = name.map(|name| name.to_rust_string_lossy(scope)).unwrap_or_default();
        // What `eval` runs has no name.
        if !text.is_empty() && !text.starts_with("drupe:") {
            return file_url(scope, &text);
        }
    }
    None
}

/// The URL of the file that a script is named after.
fn file_url<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> Option<v8::Local<'s, v8::Value>> {
    if text.starts_with("file:") {
        return v8::String::new(scope, text).map(Into::into);
    }
    // Names have white space escaped as URLs have it.
    let path = text.strip_prefix('/')?.replace('#', "%23").replace('?', "%3F");
    v8::String::new(scope, &format!("file:///{path}")).map(Into::into)
}

extern "C" fn fill_import_meta(context: v8::Local<v8::Context>, module: v8::Local<v8::Module>, meta: v8::Local<v8::Object>) {
    // SAFETY: V8 calls this on the isolate's thread, with a context that is valid for the call.
    v8::callback_scope!(unsafe scope, context);
    let Some(id) = id_of(scope, module) else { return };
    let Some(loader) = loader(scope) else { return };
    let Some(fill) = get(scope, loader, "fillImportMeta").and_then(|fill| fill.try_cast::<v8::Function>().ok()) else { return };
    let receiver = v8::undefined(scope).into();
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    fill.call(scope, receiver, &[meta.into(), id]);
}

/// What `js/lib/modules/loader.js` exports.
fn loader<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Object>> {
    let name = v8::String::new(scope, "modules/loader")?.into();
    call_js(scope, "library", &[name])?.try_cast().ok()
}

/// The value of the attribute `type`, in a list whose items have `width` parts.
fn attribute<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    attributes: v8::Local<'s, v8::FixedArray>,
    width: usize,
) -> Option<v8::Local<'s, v8::String>> {
    let string = |scope: &mut v8::PinScope<'s, '_>, index| -> Option<v8::Local<'s, v8::String>> {
        let data = attributes.get(scope, index)?;
        v8::Local::<v8::Value>::try_from(data).ok()?.try_cast().ok()
    };
    (0..attributes.length()).step_by(width).find_map(|index| {
        let key = string(scope, index)?.to_rust_string_lossy(scope);
        if key == "type" { string(scope, index + 1) } else { None }
    })
}
