//! Namespaces of its own: a user namespace, no network interface but an unconnected loopback, no shared memory of other
//! processes, an empty root folder.
//!
//! There is no namespace of process ids: it would need another process, and no allowed system call names another
//! process anyway.

use std::{ffi::CStr, io};

use rustix::{
    process::{chdir, chroot},
    thread::{UnshareFlags, unshare_unsafe},
};

use super::Applied;

/// A folder that every Linux has; what is in it is not needed any more.
const OVER: &CStr = c"/proc";

/// Leaves the namespaces that it was started in. What is connected already stays connected. **To be called while there
/// is one thread, and while there still are privileges if there ever were**: the system may let others make none.
pub(super) fn leave_all() -> Applied {
    let flags = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWCGROUP;
    let refused = |error| format!("this system lets nobody make namespaces: {}", io::Error::from(error));
    // SAFETY: descriptors stay shared as they were; there is one thread, and nothing relies on its former root or user.
    unsafe { unshare_unsafe(flags) }.map_err(refused)?;
    empty_root().map_err(|error| format!("cannot empty the root folder: {error}"))?;
    Ok("users, network, IPC and host name of its own, an empty root folder".to_owned())
}

fn empty_root() -> io::Result<()> {
    let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC | libc::MS_RDONLY;
    let (kind, options) = (c"tmpfs", c"size=4k");
    // SAFETY: all of these are strings that end as C wants it.
    if unsafe { libc::mount(kind.as_ptr(), OVER.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    chdir(OVER)?;
    chroot(c".")?;
    Ok(())
}
