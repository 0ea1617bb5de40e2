//! Launches that fail, hang, or are cut off.

use std::{env, fs, io::ErrorKind, os::unix::fs::PermissionsExt, process::Command, time::Duration};

use drupe_client::{Begun, Cause, Error, InterruptReason, Kernel, LaunchError, Outcome, Program, Stopped};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    LONG,
    kernels::{builder, misbehaving},
    leaving_nothing,
    process::alone,
    runtime_of_parent,
};

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
        assert!(matches!(kernel.run("1").await, Err(Error::Died { started: Begun::Unknown, .. })));
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

/// Not a test: the parent of [`a_parent_without_descriptors_is_told_so_and_its_kernels_live`], whose limits are its
/// own.
#[test]
fn parent_without_descriptors() {
    let Some(runtime) = runtime_of_parent("DRUPE_FEW_DESCRIPTORS") else { return };
    runtime.block_on(async {
        let (kernel, before) = (builder().spawn().await.unwrap(), getrlimit(Resource::Nofile));
        kernel.run("1").await.unwrap();
        let open = || fs::read_dir("/proc/self/fd").unwrap().map(|entry| fd_number(&entry.unwrap())).collect::<Vec<_>>();
        let mut refused = 0;
        // From none that is free to as many as a launch takes.
        for free in 0.. {
            let lowest = (0..).filter(|number| !open().contains(number)).nth(free).unwrap();
            let limit = u64::try_from(lowest).unwrap();
            let taken = open();
            setrlimit(Resource::Nofile, Rlimit { current: Some(limit), ..before }).unwrap();
            let launched = builder().spawn().await;
            // Whom it hits, it does not hurt: the one that is there goes on.
            let report = kernel.run("1 + 1").await.unwrap();
            assert!(report.outcome.is_value() && report.new_session.is_none(), "{report:?}");
            setrlimit(Resource::Nofile, before).unwrap();
            match launched {
                Ok(launched) => {
                    launched.terminate().await;
                    break;
                }
                Err(Error::Launch(error)) => {
                    let words = error.to_string();
                    assert!(matches!(&*error, LaunchError::Start { .. } | LaunchError::Listen(_)), "{free} free: {error:?}");
                    assert!(words.contains("raise the limit of open files"), "{free} free: {words}");
                    assert_eq!(open(), taken, "{free} free: descriptors are left");
                    refused += 1;
                }
                Err(error) => panic!("{free} free: {error:?}"),
            }
        }
        assert!(refused > 3, "a launch takes more descriptors than {refused}");
        kernel.terminate().await;
        println!("\nrefused {refused} launches");
    });
}

fn fd_number(entry: &fs::DirEntry) -> i32 {
    entry.file_name().to_str().unwrap().parse().unwrap()
}

// threat F6
#[test]
fn a_parent_without_descriptors_is_told_so_and_its_kernels_live() {
    let _alone = alone();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "launches::parent_without_descriptors", "--nocapture"])
        .env("DRUPE_FEW_DESCRIPTORS", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("refused "), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// What the system says of a program that is none, with the way out.
// threat F6
#[test]
fn an_error_of_the_system_comes_with_what_to_do() {
    let _alone = alone();
    let folder = env::temp_dir().join(format!("drupe-launches-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, mode: u32, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let kernel = fs::read("/bin/true").unwrap();
    let written = file("written", 0o755, &kernel);
    let writer = fs::OpenOptions::new().append(true).open(&written).unwrap();
    leaving_nothing(async {
        for (path, kind, words) in [
            (folder.join("missing"), Some(ErrorKind::NotFound), "DRUPE_KERNEL says where"),
            (file("no-program", 0o644, &kernel), Some(ErrorKind::PermissionDenied), "this user may execute"),
            (file("nonsense", 0o755, b"nonsense"), None, "no program of this system"),
            (written, Some(ErrorKind::ExecutableFileBusy), "still being written"),
        ] {
            let Err(Error::Launch(error)) = Kernel::builder().program(Program::new(&path)).spawn().await else {
                panic!("{path:?}")
            };
            let LaunchError::Start { error: cause, .. } = &*error else { panic!("{error:?}") };
            assert!(kind.is_none_or(|kind| cause.kind() == kind), "{path:?}: {cause:?}");
            assert!(error.to_string().contains(words), "{path:?}: {error}");
        }
    });
    drop(writer);
    fs::remove_dir_all(folder).unwrap();
}
