//! The library in `js/lib`: files of the environment that are loaded on first use, so that sessions start fast. They
//! are compiled when the kernel is built: V8 takes them from its code cache.

use std::sync::OnceLock;

use crate::isolate::{
    native::{Args, Return, add, throw_error},
    realm::Realm,
};

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// A file of the library.
struct File {
    name: &'static str,
    text: &'static [u8],
    /// What `build.rs` had V8 make of it.
    cache: &'static [u8],
}

/// Where a code cache has the hash of V8's flags, in bytes from its beginning: behind a magic number, the hash of V8's
/// version, and that of the text.
const FLAGS: std::ops::Range<usize> = 12..16;

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
    result.set_bool(find(&name).is_some());
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

fn find(name: &str) -> Option<&'static File> {
    let index = LIBRARY.binary_search_by(|file| file.name.cmp(name)).ok()?;
    Some(&LIBRARY[index])
}

fn compiled<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Function>> {
    let file = find(name)?;
    let code = v8::String::new_external_onebyte_static(scope, file.text)?;
    let name = v8::String::new(scope, &format!("drupe:lib/{name}.js"))?;
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    // V8 uses it before this returns.
    let cache = cache(scope, file.cache);
    let cached = cache.as_deref().map(v8::CachedData::new);
    function(scope, code, &origin, PARAMETERS, cached)
}

/// A code cache that V8 takes in this process. **V8 refuses one from a process with other flags**, and those that a
/// kernel sets (`process/platform.rs`) do not change what is in a cache: the bytecode of functions.
fn cache(scope: &v8::PinScope, made: &[u8]) -> Option<Vec<u8>> {
    static OWN_FLAGS: OnceLock<[u8; 4]> = OnceLock::new();
    let flags = match OWN_FLAGS.get() {
        Some(flags) => *flags,
        None => {
            // Where memory has run out, the next file tries again.
            let flags = own_flags(scope)?;
            *OWN_FLAGS.get_or_init(|| flags)
        }
    };
    let mut cache = made.to_vec();
    cache.get_mut(FLAGS)?.copy_from_slice(&flags);
    Some(cache)
}

/// The hash of this process's flags, from a cache that is made here.
fn own_flags(scope: &v8::PinScope) -> Option<[u8; 4]> {
    let code = v8::String::empty(scope);
    let mut source = v8::script_compiler::Source::new(code, None);
    let options = v8::script_compiler::CompileOptions::NoCompileOptions;
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let function = v8::script_compiler::compile_function(scope, &mut source, &[], &[], options, reason)?;
    function.create_code_cache()?.get(FLAGS)?.try_into().ok()
}

/// `code` as the body of a function with these parameters, by `cached` if V8 takes that; `None` after throwing what is
/// wrong with it.
pub(crate) fn function<'s>(
    scope: &v8::PinScope<'s, '_>,
    code: v8::Local<'s, v8::String>,
    origin: &v8::ScriptOrigin<'s>,
    parameters: &[&str],
    cached: Option<v8::UniqueRef<v8::CachedData>>,
) -> Option<v8::Local<'s, v8::Function>> {
    let parameters = parameters.iter().map(|parameter| v8::String::new(scope, parameter)).collect::<Option<Vec<_>>>()?;
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let (mut source, options) = match cached {
        Some(cached) => (
            v8::script_compiler::Source::new_with_cached_data(code, Some(origin), cached),
            v8::script_compiler::CompileOptions::ConsumeCodeCache,
        ),
        None => (v8::script_compiler::Source::new(code, Some(origin)), v8::script_compiler::CompileOptions::NoCompileOptions),
    };
    let function = v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, reason);
    debug_assert!(source.get_cached_data().is_none_or(|cache| !cache.rejected()), "V8 refuses a code cache");
    function
}
