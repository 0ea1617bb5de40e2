//! Bakes the global environment (`js/`) into a V8 startup snapshot, so that a session starts from its heap image.
//!
//! The snapshot holds no native functions: the environment's files share an empty object, `ops`, that the kernel fills
//! when a session starts. So the snapshot needs no table of external references, and this script none of the kernel's
//! code.
//!
//! The files in `js/lib` are not evaluated: they are listed for `kernel/src/environment/library.rs`, which loads them
//! when they are first used. Each comes with V8's code cache, so that nothing is parsed then.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

/// In the order of their evaluation.
const FILES: &[&str] = &[
    "primordials.js",
    "library.js",
    "intrinsics.js",
    "stacks.js",
    "function_source.js",
    "timers.js",
    "microtasks.js",
    "atomics.js",
    "host.js",
    "globals.js",
];

/// What a file of the library sees: the body of a function with these parameters.
const PARAMETERS: &[&str] = &["exports", "module", "require", "ops", "primordials"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=js");
    println!("cargo::rerun-if-changed=build.rs");
    // A single thread, and no code kept: the same sources give the same environment.
    v8::V8::set_flags_from_string("--single-threaded");
    v8::V8::initialize_platform(v8::new_single_threaded_default_platform(false).make_shared());
    v8::V8::initialize();
    let blob = snapshot()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("snapshot.bin"), &*blob)?;
    let caches = out.join("library");
    fs::create_dir_all(&caches)?;
    fs::write(out.join("library.rs"), library(&caches, blob)?)?;
    Ok(())
}

/// Rust source of a table of the files in `js/lib`, sorted by name. Their code caches are written to the folder
/// `caches`. They fit to isolates from this snapshot.
fn library(caches: &Path, blob: v8::StartupData) -> Result<String, Box<dyn Error>> {
    let mut isolate = v8::Isolate::new(v8::Isolate::create_params().snapshot_blob(blob));
    v8::scope!(let scope, &mut isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, context);
    let root = env::current_dir()?.join("js/lib");
    let mut files = Vec::new();
    // Nothing is in the library yet? Then it has no folder.
    let mut folders = Vec::from_iter(root.is_dir().then(|| root.clone()));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "js") {
                let name = path.strip_prefix(&root)?.with_extension("");
                files.push((name.to_string_lossy().replace('\\', "/"), path));
            }
        }
    }
    files.sort();
    let mut table = format!(
        "/// What a file sees: the body of a function with these parameters.\nconst PARAMETERS: &[&str] = &{PARAMETERS:?};\n\n"
    );
    table += "/// The files, sorted by name.\nstatic LIBRARY: &[File] = &[\n";
    for (name, path) in files {
        let text = fs::read_to_string(&path)?;
        if !text.is_ascii() {
            return Err(format!("js/lib/{name}.js: V8 takes it as it stands, so it must be ASCII; write \\u{{...}}").into());
        }
        let cache = caches.join(name.replace('/', "-"));
        fs::write(&cache, code_cache(scope, &name, &text)?)?;
        table += &format!("    File {{ name: {name:?}, text: include_bytes!({path:?}), cache: include_bytes!({cache:?}) }},\n");
    }
    Ok(table + "];\n")
}

/// What V8 makes of a file of the library before it runs.
fn code_cache(scope: &mut v8::PinScope, name: &str, text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    v8::tc_scope!(let scope, scope);
    let code = v8::String::new(scope, text).ok_or("too long")?;
    let function = compile(scope, code, &format!("lib/{name}.js"), PARAMETERS);
    let cache = function.and_then(|function| function.create_code_cache());
    match (cache, scope.message()) {
        (Some(cache), _) => Ok(cache.to_vec()),
        (None, Some(message)) => Err(format!("js/lib/{name}.js: {}", message.get(scope).to_rust_string_lossy(scope)).into()),
        (None, None) => Err(format!("js/lib/{name}.js: V8 makes no code cache").into()),
    }
}

/// `code` as the body of a function.
fn compile<'s>(
    scope: &v8::PinScope<'s, '_>,
    code: v8::Local<'s, v8::String>,
    name: &str,
    parameters: &[&str],
) -> Option<v8::Local<'s, v8::Function>> {
    let name = v8::String::new(scope, &format!("drupe:{name}"))?;
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    let mut source = v8::script_compiler::Source::new(code, Some(&origin));
    let parameters = parameters.iter().map(|parameter| v8::String::new(scope, parameter)).collect::<Option<Vec<_>>>()?;
    let options = v8::script_compiler::CompileOptions::NoCompileOptions;
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, reason)
}

fn snapshot() -> Result<v8::StartupData, Box<dyn Error>> {
    let mut isolate = v8::Isolate::snapshot_creator(None, None);
    let environment = make_environment(&mut isolate);
    // Made in any case: V8 insists.
    let blob = isolate.create_blob(v8::FunctionCodeHandling::Keep);
    environment?;
    blob.ok_or_else(|| "V8 could not create the snapshot".into())
}

fn make_environment(isolate: &mut v8::OwnedIsolate) -> Result<(), Box<dyn Error>> {
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    scope.set_default_context(context);
    let scope = &mut v8::ContextScope::new(scope, context);
    let null = v8::null(scope).into();
    let ops = v8::Object::with_prototype_and_properties(scope, null, &[], &[]);
    for file in FILES {
        evaluate(scope, file, ops)?;
    }
    // Index 0: `kernel/src/runs/session.rs` takes it from there.
    scope.add_context_data(context, ops);
    Ok(())
}

fn evaluate(scope: &mut v8::PinScope, file: &str, ops: v8::Local<v8::Object>) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(Path::new("js").join(file))?;
    v8::tc_scope!(let scope, scope);
    let failure = |what: &str| format!("js/{file}: {what}");
    let code = v8::String::new(scope, &text).ok_or_else(|| failure("too long"))?;
    let done = compile(scope, code, file, &["ops"]).and_then(|function| {
        let receiver = v8::undefined(scope).into();
        function.call(scope, receiver, &[ops.into()])
    });
    match (done, scope.message()) {
        (Some(_), _) => Ok(()),
        (None, Some(message)) => {
            let line = message.get_line_number(scope).unwrap_or(0);
            let text = message.get(scope).to_rust_string_lossy(scope);
            Err(failure(&format!("line {line}: {text}")).into())
        }
        (None, None) => Err(failure("failed without a message").into()),
    }
}
