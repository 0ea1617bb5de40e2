//! Launches that fail, hang, or are cut off.

use std::{fs, time::Duration};

use drupe_client::{Cause, Error, InterruptReason, Kernel, LaunchError, Outcome, Program, Stopped};

use crate::{LONG, kernels::misbehaving, leaving_nothing, process::alone};

// threats F6, F7
#[test]
fn what_cannot_be_started_is_a_typed_error_and_leaves_nothing() {
    let _alone = alone();
    leaving_nothing(async {
        let launch = async |program: &str| {
            let builder = Kernel::builder().program(Program::new(program)).launch_timeout(LONG);
            match builder.spawn().await {
                Err(Error::Launch(error)) => error,
                other => panic!("{program}: {other:?}"),
            }
        };
        // Not there, not executable, a folder; dies at once; is no kernel.
        for program in ["/nowhere/kernel", "/etc/hostname", "/tmp"] {
            assert!(matches!(&*launch(program).await, LaunchError::Start { .. }), "{program}");
        }
        assert!(matches!(&*launch("/bin/false").await, LaunchError::Died(death) if death.cause == Cause::Exited(1)));
        assert!(matches!(&*launch("/bin/cat").await, LaunchError::Died(_)));
        // Kernel after kernel dies: after five there is no other, until somebody restarts on purpose.
        let kernel = misbehaving("kills-itself").spawn().await.unwrap();
        for _ in 0..5 {
            assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
        }
        let Err(Error::CrashLoop { count: 5, last }) = kernel.run("1").await else { panic!("no end of it") };
        assert!(matches!(*last, Error::Died { .. }));
        kernel.restart().await.unwrap();
        assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
        kernel.terminate().await;
    });
}

/// The processes that threads of this one have started, and that are not waited for.
pub(crate) fn children() -> Vec<u32> {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect()
}

/// Waits for a child that is none of `others`.
pub(crate) async fn child_beside(others: &[u32]) -> u32 {
    loop {
        if let Some(child) = children().into_iter().find(|child| !others.contains(child)) {
            return child;
        }
        // The system tells nobody that there is a process more.
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
}

/// A launch that does not come to an end holds nobody up: its time would be an hour here.
// threat F10
#[test]
fn a_launch_that_hangs_holds_nobody_up() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = misbehaving("says-hello-only-once").launch_timeout(Duration::from_secs(3600)).spawn().await.unwrap();
        assert!(matches!(kernel.run("1").await, Err(Error::Died { started: false, .. })));
        // Its second process never greets.
        let (first, second, third) = (kernel.run("2"), kernel.run("3"), kernel.run("4"));
        let hangs = child_beside(&[]).await;
        assert_eq!(kernel.info().await.unwrap().pid, None);
        first.interrupt();
        let report = first.await.unwrap();
        assert!(matches!(report.outcome, Outcome::Interrupted { stopped: Stopped::Queued, .. }), "{report:?}");
        assert!(kernel.interrupt().await.unwrap(), "the run that the launch is for is stopped");
        let report = second.await.unwrap();
        assert!(matches!(report.outcome, Outcome::Interrupted { stopped: Stopped::Queued, .. }), "{report:?}");
        let asked = tokio::spawn({
            let kernel = kernel.clone();
            async move { kernel.status().await }
        });
        assert_eq!(children(), [hangs], "it is still the same launch");
        // A restart does not wait for it, nor does a reset, which ends what waits.
        let restarted = tokio::spawn({
            let kernel = kernel.clone();
            async move { kernel.restart().await }
        });
        let other = child_beside(&[hangs]).await;
        assert_eq!(children(), [other], "the process of a launch that was given up is gone");
        let reset = tokio::spawn({
            let kernel = kernel.clone();
            async move { kernel.reset().await }
        });
        let report = third.await.unwrap();
        assert!(matches!(report.outcome, Outcome::Interrupted { reason: InterruptReason::Reset, .. }), "{report:?}");
        let last = kernel.run("5");
        kernel.terminate().await;
        assert_eq!(children(), [0; 0]);
        assert!(matches!(last.await, Err(Error::Terminated)));
        assert!(matches!(asked.await.unwrap(), Err(Error::Terminated)));
        assert!(matches!(restarted.await.unwrap(), Err(Error::Terminated)));
        assert!(matches!(reset.await.unwrap(), Err(Error::Terminated)));
    });
}

/// Kernels that crash make the next one wait: whoever does not want to wait need not.
// threats F7, F10
#[test]
fn a_launch_that_is_put_off_holds_nobody_up() {
    let _alone = alone();
    leaving_nothing(async {
        let kernel = misbehaving("kills-itself").spawn().await.unwrap();
        for _ in 0..4 {
            assert!(matches!(kernel.run("1").await, Err(Error::Died { .. })));
        }
        let put_off = kernel.run("2");
        put_off.interrupt();
        assert!(matches!(put_off.await.unwrap().outcome, Outcome::Interrupted { stopped: Stopped::Queued, .. }));
        kernel.reset().await.unwrap();
        assert!(kernel.info().await.unwrap().pid.is_some());
        kernel.terminate().await;
    });
}
