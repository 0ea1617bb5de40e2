//! A system that has no room for another process or thread.

use std::{
    env, fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    process::Command,
};

use drupe_client::{Error, LaunchError};
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

use crate::{kernels::builder, process::alone, runtime_of_parent};

/// A user of whom nobody else is.
const NOBODY: u32 = 54_321;

/// How many threads the processes of this user have.
fn threads() -> u64 {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let entry = entry.ok()?;
        let number = entry.file_name().to_str()?.bytes().all(|byte| byte.is_ascii_digit());
        (number && entry.metadata().ok()?.uid() == getuid().as_raw()).then(|| entry.path())
    });
    processes.map(|process| fs::read_dir(process.join("task")).map_or(0, |tasks| tasks.count() as u64)).sum()
}

/// Not a test: the parent of [`a_parent_without_room_for_a_process_is_told_so_and_its_kernels_live`], whose limits are
/// its user's.
#[test]
fn parent_without_room() {
    let Some(runtime) = runtime_of_parent("DRUPE_NO_ROOM") else { return };
    runtime.block_on(async {
        let before = getrlimit(Resource::Nproc);
        let (kernel, mut refused) = (builder().spawn().await.unwrap(), Vec::new());
        kernel.run("1").await.unwrap();
        // Transpiled beside everything else where there is room for that.
        let long = format!("'{}'.length", "x".repeat(1 << 20));
        // From none that is free to as many as a launch takes.
        for free in 0.. {
            let limit = if free == 0 { 1 } else { threads() + free };
            setrlimit(Resource::Nproc, Rlimit { current: Some(limit), ..before }).unwrap();
            let launched = builder().spawn().await;
            // Whom it hits, it does not hurt: the one that is there goes on.
            let report = kernel.run(long.as_str()).await.unwrap();
            assert!(report.outcome.is_value() && report.new_session.is_none(), "{report:?}");
            setrlimit(Resource::Nproc, before).unwrap();
            match launched {
                // It starts its threads before it takes runs, and greets before that.
                Ok(launched) => match launched.run("1").await {
                    Ok(report) => {
                        assert!(report.outcome.is_value(), "{free} free: {report:?}");
                        launched.terminate().await;
                        break;
                    }
                    Err(error) => refused.push(error),
                },
                Err(error) => refused.push(error),
            }
        }
        let first = matches!(&refused[0], Error::Launch(error) if matches!(**error, LaunchError::Start { .. }));
        assert!(first, "with no room at all it is the process that cannot be started: {refused:?}");
        for error in &refused {
            assert!(error.to_string().contains("raise the limit (ulimit -u)"), "{error}: {error:?}");
        }
        kernel.terminate().await;
        println!("\nrefused {} launches", refused.len());
    });
}

// threat F6
#[test]
fn a_parent_without_room_for_a_process_is_told_so_and_its_kernels_live() {
    let _alone = alone();
    let mut parent = Command::new(env::current_exe().unwrap());
    parent.args(["--exact", "room::parent_without_room", "--nocapture"]).env("DRUPE_NO_ROOM", "1");
    if getuid().is_root() {
        // Nothing limits that one.
        parent.uid(NOBODY).gid(NOBODY);
    }
    let output = match parent.output() {
        Ok(output) => output,
        Err(error) => return println!("skipped: no other user may execute this program: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("refused "), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
