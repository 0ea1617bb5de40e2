//! Runs beside one another: one begins while others await.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, RunId,
    event::{End, Outcome, State, Stopped},
};

fn start(kernel: &mut TestKernel, code: &str) -> RunId {
    let mut run = kernel.request(code);
    run.beside = true;
    kernel.send(run)
}

/// The events until as many runs have ended: their outcomes, and what was printed and told as a result, each with its
/// run.
fn until(kernel: &mut TestKernel, ends: usize) -> (Vec<Outcome>, Vec<(Option<RunId>, String)>) {
    let (mut outcomes, mut told) = (Vec::new(), Vec::new());
    while outcomes.len() < ends {
        match kernel.event() {
            Event::Outcome(outcome) => outcomes.push(outcome),
            Event::Console(console) => told.push((console.run, console.text().to_owned())),
            Event::Result(result) => told.push((Some(result.run), result.text)),
            _ => {}
        }
    }
    (outcomes, told)
}

fn told(run: RunId, text: &str) -> (Option<RunId>, String) {
    (Some(run), text.to_owned())
}

fn ends(outcomes: &[Outcome]) -> Vec<RunId> {
    outcomes.iter().map(|outcome| outcome.run).collect()
}

#[test]
fn a_run_begins_and_ends_while_another_awaits() {
    let mut kernel = TestKernel::new();
    let main = start(&mut kernel, "var go; console.log('main'); const got = await new Promise((done) => go = done); got + 1");
    kernel.console();
    let side = start(&mut kernel, "console.log('side'); await null; 'done'");
    let (outcomes, said) = until(&mut kernel, 1);
    assert_eq!((ends(&outcomes), said), (vec![side], vec![told(side, "side"), told(side, "'done'")]));
    // The first ends as soon as it can, also where the other awaits longer.
    let last = start(&mut kernel, "go(41); await new Promise((done) => setTimeout(done, 30)); console.log('late'); 3");
    let (outcomes, said) = until(&mut kernel, 2);
    assert_eq!(ends(&outcomes), [main, last]);
    assert_eq!(said, [told(main, "42"), told(last, "late"), told(last, "3")]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome.end, End::Value(_)) && outcome.state == State::Kept));
}

#[test]
fn runs_that_are_not_beside_others_wait() {
    let mut kernel = TestKernel::new();
    start(
        &mut kernel,
        "var go, order = []; console.log('main'); await new Promise((done) => setTimeout(done, 50)); order.push(1)",
    );
    kernel.console();
    kernel.start("order.push(2)");
    // Nor does one begin behind a run that waits, or a program.
    start(&mut kernel, "order.push(3)");
    let mut run = kernel.request("order.push(4); await null");
    (run.beside, run.until_idle) = (true, true);
    kernel.send(run);
    let (outcomes, _) = until(&mut kernel, 4);
    assert_eq!(ends(&outcomes), [1, 2, 3, 4]);
    assert_eq!(kernel.text("String(order)"), "'1,2,3,4'");
}

#[test]
fn interrupts_stop_the_named_run_or_all() {
    let mut kernel = TestKernel::new();
    let never = "console.log('begun'); await new Promise(() => {})";
    let [one, two, three] = [(); 3].map(|()| {
        let run = start(&mut kernel, never);
        kernel.console();
        run
    });
    assert!(kernel.interrupt(Some(two)));
    let (outcomes, _) = until(&mut kernel, 1);
    assert_eq!(ends(&outcomes), [two]);
    assert!(matches!(&outcomes[0].end, End::Interrupted(by) if by.stopped == Stopped::Await), "{outcomes:?}");
    assert!(!kernel.interrupt(Some(two)), "it has ended");
    assert!(kernel.interrupt(None));
    let (outcomes, _) = until(&mut kernel, 2);
    let mut ended = ends(&outcomes);
    ended.sort_unstable();
    assert_eq!(ended, [one, three]);
    // A loop beside a run that awaits.
    let main = start(&mut kernel, never);
    kernel.console();
    let side = start(&mut kernel, "console.log('loops'); for (;;);");
    kernel.console();
    assert!(kernel.interrupt(Some(main)));
    assert!(kernel.interrupt(Some(side)));
    let (outcomes, _) = until(&mut kernel, 2);
    assert_eq!(ends(&outcomes), [side, main]);
    assert_eq!(kernel.text("1"), "1");
}

#[test]
fn limits_and_counts_are_those_of_each_run() {
    let mut kernel = TestKernel::new();
    let mut run = kernel
        .request("var go; console.log('0123456789'.repeat(50)); await new Promise((done) => go = done); console.log('more')");
    (run.beside, run.console_limit) = (true, Some(300));
    let main = kernel.send(run);
    kernel.console();
    let mut run = kernel.request("console.log('side'); go(); for (;;);");
    (run.beside, run.vm_timeout_ms) = (true, Some(40));
    let side = kernel.send(run);
    let (outcomes, said) = until(&mut kernel, 2);
    assert_eq!(ends(&outcomes), [side, main]);
    assert!(matches!(outcomes[0].end, End::VmTimeout(_)), "{outcomes:?}");
    assert_eq!((outcomes[0].dropped_events, outcomes[1].dropped_events), (0, 1), "{outcomes:?}");
    assert_eq!(said[0], told(side, "side"));
}

/// What was to go on with the run that is set aside may have been thrown away: it ends, and does not wait for ever.
#[test]
fn promise_jobs_that_a_stop_throws_away_end_the_runs_that_await() {
    let mut kernel = TestKernel::new();
    let main = start(&mut kernel, "var go; console.log('main'); await new Promise((done) => go = done); 'never'");
    kernel.console();
    let mut run = kernel.request("Promise.resolve().then(() => { for (;;); }); go(); await null");
    (run.beside, run.vm_timeout_ms) = (true, Some(40));
    let side = kernel.send(run);
    let (outcomes, _) = until(&mut kernel, 2);
    let mut ended = ends(&outcomes);
    ended.sort_unstable();
    assert_eq!(ended, [main, side]);
    assert!(outcomes.iter().all(|outcome| outcome.dropped_jobs), "{outcomes:?}");
    assert_eq!(kernel.text("'alive'"), "'alive'");
}

#[test]
fn a_reset_ends_all_of_them() {
    let mut kernel = TestKernel::new();
    for _ in 0..3 {
        start(&mut kernel, "console.log('begun'); await new Promise(() => {})");
        kernel.console();
    }
    let ended = kernel.reset(2).into_iter().filter_map(|event| match event {
        Event::Outcome(outcome) => Some((outcome.run, outcome.state)),
        _ => None,
    });
    let mut ended = ended.collect::<Vec<_>>();
    ended.sort_unstable_by_key(|(run, _)| *run);
    assert_eq!(ended, [1, 2, 3].map(|run| (run, State::Lost)));
    assert_eq!(kernel.text("1"), "1");
}
