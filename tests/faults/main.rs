//! Faults, injected: kernels killed in everything they may be doing, parents killed, programs that cannot be started,
//! soaks.
//!
//! A program of its own, whose tests run one at a time, so that it can count what is left over: descriptors, children,
//! tasks, sockets. `DRUPE_KILLS`, `DRUPE_PARENT_KILLS`, `DRUPE_RESETS` and `DRUPE_RESTARTS` set how often; what CI does
//! is a fraction of
//! `DRUPE_KILLS=1000 DRUPE_PARENT_KILLS=100 DRUPE_RESETS=10000 DRUPE_RESTARTS=1000 cargo test --release -p drupe-tests --test faults`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may stop at the first surprise, and tells what it measured")]
#![cfg(target_os = "linux")]

use std::{
    env, fs,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    process::{Pid, WaitOptions, wait},
};

/// The system's clock is set while kernels run.
mod clocks;

/// Kernels that stop before they have greeted, or in the midst of a frame.
mod frames;

/// Ids of processes that are used again.
mod ids;

/// Kernels that are killed or frozen, whatever they do.
mod kills;

/// Launches that fail, hang, or are cut off.
mod launches;

/// Parents that are killed.
mod parents;

/// A system that has no room for another process or thread.
mod room;

/// What is left of many sessions and processes, and of handles that race.
mod soaks;

#[path = "../support/clock.rs"]
mod clock;
#[path = "../support/kernels.rs"]
mod kernels;
#[path = "../support/process.rs"]
mod process;

use kernels::builder;

/// What takes as long will never be, however busy the machine.
const LONG: Duration = Duration::from_secs(60);

fn times(variable: &str, otherwise: usize) -> usize {
    env::var(variable).ok().and_then(|times| times.parse().ok()).unwrap_or(otherwise)
}

/// What this process holds.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    sockets: usize,
    children: bool,
}

fn held() -> Held {
    let ours = format!("@drupe-{}-", std::process::id());
    Held {
        descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
        sockets: fs::read_to_string("/proc/net/unix").unwrap().lines().filter(|line| line.contains(&ours)).count(),
        children: !matches!(wait(WaitOptions::NOHANG), Err(Errno::CHILD)),
    }
}

/// Runs `test`, and sees to it that nothing is left of it.
fn leaving_nothing<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The thread that starts processes, and what runtimes keep, are made by the first.
    runtime.block_on(async { builder().spawn().await.unwrap().terminate().await });
    let settle = || {
        let tasks = runtime.block_on(tasks_left());
        (held(), tasks)
    };
    let before = settle();
    let result = runtime.block_on(test);
    let after = settle();
    assert_eq!(before, after);
    assert!(!after.0.children, "a child is left");
    result
}

/// How many tasks of this runtime do not come to their end.
async fn tasks_left() -> usize {
    let tasks = tokio::runtime::Handle::current().metrics();
    let until = Instant::now() + LONG;
    while tasks.num_alive_tasks() > 0 && Instant::now() < until {
        // A task's end is no event that could be waited for; most of those here wait for a process that ends.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tasks.num_alive_tasks()
}

/// The runtime of a parent that another test started as a program of its own, with this variable: in others there is
/// none.
fn runtime_of_parent(variable: &str) -> Option<tokio::runtime::Runtime> {
    env::var_os(variable)?;
    Some(tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap())
}

/// Tells how long it took until something was noticed, and sees to it that it was at all bounded.
fn said(what: &str, mut latencies: Vec<Duration>) {
    latencies.sort();
    let at = |share: usize| latencies[(latencies.len() - 1) * share / 100];
    println!("{} {what}: told within {:?} p50, {:?} p99, {:?} at most", latencies.len(), at(50), at(99), at(100));
    assert!(at(100) < LONG);
}

/// Waits until process `id` is stopped, with all its threads.
async fn is_stopped(id: u32) -> Pid {
    let stands = |thread: std::io::Result<fs::DirEntry>| {
        let stat = fs::read_to_string(thread.unwrap().path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
    };
    while !fs::read_dir(format!("/proc/{id}/task")).unwrap().all(stands) {
        // Who is no parent of theirs is not told of such changes.
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    kernels::pid(id)
}
