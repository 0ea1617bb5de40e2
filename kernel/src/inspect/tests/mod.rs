//! Values made by scripts, described in an isolate of the test's own.

mod hostile;
mod shapes;
mod vs_node;

use super::{Intrinsics, Options, text};

/// A context in which a test evaluates expressions.
pub(super) struct Page<'p, 's, 'i> {
    scope: &'p mut v8::PinScope<'s, 'i>,
}

/// Runs a test in a new context, on a platform that lets threads of any age run JavaScript: those of a test harness are older than
/// the engine. Microtasks run only when told to, as in the kernel.
pub(super) fn with_page(test: impl FnOnce(&mut Page<'_, '_, '_>)) {
    crate::process::platform::initialise(crate::process::platform::Platform::AnyThread, None, crate::process::platform::Jit::On);
    let isolate = &mut v8::Isolate::new(v8::CreateParams::default());
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    let scope = &mut v8::ContextScope::new(scope, context);
    let mut page = Page { scope };
    let collect =
        concat!("(ops => {", include_str!("../../../js/intrinsics.js"), "ops.captureTemporal(); return ops.intrinsics })({})");
    let intrinsics = page.eval(collect).try_into().unwrap();
    Intrinsics::install(page.scope, intrinsics);
    test(&mut page);
}

impl<'s> Page<'_, 's, '_> {
    /// The value of a script; what it threw, if it threw.
    fn eval(&mut self, source: &str) -> v8::Local<'s, v8::Value> {
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
    pub(super) fn text(&mut self, source: &str) -> String {
        self.text_with(source, &Options::default())
    }

    fn text_with(&mut self, source: &str, options: &Options) -> String {
        let value = self.eval(source);
        text(self.scope, value, options)
    }
}

#[test]
fn what_was_thrown_is_described_like_any_value() {
    with_page(|page| {
        assert_eq!(page.text("throw { code: 1 }"), "{ code: 1 }");
        assert_eq!(page.text("throw 'text'"), "'text'");
        assert_eq!(page.text("throw null"), "null");
        assert_eq!(page.text("null.x").lines().next(), Some("TypeError: Cannot read properties of null (reading 'x')"));
    });
}
