//! A session as a program: what it writes, what it does about errors that nobody caught, and how it ends.
//!
//! A program ends when a run that was to last until the session is idle (`until_idle`) has nothing left to wait for, or by `process.exit`.
//! Its session stays, as in a REPL. What listens to `process` is asked by functions that `js/lib/node/process.js` defines when it is
//! first used: before that, nobody listens.

use std::cell::Cell;

use drupe_protocol::{
    Event, RunId,
    event::{Done, End, Location, Origin, State},
    output::{Output, Stream},
    request::StopReason,
};

use crate::{
    event_loop::EventLoop,
    exception,
    ops::{self, Args, Return, add, call_js},
    realm::{Realm, current_run},
    runs::Dropped,
};

/// What is written in one call is told in pieces of so many UTF-16 code units.
const PIECE: usize = 64 << 10;

/// The exit status of a program that threw, and of one whose top-level `await` never settles; Node's.
const THREW: u8 = 1;
const UNSETTLED: u8 = 13;

/// How the session's program wants to end.
#[derive(Debug, Default)]
pub(crate) struct Exit {
    /// The status that it has set.
    pub(crate) code: Cell<Option<u8>>,
    /// The run that has called `process.exit`, until it ends of it.
    asked: Cell<Option<RunId>>,
}

impl Exit {
    /// Whether `run` ends because it wants to; said once.
    pub(crate) fn take(&self, run: RunId) -> bool {
        self.asked.take() == Some(run)
    }
}

/// Fills in what `js/lib/node/process.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "exit", exit)?;
    add(scope, ops, "setExitCode", set_exit_code)?;
    add(scope, ops, "write", write)
}

/// `exit()`: ends the run that executes; returns whether it does. A session has no other end of its own.
fn exit(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let realm = Realm::of(scope);
    let run = current_run(scope);
    realm.exit.asked.set(run);
    let stops = run.is_some() && realm.guard.active() == run && realm.guard.interrupt(run, StopReason::Request);
    result.set_bool(stops);
}

/// `setExitCode(code)`: an integer, of which systems keep eight bits, or `undefined`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "eight bits are what is meant")]
fn set_exit_code(scope: &mut v8::PinScope, args: Args, _: Return) {
    let code = args.get(0).is_number().then(|| args.get(0).int32_value(scope)).flatten();
    Realm::of(scope).exit.code.set(code.map(|code| code as u8));
}

/// `write(fd, text, bytes)`: says it as it is, on standard output (1) or standard error (2). With `bytes`, at most a piece, those are what is
/// written, and the text is what they read as.
fn write(scope: &mut v8::PinScope, args: Args, _: Return) {
    let realm = Realm::of(scope);
    let run = current_run(scope);
    let Ok(string) = args.get(1).try_cast::<v8::String>() else { return };
    let stream = if args.get(0).uint32_value(scope) == Some(1) { Stream::Stdout } else { Stream::Stderr };
    if let Ok(view) = args.get(2).try_cast::<v8::ArrayBufferView>() {
        let mut bytes = vec![0; view.byte_length()];
        view.copy_contents(&mut bytes);
        return say(scope, run, stream, string.to_rust_string_lossy(scope), Some(bytes));
    }
    let mut units = Vec::new();
    let mut start = 0;
    while start < string.length() && !realm.flood.drops(run) {
        units.resize(PIECE.min(string.length() - start), 0);
        let Ok(offset) = u32::try_from(start) else { return };
        string.write_v2(scope, offset, &mut units, v8::WriteFlags::empty());
        // The halves of a pair stay together.
        if units.len() == PIECE && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        start += units.len();
        say(scope, run, stream, String::from_utf16_lossy(&units), None);
    }
}

fn say(scope: &v8::PinScope, run: Option<RunId>, stream: Stream, text: String, bytes: Option<Vec<u8>>) {
    let realm = Realm::of(scope);
    if bytes.is_some() && realm.flood.drops(run) {
        return;
    }
    let bytes = bytes.filter(|bytes| bytes != text.as_bytes());
    let weight = realm.say_weighed(&Event::Output(Output { run, stream, text, time: crate::console::now(), bytes }));
    realm.flood.printed(run, weight);
}

/// Something was thrown that nobody caught: the program is asked, and only then it is told.
pub(crate) fn uncaught<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    run: Option<RunId>,
    at: Option<Location>,
) {
    if !ask(scope, "handleUncaught", &[thrown], run) {
        exception::report(scope, thrown, run, Origin::Callback, at);
    }
}

