//! Peers that lie, stall and die.

use std::time::{Duration, Instant};

use drupe_client::{Cause, Chunk, Error, Event, Kernel, LaunchError, Outcome, State};

use crate::support::{all, block_on, misbehaving, until_printed};

/// Everything here ends within this time.
const SOON: Duration = Duration::from_secs(20);

async fn launch_error(mode: &str) -> String {
    let started = Instant::now();
    let error = misbehaving(mode).launch_timeout(Duration::from_millis(500)).spawn().await.unwrap_err();
    assert!(started.elapsed() < SOON);
    let Error::Launch(error) = error else { panic!("{error:?}") };
    match (&*error, mode) {
        (LaunchError::Died(_), "exits-at-once")
        | (LaunchError::Silent(_), "never-connects" | "never-says-hello")
        | (LaunchError::Died(_) | LaunchError::Hello(_), "says-half-a-hello")
        | (LaunchError::Token, "has-the-wrong-token")
        | (LaunchError::Revision { .. }, "speaks-another-revision") => error.to_string(),
        (other, _) => panic!("{mode}: {other:?}"),
    }
}

// threats E4, E6, F7
#[test]
fn a_kernel_that_does_not_greet_properly_is_not_launched() {
    block_on(async {
        assert!(launch_error("exits-at-once").await.contains("exited with status 7"));
        assert!(launch_error("never-connects").await.contains("within 500 ms"));
        assert!(launch_error("never-says-hello").await.contains("within 500 ms"));
        launch_error("says-half-a-hello").await;
        launch_error("has-the-wrong-token").await;
        let both = launch_error("speaks-another-revision").await;
        assert!(both.contains("revision 42") && both.contains("this client 1"), "{both}");
    });
}

async fn death(mode: &str) -> (Kernel, Cause, String) {
    let kernel = misbehaving(mode).spawn().await.unwrap();
    let started = Instant::now();
    let error = kernel.run("1").await.unwrap_err();
    assert!(started.elapsed() < SOON, "{mode} took {:?}", started.elapsed());
    let Error::Died { death, .. } = error else { panic!("{mode}: {error:?}") };
    (kernel, death.cause.clone(), death.stderr.clone())
}

// threats E1, E3, E4, E8
#[test]
fn a_kernel_that_breaks_the_protocol_is_killed_and_the_error_says_how() {
    block_on(async {
        let (_, cause, _) = death("lies-about-a-length").await;
        assert!(matches!(&cause, Cause::Protocol(error) if error.contains("the limit is")), "{cause:?}");
        let (_, cause, _) = death("talks-nonsense").await;
        assert!(matches!(&cause, Cause::Protocol(error) if error.contains("not a valid message")), "{cause:?}");
        let (_, cause, _) = death("stays-in-mid-frame").await;
        assert!(matches!(&cause, Cause::Protocol(error) if error.contains("ended inside a frame")), "{cause:?}");
    });
}

#[test]
fn a_kernel_that_dies_in_mid_frame_died_of_what_killed_it() {
    block_on(async {
        let (kernel, cause, _) = death("dies-in-mid-frame").await;
        assert_eq!(cause, Cause::Signal { number: 6, name: "SIGABRT" });
        assert!(kernel.run("again").await.is_err(), "the next one is launched, and dies as well");
        let (_, cause, _) = death("promises-a-large-frame").await;
        assert_eq!(cause, Cause::Exited(9));
    });
}

#[test]
fn the_last_words_are_heard_before_the_death() {
    block_on(async {
        let kernel = misbehaving("kills-itself").spawn().await.unwrap();
        let (events, report) = all(kernel.run("1")).await;
        assert!(matches!(events.last(), Some(Event::Console(console)) if console.text() == "last words"), "{events:?}");
        let Err(Error::Died { death, started: true }) = report else { panic!("{report:?}") };
        assert_eq!(death.stderr.trim(), "about to go");
        assert!(death.to_string().contains("it last wrote: about to go"));
    });
}

// threat E7
#[test]
fn tales_of_other_runs_change_nothing() {
    block_on(async {
        let kernel = misbehaving("talks-of-runs-that-are-not").spawn().await.unwrap();
        for _ in 0..3 {
            let (events, report) = all(kernel.run("1")).await;
            assert!(events.iter().all(|event| matches!(event, Event::Session(_) | Event::Started(_))), "{events:?}");
            assert!(matches!(report.unwrap().outcome, Outcome::Interrupted { .. }));
        }
    });
}

// threats D1, D2
#[test]
fn a_flood_is_bounded_by_its_reader() {
    block_on(async {
        let kernel = misbehaving("floods").spawn().await.unwrap();
        let mut run = kernel.run("1");
        until_printed(&mut run, &"x".repeat(60_000)).await;
        let before = resident();
        // The reader stands still; the peer goes on sending as fast as it can.
        let stalled = tokio::time::timeout(Duration::from_millis(500), std::future::pending::<()>()).await;
        assert!(stalled.is_err());
        let grown = resident().saturating_sub(before);
        // 256 waiting events of 60 kB, and a buffer or two.
        assert!(grown < 64 << 20, "grew by {grown} bytes");
        drop(run);
        kernel.terminate().await;
    });
}

#[test]
fn a_kernel_that_never_answers_is_killed_at_its_deadline() {
    block_on(async {
        let kernel = misbehaving("never-answers").spawn().await.unwrap();
        let report = kernel.run(Chunk::new("1").wall_timeout(Duration::from_millis(50))).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. }));
        let State::LostWithProcess(death) = report.state else { panic!("{:?}", report.state) };
        assert_eq!(death.cause, Cause::Unresponsive);
    });
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
