//! The kernel as a process: its threads, its clocks, V8's platform, and its last message when it must end.

pub(crate) mod cpu_clock;
pub(crate) mod fatal;
#[cfg(unix)]
pub(crate) mod job;
pub(crate) mod platform;
mod slices;
pub(crate) mod threads;
pub(crate) mod time_zone;
