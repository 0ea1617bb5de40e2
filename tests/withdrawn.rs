//! Runs that are interrupted before they begin: they end at once, leave nothing, and hold up nobody.

use drupe_client::{Event, InterruptReason, Outcome, State, Stopped};

use crate::support::{block_on, builder, spawn, until_printed, value_text};

const BEFORE_IT_BEGAN: Outcome = Outcome::Interrupted { reason: InterruptReason::Request, stopped: Stopped::Queued };

#[test]
fn a_run_that_is_interrupted_before_it_began_ends_while_another_goes_on() {
    block_on(async {
        let kernel = spawn().await;
        let mut busy = kernel.run("let kept = 1; console.log('on'); for (;;);");
        until_printed(&mut busy, "on").await;
        // The kernel has them.
        let mut queued = [kernel.run("let never = 1"), kernel.run("globalThis.never2 = 1")];
        let last = kernel.run("[kept, typeof never, typeof never2]");
        queued.iter().for_each(drupe_client::Run::interrupt);
        for run in &mut queued {
            assert!(run.next_event().await.is_none(), "it has no event");
        }
        for run in queued {
            let report = run.await.unwrap();
            assert_eq!((&report.outcome, &report.state, report.generation), (&BEFORE_IT_BEGAN, &State::Kept, 1));
            assert_eq!(report.describe_end().as_deref(), Some("Interrupted before it began; state kept"));
        }
        assert_eq!(kernel.status().await.unwrap().run, Some(busy.id()), "the run before them goes on");
        busy.interrupt();
        assert!(matches!(busy.await.unwrap().outcome, Outcome::Interrupted { stopped: Stopped::Javascript, .. }));
        assert_eq!(value_text(&last.await.unwrap()), "[ 1, 'undefined', 'undefined' ]");
    });
}

/// A kernel may have begun a run when it is told to stop it: then the run tells its own end.
#[test]
fn an_interrupt_that_meets_the_beginning_of_its_run_ends_it_once() {
    block_on(async {
        let kernel = spawn().await;
        for _ in 0..200 {
            let first = kernel.run("1");
            let second = kernel.run("globalThis.begun = (globalThis.begun ?? 0) + 1; for (;;);");
            second.interrupt();
            assert_eq!(value_text(&first.await.unwrap()), "1");
            let report = second.await.unwrap();
            assert!(matches!(report.outcome, Outcome::Interrupted { reason: InterruptReason::Request, .. }), "{report:?}");
            assert_eq!(report.state, State::Kept);
        }
        assert_eq!(value_text(&kernel.run("2").await.unwrap()), "2");
    });
}

/// The run behind it is the first of the session, and tells of it.
#[test]
fn a_new_session_is_told_by_the_first_run_that_begins_in_it() {
    block_on(async {
        let kernel = builder().preload("globalThis.preloaded = true").spawn().await.unwrap();
        let first = kernel.run("1");
        first.interrupt();
        let first = first.await.unwrap();
        let mut second = kernel.run("preloaded");
        let is_session = matches!(second.next_event().await, Some(Event::Session(_)));
        // The first may have begun before it was interrupted.
        assert_eq!(is_session, first.new_session.is_none(), "{first:?}");
        assert_eq!(value_text(&second.await.unwrap()), "true");
    });
}

#[test]
fn more_of_them_than_are_held_end_in_their_turn() {
    block_on(async {
        let kernel = spawn().await;
        let mut busy = kernel.run("console.log('on'); for (;;);");
        until_printed(&mut busy, "on").await;
        let queued = (0..1100).map(|_| kernel.run("globalThis.never = 1")).collect::<Vec<_>>();
        queued.iter().rev().for_each(drupe_client::Run::interrupt);
        // Those that were told first to stop end while the other goes on.
        let mut queued = queued.into_iter().rev();
        for run in queued.by_ref().take(1000) {
            assert_eq!(run.await.unwrap().outcome, BEFORE_IT_BEGAN);
        }
        busy.interrupt();
        drop(busy.await.unwrap());
        for run in queued {
            assert_eq!(run.await.unwrap().outcome, BEFORE_IT_BEGAN);
        }
        assert_eq!(value_text(&kernel.run("typeof never").await.unwrap()), "'undefined'");
    });
}
