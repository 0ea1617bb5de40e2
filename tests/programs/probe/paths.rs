//! Files, by every call that opens one.

use std::ffi::{CStr, c_long};

use super::{Attempts, call};

const HERE: usize = libc::AT_FDCWD as usize;

const PATHS: &[&CStr] = &[
    c"/etc/passwd",
    c"/etc/hostname",
    c"/proc/self/maps",
    c"/proc/self/mem",
    c"/proc/self/environ",
    c"/proc/self/exe",
    c"/proc/self/fd/0",
    c"/proc/1/status",
    c"/proc/sys/kernel/osrelease",
    c"/sys/devices/system/cpu/online",
    c"/dev/null",
    c"/dev/urandom",
    c"/dev/shm",
    c"/usr/bin/env",
    c"/tmp",
    c"/",
    c".",
];

pub(super) fn attempts() -> Attempts {
    let mut attempts = Attempts::new();
    for path in PATHS {
        let mut open = |name: &str, number: c_long, arguments: &[usize]| {
            attempts.push((format!("{name}:{}", path.to_str().unwrap()), call(number, arguments)));
        };
        let path = path.as_ptr() as usize;
        open("openat", libc::SYS_openat, &[HERE, path, libc::O_RDONLY as usize]);
        #[cfg(target_arch = "x86_64")]
        open("open", libc::SYS_open, &[path, libc::O_RDONLY as usize]);
    }
    let temporary = [HERE, c"/tmp".as_ptr() as usize, (libc::O_TMPFILE | libc::O_RDWR) as usize, 0o600];
    attempts.push(("openat:O_TMPFILE".to_owned(), call(libc::SYS_openat, &temporary)));
    attempts
}