/// Calls a function of `js/lib/node/process.js`, in the midst of a stretch; whether it did something about it. What it throws is told: who
/// handles errors had better not make any.
fn ask<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str, args: &[v8::Local<'s, v8::Value>], run: Option<RunId>) -> bool {
    v8::tc_scope!(let scope, scope);
    let answer = call_js(scope, name, args);
    if scope.has_terminated() {
        return true;
    }
    let Some(failed) = scope.exception() else { return answer.is_some_and(|answer| answer.is_true()) };
    scope.reset();
    exception::report(scope, failed, run, Origin::Callback, None);
    true
}

impl EventLoop<'_> {
    /// Tells of promises that were rejected and have no handler, unless the program handles them.
    pub(crate) fn report_rejections(&mut self) {
        let waiting = self.session.realm().rejections.borrow_mut().take();
        if waiting.is_empty() {
            return;
        }
        let asks = self.session.look(|scope| {
            let object = Realm::of(scope).ops.get().cloned();
            let object = object.map(|object| v8::Local::new(scope, object));
            object.and_then(|object| ops::get(scope, object, "handleRejection")).is_some_and(|function| function.is_function())
        });
        for rejection in waiting {
            if asks {
                let budget = self.session.realm().budget.get();
                let entered = self.session.enter(rejection.run, budget, |scope| {
                    let reason = v8::Local::new(scope, &rejection.reason);
                    let promise = v8::Local::new(scope, &rejection.promise);
                    ask(scope, "handleRejection", &[reason, promise.into()], rejection.run)
                });
                if let Some(stop) = entered.stopped {
                    self.report_stopped_callback(rejection.run, stop);
                }
                if entered.value {
                    continue;
                }
            }
            self.session.look(|scope| {
                let reason = v8::Local::new(scope, &rejection.reason);
                exception::report(scope, reason, rejection.run, Origin::Rejection, rejection.at);
            });
        }
    }

    /// Whether the session has something left that keeps a program from its exit. What V8 compiles in the background is waited for, too: its
    /// promise is still to be settled.
    fn is_busy(&self) -> bool {
        let realm = self.session.realm();
        realm.timers.borrow().any_referenced() || realm.calls.borrow().any_awaited() || self.session.has_background_work()
    }

    /// Whether the active run is about to end because it has called `process.exit`.
    pub(crate) fn exits(&self) -> bool {
        self.active.as_ref().is_some_and(|active| self.session.realm().exit.asked.get() == Some(active.run))
    }

    /// Ends the active run if it has its answer and need not wait for its timers.
    pub(crate) fn finish_if_idle(&mut self) {
        let Some(active) = &self.active else { return };
        let Some(end) = &active.end else { return };
        let is_program = active.wanted.until_idle;
        if is_program && self.is_busy() {
            return;
        }
        let may_end = match end {
            _ if !is_program => true,
            End::SyntaxError(_) => true,
            End::Value(_) => self.beforehand() && self.leave(None),
            _ => self.leave(Some(THREW)),
        };
        if let Some(end) = self.active.as_mut().filter(|_| may_end).and_then(|active| active.end.take()) {
            self.end(end, State::Kept, Dropped::default());
        }
    }

    /// Whether the active run, a program, awaits what nothing is left to bring. Timers that keep no program from its exit may still.
    pub(crate) fn awaits_nothing(&self) -> bool {
        let realm = self.session.realm();
        self.active.as_ref().is_some_and(|active| active.wanted.until_idle && active.evaluation.is_some())
            && !self.is_busy()
            && realm.timers.borrow().next_turn().is_none()
            && realm.ticks.borrow().is_empty()
    }

    /// Ends a run that awaits what cannot come.
    pub(crate) fn end_unsettled(&mut self) {
        if self.beforehand() && self.awaits_nothing() && self.leave(Some(UNSETTLED)) {
            self.end(End::Unsettled(Done {}), State::Kept, Dropped::default());
        }
    }

    /// Tells the program that nothing is left to do, and so may give it something; returns whether there is still nothing.
    fn beforehand(&mut self) -> bool {
        self.tell_program(true, None) && !self.is_busy()
    }

    /// Tells the program that it ends; returns whether it has not found another end meanwhile.
    fn leave(&mut self, code: Option<u8>) -> bool {
        self.tell_program(false, code)
    }

    /// Returns whether the active run is still there.
    fn tell_program(&mut self, idle: bool, code: Option<u8>) -> bool {
        let Some(active) = &self.active else { return false };
        let (run, budget) = (active.run, active.wanted.budget);
        let entered = self.session.enter(Some(run), budget, |scope| {
            let idle = v8::Boolean::new(scope, idle).into();
            let code = match code {
                Some(code) => v8::Integer::new(scope, code.into()).into(),
                None => v8::undefined(scope).into(),
            };
            ask(scope, "programEnds", &[idle, code], Some(run))
        });
        self.report_rejections();
        self.take_settled();
        if let Some(stop) = entered.stopped {
            self.end_stopped(stop, entered.dropped_jobs);
        }
        self.active.is_some()
    }
}
