//! The kernel as a process: its start, its threads, V8's platform, and its last words when it must end. The lock-down is
//! [`crate::sandbox`].

pub(crate) mod cpu_clock;
pub(crate) mod fatal;
#[cfg(unix)]
pub(crate) mod job;
#[cfg(unix)]
pub(crate) mod last_words;
pub(crate) mod launch;
pub(crate) mod platform;
pub(crate) mod threads;
pub(crate) mod time_zone;
