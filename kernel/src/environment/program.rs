//! A session as a program: its output, its uncaught errors, and its end.
//!
//! A program ends when a run that was to last until the session is idle (`until_idle`) has nothing left to wait for, by
//! `process.exit`, or by an uncaught error. Its session stays, as in a REPL. Functions that `js/lib/node/process.js`
//! defines on first use call the listeners of `process`. Before that there are no listeners.

use drupe_protocol::{
    Event, RunId,
    event::{Location, Origin, Uncaught},
    output::{Output, Stream},
    request::StopReason,
};

use crate::{
    errors::{exception, rejections::Rejection},
    isolate::{
        array_buffers,
        exit::Leaving,
        guard::Found,
        native::{self, Args, Return, add, call_js},
        realm::{Realm, current_run},
    },
    stacks::said,
    wire::event_time,
};

/// What is written in one call is told in pieces of so many UTF-16 code units.
const PIECE: usize = 64 << 10;

/// The exit status of a program that threw, of one that threw where it should have handled an error, and of one whose
/// top-level `await` never settles; Node's.
pub(crate) const THREW: u8 = 1;
const HANDLER_THREW: u8 = 7;
pub(crate) const UNSETTLED: u8 = 13;

/// Fills in what `js/lib/node/process.js` needs.
pub(crate) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "exit", exit)?;
    add(scope, ops, "exiting", exiting)?;
    add(scope, ops, "hasExited", has_exited)?;
    add(scope, ops, "setExitCode", set_exit_code)?;
    add(scope, ops, "hasStreams", has_streams)?;
    add(scope, ops, "isProgram", is_program)?;
    add(scope, ops, "callMain", call_main)?;
    add(scope, ops, "mainRejected", main_rejected)?;
    add(scope, ops, "write", write)
}

/// `exit()`: ends the run that executes; returns whether it does. A session has no other end of its own.
fn exit(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let realm = Realm::of(scope);
    let run = current_run(scope);
    if let Some(run) = run.filter(|_| realm.guard.active() == run) {
        realm.exit.leave(run, Leaving::Exited);
        result.set_bool(realm.guard.interrupt(Some(run), StopReason::Request).found != Found::Nothing);
    }
}

/// `exiting()`: the run that executes is about to call [`exit`].
fn exiting(scope: &mut v8::PinScope, _: Args, _: Return) {
    let realm = Realm::of(scope);
    if current_run(scope).is_some_and(|run| realm.guard.active() == Some(run)) {
        realm.exit.begin();
    }
}

/// `hasExited()`: whether a run has ended that called [`exit`]; true once.
fn has_exited(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_bool(Realm::of(scope).exit.has_exited());
}

/// `hasStreams()`: whether the host has standard streams for the program.
fn has_streams(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_bool(Realm::of(scope).wishes.get().streams);
}

/// `isProgram()`: whether the run that executes is the session's program.
fn is_program(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let program = Realm::of(scope).exit.program();
    result.set_bool(program.is_some() && program == current_run(scope));
}

/// `callMain(function)`: calls the program's main function. An error that it throws is one of the chunk.
fn call_main<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let Ok(function) = args.get(0).try_cast::<v8::Function>() else { return };
    v8::tc_scope!(let scope, scope);
    let receiver = v8::undefined(scope).into();
    function.call(scope, receiver, &[]);
    if scope.has_terminated() {
        return;
    }
    if let Some(thrown) = scope.exception() {
        let at = scope.message().and_then(|message| exception::place(scope, thrown, message));
        scope.reset();
        let run = current_run(scope);
        deal_with(scope, "handleUncaught", thrown, run, Origin::Chunk, at);
    }
}

/// `mainRejected(error)`: the promise of the program's main module was rejected.
fn main_rejected<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let run = current_run(scope);
    deal_with(scope, "handleMainRejection", args.get(0), run, Origin::Chunk, None);
}

/// `setExitCode(code)`: an integer, of which systems keep eight bits, or `undefined`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "eight bits are what is meant")]
fn set_exit_code(scope: &mut v8::PinScope, args: Args, _: Return) {
    let code = args.get(0).is_number().then(|| args.get(0).int32_value(scope)).flatten();
    Realm::of(scope).exit.set_code(code.map(|code| code as u8));
}

