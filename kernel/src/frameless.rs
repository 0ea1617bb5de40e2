//! Native functions called by V8 itself, without JavaScript below them: for promises, timers, iterators, proxies,
//! finalizers. A native function usually has a caller; here it has none. **A request to V8 about the caller may then
//! have no answer, and V8 does not check that.**
//!
//! The tests find all native functions at run time, so that a new one is covered.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    thread,
    time::{Duration, Instant},
};

use drupe_protocol::{
    Event, Request, Value, encode,
    event::{Done, End, Outcome},
    host::{Answer, Answered, Functions, HostReply},
    request::Run,
};
use drupe_transport::{End as Channel, Incoming, memory};

use crate::{
    Config, Platform, ServeError,
    isolate::{
        native,
        native::{Args, Return},
        realm::Realm,
    },
    process::threads::Threads,
    runs::session::Session,
    serve::serve_with,
};

/// No event takes this long, unless something hangs.
const HANG: Duration = Duration::from_secs(300);

/// CPU time of each stretch: some native functions are an iterator that never ends.
const BUDGET_MS: u64 = 300;

/// Items that a stream of the host has.
const ITEMS: usize = 3;

/// A kernel whose JavaScript has `ops`, and its parent.
struct Kernel {
    data: Channel,
    _control: Channel,
    last_run: u64,
    thread: thread::JoinHandle<Result<(), ServeError>>,
    /// Items asked for of the newest stream.
    pulled: usize,
    printed: usize,
}

/// `collect()`: garbage, now.
fn collect(scope: &mut v8::PinScope, _: Args, _: Return) {
    scope.low_memory_notification();
}

/// Lets JavaScript have what no JavaScript has.
fn expose(session: &mut Session) {
    session.without_javascript(|scope| {
        let global = scope.get_current_context().global(scope);
        let shared = Realm::of(scope).ops.get().unwrap().clone();
        let shared = v8::Local::new(scope, shared);
        let key = v8::String::new(scope, "ops").unwrap();
        global.set(scope, key.into(), shared.into()).unwrap();
        native::add(scope, global, "collect", collect).unwrap();
    });
}

impl Kernel {
    fn new() -> Self {
        let (data, kernel_data) = memory::pair();
        let (control, kernel_control) = memory::pair();
        let config = Config {
            generation: 1,
            memory_limit: None,
            machine_memory: None,
            builtin_names: false,
            platform: Platform::AnyThread,
            orphaned: || {},
        };
        let thread = thread::spawn(move || {
            serve_with(kernel_data, kernel_control, &config, Threads::start().unwrap(), |_| Ok(()), expose)
        });
        let mut kernel = Self { data, _control: control, last_run: 0, thread, pulled: 0, printed: 0 };
        let names = ["f", "stream"].map(str::to_owned).to_vec();
        kernel.send(&Request::Functions(Functions { names }));
        kernel
    }

    fn send(&mut self, request: &Request) {
        let mut frame = Vec::new();
        encode(request, &mut frame).unwrap();
        self.data.sender.send(&frame).unwrap();
    }

    fn answer(&mut self, call: u64, answer: Answer) {
        self.send(&Request::HostReply(HostReply { call, answer }));
    }

    /// Runs `code` to its outcome, whatever that is.
    fn run(&mut self, code: &str) -> Outcome {
        self.run_within(code, Some(BUDGET_MS)).0
    }

    /// Runs `code` to its outcome. Its value as text, if it has one.
    fn run_within(&mut self, code: &str, vm_timeout_ms: Option<u64>) -> (Outcome, Option<String>) {
        self.last_run += 1;
        let (run, name) = (self.last_run, format!("chunk:{}", self.last_run));
        let hooks = Run { inspect_hooks: true, bundle: true, handles: true, ..Run::default() };
        let run = Run { run, name, code: code.to_owned(), vm_timeout_ms, ..hooks };
        self.send(&Request::Run(Box::new(run)));
        let mut text = None;
        loop {
            match self.event() {
                Event::Outcome(outcome) => return (outcome, text),
                Event::Result(result) => text = Some(result.text),
                _ => {}
            }
        }
    }

