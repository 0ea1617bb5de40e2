//! What a limit or an interrupt stops is told: the run that it belongs to ends with that, and what nobody waits for any
//! more is an exception.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::{Log, TestKernel};
use drupe_protocol::{
    Event, Request, Value,
    event::{Done, End, Origin, Stopped, Uncaught},
    host::{Answer, Answered, Functions, HostReply},
    request::StopReason,
};

const BUDGET_MS: u64 = 50;

/// Ways to loop in what a chunk leaves to be done before it ends: in promise jobs and ticks.
const JOBS: [&str; 9] = [
    "Promise.resolve().then(function f() { for (;;); })",
    "Promise.reject(1).catch(() => { for (;;); })",
    "queueMicrotask(() => { for (;;); })",
    "const again = () => queueMicrotask(again); again()",
    "process.nextTick(() => { for (;;); })",
    "const again = () => process.nextTick(again); again()",
    "(async () => { await null; for (;;); })()",
    "Promise.resolve({ then() { for (;;); } })",
    "Array.fromAsync([1], () => { for (;;); })",
];

/// Ways to loop later. `host.f` is answered.
const CALLBACKS: [&str; 13] = [
    "setTimeout(() => { for (;;); }, 1)",
    "const t = setInterval(() => { clearInterval(t); for (;;); }, 1)",
    "setImmediate(() => { for (;;); })",
    "setTimeout(() => Promise.resolve().then(() => { for (;;); }), 1)",
    "setTimeout(() => process.nextTick(() => { for (;;); }), 1)",
    "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5).value.then(() => { for (;;); })",
    "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => { for (;;); })",
    "AbortSignal.timeout(1).addEventListener('abort', () => { for (;;); })",
    "new ReadableStream({ async pull() { await new Promise(done => setTimeout(done, 1)); for (;;); } }).getReader().read()",
    "const { port1, port2 } = new MessageChannel(); port2.onmessage = () => { port2.close(); for (;;); }; port1.postMessage(1)",
    "host.f().then(() => { for (;;); })",
    "host.f().finally(() => process.nextTick(() => { for (;;); }))",
    "process.once('unhandledRejection', () => { for (;;); }); setTimeout(() => { Promise.reject(1) }, 1)",
];

fn define_functions(kernel: &mut TestKernel) {
    kernel.send_request(&Request::Functions(Functions { names: vec!["f".to_owned()] }));
}

/// Events up to and including the first that `last` wants. Calls to the host are answered.
fn until(kernel: &mut TestKernel, last: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let event = kernel.event();
        if let Event::HostCall(call) = &event {
            let answer = Answer::Value(Answered { value: Value::Null });
            kernel.send_request(&Request::HostReply(HostReply { call: call.call, answer }));
        }
        let done = last(&event);
        events.push(event);
        if done {
            return events;
        }
    }
}

fn outcome(kernel: &mut TestKernel) -> Log {
    let mut events = until(kernel, |event| matches!(event, Event::Outcome(_)));
    let Some(Event::Outcome(outcome)) = events.pop() else { unreachable!("it is the last") };
    Log { events, outcome }
}