/// `write(fd, text, bytes)`: says it as it is, on standard output (1) or standard error (2). With `bytes`, at most a
/// piece, those are what is written, and the text is what they read as.
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
    while start < string.length() && !realm.console_quota.drops(run) {
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
    if bytes.is_some() && realm.console_quota.drops(run) {
        return;
    }
    let bytes = bytes.filter(|bytes| bytes != text.as_bytes());
    let mut output = Output::new(run, stream, text, event_time::now());
    output.bytes = bytes;
    let weight = realm.say_weighed(&Event::Output(output));
    realm.console_quota.printed(run, weight);
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

/// Asks the program about an error, by a function of `js/lib/node/process.js`. One that it does not handle is told, and
/// ends it. Returns whether it has handled it.
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
            // A stack that cannot be told is V8's.
            let _ = said::hear(scope, thrown);
            let exception = Uncaught::new(run, origin, exception::describe(scope, thrown, at));
            let lacks_memory = array_buffers::says_no_room(scope, thrown);
            fail(scope, run, THREW, lacks_memory, Some(exception));
        }
        Answer::Threw(failed) => {
            exception::report(scope, thrown, run, origin, at);
            exception::report(scope, failed, run, Origin::Callback, None);
            fail(scope, run, HANDLER_THREW, false, None);
        }
        Answer::Stopped => stopped_by_handler(scope, thrown, run, origin, at),
    }
    false
}

/// What handles an error was stopped: the error is told, unless the handler has ended the program. The stop has its own
/// consequences.
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
pub(crate) fn handled(scope: &mut v8::PinScope, promise: &v8::Global<v8::Promise>) {
    let promise = v8::Local::new(scope, promise);
    if let Answer::Threw(failed) = ask(scope, "rejectionHandled", &[promise.into()]) {
        let run = current_run(scope);
        uncaught(scope, failed, run, None);
    }
}

/// A promise was rejected, and nothing handles that.
pub(crate) fn rejected(scope: &mut v8::PinScope, rejection: Rejection) {
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

/// Ends the program that `run` is; also for JavaScript that belongs to no run. V8 stops where it looks for a stop. The
/// `uncaught` error that ends it is told after the listeners of `exit` have run, as Node does.
fn fail(scope: &mut v8::PinScope, run: Option<RunId>, code: u8, lacks_memory: bool, uncaught: Option<Uncaught>) {
    let realm = Realm::of(scope);
    let program = realm.exit.program().filter(|program| run.is_none_or(|run| run == *program));
    let program = program.filter(|program| realm.exit.leaving(*program).is_none());
    let failed = program.and_then(|program| {
        realm.exit.leave(program, Leaving::Failed);
        realm.exit.lacks_memory.set(lacks_memory);
        let code = v8::Integer::new(scope, code.into()).into();
        if let Answer::Threw(failed) = ask(scope, "programFails", &[code]) { Some(failed) } else { None }
    });
    if let Some(uncaught) = uncaught {
        realm.say(&Event::Exception(uncaught));
    }
    if let Some(failed) = failed {
        exception::report(scope, failed, run, Origin::Callback, None);
    }
    if program.is_some() {
        realm.guard.interrupt(program, StopReason::Request);
    }
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

/// Whether the program is to be asked about rejections: whether `process` was used.
pub(crate) fn asks_about_rejections(scope: &mut v8::PinScope) -> bool {
    let object = Realm::of(scope).ops.get().cloned();
    let object = object.map(|object| v8::Local::new(scope, object));
    object.and_then(|object| native::get(scope, object, "handleRejection")).is_some_and(|function| function.is_function())
}

/// Tells the program that nothing is left to do (`idle`), or that it ends, with this status.
pub(crate) fn tell(scope: &mut v8::PinScope, run: RunId, idle: bool, code: Option<u8>) {
    let idle = v8::Boolean::new(scope, idle).into();
    let code = match code {
        Some(code) => v8::Integer::new(scope, code.into()).into(),
        None => v8::undefined(scope).into(),
    };
    if let Answer::Threw(failed) = ask(scope, "programEnds", &[idle, code]) {
        uncaught(scope, failed, Some(run), None);
    }
}
