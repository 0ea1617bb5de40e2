//! Kernels that stop dead before they have greeted, or in the midst of a frame: killed there, or left there.

use std::time::{Duration, Instant};

use drupe_client::{Builder, Cause, Error, HostError, Kernel, LaunchError, Outcome, Program, Respawn, Run, Sandbox, State};
use rustix::process::{Signal, kill_process};

use crate::{is_stopped, launches::child_beside, leaving_nothing, process::alone, said};

/// Where a launch may stop, and how much of a frame is sent there.
const LAUNCHES: [(&str, &str); 13] = [
    ("before-it-reads", ""),
    ("before-it-connects", ""),
    ("with-one-channel", ""),
    ("with-both-channels", ""),
    ("after-one-hello", ""),
    ("in-its-hello", "one"),
    ("in-its-hello", "prefix"),
    ("in-its-hello", "half"),
    ("in-its-hello", "most"),
    ("in-its-other-hello", "one"),
    ("in-its-other-hello", "prefix"),
    ("in-its-other-hello", "half"),
    ("in-its-other-hello", "most"),
];

/// The frames that a kernel may be sending, of which a run is under way.
const FRAMES: [&str; 11] = [
    "started",
    "console",
    "result",
    "exception",
    "outcome",
    "host_call",
    "host_next",
    "host_cancel",
    "reset_done",
    "interrupt_reply",
    "status_reply",
];

/// How much of them.
const PARTS: [&str; 4] = ["one", "prefix", "half", "most"];

fn stops(place: &str, sent: &str) -> Builder {
    let program = Program::new(env!("CARGO_BIN_EXE_misbehaving-peer")).arg("stops").arg(place).arg(sent);
    Kernel::builder().program(program).sandbox(Sandbox::OffUnsafe).respawn(Respawn::Never)
}

fn was_killed(cause: &Cause) -> bool {
    *cause == Cause::Signal { number: 9, name: "SIGKILL" }
}

// threats E4, F1
#[test]
fn a_launch_may_be_cut_off_wherever_it_is() {
    let _alone = alone();
    leaving_nothing(async {
        for (place, sent) in LAUNCHES {
            let launch = tokio::spawn(stops(place, sent).spawn());
            kill_process(is_stopped(child_beside(&[]).await).await, Signal::KILL).unwrap();
            let Err(Error::Launch(error)) = launch.await.unwrap() else { panic!("{place} {sent}: launched") };
            assert!(matches!(&*error, LaunchError::Died(death) if was_killed(&death.cause)), "{place} {sent}: {error:?}");
        }
    });
}

// threats E4, E5, F2
#[test]
fn a_launch_may_freeze_wherever_it_is() {
    let _alone = alone();
    leaving_nothing(async {
        for (place, sent) in LAUNCHES {
            let launch = stops(place, sent).launch_timeout(Duration::from_millis(100)).spawn().await;
            let Err(Error::Launch(error)) = launch else { panic!("{place} {sent}: launched") };
            assert!(matches!(&*error, LaunchError::Silent(_)), "{place} {sent}: {error:?}");
        }
    });
}

/// A run of a kernel that will stop at `place`.
fn begin(kernel: &Kernel, place: &str) -> Run {
    kernel.register("patient", |_| std::future::pending::<Result<(), HostError>>()).unwrap();
    let run = kernel.run("1");
    let kernel = kernel.clone();
    match place {
        "reset_done" => drop(tokio::spawn(async move { kernel.reset().await })),
        "interrupt_reply" => run.interrupt(),
        "status_reply" => drop(tokio::spawn(async move { kernel.status().await })),
        _ => {}
    }
    run
}

/// With [`kills`](crate::kills) the states of the protocol: here in the midst of every frame.
// threats E4, F1
#[test]
fn a_kernel_may_be_killed_in_the_midst_of_every_frame() {
    let _alone = alone();
    let told = leaving_nothing(async {
        let mut told = Vec::new();
        for (place, sent) in FRAMES.iter().flat_map(|place| PARTS.map(|sent| (*place, sent))) {
            // Whatever else could end it takes longer.
            let kernel = stops(place, sent).grace(Duration::from_secs(60)).frame_timeout(Duration::from_secs(60)).spawn().await;
            let kernel = kernel.unwrap();
            let id = kernel.info().await.unwrap().pid.unwrap();
            let run = begin(&kernel, place);
            tokio::task::yield_now().await;
            kill_process(tokio::spawn(is_stopped(id)).await.unwrap(), Signal::KILL).unwrap();
            let killed = Instant::now();
            let Err(Error::Died { death, .. }) = run.await else { panic!("{place} {sent}: survived") };
            told.push(killed.elapsed());
            assert!(was_killed(&death.cause), "{place} {sent}: {death:?}");
            kernel.terminate().await;
        }
        // Greeted, and stopped before it heard that it is welcome.
        let kernel = stops("before-its-welcome", "").spawn().await.unwrap();
        let id = kernel.info().await.unwrap().pid.unwrap();
        kill_process(is_stopped(id).await, Signal::KILL).unwrap();
        assert!(matches!(kernel.run("1").await, Err(Error::Died { death, .. }) if was_killed(&death.cause)));
        kernel.terminate().await;
        told
    });
    said("kills in the midst of frames", told);
}

// threats E5, F2
#[test]
fn a_kernel_may_freeze_in_the_midst_of_every_frame() {
    let _alone = alone();
    leaving_nothing(async {
        for (place, sent) in FRAMES.iter().flat_map(|place| PARTS.map(|sent| (*place, sent))) {
            let kernel =
                stops(place, sent).grace(Duration::from_millis(20)).frame_timeout(Duration::from_millis(50)).spawn().await;
            let kernel = kernel.unwrap();
            let end = begin(&kernel, place).await;
            // Whichever is found out first: the frame that does not come to its end, or the answer that does not come.
            let typed = match &end {
                Err(Error::Died { death, .. }) => match &death.cause {
                    Cause::Protocol(error) => error.contains("did not arrive within 50 ms"),
                    cause => *cause == Cause::Unresponsive,
                },
                Ok(report) => {
                    matches!(report.outcome, Outcome::Interrupted { .. })
                        && matches!(&report.state, State::LostWithProcess(death) if death.cause == Cause::Unresponsive)
                }
                Err(_) => false,
            };
            assert!(typed, "{place} {sent}: {end:?}");
            kernel.terminate().await;
        }
    });
}

/// Frozen between two frames: nothing is wrong with what it said, but it answers nobody.
// threat F2
#[test]
fn an_interrupt_that_is_not_answered_costs_the_kernel() {
    let _alone = alone();
    leaving_nothing(async {
        for all in [false, true] {
            let kernel = stops("in-the-run", "").grace(Duration::from_millis(20)).spawn().await.unwrap();
            let run = kernel.run("1");
            is_stopped(kernel.info().await.unwrap().pid.unwrap()).await;
            if all {
                assert!(!kernel.interrupt().await.unwrap(), "it did not answer");
            } else {
                run.interrupt();
            }
            let report = run.await.unwrap();
            assert!(matches!(report.outcome, Outcome::Interrupted { .. }), "{report:?}");
            assert!(matches!(&report.state, State::LostWithProcess(death) if death.cause == Cause::Unresponsive), "{report:?}");
            kernel.terminate().await;
        }
    });
}
