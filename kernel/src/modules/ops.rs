//! The native functions behind `js/lib/modules`.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use drupe_protocol::{Position, SourceMap, event::Location};

use super::{Modules, callbacks, hidden, module_of};
use crate::{
    environment::library,
    errors::rejections::Rejections,
    isolate::{
        native::{Args, Return, add, throw_range_error},
        realm::Realm,
        scripts::Originals,
    },
    stacks::{frames, located},
};

/// What a CommonJS module sees: the body of a function with these parameters.
const COMMONJS: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// Fills in what the loader needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "moduleText", text)?;
    add(scope, ops, "moduleSynthetic", synthetic)?;
    add(scope, ops, "moduleLink", link)?;
    add(scope, ops, "moduleInstantiate", instantiate)?;
    add(scope, ops, "moduleEvaluate", evaluate)?;
    add(scope, ops, "moduleNamespace", namespace)?;
    add(scope, ops, "moduleStatus", status)?;
    add(scope, ops, "moduleError", error)?;
    add(scope, ops, "moduleIsAsync", is_async)?;
    add(scope, ops, "moduleSetExport", set_export)?;
    add(scope, ops, "markHandled", mark_handled)?;
    add(scope, ops, "chunkFile", chunk_file)?;
    add(scope, ops, "errorScript", error_script)?;
    add(scope, ops, "locateImport", locate_import)?;
    add(scope, ops, "setOriginals", set_originals)?;
    add(scope, ops, "beforeNextScript", hidden::before_next_script)?;
    add(scope, ops, "compileCommonJs", common_js)
}

/// `moduleText(url, source, map)`: the id of a new module. Throws what is wrong with its syntax.
fn text<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(code) = args.get(1).try_cast::<v8::String>() else { return };
    remember_map(scope, args.get(0), args.get(2));
    let origin = origin(scope, args.get(0), true);
    let mut source = v8::script_compiler::Source::new(code, Some(&origin));
    let compiled = located::watched(scope, |scope| v8::script_compiler::compile_module(scope, &mut source));
    let Some(module) = compiled else { return };
    if let Some(id) = enter(scope, module, None) {
        result.set_uint32(id);
    }
}

/// `moduleSynthetic(url, names, steps)`: the id of a new module whose exports `steps(id)` sets when it is evaluated.
fn synthetic<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let (Ok(url), Ok(names), Ok(steps)) = (args.get(0).try_cast(), args.get(1).try_cast::<v8::Array>(), args.get(2).try_cast())
    else {
        return;
    };
    let names = (0..names.length()).filter_map(|index| names.get_index(scope, index)?.try_cast().ok()).collect::<Vec<_>>();
    let module = v8::Module::create_synthetic_module(scope, url, &names, callbacks::evaluate_steps);
    let steps = v8::Global::new(scope, steps);
    if let Some(id) = enter(scope, module, Some(steps)) {
        result.set_uint32(id);
    }
}

/// `moduleLink(id, edges)`: says which modules its imports mean; `[specifier, type, id]` each, one after the other.
fn link<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let (Some(id), Ok(list)) = (number(args.get(0)), args.get(1).try_cast::<v8::Array>()) else { return };
    let mut edges = HashMap::new();
    for index in (0..list.length()).step_by(3) {
        v8::scope!(let scope, scope);
        let list = v8::Local::new(scope, list);
        let at = |offset| list.get_index(scope, index + offset);
        let (Some(specifier), Some(kind), Some(target)) = (at(0), at(1), at(2)) else { return };
        let specifier = specifier.to_rust_string_lossy(scope);
        let kind = kind.is_string().then(|| kind.to_rust_string_lossy(scope));
        let Some(target) = number(target) else { return };
        edges.insert((specifier, kind), target);
    }
    if let Some(entry) = Realm::of(scope).state::<RefCell<Modules>>().borrow_mut().entries.get_mut(id as usize) {
        entry.edges = Rc::new(edges);
    }
}

