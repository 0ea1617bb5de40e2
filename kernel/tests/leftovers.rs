//! What a stop leaves in the queues of promise jobs and ticks does not go on, does not hit another run, and is told.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, Reply,
    event::{Done, End, Origin, Uncaught},
};

const BUDGET_MS: u64 = 50;

/// The next exception; nothing else may come before it.
fn exception(kernel: &mut TestKernel) -> Uncaught {
    match kernel.event() {
        Event::Exception(uncaught) => uncaught,
        other => panic!("no exception: {other:?}"),
    }
}

// threats B2, B3
#[test]
fn a_program_that_ends_runs_none_of_its_jobs_and_ticks() {
    let mut kernel = TestKernel::new();
    for job in ["() => { for (;;); }", "() => console.log('late')", "console.log", "console.log.bind(console, 'late')"] {
        let waiting = format!("process.nextTick(() => console.log('late')); Promise.resolve('late').then({job});");
        let exit = ("process.exit(3);", Some(3));
        let fail = ("throw new Error('fails');", Some(1));
        for (end, status) in [exit, fail] {
            for code in [
                format!("{waiting} {end}"),
                format!("setTimeout(() => {{ {waiting} {end} }}, 1)"),
                format!("process.nextTick(() => {{ {waiting} {end} }})"),
                format!("queueMicrotask(() => {{ {waiting} {end} }})"),
            ] {
                if code.starts_with(&waiting) && end == fail.0 {
                    // A chunk that throws ends, and its jobs run before anybody is asked about the error.
                    continue;
                }
                let log = kernel.program(BUDGET_MS, &code);
                assert_eq!(log.outcome.exit_code, status, "{code}: {log:?}");
                assert!(log.printed().is_empty() && log.exceptions().len() == usize::from(end == fail.0), "{code}: {log:?}");
                let next = kernel.run("'next'");
                assert!(next.text().as_deref() == Some("'next'") && next.printed().is_empty(), "after {code}: {next:?}");
            }
        }
    }
}

// threats B2, B3
#[test]
fn a_stop_in_a_tick_holds_for_the_jobs_behind_it() {
    let mut kernel = TestKernel::new();
    kernel.run("let kept = 'kept'");
    for tick in ["for (;;);", "process.on('uncaughtException', () => { for (;;); }); throw new Error('handled')"] {
        let code = format!("process.nextTick(() => {{ {tick} }}); Promise.resolve().then(() => {{ for (;;); }}); 1");
        let log = kernel.run_limited(&code, BUDGET_MS);
        assert!(matches!(log.outcome.end, End::VmTimeout(_)) && log.outcome.dropped_jobs, "{code}: {log:?}");
        assert_eq!(kernel.text("kept"), "'kept'");
    }
}

/// The parent can end what does not stop, if it is told.
// threats B3, B6
#[test]
fn jobs_that_do_not_stop_after_a_stop_are_told_to_the_parent() {
    for (code, told_of) in [
        ("setTimeout(() => { queueMicrotask(() => [].lastIndexOf.call({ length: 6e7 }, 1)); for (;;); }, 1); 1", None),
        ("queueMicrotask(() => [].lastIndexOf.call({ length: 6e7 }, 1)); for (;;);", Some(1)),
    ] {
        let mut kernel = TestKernel::new();
        let mut run = kernel.request(code);
        run.vm_timeout_ms = Some(BUDGET_MS);
        kernel.send(run);
        let Reply::Stuck(stuck) = kernel.reply() else { panic!("{code}: not told") };
        assert_eq!((stuck.run, stuck.limit_ms), (told_of, BUDGET_MS), "{code}");
        kernel.log();
        assert_eq!(kernel.text("1 + 1"), "2", "after {code}");
    }
}

// threats B3, B4
#[test]
fn ticks_that_a_stop_in_promise_jobs_leaves_do_not_hit_the_next_run() {
    let mut kernel = TestKernel::new();
    let waiting = "Promise.resolve().then(() => { process.nextTick(() => { console.log('late'); for (;;); });";
    for (code, ends) in [
        (format!("{waiting} for (;;); }})"), "budget"),
        (format!("{waiting} process.exit(); }})"), "exit"),
        (format!("{waiting} }}); Promise.resolve().then(() => {{ for (;;); }})"), "budget"),
        (format!("queueMicrotask(() => {{ {waiting} for (;;); }}) }}); for (;;);"), "budget"),
    ] {
        let log = kernel.program(BUDGET_MS, &code);
        match (&log.outcome.end, ends) {
            (End::VmTimeout(_), "budget") | (End::Exited(_), "exit") => {}
            _ => panic!("{code}: {log:?}"),
        }
        let next = kernel.run("'next'");
        assert!(next.text().as_deref() == Some("'next'") && next.printed().is_empty(), "after {code}: {next:?}");
    }
}

