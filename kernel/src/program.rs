//! A session as a program: what it writes, what it does about errors that nobody caught, and how it ends.
//!
//! A program ends when a run that was to last until the session is idle (`until_idle`) has nothing left to wait for, by `process.exit`, or
//! by an error that nobody caught. Its session stays, as in a REPL. What listens to `process` is asked by functions that `js/lib/node/process.js` defines when it is
//! first used: before that, nobody listens.

use std::cell::Cell;

use drupe_protocol::{
    Event, RunId,
    event::{Done, End, Location, Origin, State},
    output::{Output, Stream},
    request::StopReason,
};

use crate::{
    buffers,
    event_loop::EventLoop,
    exception,
    ops::{self, Args, Return, add, call_js},
    realm::{Realm, current_run},
    rejections::Rejection,
    said,
};

/// What is written in one call is told in pieces of so many UTF-16 code units.
const PIECE: usize = 64 << 10;

/// The exit status of a program that threw, of one that threw where it should have handled an error, and of one whose top-level `await` never
/// settles; Node's.
const THREW: u8 = 1;
const HANDLER_THREW: u8 = 7;
const UNSETTLED: u8 = 13;

/// How the session's program wants to end.
#[derive(Debug, Default)]
pub(crate) struct Exit {
    /// The status that it has set.
    pub(crate) code: Cell<Option<u8>>,
    /// The active run, if it is a program.
    program: Cell<Option<RunId>>,
    /// Whether what ends the program is that there was no room for a buffer, and nobody caught that.
    pub(crate) lacks_memory: Cell<bool>,
    /// The run that is about to end by itself, until it has.
    leaving: Cell<Option<(RunId, Leaving)>>,
}

/// Why a run ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It has called `process.exit`.
    Exited,
    /// Nobody caught an error of it.
    Failed,
}

impl Exit {
    /// The active run is a program from now on, or none is.
    pub(crate) fn set_program(&self, run: Option<RunId>) {
        self.program.set(run);
        self.leaving.take();
        self.lacks_memory.take();
    }

    /// Whether a run is about to end by itself.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.get().is_some()
    }

    /// Why `run` ends by itself, if it does.
    pub(crate) fn leaving(&self, run: RunId) -> Option<Leaving> {
        self.leaving.get().filter(|(leaving, _)| *leaving == run).map(|(_, why)| why)
    }

    /// As [`Self::leaving`]; said once.
    pub(crate) fn take(&self, run: RunId) -> Option<Leaving> {
        let leaving = self.leaving(run);
        self.leaving.take();
        leaving
    }
}

/// Fills in what `js/lib/node/process.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "exit", exit)?;
    add(scope, ops, "setExitCode", set_exit_code)?;
    add(scope, ops, "hasStreams", has_streams)?;
    add(scope, ops, "write", write)
}

/// `exit()`: ends the run that executes; returns whether it does. A session has no other end of its own.
fn exit(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let realm = Realm::of(scope);
    let run = current_run(scope);
    if let Some(run) = run.filter(|_| realm.guard.active() == run) {
        realm.exit.leaving.set(Some((run, Leaving::Exited)));
        result.set_bool(realm.guard.interrupt(Some(run), StopReason::Request));
    }
}

/// `hasStreams()`: whether the host has standard streams for the program.
fn has_streams(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_bool(Realm::of(scope).wishes.get().streams);
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

/// Something was thrown that nobody caught: the program is asked, and only then it is told, and ends.
pub(crate) fn uncaught<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    run: Option<RunId>,
    at: Option<Location>,
) {
    deal_with(scope, "handleUncaught", thrown, run, Origin::Callback, at);
}

/// V8's callback for what is thrown where no JavaScript and no kernel could catch it: in finalizers.
pub(crate) extern "C" fn on_message(message: v8::Local<v8::Message>, thrown: v8::Local<v8::Value>) {
    // SAFETY: V8 calls this on the isolate's thread, with a message that is valid for the call.
    v8::callback_scope!(unsafe scope, message);
    let (thrown, run) = (v8::Local::new(scope, thrown), current_run(scope));
    let at = exception::place(scope, thrown, message);
    uncaught(scope, thrown, run, at);
}