/// `moduleInstantiate(id)`: links it and what it imports. Throws, for one, when an import names no export.
fn instantiate<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    if let Some(module) = module(scope, args.get(0)) {
        // What is wrong has been thrown.
        let _ = located::watched(scope, |scope| module.instantiate_module(scope, callbacks::resolve));
    }
}

/// `moduleEvaluate(id)`: a promise for its evaluation.
fn evaluate<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if let Some(promise) = module(scope, args.get(0)).and_then(|module| module.evaluate(scope)) {
        result.set(promise);
    }
}

/// `moduleNamespace(id)`.
fn namespace<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if let Some(module) = module(scope, args.get(0)).filter(is_linked) {
        result.set(module.get_module_namespace());
    }
}

/// `moduleStatus(id)`: 0 new, 1 linking, 2 linked, 3 evaluating, 4 evaluated, 5 failed.
fn status<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if let Some(module) = module(scope, args.get(0)) {
        result.set_uint32(match module.get_status() {
            v8::ModuleStatus::Uninstantiated => 0,
            v8::ModuleStatus::Instantiating => 1,
            v8::ModuleStatus::Instantiated => 2,
            v8::ModuleStatus::Evaluating => 3,
            v8::ModuleStatus::Evaluated => 4,
            v8::ModuleStatus::Errored => 5,
        });
    }
}

/// `moduleError(id)`: what it failed with.
fn error<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if let Some(module) = module(scope, args.get(0)).filter(|module| module.get_status() == v8::ModuleStatus::Errored) {
        result.set(module.get_exception());
    }
}

/// `moduleIsAsync(id)`: whether it, or what it imports, awaits at its top level.
fn is_async<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    if let Some(module) = module(scope, args.get(0)).filter(is_linked) {
        result.set_bool(module.is_graph_async());
    }
}

/// `moduleSetExport(id, name, value)`, of a synthetic module.
fn set_export<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    if let (Some(module), Ok(name)) = (module(scope, args.get(0)), args.get(1).try_cast()) {
        // What is no export throws.
        let _ = module.set_synthetic_module_export(scope, name, args.get(2));
    }
}

/// `markHandled(promise)`: its rejection is somebody's business already.
fn mark_handled(scope: &mut v8::PinScope, args: Args, _: Return) {
    if let Ok(promise) = args.get(0).try_cast::<v8::Promise>() {
        promise.mark_as_handled();
        Realm::of(scope).state::<RefCell<Rejections>>().borrow_mut().forget(scope, promise);
    }
}

/// `chunkFile()`: the URL of the file that the calling chunk was, if it was one.
fn chunk_file<'s>(scope: &mut v8::PinScope<'s, '_>, _: Args<'s>, mut result: Return<'s>) {
    if let Some(url) = callbacks::calling_file(scope) {
        result.set(url);
    }
}

/// `errorScript(error)`: the name of the script that the error was made in.
fn error_script<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = v8::Exception::get_stack_trace(scope, args.get(0))
        .and_then(|trace| frames::frame(scope, trace, 0))
        .and_then(|frame| frame.get_script_name_or_source_url(scope));
    if let Some(name) = name {
        result.set(name.into());
    }
}

/// `locateImport(error, id, specifier, url)`: notes that the error is about the import of `specifier` by that module.
fn locate_import<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let Some(module) = module(scope, args.get(1)).filter(|module| module.is_source_text_module()) else { return };
    let requests = module.get_module_requests();
    for index in 0..requests.length() {
        let request = requests.get(scope, index).and_then(|request| request.try_cast::<v8::ModuleRequest>().ok());
        let Some(request) = request.filter(|request| args.get(2) == request.get_specifier()) else { continue };
        let at = module.source_offset_to_location(request.get_source_offset());
        let number = |number: i32| u32::try_from(number).unwrap_or_default();
        let at = Position { line: number(at.get_line_number()), column: number(at.get_column_number()) };
        let script = args.get(3).to_rust_string_lossy(scope);
        let position = Realm::of(scope).scripts.borrow().position(&script, at);
        located::note(scope, args.get(0), &Location::new(script, position));
        return;
    }
}

