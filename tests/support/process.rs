//! What the operating system says of processes, for the programs of this package that measure.
#![allow(dead_code, reason = "each program uses what it needs")]

use std::{
    fmt::Display,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Held by a test while it counts what its whole process holds: one at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Resident memory of the process `pid`, which may be `self`, in bytes.
pub(crate) fn resident(pid: impl Display) -> u64 {
    status(pid, "VmRSS:")
}

/// The most that the process `pid`, which may be `self`, has had resident, in bytes.
pub(crate) fn peak_resident(pid: impl Display) -> u64 {
    status(pid, "VmHWM:")
}

/// Forgets what this process has had resident.
pub(crate) fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn status(pid: impl Display, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10
}

/// Whether there is such a process, and it is no zombie that waits for who adopted it.
pub(crate) fn is_alive(pid: impl Display) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
