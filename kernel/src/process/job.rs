//! The kernel as a member of its parent's job, in the sense of shells. A signal that stops the job (Ctrl-Z) stops the
//! kernel, too, and one that continues it (`fg`) continues both. Signals that end a job (Ctrl-C, Ctrl-\, a terminal
//! that hangs up, a signal to the whole job) are for the parent only: it passes them to programs that listen. A kernel
//! ends when its parent ends, or on its request.

use rustix::process::{Pid, getppid, setpgid};

/// What may be sent to a whole job, and ends a process that does nothing about it.
const ENDING: [libc::c_int; 11] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGHUP,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGIO,
    libc::SIGPIPE,
];

/// Joins the parent's job. **The kernel was started in one of its own**: no Ctrl-C reaches it before it ignores that
/// signal.
pub(crate) fn join_parent() {
    for signal in ENDING {
        // SAFETY: to ignore a signal installs no code, and the numbers are signals that may be ignored.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    // A parent of another session, or none, has no job to join: the kernel keeps its own.
    if let Some(job) = getppid().and_then(job_of) {
        let _ = setpgid(None, Some(job));
    }
}

/// The job of a process. `None` where it is gone, or its job is of a namespace that this process does not see.
fn job_of(process: Pid) -> Option<Pid> {
    // SAFETY: the call takes a number and gives one, which is 0 for what is not seen and negative where there is none.
    let job = unsafe { libc::getpgid(process.as_raw_nonzero().get()) };
    if job > 0 { Pid::from_raw(job) } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use std::process::Command;

    use super::*;

    // threat F5
    #[test]
    fn a_process_that_is_gone_has_no_job() {
        let mut child = Command::new("true").spawn().unwrap();
        let process = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        child.wait().unwrap();
        assert_eq!(job_of(process), None);
    }
}
