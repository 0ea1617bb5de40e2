//! What becomes of runs that a dead kernel has taken with it, or has not.

use std::time::Duration;

use drupe_client::{Begun, Budget, Chunk, Error, Event, Outcome, Respawn, SessionReason, Stopped, Stream};
use rustix::process::{Signal, kill_process};

use crate::support::{all, block_on, kernel_pid, misbehaving, spawn, until_printed, value_text};

/// What a dead kernel had not read is sent again, and in its order; what it may have begun is not, and whoever does not
/// want that is not served so.
// threat F1
#[test]
fn what_had_certainly_not_begun_is_sent_again_once() {
    block_on(async {
        // It is dead before it could read, and nobody knows that yet.
        let kernel = spawn().await;
        kernel.run("globalThis.count = 1").await.unwrap();
        for _ in 0..3 {
            kill_process(kernel_pid(&kernel).await, Signal::KILL).unwrap();
            let report = kernel.run("globalThis.count = (globalThis.count ?? 0) + 1").await.unwrap();
            assert_eq!(value_text(&report), "1");
            let reason = report.new_session.map(|session| session.reason);
            assert!(matches!(reason, Some(SessionReason::Respawned(_))), "{reason:?}");
        }
        // Inputs and limits go along.
        let mut loops = kernel.run("console.log('here'); for (;;);");
        until_printed(&mut loops, "here").await;
        let limit = Duration::from_millis(50);
        let inputs = kernel.run(Chunk::new("rows.length").input("rows", vec![1, 2, 3]).name("named"));
        let limited = kernel.run(Chunk::new("for (;;);").vm_timeout(limit));
        // One that somebody has stopped is not sent again.
        let stopped = kernel.run("'stopped'");
        stopped.interrupt();
        kill_process(kernel_pid(&kernel).await, Signal::KILL).unwrap();
        assert!(matches!(loops.await, Err(Error::Died { started: Begun::Yes, .. })));
        assert_eq!(value_text(&inputs.await.unwrap()), "3");
        assert_eq!(limited.await.unwrap().outcome, Outcome::TimedOut { budget: Budget::Vm(limit), stopped: Stopped::Javascript });
        let stopped = stopped.await.unwrap().outcome;
        assert!(matches!(stopped, Outcome::Interrupted { stopped: Stopped::Queued, .. }), "{stopped:?}");
    });
}

/// A kernel that has read a run and dies may have begun it, though it has not said so: that run is not sent again. Nor
/// is one for ever that kernel after kernel dies before.
// threats F1, F7
#[test]
fn what_may_have_begun_is_not_sent_again() {
    block_on(async {
        let kernel = misbehaving("dies-when-it-is-asked").spawn().await.unwrap();
        // All of them are sent before the first is read.
        let (first, second, third) = (kernel.run("1"), kernel.run("2"), kernel.run("3"));
        let generation = |error: Error| match error {
            Error::Died { death, started } => (death.generation, started),
            other => panic!("{other:?}"),
        };
        assert_eq!(generation(first.await.unwrap_err()), (1, Begun::Unknown));
        // Each kernel has killed one; the second of a run's is its last.
        assert_eq!(generation(second.await.unwrap_err()), (2, Begun::Unknown));
        assert_eq!(generation(third.await.unwrap_err()), (2, Begun::No));
        let kernel = misbehaving("dies-when-it-is-asked").respawn(Respawn::Never).spawn().await.unwrap();
        let (first, second) = (kernel.run("1"), kernel.run("2"));
        assert_eq!(generation(first.await.unwrap_err()), (1, Begun::Unknown));
        assert_eq!(generation(second.await.unwrap_err()), (1, Begun::No));
    });
}

/// What a kernel had said before it was killed is told, though nobody had read it: its parent reads nothing while a
/// reader is full.
#[test]
fn an_outcome_that_a_kernel_had_told_before_it_was_killed_is_told() {
    block_on(async {
        let kernel = spawn().await;
        // More than a reader's mailbox holds, and less than a socket does.
        let mut full = kernel.run("for (let i = 0; i < 400; i++) console.log(i)");
        let told = kernel.run("console.log('said'); 6 * 7");
        let active = kernel.run("let third = 3; await new Promise(() => {})");
        // A kernel says how a run ended before it begins the next.
        while !kernel.globals().await.unwrap().iter().any(|global| global.name == "third") {
            tokio::task::yield_now().await;
        }
        // Before it answers, a kernel sends what it has said. One that waits has said that the run has begun.
        while kernel.status().await.unwrap().executing {
            tokio::task::yield_now().await;
        }
        kernel.restart().await.unwrap();
        let mut printed = 0;
        while let Some(event) = full.next_event().await {
            if let Event::Console(console) = event {
                assert_eq!(console.text(), printed.to_string());
                printed += 1;
            }
        }
        assert_eq!((printed, value_text(&full.await.unwrap()).as_str()), (400, "undefined"));
        let (events, report) = all(told).await;
        assert!(events.iter().any(|event| matches!(event, Event::Console(console) if console.text() == "said")), "{events:?}");
        assert_eq!(value_text(&report.unwrap()), "42");
        assert!(matches!(active.await, Err(Error::Died { started: Begun::Yes, .. })));
    });
}

/// A chunk that is transpiled while its kernel dies is transpiled again, for the new session: the names of the old one
/// are gone.
#[test]
fn what_was_transpiled_for_a_session_that_died_is_transpiled_again() {
    block_on(async {
        let kernel = spawn().await;
        // A name that is declared again is assigned, where the session has it.
        kernel.run("const kept = 1; class Kept {}").await.unwrap();
        let pid = kernel_pid(&kernel).await;
        // Long enough to be on its way when the kernel has died.
        let padding = "/* a comment */ ;".repeat(40_000);
        let run = kernel.run(format!("const kept = 2; class Kept {{}} {padding} [kept, typeof Kept]"));
        kill_process(pid, Signal::KILL).unwrap();
        let report = run.await.unwrap();
        assert_eq!(report.generation, 2);
        assert_eq!(report.value_as::<(u8, String)>().unwrap(), (2, "function".to_owned()));
        let report = kernel.run("const kept = 3; kept").await.unwrap();
        assert_eq!(report.value_as::<u8>().unwrap(), 3);
    });
}

/// A run that is sent again has all that it was sent with.
#[test]
fn a_run_that_is_sent_again_keeps_its_inputs_and_its_colors() {
    block_on(async {
        let kernel = spawn().await;
        let pid = kernel_pid(&kernel).await;
        kill_process(pid, Signal::STOP).unwrap();
        let chunk = Chunk::new("console.log(1); rows.length").input("rows", [1, 2]).colors([Stream::Stdout]);
        let mut run = kernel.run(chunk);
        // It was sent when the kernel's question was: both go out in their order.
        kernel.info().await.unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        let mut said = String::new();
        while let Some(event) = run.next_event().await {
            if let Event::Console(console) = event {
                said.push_str(console.text());
            }
        }
        let report = run.await.unwrap();
        assert_eq!(report.value_as::<u8>().unwrap(), 2);
        assert_eq!((report.generation, said.as_str()), (2, "\u{1b}[33m1\u{1b}[39m"));
    });
}
