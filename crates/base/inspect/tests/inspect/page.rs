//! A context in which a test evaluates scripts, on a platform of the test's own.

use std::sync::Once;

use drupe_inspect::{Intrinsics, Options, text};

/// The kernel's own collection, so that the tests see what the inspector sees there.
const COLLECT: &str = concat!(
    "(ops => {",
    include_str!("../../../../../kernel/js/intrinsics.js"),
    "ops.captureTemporal(); return ops.intrinsics })({})"
);

/// A context in which a test evaluates expressions.
pub(crate) struct Page<'p, 's, 'i> {
    pub(crate) scope: &'p mut v8::PinScope<'s, 'i>,
}

/// Initialises V8 so that threads of any age run JavaScript: those of a test harness are older than V8.
fn initialise() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        v8::V8::initialize_platform(v8::new_unprotected_default_platform(1, false).make_shared());
        v8::V8::initialize();
    });
}

/// Runs a test in a new isolate. Microtasks run only when told to, as in the kernel.
pub(crate) fn with_page(test: impl FnOnce(&mut Page<'_, '_, '_>)) {
    with_prepared_page(|_| {}, test);
}

/// The same in an isolate that was prepared before.
pub(crate) fn with_prepared_page(prepare: impl FnOnce(&mut v8::Isolate), test: impl FnOnce(&mut Page<'_, '_, '_>)) {
    initialise();
    let isolate = &mut v8::Isolate::new(v8::CreateParams::default());
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    prepare(isolate);
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, context);
    let mut page = Page { scope };
    let intrinsics = page.eval(COLLECT).try_into().unwrap();
    Intrinsics::install(page.scope, intrinsics);
    test(&mut page);
}

impl<'s> Page<'_, 's, '_> {
    /// The value of a script; what it threw, if it threw.
    pub(crate) fn eval(&mut self, source: &str) -> v8::Local<'s, v8::Value> {
        let source = v8::String::new(self.scope, source).unwrap();
        let name = v8::String::new(self.scope, "page.js").unwrap().into();
        let origin = v8::ScriptOrigin::new(self.scope, name, 0, 0, false, 0, None, false, false, false, None);
        v8::tc_scope!(let scope, self.scope);
        let value = v8::Script::compile(scope, source, Some(&origin)).and_then(|script| script.run(scope));
        match value {
            Some(value) => value,
            None => scope.exception().expect("a script that fails throws"),
        }
    }

    /// The text of a script's value.
    pub(crate) fn text(&mut self, source: &str) -> String {
        self.text_with(source, &Options::default())
    }

    pub(crate) fn text_with(&mut self, source: &str, options: &Options) -> String {
        let value = self.eval(source);
        text(self.scope, value, options)
    }

    /// The number of a script's value.
    pub(crate) fn number(&mut self, source: &str) -> f64 {
        let value = self.eval(source);
        value.try_cast::<v8::Number>().unwrap().value()
    }
}
