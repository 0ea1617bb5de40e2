//! Runs beside one another, as the client library has them.

use std::time::Duration;

use drupe_client::{Begun, Budget, Chunk, Error, Outcome, SessionReason, Stopped};
use rustix::process::{Signal, kill_process};

use crate::support::{block_on, kernel_pid, spawn, until_printed, value_text};

fn beside(code: &str) -> Chunk {
    Chunk::new(code).beside(true)
}

const NEVER: &str = "console.log('begun'); await new Promise(() => {})";

#[test]
fn a_run_is_done_while_another_awaits() {
    block_on(async {
        let kernel = spawn().await;
        let mut main =
            kernel.run(beside("let go; const given = 1; console.log('begun'); await new Promise((done) => go = done)"));
        until_printed(&mut main, "begun").await;
        assert_eq!(value_text(&kernel.run(beside("const given = 2; given")).await.unwrap()), "2");
        let failed = kernel.run(beside("let [")).await.unwrap();
        assert!(matches!(failed.outcome, Outcome::SyntaxError(_)), "{failed:?}");
        // One that is not beside others waits for all that are before it, and those behind wait for it.
        let (last, behind) = (kernel.run("given"), kernel.run(beside("given + 1")));
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(main.await.unwrap().outcome, Outcome::Interrupted { stopped: Stopped::Await, .. }));
        assert_eq!([value_text(&last.await.unwrap()), value_text(&behind.await.unwrap())], ["2", "3"]);
    });
}

#[test]
fn limits_stop_one_and_an_interrupt_all() {
    block_on(async {
        let kernel = spawn().await;
        let limit = Duration::from_millis(100);
        let mut main = kernel.run(beside(NEVER));
        until_printed(&mut main, "begun").await;
        let side = kernel.run(beside("await new Promise(() => {})").wall_timeout(limit));
        let side = side.await.unwrap().outcome;
        assert_eq!(side, Outcome::TimedOut { budget: Budget::Wall(limit), stopped: Stopped::Await });
        let side = kernel.run(beside("for (;;);").vm_timeout(limit)).await.unwrap().outcome;
        assert_eq!(side, Outcome::TimedOut { budget: Budget::Vm(limit), stopped: Stopped::Javascript });
        let mut side = kernel.run(beside(NEVER));
        until_printed(&mut side, "begun").await;
        assert!(kernel.interrupt().await.unwrap());
        for run in [main, side] {
            let outcome = run.await.unwrap().outcome;
            assert!(matches!(outcome, Outcome::Interrupted { stopped: Stopped::Await, .. }), "{outcome:?}");
        }
        assert_eq!(value_text(&kernel.run("1").await.unwrap()), "1");
    });
}

/// A run that began beside others is not sent again when the kernel dies; one that had not begun is.
// threat F1
#[test]
fn what_had_begun_beside_others_is_not_sent_again() {
    block_on(async {
        let kernel = spawn().await;
        let mut main = kernel.run(beside(NEVER));
        until_printed(&mut main, "begun").await;
        let mut side = kernel.run(beside("console.log('loops'); for (;;);"));
        until_printed(&mut side, "loops").await;
        let behind = kernel.run(beside("typeof never"));
        kill_process(kernel_pid(&kernel).await, Signal::KILL).unwrap();
        for run in [main, side] {
            assert!(matches!(run.await, Err(Error::Died { started: Begun::Yes, .. })));
        }
        let behind = behind.await.unwrap();
        assert_eq!(value_text(&behind), "'undefined'");
        assert!(matches!(behind.new_session.unwrap().reason, SessionReason::Respawned(_)));
    });
}