    /// The next event. What is asked of the host is answered.
    fn event(&mut self) -> Event {
        let event = match self.data.receiver.wait(Some(Instant::now() + HANG)).unwrap() {
            Incoming::Message(event) => event,
            other => panic!("the kernel hangs or is gone: {other:?}"),
        };
        match &event {
            Event::Console(_) => self.printed += 1,
            Event::HostCall(call) if call.op == "fn.stream" => {
                self.pulled = 0;
                self.answer(call.call, Answer::Stream(Done {}));
            }
            Event::HostCall(call) => self.answer(call.call, Answer::Value(Answered { value: Value::Null })),
            Event::HostNext(next) => {
                self.pulled += 1;
                let item = Answer::Item(Answered { value: Value::Null });
                self.answer(next.call, if self.pulled > ITEMS { Answer::End(Done {}) } else { item });
            }
            _ => {}
        }
        event
    }

    fn number(&mut self, code: &str) -> usize {
        let (outcome, text) = self.run_within(code, None);
        text.unwrap_or_else(|| panic!("{code}: {outcome:?}")).parse().unwrap()
    }

    fn end(self) {
        let Self { data, _control, thread, .. } = self;
        drop((data, _control));
        thread.join().unwrap().unwrap();
    }
}

// threat F11
#[test]
fn native_functions_are_called_from_everywhere_and_none_dies() {
    let mut kernel = Kernel::new();
    let positions = kernel.number(include_str!("frameless.js"));
    kernel.run("var names = Object.keys(positions), ours = [...Object.values(ops), ...Object.values(console)].filter(isNative)");
    let natives = kernel.number("ours.length");
    assert!(natives > 100, "only {natives} native functions were found");
    let mut called = 0;
    for index in 0..natives {
        // Whatever becomes of the run, the kernel lives: a native function may well end it.
        kernel.run(&format!("await callFrom(names, ours[{index}])"));
        kernel.run(&format!("await callFrom(names, ours[{index}].bind('x', 'y'))"));
        called = kernel.number("calls");
    }
    // Some end the run before it has come to all positions.
    assert!(called > 10_000 && called > 2 * positions * (natives - 5), "only {called} calls of {natives} functions");
    kernel.end();
}

/// Each position is one from which the function is called indeed: what it says there arrives.
#[test]
fn the_console_speaks_from_everywhere() {
    let mut kernel = Kernel::new();
    let positions = kernel.number(include_str!("frameless.js"));
    for index in 0..positions {
        let name = kernel.run_within(&format!("Object.keys(positions)[{index}]"), None).1.unwrap();
        let before = kernel.printed;
        let outcome = kernel.run(&format!("await callFrom([{name}], console.info)"));
        assert!(matches!(outcome.end, End::Value(_)), "{name}: {outcome:?}");
        // What is no constructor is not called where one is wanted.
        if ["'a constructor of promises'", "'Reflect.construct'", "'a species'"].contains(&&*name) {
            assert_eq!(kernel.printed, before, "{name}");
            continue;
        }
        while kernel.printed == before {
            kernel.event();
        }
    }
    kernel.end();
}

/// Not only drupe's own: all that JavaScript can reach, V8's too.
// threat F11
#[test]
fn whatever_native_function_is_reachable_survives_a_call_without_frames() {
    let mut kernel = Kernel::new();
    kernel.run(include_str!("frameless.js"));
    kernel.run(
        "delete globalThis.ops;
         var modules = require('module').builtinModules.map((name) => { try { return require(name) } catch {} });
         for (const name of Object.getOwnPropertyNames(globalThis)) globalThis[name];
         var some = ['a timer', 'a reaction', 'a thenable', 'a tick', 'bind', 'Array.fromAsync', 'a getter', 'apply of a proxy', 'valueOf', 'toJSON'];",
    );
    let natives = kernel.number("var all = nativesOf([globalThis, ...modules]); all.length");
    assert!(natives > 900, "only {natives} native functions were found");
    for start in (0..natives).step_by(25) {
        kernel.run(&format!("for (const f of all.slice({start}, {start} + 25)) await callFrom(some, f)"));
    }
    // Some end their run before it has come to all.
    let calls = kernel.number("calls");
    assert!(calls > 5_000, "only {calls} calls of {natives} functions");
    kernel.end();
}
