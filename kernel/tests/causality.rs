//! Timers, microtasks, and which run a late event belongs to.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event,
    event::{End, Origin},
    request::Run,
};

#[test]
fn a_timer_of_run_1_that_fires_in_run_2_belongs_to_run_1() {
    let mut kernel = TestKernel::new();
    // A timer that comes again and again, until run 2 is there.
    kernel.run(
        "var done; (function wait() {
           setTimeout(async () => { if (!done) return wait(); console.log('timer'); await null; console.log('after await'); done() }, 1)
         })()",
    );
    let log = kernel.run("console.log('mine'); await new Promise(resolve => done = resolve)");
    let seen = log.consoles().iter().map(|console| (console.run, console.text().to_owned())).collect::<Vec<_>>();
    assert_eq!(seen, [(Some(2), "mine".into()), (Some(1), "timer".into()), (Some(1), "after await".into())]);
}

#[test]
fn causality_follows_promises_microtasks_intervals_and_immediates() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "let open; const gate = new Promise(resolve => open = resolve);
         gate.then(() => console.log('then'));
         (async () => { await gate; queueMicrotask(() => console.log('microtask')) })();
         const interval = setInterval(() => { console.log('interval'); clearInterval(interval) }, 1);
         setImmediate(() => console.log('immediate'))",
    );
    let mut seen = Vec::new();
    let log = kernel.run("open(); await new Promise(resolve => setTimeout(resolve, 30))");
    seen.extend(log.consoles().iter().map(|console| (console.run, console.text().to_owned())));
    seen.sort();
    let all = ["immediate", "interval", "microtask", "then"].map(|text| (Some(1), text.to_owned()));
    // The immediate and the interval may have fired between the runs, where nobody read them yet.
    assert!(seen.iter().all(|event| all.contains(event)), "{seen:?}");
    assert!(seen.contains(&all[2]) && seen.contains(&all[3]), "{seen:?}");
}

#[test]
fn what_async_local_storage_carries_hides_no_run() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "const storage = new (require('async_hooks').AsyncLocalStorage)();
         let open; const gate = new Promise(resolve => open = resolve);
         const say = (what) => console.log(what, storage.getStore());
         storage.run('first', async () => {
           await gate;
           say('await');
           setTimeout(() => { say('timer'); process.nextTick(() => say('tick')); queueMicrotask(() => say('microtask')) });
         });",
    );
    let log = kernel.run("say('mine'); open(); await new Promise(resolve => setTimeout(resolve, 30)); say('mine')");
    let seen = log.consoles().iter().map(|console| (console.run, console.text().to_owned())).collect::<Vec<_>>();
    let wanted = [
        (2, "mine undefined"),
        (1, "await first"),
        (1, "timer first"),
        (1, "tick first"),
        (1, "microtask first"),
        (2, "mine undefined"),
    ];
    assert_eq!(seen, wanted.map(|(run, text)| (Some(run), text.to_owned())));
}

#[test]
fn an_error_in_a_timer_is_told_at_once_and_by_whom() {
    let mut kernel = TestKernel::new();
    kernel.run("setTimeout(() => { throw new Error('idle') }, 1)");
    let Event::Exception(uncaught) = kernel.event() else { panic!("not an exception") };
    assert_eq!((uncaught.run, uncaught.origin, &*uncaught.exception.message), (Some(1), Origin::Callback, "idle"));
}

#[test]
fn a_rejection_nobody_handles_is_told_after_the_promise_is_shown() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("Promise.reject(new Error('unhandled'))");
    let names = log.events.iter().map(Event::name).collect::<Vec<_>>();
    assert_eq!(names, ["started", "result", "exception"]);
    assert!(log.text().unwrap().starts_with("Promise {\n  <rejected> Error: unhandled"), "{:?}", log.text());
    assert_eq!((log.uncaught()[0].run, log.uncaught()[0].origin), (Some(1), Origin::Rejection));
}

#[test]
fn a_rejection_that_is_handled_in_time_is_not_told() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("const p = Promise.reject(1); p.catch(() => {}); try { await Promise.reject(2) } catch {} ; 'fine'");
    assert_eq!(log.uncaught(), []);
    assert_eq!(log.text().unwrap(), "'fine'");
}

#[test]
fn report_error_and_microtask_errors_are_told_and_the_run_goes_on() {
    let mut kernel = TestKernel::new();
    let log = kernel.run("reportError(new Error('reported')); queueMicrotask(() => { throw new RangeError('micro') }); 1");
    let told = log.uncaught().iter().map(|uncaught| (uncaught.origin, uncaught.exception.message.clone())).collect::<Vec<_>>();
    assert_eq!(told, [(Origin::Report, "reported".into()), (Origin::Callback, "micro".into())]);
    assert!(log.is_value());
    let micro = &log.uncaught()[1].exception.text;
    assert!(!micro.contains("drupe:"), "the kernel's own frames are left out: {micro}");
}

