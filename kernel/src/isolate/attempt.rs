//! Calls of user code by native functions that JavaScript called.

use crate::isolate::realm::Realm;

/// Why the user's code did not come to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It threw this.
    Threw(v8::Global<v8::Value>),
    /// The stretch was stopped in it.
    Stopped,
}

/// Runs the user's code on behalf of a native function that JavaScript called, in the same stretch.
pub(crate) fn attempt<'s, T>(
    scope: &mut v8::PinScope<'s, '_>,
    run: impl FnOnce(&mut v8::PinScope<'s, '_>) -> Option<T>,
) -> Result<T, Failure> {
    let realm = Realm::of(scope);
    v8::tc_scope!(let scope, scope);
    if let Some(done) = run(scope) {
        return Ok(done);
    }
    let failure = match scope.exception().filter(|_| !scope.has_terminated()) {
        Some(thrown) => Failure::Threw(v8::Global::new(scope, thrown)),
        None => Failure::Stopped,
    };
    scope.reset();
    // Caught here, the stop would not reach the JavaScript around this.
    realm.guard.renew_stop();
    Err(failure)
}

impl Failure {
    /// Passes it on to the JavaScript that called the native function in which it happened.
    pub(crate) fn throw(self, scope: &mut v8::PinScope) {
        match self {
            Self::Threw(thrown) => {
                let thrown = v8::Local::new(scope, thrown);
                scope.throw_exception(thrown);
            }
            Self::Stopped => {
                // The flag that was raised again is looked at where a function begins: this one is as good as any, and
                // nothing that the user wrote after the call is executed before.
                if let Some(source) = v8::String::new(scope, "0") {
                    v8::Script::compile(scope, source, None).and_then(|script| script.run(scope));
                }
            }
        }
    }
}
