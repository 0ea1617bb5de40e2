//! Inherited descriptors: an attacker could use each that the parent forgot to close on exec.

use std::io;

use super::Applied;

/// The first descriptor that is not one of the standard three.
const FIRST: libc::c_uint = 3;

/// Closes everything but standard input, output and error.
pub(super) fn close_inherited() -> Applied {
    // SAFETY: nothing in this process owns a descriptor yet: it has one thread, and has opened nothing.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, 0) };
    match closed {
        0 => Ok("inherited descriptors are closed".to_owned()),
        _ => Err(format!("cannot close inherited descriptors: {}", io::Error::last_os_error())),
    }
}