/// The chunk of a program threw: as [`uncaught`]. Whether the program has handled that, and goes on.
pub(crate) fn chunk_threw<'s>(scope: &mut v8::PinScope<'s, '_>, thrown: v8::Local<'s, v8::Value>, run: RunId) -> bool {
    deal_with(scope, "handleUncaught", thrown, Some(run), Origin::Chunk, None)
}

/// Asks the program about an error, by a function of `js/lib/node/process.js`. One that it does not handle is told, and ends it. Returns
/// whether it has handled it.
fn deal_with<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    question: &str,
    thrown: v8::Local<'s, v8::Value>,
    run: Option<RunId>,
    origin: Origin,
    at: Option<Location>,
) -> bool {
    match ask(scope, question, &[thrown]) {
        Answer::Yes => return true,
        Answer::No => {
            said::hear(scope, thrown);
            exception::report(scope, thrown, run, origin, at);
            Realm::of(scope).exit.lacks_memory.set(buffers::says_no_room(scope, thrown));
            fail(scope, run, THREW);
        }
        Answer::Threw(failed) => {
            exception::report(scope, thrown, run, origin, at);
            exception::report(scope, failed, run, Origin::Callback, None);
            fail(scope, run, HANDLER_THREW);
        }
        Answer::Stopped => stopped_by_handler(scope, thrown, run, origin, at),
    }
    false
}

/// What handles an error was stopped: the error is told, unless the handler has ended the program. The stop has its own consequences.
fn stopped_by_handler<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    thrown: v8::Local<'s, v8::Value>,
    run: Option<RunId>,
    origin: Origin,
    at: Option<Location>,
) {
    if !Realm::of(scope).exit.is_leaving() {
        exception::report(scope, thrown, run, origin, at);
    }
}

/// A promise that was told of got a handler.
fn handled(scope: &mut v8::PinScope, promise: &v8::Global<v8::Promise>) {
    let promise = v8::Local::new(scope, promise);
    if let Answer::Threw(failed) = ask(scope, "rejectionHandled", &[promise.into()]) {
        let run = current_run(scope);
        uncaught(scope, failed, run, None);
    }
}

/// A promise was rejected, and nothing handles that.
fn rejected(scope: &mut v8::PinScope, rejection: Rejection) {
    let Rejection { promise, reason, run, at } = rejection;
    let (promise, reason) = (v8::Local::new(scope, promise), v8::Local::new(scope, reason));
    match ask(scope, "handleRejection", &[reason, promise.into()]) {
        Answer::Yes => {}
        Answer::Stopped => stopped_by_handler(scope, reason, run, Origin::Rejection, at),
        Answer::Threw(failed) => uncaught(scope, failed, run, None),
        Answer::No => {
            deal_with(scope, "handleRejectionAsError", reason, run, Origin::Rejection, at);
        }
    }
}

/// Ends the program that `run` is; also for JavaScript that belongs to no run. V8 stops where it looks for a stop.
fn fail(scope: &mut v8::PinScope, run: Option<RunId>, code: u8) {
    let realm = Realm::of(scope);
    let Some(program) = realm.exit.program.get() else { return };
    if run.is_some_and(|run| run != program) || realm.exit.leaving(program).is_some() {
        return;
    }
    realm.exit.leaving.set(Some((program, Leaving::Failed)));
    let code = v8::Integer::new(scope, code.into()).into();
    if let Answer::Threw(failed) = ask(scope, "programFails", &[code]) {
        exception::report(scope, failed, run, Origin::Callback, None);
    }
    realm.guard.interrupt(Some(program), StopReason::Request);
}

/// What a function of `js/lib/node/process.js` answered.
enum Answer<'s> {
    Yes,
    /// Also where there is no such function yet.
    No,
    Threw(v8::Local<'s, v8::Value>),
    /// It was stopped.
    Stopped,
}

