//! What the machine has.

#[cfg(target_os = "linux")]
use std::{fs, sync::OnceLock};

#[cfg(target_os = "linux")]
use crate::cgroup;

/// The memory that processes may have here, in bytes: all there is, or what a control group may take.
#[cfg(target_os = "linux")]
pub(crate) fn memory() -> Option<u64> {
    static MEMORY: OnceLock<Option<u64>> = OnceLock::new();
    *MEMORY.get_or_init(|| {
        let all = total(&fs::read_to_string("/proc/meminfo").ok()?)?;
        Some(cgroup::memory_max().map_or(all, |most| most.min(all)))
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn memory() -> Option<u64> {
    None
}

/// By the text of `/proc/meminfo`.
#[cfg(target_os = "linux")]
fn total(text: &str) -> Option<u64> {
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.split_whitespace().next()?;
    kib.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn the_memory_of_the_machine_is_told() {
        assert_eq!(super::total("MemTotal:       24689780 kB\nMemFree: 1 kB\n"), Some(24_689_780 << 10));
        assert_eq!(super::total("MemFree: 1 kB\n"), None);
        assert!(super::memory().is_some_and(|bytes| bytes > 64 << 20));
    }
}
