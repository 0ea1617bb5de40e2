//! What a program does about errors that nobody caught, and what is told of its end: as Node does it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::event::{Done, End, Origin, Stopped, VmTimeout};

const BUDGET_MS: u64 = 50;

#[test]
fn an_error_that_a_handler_did_not_get_through_with_is_no_value() {
    let threw = "throw new Error('x')";
    let exit = End::Exited(Done {});
    let throws = End::Threw(Done {});
    let stopped = End::VmTimeout(VmTimeout { limit_ms: BUDGET_MS, stopped: Stopped::Javascript });
    for (handler, end, status, told) in [
        ("() => process.exit(3)", exit, Some(3), &[][..]),
        ("() => { throw new Error('y') }", throws, Some(7), &["x", "y"]),
        ("() => { for (;;); }", stopped, None, &["x"]),
    ] {
        let mut kernel = TestKernel::new();
        let code = format!("process.on('uncaughtException', {handler}); {threw}");
        let log = kernel.program(BUDGET_MS, &code);
        assert_eq!((&log.outcome.end, log.outcome.exit_code), (&end, status), "{code}: {log:?}");
        assert!(log.text().is_none() && log.exceptions() == told, "{code}: {log:?}");
        // What is done about it leaves a program that goes on, without a value.
        let mut kernel = TestKernel::new();
        let log = kernel.program(BUDGET_MS, &format!("process.on('uncaughtException', () => console.log('handled')); {threw}"));
        assert_eq!((log.text().as_deref(), log.printed()), (Some("undefined"), vec!["handled".to_owned()]));
    }
}

// threat B3
#[test]
fn an_error_whose_handler_is_stopped_is_told() {
    for (event, throws, origin) in [
        ("uncaughtException", "setTimeout(() => { throw new Error('x') }, 1)", Origin::Callback),
        ("uncaughtException", "process.nextTick(() => { throw new Error('x') })", Origin::Callback),
        ("uncaughtException", "Promise.reject(new Error('x'))", Origin::Rejection),
        ("unhandledRejection", "Promise.reject(new Error('x'))", Origin::Rejection),
    ] {
        for until_idle in [true, false] {
            let mut kernel = TestKernel::new();
            let mut run =
                kernel.request(&format!("process.on('{event}', () => {{ for (;;); }}); {throws}; await new Promise(() => {{}})"));
            (run.vm_timeout_ms, run.until_idle) = (Some(BUDGET_MS), until_idle);
            kernel.send(run);
            let log = kernel.log();
            assert!(matches!(log.outcome.end, End::VmTimeout(_)), "{event} {throws}: {log:?}");
            let [told] = &*log.uncaught() else { panic!("{event} {throws}: {log:?}") };
            assert_eq!((told.exception.message.as_str(), told.origin), ("x", origin), "{throws}");
        }
    }
}

#[test]
fn nothing_is_told_and_nobody_is_asked_behind_the_end_of_a_program() {
    let two = "Promise.reject(new Error('1')); Promise.reject(new Error('2'));";
    for (code, told, printed) in [
        (two.to_owned(), &["1"][..], &[][..]),
        (format!("process; {two}"), &["1"], &[]),
        (format!("setTimeout(() => {{ {two} }}, 1)"), &["1"], &[]),
        (format!("process.on('unhandledRejection', e => {{ console.log(e.message); process.exit(4) }}); {two}"), &[], &["1"]),
        (format!("process.on('uncaughtException', e => {{ console.log(e.message); throw e }}); {two}"), &["1", "1"], &["1"]),
        (format!("{two} process.exit(4)"), &[], &[]),
        (format!("process.on('exit', () => {{ {two} }}); process.exit(4)"), &[], &[]),
    ] {
        let mut kernel = TestKernel::new();
        let log = kernel.program(BUDGET_MS, &code);
        assert!(log.exceptions() == told && log.printed() == printed, "{code}: {log:?}");
        let next = kernel.run("1");
        assert!(next.uncaught().is_empty() && next.printed().is_empty(), "after {code}: {next:?}");
    }
}

/// What an earlier run left behind is not the program's.
#[test]
fn rejections_of_earlier_runs_are_told_although_a_program_has_ended() {
    let mut kernel = TestKernel::new();
    kernel.run("let fail; new Promise((_, no) => fail = no).then(() => {}); 1");
    let log = kernel.program(BUDGET_MS, "process; fail(new Error('earlier')); Promise.reject(new Error('own')); 1");
    let next = kernel.run("1");
    let mut told = log.exceptions();
    told.extend(next.exceptions());
    told.sort();
    assert_eq!(told, ["earlier", "own"], "{log:?} {next:?}");
}