/// Calls a function of `js/lib/node/process.js`, in the midst of a stretch.
fn ask<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str, args: &[v8::Local<'s, v8::Value>]) -> Answer<'s> {
    v8::tc_scope!(let scope, scope);
    let answer = call_js(scope, name, args);
    if scope.has_terminated() {
        // Caught here, the stop would not reach what comes after this in the stretch.
        scope.reset();
        Realm::of(scope).guard.renew_stop();
        return Answer::Stopped;
    }
    match (scope.exception(), answer) {
        (Some(failed), _) => Answer::Threw(failed),
        (None, Some(answer)) if answer.is_true() => Answer::Yes,
        (None, _) => Answer::No,
    }
}

impl EventLoop<'_> {
    /// Tells of promises that were rejected and have no handler, unless the program handles them.
    pub(crate) fn report_rejections(&mut self) {
        let (waiting, handled_late) = {
            let mut rejections = self.session.realm().rejections.borrow_mut();
            (rejections.take(), rejections.take_handled_late())
        };
        if waiting.is_empty() && handled_late.is_empty() {
            return;
        }
        let asks = self.session.look(|scope| {
            let object = Realm::of(scope).ops.get().cloned();
            let object = object.map(|object| v8::Local::new(scope, object));
            object.and_then(|object| ops::get(scope, object, "handleRejection")).is_some_and(|function| function.is_function())
        });
        let budget = self.session.realm().budget.get();
        for promise in handled_late.into_iter().filter(|_| asks) {
            let run = self.active.as_ref().map(|active| active.run);
            let entered = self.session.enter(run, budget, |scope| handled(scope, &promise));
            self.halted(entered.halt);
        }
        let program = self.active.as_ref().filter(|active| active.wanted.until_idle).map(|active| active.run);
        for rejection in waiting {
            let run = rejection.run;
            let is_over = self.active.is_none();
            if program.is_some() && (is_over || self.session.realm().exit.is_leaving()) {
                if run.is_none() || run == program {
                    // **Behind the end of a program nobody is asked about its errors**, and nothing is told of it.
                    continue;
                }
                if !is_over {
                    // The stop that ends the program would hit this one, too.
                    self.session.realm().rejections.borrow_mut().put_back(rejection);
                    continue;
                }
            }
            if asks || self.active.as_ref().is_some_and(|active| active.wanted.until_idle) {
                let entered = self.session.enter(run, budget, |scope| rejected(scope, rejection));
                self.halted(entered.halt);
            } else {
                self.session.look(|scope| rejected(scope, rejection));
            }
        }
    }

    /// Whether the session has something left that keeps a program from its exit. What V8 compiles in the background is waited for, too: its
    /// promise is still to be settled.
    fn is_busy(&self) -> bool {
        let realm = self.session.realm();
        realm.timers.borrow().any_referenced() || realm.calls.borrow().any_awaited() || self.session.has_background_work()
    }

    /// Ends the active run if it has its answer and need not wait for its timers.
    pub(crate) fn finish_if_idle(&mut self) {
        let Some(active) = &self.active else { return };
        let Some(end) = &active.end else { return };
        let is_program = active.wanted.until_idle;
        let has_value = matches!(end, End::Value(_));
        if is_program && has_value && self.is_busy() {
            return;
        }
        let may_end = match end {
            _ if !is_program => true,
            End::Value(_) => self.beforehand() && self.leave(None),
            End::SyntaxError(_) => true,
            _ => self.leave(Some(THREW)),
        };
        if let Some(end) = self.active.as_mut().filter(|_| may_end).and_then(|active| active.end.take()) {
            // What a program has set and does not wait for ends with it; only where it failed is that a loss.
            let timers = if is_program { self.drop_timers(State::Kept) } else { 0 };
            let timers = if has_value { 0 } else { timers };
            self.end(end, State::Kept, timers);
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
            self.end(End::Unsettled(Done {}), State::Kept, 0);
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
            if let Answer::Threw(failed) = ask(scope, "programEnds", &[idle, code]) {
                uncaught(scope, failed, Some(run), None);
            }
        });
        self.after_callback(&entered);
        self.active.is_some()
    }
}
