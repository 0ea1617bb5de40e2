//! Holds a process by a descriptor, so that a kill hits this process or none.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::Errno,
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

/// A process that was started here. **Its id may be another's as soon as somebody has waited for it**, which need not
/// be its owner: a parent may ignore the ends of its children, or have a thread that waits for all of them. So it is
/// held by a descriptor, which stays its own.
#[derive(Debug)]
pub struct Hold(Option<OwnedFd>);

impl Hold {
    /// Holds the process `id`, which was only just started and not waited for. One that is gone all the same is held as
    /// such.
    ///
    /// # Errors
    /// `Unsupported` before Linux 5.3; when there are no descriptors left.
    pub fn new(id: u32) -> io::Result<Self> {
        let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return Ok(Self(None)) };
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(process) => Ok(Self(Some(process))),
            Err(Errno::SRCH) => Ok(Self(None)),
            Err(error) => Err(error.into()),
        }
    }

    /// Kills it, if it still runs.
    pub fn kill(&self) {
        if let Some(process) = &self.0 {
            // One that has ended need not be killed.
            let _ = pidfd_send_signal(process, Signal::KILL);
        }
    }
}