// threats B3, B4
#[test]
fn a_tick_of_an_earlier_run_does_not_end_the_run_that_has_made_it_due() {
    let mut kernel = TestKernel::new();
    kernel.run("let go; new Promise(done => go = done).then(() => process.nextTick(() => { for (;;); })); 1");
    let log = kernel.run_limited("go(); 'value'", BUDGET_MS);
    assert!(log.is_value() && log.outcome.dropped_jobs, "{log:?}");
    let [told] = &*log.uncaught() else { panic!("{log:?}") };
    assert_eq!((told.run, told.origin, log.outcome.stopped_callbacks), (Some(1), Origin::Callback, 1), "{log:?}");
}

// threats B2, B3
#[test]
fn both_stops_of_a_callback_and_of_its_jobs_are_told() {
    let code = "setTimeout(() => { queueMicrotask(() => { for (;;); }); for (;;); }, 1);";
    let mut kernel = TestKernel::new();
    let run = kernel.run_limited(&format!("{code} 1"), BUDGET_MS).outcome.run;
    let (first, second) = (exception(&mut kernel), exception(&mut kernel));
    assert_eq!((first.run, second.run), (Some(run), Some(run)));
    assert!(first.exception.message.contains("CPU budget of 50 ms"), "{first:?}");
    assert!(second.exception.message.starts_with("promise jobs stopped"), "{second:?}");

    // Both are sent at once: the second is active when the timer is due.
    let mut run = kernel.request(&format!("{} 1", code.replace("}, 1)", "}, 100)")));
    run.vm_timeout_ms = Some(BUDGET_MS);
    kernel.send(run);
    kernel.start("await new Promise(done => setTimeout(done, 200)); 'waited'");
    kernel.log();
    let log = kernel.log();
    assert!(log.outcome.dropped_jobs && log.outcome.stopped_callbacks == 2, "{log:?}");
    assert_eq!(log.uncaught().len(), 2, "{log:?}");
}

// threats B2, B3
#[test]
fn an_outcome_tells_of_jobs_that_were_thrown_away_however_the_run_ends() {
    let stopped = "Promise.resolve().then(() => { for (;;); });";
    let rejects = "Promise.reject(new Error('fails'));";
    for code in [
        format!("setTimeout(() => {{ {stopped} {rejects} }}, 1)"),
        format!("{stopped} {rejects}"),
        format!("process.on('uncaughtException', () => process.exit(1)); {stopped} {rejects}"),
    ] {
        let mut kernel = TestKernel::new();
        let log = kernel.program(BUDGET_MS, &code);
        let exits = code.contains("exit");
        match (&log.outcome.end, exits) {
            (End::Threw(Done {}), false) | (End::Exited(Done {}), true) => {}
            _ => panic!("{code}: {log:?}"),
        }
        assert!(log.outcome.dropped_jobs && log.outcome.stopped_callbacks == 1, "{code}: {log:?}");
        let told = log.exceptions();
        assert_eq!(
            (told.iter().filter(|told| *told == "fails").count(), told.len()),
            (usize::from(!exits), 2 - usize::from(exits)),
            "{code}: {log:?}"
        );
        let next = kernel.run("1");
        assert!(next.uncaught().is_empty(), "after {code}: {next:?}");
    }
    let mut kernel = TestKernel::new();
    let mut run = kernel.request(&format!("{stopped} ({{ [Symbol.for('nodejs.util.inspect.custom')]() {{ for (;;); }} }})"));
    (run.vm_timeout_ms, run.inspect_hooks) = (Some(BUDGET_MS), true);
    kernel.send(run);
    let log = kernel.log();
    assert!(matches!(log.outcome.end, End::VmTimeout(_)) && log.outcome.dropped_jobs, "{log:?}");
}
