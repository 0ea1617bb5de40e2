//! The library in `js/lib`: files of the environment that are compiled on first use, so that sessions start fast.

use crate::isolate::{
    native::{Args, Return, add, throw_error},
    realm::Realm,
};

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// What a file sees: the body of a function with these parameters.
const PARAMETERS: [&str; 5] = ["exports", "module", "require", "ops", "primordials"];

/// Fills in what `js/library.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "compileLibrary", compile)?;
    add(scope, ops, "holdStops", hold_stops)?;
    add(scope, ops, "releaseStops", release_stops)?;
    add(scope, ops, "hasLibrary", has)
}

/// `holdStops()`: what follows is executed whole, until `releaseStops()`. Returns the number of the stretch of
/// JavaScript that is open.
fn hold_stops(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let stretch = Realm::of(scope).guard.hold_stops();
    #[expect(clippy::cast_precision_loss, reason = "stretches are counted one by one")]
    result.set_double(stretch as f64);
}

/// `releaseStops()`: ends what `holdStops()` began.
fn release_stops(scope: &mut v8::PinScope, _: Args, _: Return) {
    Realm::of(scope).guard.release_stops();
}

/// `hasLibrary(name)`: whether there is such a file.
fn has(scope: &mut v8::PinScope, args: Args, mut result: Return) {
    let name = args.get(0).to_rust_string_lossy(scope);
    result.set_bool(LIBRARY.binary_search_by(|(file, _)| (*file).cmp(&name)).is_ok());
}

/// `compileLibrary(name)`: the file as a function.
fn compile<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let name = args.get(0).to_rust_string_lossy(scope);
    match compiled(scope, &name) {
        Some(function) => result.set(function.into()),
        None => {
            // A mistake in the environment, or memory has run out and V8 has thrown already.
            throw_error(scope, &format!("the library has no {name:?}"));
        }
    }
}

fn compiled<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Function>> {
    let index = LIBRARY.binary_search_by(|(file, _)| (*file).cmp(name)).ok()?;
    let code = v8::String::new_external_onebyte_static(scope, LIBRARY[index].1)?;
    let name = v8::String::new(scope, &format!("drupe:lib/{name}.js"))?;
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    function(scope, code, &origin, &PARAMETERS)
}

/// `code` as the body of a function with these parameters; `None` after throwing what is wrong with it.
pub(crate) fn function<'s>(
    scope: &v8::PinScope<'s, '_>,
    code: v8::Local<'s, v8::String>,
    origin: &v8::ScriptOrigin<'s>,
    parameters: &[&str],
) -> Option<v8::Local<'s, v8::Function>> {
    let mut source = v8::script_compiler::Source::new(code, Some(origin));
    let parameters = parameters.iter().map(|parameter| v8::String::new(scope, parameter)).collect::<Option<Vec<_>>>()?;
    v8::script_compiler::compile_function(
        scope,
        &mut source,
        &parameters,
        &[],
        v8::script_compiler::CompileOptions::NoCompileOptions,
        v8::script_compiler::NoCacheReason::NoReason,
    )
}
