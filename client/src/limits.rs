//! The limits of a run.

use std::time::Duration;

/// Limits of a run. A field that is `None` leaves the limit of the kernel's builder; if that is `None` too, there is no
/// limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// CPU time that a stretch of JavaScript may use, in the run or in the callbacks that it leaves behind. The kernel
    /// stops the stretch.
    pub vm_timeout: Option<Duration>,
    /// Wall time of the whole run, awaits included, from the moment it starts. The client interrupts the run.
    pub wall_timeout: Option<Duration>,
    /// Whether to kill the kernel when a run has not stopped one grace period after its `wall_timeout`.
    pub kill_on_timeout: Option<bool>,
    /// The size that the session's heap may reach while the run is active, in bytes, if that is less than the kernel's
    /// own limit ([`Builder::memory_limit`](crate::Builder::memory_limit)). A run that begins with a larger live heap
    /// is stopped soon.
    pub memory: Option<u64>,
    /// The console output of the run while it is active, in bytes as they cross the wire (text, arguments, place).
    /// Output after the event that reaches the limit is dropped, and [counted](crate::Report::dropped_events). Without
    /// a limit a run prints as fast as its events are read.
    pub console: Option<u64>,
}

impl Limits {
    /// These limits, and where they say nothing, those of `fallback`.
    pub(crate) fn or(self, fallback: Self) -> Self {
        Self {
            vm_timeout: self.vm_timeout.or(fallback.vm_timeout),
            wall_timeout: self.wall_timeout.or(fallback.wall_timeout),
            kill_on_timeout: self.kill_on_timeout.or(fallback.kill_on_timeout),
            memory: self.memory.or(fallback.memory),
            console: self.console.or(fallback.console),
        }
    }
}
