//! Parents that are killed.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    LONG,
    kernels::builder,
    kills::Doing::Looping,
    process::{alone, is_alive},
    runtime_of_parent, times,
};

/// No kernel is there for so long after its parent, on a machine that has nothing else to do.
const PROMISED: Duration = Duration::from_secs(1);

/// Not a test: the parent that [`no_kernel_survives_its_parent`] kills.
#[test]
fn parent_to_be_killed() {
    let Some(runtime) = runtime_of_parent("DRUPE_PARENT") else { return };
    runtime.block_on(async {
        let kernel = builder().spawn().await.unwrap();
        let _runs = Looping.begin(&kernel).await;
        println!("\nkernel {}", kernel.info().await.unwrap().pid.unwrap());
        std::future::pending::<()>().await;
    });
}

// threat F4
#[test]
fn no_kernel_survives_its_parent() {
    let _alone = alone();
    let asked = env::var_os("DRUPE_PARENT_KILLS").is_some();
    // Whoever asks for many wants to know, too, how long a kernel is left.
    let patience = if asked { PROMISED } else { LONG };
    let mut longest = Duration::ZERO;
    for _ in 0..times("DRUPE_PARENT_KILLS", 5) {
        let mut parent = Command::new(env::current_exe().unwrap())
            .args(["--exact", "parents::parent_to_be_killed", "--nocapture"])
            .env("DRUPE_PARENT", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
        let pid = lines.find_map(|line| line.unwrap().strip_prefix("kernel ").map(str::to_owned)).unwrap();
        parent.kill().unwrap();
        parent.wait().unwrap();
        let killed = Instant::now();
        while is_alive(&pid) {
            assert!(killed.elapsed() < patience, "kernel {pid} outlives its parent");
            std::thread::yield_now();
        }
        longest = longest.max(killed.elapsed());
    }
    println!("the last kernel was gone {longest:?} after its parent");
}