fn stopped_callbacks(events: &[Event]) -> Vec<Uncaught> {
    let of = |event: &Event| match event {
        Event::Exception(uncaught) if uncaught.origin == Origin::Callback => Some(uncaught.clone()),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

// threats B2, B3
#[test]
fn jobs_that_a_limit_stops_end_their_run_which_has_told_its_value() {
    let mut kernel = TestKernel::new();
    for code in JOBS {
        for until_idle in [false, true] {
            let mut run = kernel.request(&format!("{{ {code} }} 'value'"));
            (run.vm_timeout_ms, run.until_idle) = (Some(BUDGET_MS), until_idle);
            kernel.send(run);
            let log = kernel.log();
            let End::VmTimeout(timeout) = &log.outcome.end else { panic!("{code}: {log:?}") };
            assert_eq!((timeout.limit_ms, timeout.stopped), (BUDGET_MS, Stopped::Javascript), "{code}");
            assert!(log.outcome.dropped_jobs, "{code}: {log:?}");
            assert_eq!(log.text().as_deref(), Some("'value'"), "{code}");
            assert_eq!(kernel.text("1 + 1"), "2", "after {code}");
        }
    }
}

// threats B2, B3
#[test]
fn callbacks_that_a_limit_stops_end_the_run_that_they_belong_to() {
    for code in CALLBACKS {
        for (rest, until_idle) in [("await new Promise(() => {})", false), ("await new Promise(() => {})", true), ("1", true)] {
            let mut kernel = TestKernel::new();
            define_functions(&mut kernel);
            // What is referenced keeps a program that awaits.
            let mut run = kernel.request(&format!("setTimeout(() => {{}}, 1e6); {{ {code} }} {rest}"));
            (run.vm_timeout_ms, run.until_idle) = (Some(BUDGET_MS), until_idle);
            kernel.send(run);
            let log = outcome(&mut kernel);
            assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{code}: {log:?}");
            assert_eq!(kernel.text("1 + 1"), "2", "after {code}");
        }
    }
}

// threats B2, B3
#[test]
fn callbacks_that_a_limit_stops_late_are_exceptions_of_their_run() {
    for code in CALLBACKS {
        let mut kernel = TestKernel::new();
        define_functions(&mut kernel);
        let mut run = kernel.request(&format!("{{ {code} }} 1"));
        run.vm_timeout_ms = Some(BUDGET_MS);
        let run = kernel.send(run);
        assert!(outcome(&mut kernel).is_value(), "{code}");
        // An error whose handler is stopped is told before that.
        let is_stop = |event: &Event| matches!(event, Event::Exception(uncaught) if uncaught.origin == Origin::Callback);
        let events = until(&mut kernel, is_stop);
        let [told] = &*stopped_callbacks(&events) else { panic!("{code}: {events:?}") };
        // V8 itself settles these promises, and does not tell whose jobs were stopped.
        let unknown = code.starts_with("Atomics") || code.starts_with("WebAssembly");
        assert_eq!(told.run, Some(run).filter(|_| !unknown), "{code}: {told:?}");
        assert!(told.exception.message.contains("CPU budget of 50 ms"), "{code}: {told:?}");
        assert_eq!(kernel.text("1 + 1"), "2", "after {code}");
    }
}

/// Finalizers belong to no run that anybody knows.
// threat B3
#[test]
fn a_finalizer_that_a_limit_stops_is_an_exception_and_the_active_run_counts_it() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    let mut run = kernel.request(
        "const registry = new FinalizationRegistry(() => { for (;;); }); (() => { registry.register({}, 1) })();
         let keep = [], turns = 0;
         while (turns++ < 1000) { for (let i = 0; i < 1e5; i++) keep[i] = { i }; await new Promise(done => setTimeout(done, 1)); }",
    );
    run.vm_timeout_ms = Some(2 * BUDGET_MS);
    kernel.send(run);
    let events = until(&mut kernel, |event| matches!(event, Event::Exception(_)));
    assert_eq!(stopped_callbacks(&events).len(), 1, "{events:?}");
    kernel.interrupt(None);
    let log = kernel.log();
    assert!(log.outcome.stopped_callbacks > 0, "{log:?}");
}

// threat B3
#[test]
fn what_is_stopped_of_an_earlier_run_is_counted_by_the_active_one() {
    let mut kernel = TestKernel::new();
    // Both are sent at once: the second is active when the timer is due.
    let mut run = kernel.request("setTimeout(() => { for (;;); }, 100)");
    run.vm_timeout_ms = Some(BUDGET_MS);
    kernel.send(run);
    kernel.start("await new Promise(done => setTimeout(done, 200)); 'waited'");
    kernel.log();
    let log = kernel.log();
    assert_eq!((log.text().as_deref(), log.outcome.stopped_callbacks), (Some("'waited'"), 1), "{log:?}");
    assert_eq!(stopped_callbacks(&log.events)[0].run, Some(1));
}

#[test]
fn a_run_that_has_thrown_keeps_its_error_and_tells_of_the_stop() {
    let mut kernel = TestKernel::new();
    let log = kernel.run_limited("queueMicrotask(() => { for (;;); }); throw new Error('first')", BUDGET_MS);
    assert!(matches!(log.outcome.end, End::Threw(Done {})), "{log:?}");
    assert!(log.outcome.dropped_jobs && log.outcome.stopped_callbacks == 1, "{log:?}");
    let told = log.uncaught().iter().map(|uncaught| uncaught.exception.message.clone()).collect::<Vec<_>>();
    assert!(matches!(&*told, [first, second] if first == "first" && second.contains("CPU budget")), "{told:?}");
}

/// What a stop leaves in the queue runs before its run ends, or is thrown away and told: it does not use up the next
/// run's budget.
// threat B4
#[test]
fn jobs_that_a_stopped_stretch_had_made_due_do_not_hit_the_next_run() {
    let mut kernel = TestKernel::new();
    let log = kernel
        .run_limited("queueMicrotask(() => console.log('ran')); process.nextTick(console.log, 'tick'); for (;;);", BUDGET_MS);
    assert!(matches!(log.outcome.end, End::VmTimeout(_)) && !log.outcome.dropped_jobs, "{log:?}");
    assert_eq!(log.printed(), ["tick", "ran"]);
    for code in ["queueMicrotask(() => { for (;;); }); for (;;);", "process.nextTick(() => { for (;;); }); for (;;);"] {
        let log = kernel.run_limited(code, BUDGET_MS);
        assert!(matches!(log.outcome.end, End::VmTimeout(_)) && log.outcome.dropped_jobs, "{code}: {log:?}");
        let next = kernel.run_limited("'next'", BUDGET_MS);
        assert!(next.is_value() && next.outcome.cpu_us < 1000 * BUDGET_MS, "after {code}: {next:?}");
    }
}

#[test]
fn an_interrupt_in_promise_jobs_or_callbacks_is_the_end_of_the_run() {
    for code in [
        "queueMicrotask(() => { console.log('loops'); for (;;); }); 1",
        "process.nextTick(() => { console.log('loops'); for (;;); }); 1",
        "setTimeout(() => { console.log('loops'); for (;;); }, 1); await new Promise(() => {})",
    ] {
        let mut kernel = TestKernel::new();
        let run = kernel.start(code);
        kernel.console();
        assert!(kernel.interrupt(Some(run)));
        let log = kernel.log();
        let End::Interrupted(by) = &log.outcome.end else { panic!("{code}: {log:?}") };
        assert_eq!((by.reason, by.stopped), (StopReason::Request, Stopped::Javascript), "{code}");
        assert_eq!(kernel.text("1 + 1"), "2", "after {code}");
    }
}

// threat C1
#[test]
fn promise_jobs_that_fill_the_heap_end_their_run() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    kernel.run("let kept = 'kept'");
    for code in [
        "queueMicrotask(() => { const rows = []; for (;;) rows.push({ a: 1 }) }); 1",
        "Promise.resolve().then(async () => { const m = new Map(); for (let i = 0; ; i++) m.set(i, { i }) }); 1",
    ] {
        let log = kernel.run(code);
        assert!(matches!(log.outcome.end, End::MemoryLimit(_)) && log.outcome.dropped_jobs, "{code}: {log:?}");
        assert_eq!(kernel.text("kept"), "'kept'");
    }
}

/// A front end may send two interrupts: one for the run, and one for the code that executes. The second one stops no
/// promise job, because none is due.
#[test]
fn interrupts_that_follow_each_other_throw_away_no_jobs_where_none_is_due() {
    let mut kernel = TestKernel::new();
    for _ in 0..50 {
        kernel.start("for (;;);");
        let started = kernel.event();
        assert!(matches!(started, Event::Started(_)), "{started:?}");
        for _ in 0..20 {
            kernel.interrupt(None);
        }
        let log = kernel.log();
        assert!(matches!(log.outcome.end, End::Interrupted(_)) && !log.outcome.dropped_jobs, "{log:?}");
        assert!(log.exceptions().is_empty(), "{log:?}");
    }
}
