//! A kernel belongs to the job of its parent, as shells have jobs: what stops that (Ctrl-Z) stops the kernel, too, and what continues it
//! (`fg`) continues both. What ends jobs (Ctrl-C, Ctrl-\, a terminal that hangs up) is for the parent alone, which knows what to do about it.

use rustix::process::{getpgid, getppid, setpgid};

/// Joins the parent's job. **The kernel was started in one of its own**, so that no Ctrl-C could hit it before it was deaf to that.
pub(crate) fn join_parent() {
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP] {
        // SAFETY: to ignore a signal installs no code, and the numbers are signals that may be ignored.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    // A parent of another session, or none, has no job to join: the kernel keeps its own.
    if let Some(parent) = getppid()
        && let Ok(job) = getpgid(Some(parent))
    {
        let _ = setpgid(None, Some(job));
    }
}
