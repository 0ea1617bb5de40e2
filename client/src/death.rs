//! Why a process ended.

use std::{fmt, process::ExitStatus};

/// How a kernel's process ended, and what it was doing.
#[derive(Clone, Debug, PartialEq)]
pub struct Death {
    /// Why.
    pub cause: Cause,
    /// The session that went with it.
    pub generation: u64,
    /// Source of the chunk that was executing or awaiting, its first 4 KiB.
    pub last_chunk: Option<String>,
    /// The end of what the process wrote to its standard error.
    pub stderr: String,
}

/// Why a kernel's process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// It exited on its own with this status.
    Exited(i32),
    /// A signal ended it.
    Signal {
        /// The signal's number.
        number: i32,
        /// Its name, such as `SIGKILL`.
        name: &'static str,
    },
    /// It tried what the lock-down forbids, and the system ended it (seccomp, SIGSYS): native code of an intruder, or a bug in drupe.
    SeccompViolation,
    /// V8 ran out of memory and could not recover.
    OutOfMemory,
    /// It broke the protocol, and was killed.
    Protocol(String),
    /// It did not stop when told to, and was killed.
    Unresponsive,
    /// Its owner restarted it.
    Restarted,
}

/// What V8 writes before it gives up for lack of memory.
const OUT_OF_MEMORY: [&str; 2] = ["out of memory", "OOM"];

impl Cause {
    pub(crate) fn of(status: Option<ExitStatus>, stderr: &str) -> Self {
        #[cfg(unix)]
        if let Some(number) = status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status)) {
            if signal_name(number) == "SIGSYS" {
                return Self::SeccompViolation;
            }
            // V8 ends itself by a trap or an abort, after it has said why.
            let aborted = matches!(signal_name(number), "SIGABRT" | "SIGTRAP" | "SIGILL");
            return if aborted && OUT_OF_MEMORY.iter().any(|text| stderr.contains(text)) {
                Self::OutOfMemory
            } else {
                Self::Signal { number, name: signal_name(number) }
            };
        }
        let _ = stderr;
        Self::Exited(status.and_then(|status| status.code()).unwrap_or(-1))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Exited(status) => write!(f, "the kernel exited with status {status}"),
            Self::Signal { number, name } => write!(f, "the kernel was ended by signal {number} ({name})"),
            Self::SeccompViolation => {
                write!(f, "the kernel tried what its sandbox forbids, and was ended (seccomp violation, SIGSYS)")
            }
            Self::OutOfMemory => write!(f, "the kernel ran out of memory"),
            Self::Protocol(error) => write!(f, "the kernel broke the protocol and was killed: {error}"),
            Self::Unresponsive => write!(f, "the kernel did not stop when told to, and was killed"),
            Self::Restarted => write!(f, "the kernel was restarted"),
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        match self.stderr.trim().lines().last() {
            Some(line) => write!(f, " (it last wrote: {line})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Death {}

/// Names of the signals that end processes; the numbers are those of Linux, and where they differ elsewhere the name is unknown.
fn signal_name(number: i32) -> &'static str {
    match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        #[cfg(target_os = "linux")]
        7 => "SIGBUS",
        #[cfg(target_os = "linux")]
        24 => "SIGXCPU",
        #[cfg(target_os = "linux")]
        25 => "SIGXFSZ",
        #[cfg(target_os = "linux")]
        31 => "SIGSYS",
        _ => "unknown",
    }
}
