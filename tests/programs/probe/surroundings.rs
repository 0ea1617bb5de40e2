//! What a kernel finds when it wakes up: descriptors, variables, a folder, memory.

use std::ffi::c_short;

/// What the lock-down hides from the process itself.
pub(super) fn before() -> Vec<String> {
    vec![format!("folder {}", std::env::current_dir().unwrap().display())]
}

pub(super) fn inside() -> Vec<String> {
    let mut lines = vec![format!("descriptors {}", (0..256).filter(|descriptor| is_open(*descriptor)).count())];
    lines.extend(std::env::vars_os().map(|(name, _)| format!("variable {}", name.display())));
    lines
}

/// The one question about a descriptor that may be asked.
fn is_open(descriptor: i32) -> bool {
    let mut poll = libc::pollfd { fd: descriptor, events: 0, revents: 0 };
    // SAFETY: one valid entry, and no wait.
    let polled = unsafe { libc::poll(&raw mut poll, 1, 0) };
    assert!(polled >= 0, "poll is allowed");
    poll.revents & libc::POLLNVAL as c_short == 0
}

/// Ways to have memory mapped. The first counts as the process's data, and the limit holds for it.
pub(super) const MAPPINGS: &[(&str, i32)] = &[
    ("mapped-mib", libc::MAP_PRIVATE),
    ("shared-mib", libc::MAP_SHARED),
    ("growing-mib", libc::MAP_PRIVATE | libc::MAP_GROWSDOWN),
];

/// Maps memory until the system refuses; in MiB, at most 64 GiB. None of it is touched.
pub(super) fn map_all(flags: i32) -> usize {
    const PIECE: usize = 64 << 20;
    let flags = flags | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let piece = || {
        // SAFETY: an anonymous mapping wherever there is room.
        unsafe { libc::mmap(std::ptr::null_mut(), PIECE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) }
    };
    let pieces = (0..1024).take_while(|_| piece() != libc::MAP_FAILED).count();
    pieces * (PIECE >> 20)
}