/// V8 calls finalizers by itself, and nobody could catch what they throw.
#[test]
fn what_finalizers_throw_is_told() {
    let mut kernel = TestKernel::with_memory_limit(Some(64 << 20));
    let log = kernel.run(
        "let told = 0; process.on('uncaughtExceptionMonitor', () => told++);
         const registry = new FinalizationRegistry(() => { throw new Error('of a finalizer') }); (() => { registry.register({}, 1) })();
         for (let turn = 0, keep = []; told === 0 && turn < 1e4; turn++) {
           for (let i = 0; i < 1e5; i++) keep[i] = { i };
           await new Promise(done => setTimeout(done, 1));
         }",
    );
    assert!(log.thrown().contains("of a finalizer"), "{log:?}");
}

#[test]
fn timers_fire_in_the_order_of_their_time() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(
        "setTimeout(() => console.log('third'), 20); setTimeout(() => console.log('second'), 1); setTimeout(() => console.log('second b'), 1);
         queueMicrotask(() => console.log('first')); await new Promise(resolve => setTimeout(resolve, 40))",
    );
    assert_eq!(log.printed(), ["first", "second", "second b", "third"]);
}

#[test]
fn timers_are_the_objects_of_node_and_the_numbers_of_browsers() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(
        "const t = setTimeout(() => console.log('never'), 1); clearTimeout(+t);
         const u = setTimeout(() => console.log('never'), 1).unref(); clearTimeout(u);
         const v = setInterval(() => console.log('never'), 1); v[Symbol.dispose]();
         const i = setImmediate(() => console.log('never')); clearImmediate(i);
         clearTimeout(undefined); clearTimeout('nonsense'); clearTimeout({});
         await new Promise(resolve => setTimeout(resolve, 20, 'done'))",
    );
    assert_eq!(log.printed(), [""; 0]);
    assert_eq!(log.text().unwrap(), "'done'");
    assert_eq!(kernel.text("[typeof t, t.hasRef(), u.hasRef(), `${+t > 0}`]"), "[ 'object', true, false, 'true' ]");
    assert!(kernel.run("setTimeout('code')").thrown().contains("must be of type function. Received type string ('code')"));
}

#[test]
fn a_run_until_idle_ends_with_its_last_timer() {
    let mut kernel = TestKernel::new();
    let mut run = kernel
        .request("setTimeout(() => setTimeout(() => console.log('last'), 5), 5); setTimeout(() => {}, 1e6).unref(); 'value'");
    run.until_idle = true;
    kernel.send(run);
    let log = kernel.log();
    let names = log.events.iter().map(Event::name).collect::<Vec<_>>();
    assert_eq!(names, ["started", "result", "console"]);
}

/// It is no program: nothing is told of its end, and its timers stay.
#[test]
fn a_run_that_ends_unsettled_waits_while_something_may_come() {
    let mut kernel = TestKernel::new();
    let mut ends = |code: &str| {
        let mut run = kernel.request(code);
        run.ends_unsettled = true;
        kernel.send(run);
        kernel.log().outcome.end
    };
    let on_exit = "process.on('exit', () => console.log('no exit')); await new Promise(() => {})";
    assert!(matches!(ends(on_exit), End::Unsettled(_)));
    assert!(matches!(ends("await new Promise(done => setTimeout(done, 20))"), End::Value(_)));
    assert!(matches!(ends("await new Promise(done => setTimeout(done, 20).unref())"), End::Value(_)));
    assert!(matches!(ends("await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))"), End::Value(_)));
    // A later run may go on with it, but it is over.
    assert!(matches!(ends("await new Promise(done => globalThis.go = done); went = true"), End::Unsettled(_)));
    assert!(matches!(ends("go(); await null; await null; went"), End::Value(_)));
    assert_eq!(kernel.text("typeof process"), "'object'");
}

/// What the value says of itself is awaited, too.
#[test]
fn a_run_ends_unsettled_whose_bundle_cannot_come() {
    let mut kernel = TestKernel::new();
    for until_idle in [false, true] {
        let run = kernel.request("({ [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) })");
        kernel.send(Run { bundle: true, until_idle, ends_unsettled: !until_idle, ..run });
        assert!(matches!(kernel.log().outcome.end, End::Unsettled(_)));
    }
    let run = kernel
        .request("({ [Symbol.for('Jupyter.display')]: () => new Promise(done => setTimeout(done, 20, { 'text/html': 'b' })) })");
    kernel.send(Run { bundle: true, ends_unsettled: true, ..run });
    assert!(kernel.log().is_value());
}

#[test]
fn queued_runs_take_turns_and_only_one_is_active() {
    let mut kernel = TestKernel::new();
    let ids = [
        kernel.start("await new Promise(resolve => setTimeout(resolve, 10)); console.log('a')"),
        kernel.start("console.log('b')"),
        kernel.start("console.log('c')"),
    ];
    for (id, text) in ids.into_iter().zip(["a", "b", "c"]) {
        let log = kernel.log();
        assert_eq!(log.outcome.run, id);
        assert_eq!(log.printed(), [text]);
    }
}
