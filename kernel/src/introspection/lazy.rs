//! Globals of the environment that are loaded on first use. They are described as they will be, without loading them.

use drupe_protocol::{describe::Sort, introspection::CompletionKind};

/// The file whose getters load (`js/library.js`).
const LOADER: &str = "drupe:library.js";

/// Lower-case names of the platform and of built-in modules that are objects. Other such names are functions, and
/// capitals begin the names of classes.
const OBJECTS: [&str; 38] = [
    "async_hooks",
    "buffer",
    "caches",
    "child_process",
    "cluster",
    "constants",
    "crypto",
    "diagnostics_channel",
    "fs",
    "global",
    "http",
    "https",
    "indexedDB",
    "localStorage",
    "location",
    "module",
    "navigator",
    "net",
    "os",
    "path",
    "perf_hooks",
    "performance",
    "process",
    "punycode",
    "querystring",
    "readline",
    "scheduler",
    "sessionStorage",
    "string_decoder",
    "sys",
    "timers",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "worker_threads",
    "zlib",
];

/// What such a global will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lazy {
    Class,
    Function,
    Object,
}

impl Lazy {
    pub(super) fn completion_kind(self) -> CompletionKind {
        match self {
            Self::Class => CompletionKind::Class,
            Self::Function => CompletionKind::Function,
            Self::Object => CompletionKind::Variable,
        }
    }

    pub(super) fn sort(self) -> Sort {
        match self {
            Self::Class => Sort::Class,
            Self::Function => Sort::Function,
            Self::Object => Sort::Value,
        }
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Function => "function",
            Self::Object => "object",
        }
    }
}

/// What the own accessor `key` of `holder` stands for, if it is one that loads. **Not for proxies**, which would be
/// asked.
pub(super) fn lazy<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    holder: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> Option<Lazy> {
    let name = key.to_rust_string_lossy(scope);
    let descriptor = holder.get_own_property_descriptor(scope, key)?.try_cast::<v8::Object>().ok()?;
    let get = v8::String::new(scope, "get")?;
    if descriptor.has_own_property(scope, get.into()) != Some(true) {
        return None;
    }
    let getter = descriptor.get(scope, get.into())?.try_cast::<v8::Function>().ok().filter(|getter| !getter.is_proxy())?;
    let script = getter.get_script_origin(scope).resource_name()?.try_cast::<v8::String>().ok()?;
    // Who names a script of theirs so gets a wrong word in a menu.
    (script.to_rust_string_lossy(scope) == LOADER).then(|| expected(&name))
}

fn expected(name: &str) -> Lazy {
    if name.starts_with(char::is_uppercase) {
        Lazy::Class
    } else if OBJECTS.contains(&name) {
        Lazy::Object
    } else {
        Lazy::Function
    }
}

#[cfg(test)]
mod tests {
    use super::{LOADER, Lazy, lazy};

    #[test]
    fn what_is_loaded_lazily_is_known_before() {
        crate::process::platform::initialise(
            crate::process::platform::Platform::AnyThread,
            None,
            crate::process::platform::Jit::On,
        );
        let isolate = &mut v8::Isolate::new(v8::CreateParams::default());
        v8::scope!(let scope, isolate);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        let scope = &mut v8::ContextScope::new(scope, context);
        let run = |scope: &mut v8::PinScope, name: &str, source: &str| {
            let (name, source) = (v8::String::new(scope, name).unwrap(), v8::String::new(scope, source).unwrap());
            let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, 0, None, false, false, false, None);
            v8::Script::compile(scope, source, Some(&origin)).unwrap().run(scope).unwrap().is_true()
        };
        let load = concat!(
            "var loads = 0; var ops = { primordials: {}, holdStops: () => 1, releaseStops() {}, compileLibrary: () => (exports) => { loads++; exports.URL = class {} } }; (ops => {",
            include_str!("../../js/library.js"),
            "})(ops); ops.defineLazily(globalThis, 'web', ['URL', 'fetch', 'crypto']); true"
        );
        assert!(run(scope, LOADER, load));
        assert!(run(scope, "user.js", "Object.defineProperty(globalThis, 'Own', { get() { loads++ } }); var plain = 1; true"));
        let global = scope.get_current_context().global(scope);
        let cases = [("URL", Some(Lazy::Class)), ("fetch", Some(Lazy::Function)), ("crypto", Some(Lazy::Object)), ("Own", None)];
        for (name, kind) in cases.into_iter().chain([("plain", None), ("absent", None)]) {
            let key = v8::String::new(scope, name).unwrap();
            assert_eq!(lazy(scope, global, key.into()), kind, "{name}");
        }
        assert!(run(scope, "user.js", "loads === 0 && typeof URL === 'function' && loads === 1"));
        // Loaded, it is what it is.
        let key = v8::String::new(scope, "URL").unwrap();
        assert_eq!(lazy(scope, global, key.into()), None);
    }
}
