//! Shows the result of a run: as text and tree, by value, and, where the run enables it, in the value's own formats.
//!
//! The value's own formats come from user code. It runs in a stretch of its own, in the run's name and under its
//! budget. The bundle may be a promise; then the run ends when the promise is settled.

use drupe_inspect as inspect;
use drupe_protocol::{
    Event,
    event::{Done, End, Origin, Part, RunResult},
    preview::Node,
};

use super::{Active, Phase, Wanted};
use crate::{
    errors::exception,
    format::{
        bundle::{ask_bundle, parts},
        hooks,
    },
    inspect::presets,
    isolate::{attempt::Failure, realm::Realm},
    runs::event_loop::EventLoop,
    values::{Limits, to_wire_shared},
};

/// A result that is being asked for its bundle.
pub(crate) struct Showing {
    value: v8::Global<v8::Value>,
    /// What its objects say, if they were asked.
    tree: Option<Node>,
    bundle: Option<v8::Global<v8::Value>>,
}

/// The result as it is said. `tree`: what its objects have said of themselves.
pub(crate) fn result<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    active: &Active,
    value: v8::Local<'s, v8::Value>,
    tree: Option<Node>,
    bundle: Vec<Part>,
) -> Event {
    let Wanted { value_limit: limit, preview, depth, handles, .. } = active.wanted;
    let options = presets::of_result(depth);
    let (text, preview) = match tree {
        None if !preview => (inspect::text(scope, value, &options), None),
        tree => {
            let tree = tree.unwrap_or_else(|| inspect::preview(scope, value, &options));
            (presets::laid_out(&tree), preview.then_some(tree))
        }
    };
    let mut result = RunResult::new(active.run, text);
    result.preview = preview;
    result.handle = if handles { Realm::of(scope).handles.borrow_mut().give(scope, value) } else { None };
    result.value = (limit > 0).then(|| to_wire_shared(scope, value, Limits { bytes: limit })).flatten();
    result.bundle = bundle;
    Event::Result(result)
}

impl EventLoop<'_> {
    /// Asks the active run's result how it wants to be shown.
    pub(crate) fn ask_result(&mut self, value: v8::Global<v8::Value>) {
        let Some(active) = &self.active else { return };
        let (run, Wanted { inspect_hooks, bundle, budget, depth, .. }) = (active.run, active.wanted);
        let entered = self.session.enter(Some(run), budget, |scope| {
            let local = v8::Local::new(scope, &value);
            let tree = inspect_hooks.then(|| hooks::tree(scope, local, &presets::of_result(depth)));
            let asked = if bundle && !matches!(tree, Some(Err(Failure::Stopped))) { ask_bundle(scope, local) } else { Ok(None) };
            (tree.transpose(), asked)
        });
        let (tree, bundle) = entered.value;
        if let Some(active) = &mut self.active {
            let (tree, failed) = split(tree);
            let (bundle, refused) = split(bundle);
            active.phase = Phase::Showing(Box::new(Showing { value, tree, bundle }));
            for thrown in failed.into_iter().chain(refused) {
                self.session.without_javascript(|scope| {
                    let thrown = v8::Local::new(scope, thrown);
                    exception::report(scope, thrown, Some(run), Origin::Callback, None);
                });
            }
        }
        self.report_rejections();
        if entered.halt.is_none_or(|halt| halt.in_jobs()) {
            self.finish_showing();
        }
        self.halted(entered.halt);
    }

    /// Says the result that was asked how it wants to be shown, once that is known.
    pub(crate) fn finish_showing(&mut self) {
        let Some(active) = &self.active else { return };
        let Phase::Showing(showing) = &active.phase else { return };
        let said = self.session.without_javascript(|scope| {
            let bundle = match &showing.bundle {
                None => Vec::new(),
                Some(bundle) => {
                    let bundle = v8::Local::new(scope, bundle);
                    match bundle.try_cast::<v8::Promise>().map(|promise| (promise.state(), promise)) {
                        Ok((v8::PromiseState::Pending, _)) => return None,
                        Ok((v8::PromiseState::Fulfilled, promise)) => {
                            let bundle = promise.result(scope);
                            parts(scope, bundle)
                        }
                        // Reported as any rejection that nobody handles.
                        Ok((v8::PromiseState::Rejected, _)) => Vec::new(),
                        Err(_) => parts(scope, bundle),
                    }
                }
            };
            let value = v8::Local::new(scope, &showing.value);
            Some(result(scope, active, value, showing.tree.clone(), bundle))
        });
        if let Some(event) = said {
            self.say_result(event);
            if let Some(active) = &mut self.active {
                active.phase = Phase::Answered(End::Value(Done {}));
            }
        }
    }
}

/// What came of asking, and what was thrown instead.
fn split<T>(asked: Result<Option<T>, Failure>) -> (Option<T>, Option<v8::Global<v8::Value>>) {
    match asked {
        Ok(asked) => (asked, None),
        Err(Failure::Threw(thrown)) => (None, Some(thrown)),
        Err(Failure::Stopped) => (None, None),
    }
}