/// `compileCommonJs(filename, source, map)`: the module's text as a function.
fn common_js<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(code) = args.get(1).try_cast::<v8::String>() else { return };
    remember_map(scope, args.get(0), args.get(2));
    let origin = origin(scope, args.get(0), false);
    if let Some(function) = located::watched(scope, |scope| library::function(scope, code, &origin, &COMMONJS, None)) {
        result.set(function.into());
    }
}

fn origin<'s>(scope: &v8::PinScope<'s, '_>, name: v8::Local<'s, v8::Value>, is_module: bool) -> v8::ScriptOrigin<'s> {
    v8::ScriptOrigin::new(scope, name, 0, 0, false, -1, None, false, false, is_module, None)
}

/// Where the positions of a script lead: `map` is a `Uint32Array` of segments, four numbers each.
fn remember_map(scope: &mut v8::PinScope, name: v8::Local<v8::Value>, map: v8::Local<v8::Value>) {
    let map = map.try_cast::<v8::Uint32Array>().ok();
    let map = map.map(|map| SourceMap { segments: numbers_of(map).as_chunks::<4>().0.to_vec() });
    let name = name.to_rust_string_lossy(scope);
    Realm::of(scope).scripts.borrow_mut().insert(&name, map);
}

/// `setOriginals(script, originals)`: where the text of a script came from, as the host says it: the names of the
/// originals, and segments in a `Uint32Array`, five numbers each. Nothing where it says nothing.
fn set_originals(scope: &mut v8::PinScope, args: Args, _: Return) {
    let script = args.get(0).to_rust_string_lossy(scope);
    let originals = originals(scope, args.get(1));
    Realm::of(scope).scripts.borrow_mut().set_originals(&script, originals);
}

fn originals(scope: &mut v8::PinScope, told: v8::Local<v8::Value>) -> Option<Originals> {
    let told = told.try_cast::<v8::Array>().ok()?;
    let names = told.get_index(scope, 0)?.try_cast::<v8::Array>().ok()?;
    let segments = told.get_index(scope, 1)?.try_cast::<v8::Uint32Array>().ok()?;
    let names = (0..names.length())
        .map(|index| {
            v8::scope!(let scope, scope);
            let names = v8::Local::new(scope, names);
            names.get_index(scope, index).map(|name| name.to_rust_string_lossy(scope))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Originals { names, segments: numbers_of(segments).as_chunks::<5>().0.to_vec() })
}

fn numbers_of(array: v8::Local<v8::Uint32Array>) -> Vec<u32> {
    let mut bytes = vec![0; array.byte_length()];
    array.copy_contents(&mut bytes);
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers.iter().map(|number| u32::from_le_bytes(*number)).collect()
}

/// Enters a new module; after throwing, `None`.
fn enter(scope: &mut v8::PinScope, module: v8::Local<v8::Module>, steps: Option<v8::Global<v8::Function>>) -> Option<u32> {
    let (hash, global) = (module.get_identity_hash().get(), v8::Global::new(scope, module));
    let id = Realm::of(scope).state::<RefCell<Modules>>().borrow_mut().add(hash, global, steps);
    if id.is_none() {
        throw_range_error(scope, &format!("a session may load {} modules, and no more", super::MAX_MODULES));
    }
    id
}

fn module<'s>(scope: &mut v8::PinScope<'s, '_>, id: v8::Local<'s, v8::Value>) -> Option<v8::Local<'s, v8::Module>> {
    module_of(scope, number(id)?)
}

/// Whether its namespace exists: V8 aborts where somebody asks too early.
fn is_linked(module: &v8::Local<v8::Module>) -> bool {
    !matches!(module.get_status(), v8::ModuleStatus::Uninstantiated | v8::ModuleStatus::Instantiating)
}

fn number(value: v8::Local<v8::Value>) -> Option<u32> {
    value.try_cast::<v8::Uint32>().ok().map(|id| id.value())
}
