//! The cause of a process's end.

use std::{fmt, process::ExitStatus};

/// The end of a kernel's process, and its last chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Death {
    /// The cause.
    pub cause: Cause,
    /// The session that was lost.
    pub generation: u64,
    /// Source of the chunk that was executing or awaiting, its first 4 KiB.
    pub last_chunk: Option<String>,
    /// The last lines of the process's standard error.
    pub stderr: String,
}

impl Death {
    /// The end of the process of the session `generation`, without a chunk and output.
    #[must_use]
    pub fn new(cause: Cause, generation: u64) -> Self {
        Self { cause, generation, last_chunk: None, stderr: String::new() }
    }
}

/// The cause of the end of a kernel's process.
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
    /// The system ended it for a call that the lock-down forbids (seccomp, SIGSYS): native code of an intruder, or a
    /// bug in drupe.
    SeccompViolation,
    /// V8 ran out of memory and could not recover.
    OutOfMemory,
    /// The operating system ran out of memory, and killed it: a `SIGKILL` that was not its parent's, while the system's
    /// count of such kills rose.
    KilledForMemory,
    /// V8 detected an internal error and gave up; its message.
    EngineFailure(String),
    /// It broke the protocol, and was killed.
    Protocol(String),
    /// It did not stop on request, and was killed.
    Unresponsive,
    /// Its owner restarted it.
    Restarted,
}

impl Cause {
    /// The name for programs, such as `out_of_memory`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Exited(_) => "exited",
            Self::Signal { .. } => "signal",
            Self::SeccompViolation => "seccomp_violation",
            Self::OutOfMemory => "out_of_memory",
            Self::KilledForMemory => "killed_for_memory",
            Self::EngineFailure(_) => "engine_failure",
            Self::Protocol(_) => "protocol",
            Self::Unresponsive => "unresponsive",
            Self::Restarted => "restarted",
        }
    }
}

/// What kernels write, and V8 itself where nobody speaks for it, before they give up for lack of memory.
const OUT_OF_MEMORY: [&str; 7] = [
    "drupe kernel: V8 ran out of memory: ",
    "JavaScript heap out of memory",
    "# Fatal JavaScript out of memory: ",
    "# Fatal process out of memory: ",
    // An array beyond what V8 can address.
    "# Fatal JavaScript invalid size error ",
    // Rust's allocator, and that of C++.
    "memory allocation of ",
    "std::bad_alloc",
];

/// What kernels write that could not start a thread, and V8 itself, which says no more than this.
const NO_THREAD: [&str; 2] = ["drupe kernel: cannot start a thread: ", "# Check failed: Start()"];

/// What to do where there is no room for another process or thread.
pub(crate) const NO_ROOM: &str = "; the system has no room for another process: end some, or raise the limit (ulimit -u)";

/// How lines begin that say why V8 found itself broken: the kernel's, and V8's own.
const FAILED: [&str; 3] = ["drupe kernel: V8 failed: ", "# Check failed: ", "# Debug check failed: "];

impl Cause {
    /// The cause of an end that was not its parent's doing; `kills` is by how much the system's [count](oom_kills) rose
    /// meanwhile.
    pub(crate) fn of(status: Option<ExitStatus>, stderr: &str, kills: u64) -> Self {
        #[cfg(unix)]
        if let Some(number) = status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status)) {
            let name = signal_name(number);
            // V8 ends itself by a trap or an abort, after it has said why.
            let gave_up = matches!(name, "SIGABRT" | "SIGTRAP" | "SIGILL" | "SIGSEGV");
            let failed = stderr.lines().find_map(|line| FAILED.iter().find_map(|head| line.strip_prefix(head)));
            return match failed {
                _ if gave_up && OUT_OF_MEMORY.iter().any(|text| stderr.contains(text)) => Self::OutOfMemory,
                // The runtime's own handler of guard pages says so.
                _ if gave_up && stderr.contains("has overflowed its stack") => {
                    Self::EngineFailure("its native stack overflowed".to_owned())
                }
                Some(failed) if gave_up => Self::EngineFailure(failed.to_owned()),
                _ if name == "SIGSYS" => Self::SeccompViolation,
                _ if name == "SIGKILL" && kills > 0 => Self::KilledForMemory,
                _ => Self::Signal { number, name },
            };
        }
        let _ = (stderr, kills);
        Self::Exited(status.and_then(|status| status.code()).unwrap_or(-1))
    }
}

/// How many processes this system has killed for want of memory since it was started; 0 where it does not tell.
pub(crate) fn oom_kills() -> u64 {
    let told = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    told.lines().find_map(|line| line.strip_prefix("oom_kill ")).and_then(|count| count.trim().parse().ok()).unwrap_or(0)
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
            Self::KilledForMemory => write!(f, "the operating system killed the kernel, for want of memory"),
            Self::EngineFailure(error) => write!(f, "V8 gave up: {error}"),
            Self::Protocol(error) => write!(f, "the kernel broke the protocol and was killed: {error}"),
            Self::Unresponsive => write!(f, "the kernel did not stop when told to, and was killed"),
            Self::Restarted => write!(f, "the kernel was restarted"),
        }
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        // Where the cause is plain, nothing has to be said of what it wrote.
        let plain = !matches!(self.cause, Cause::Exited(_) | Cause::Signal { .. });
        if let Some(line) = telling_line(&self.stderr).filter(|_| !plain) {
            write!(f, " (it last wrote: {line})")?;
        }
        let lacked_threads = cfg!(target_os = "linux") && NO_THREAD.iter().any(|text| self.stderr.contains(text));
        if lacked_threads { f.write_str(NO_ROOM) } else { Ok(()) }
    }
}

impl std::error::Error for Death {}

/// The last line of a process's standard error that says something to people. **Engines and runtimes print stacks and
/// addresses as they die**; all of it is in [`Death::stderr`].
fn telling_line(stderr: &str) -> Option<&str> {
    const NOISE: [&str; 8] = ["#", "====", "<---", "[", "note: ", "stack backtrace", "Received signal", "Trace/breakpoint"];
    let is_noise = |line: &&str| {
        let first = line.split([' ', ':', '\t']).next().unwrap_or_default();
        let is_number = first.chars().all(|char| char.is_ascii_digit());
        let is_frame = first.starts_with("0x") || is_number && line.contains("0x");
        line.is_empty() || is_frame || NOISE.iter().any(|head| line.starts_with(head))
    };
    stderr.lines().rev().map(str::trim).find(|line| !is_noise(line))
}

/// Names of the signals that end processes; the numbers are those of Linux, and where they differ elsewhere the name is
/// unknown.
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

    use super::{Cause, Death};

    // threat F3
    #[test]
    fn causes_are_told_apart() {
        let of = |signal, stderr, kills| Cause::of(Some(ExitStatus::from_raw(signal)), stderr, kills);
        assert_eq!(of(6, "drupe kernel: V8 ran out of memory: heap, X\n", 0), Cause::OutOfMemory);
        assert_eq!(
            of(5, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n", 0),
            Cause::OutOfMemory
        );
        assert_eq!(of(5, "x\ndrupe kernel: V8 failed: check (a.cc:1)\n#\n", 0), Cause::EngineFailure("check (a.cc:1)".into()));
        assert_eq!(of(5, "#\n# Fatal JavaScript invalid size error 536870883 (see X)\n#\n", 0), Cause::OutOfMemory);
        assert_eq!(of(4, "# Fatal error in a.cc, line 1\n# Check failed: a < b.\n", 0), Cause::EngineFailure("a < b.".into()));
        let overflowed = "\nthread 'main' (7) has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";
        assert_eq!(of(6, overflowed, 0), Cause::EngineFailure("its native stack overflowed".into()));
        let of_cpp = "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n";
        assert_eq!(of(6, of_cpp, 0), Cause::OutOfMemory);
        assert_eq!(of(31, "", 0), Cause::SeccompViolation);
        assert_eq!(of(9, "", 0), Cause::Signal { number: 9, name: "SIGKILL" });
        assert_eq!(of(9, "", 1), Cause::KilledForMemory);
        assert_eq!(of(11, "", 1), Cause::Signal { number: 11, name: "SIGSEGV" });
        assert_eq!(of(15, "drupe kernel: V8 ran out of memory", 0), Cause::Signal { number: 15, name: "SIGTERM" });
        assert_eq!(of(3 << 8, "", 1), Cause::Exited(3));
    }

    #[test]
    fn a_death_is_one_sentence_without_stacks_and_addresses() {
        let said = |cause, stderr: &str| {
            let mut death = Death::new(cause, 1);
            death.stderr = stderr.to_owned();
            death.to_string()
        };
        let stack =
            "\n==== C stack trace ===============================\n\n    0x55d0: f+0x1\n 1: 0x7f00 v8::x [drupe]\n[end]\n#\n#\n";
        let aborted = || Cause::Signal { number: 6, name: "SIGABRT" };
        assert_eq!(said(aborted(), stack), "the kernel was ended by signal 6 (SIGABRT)");
        assert_eq!(
            said(aborted(), &format!("malloc(): corrupted top size{stack}")),
            "the kernel was ended by signal 6 (SIGABRT) (it last wrote: malloc(): corrupted top size)"
        );
        assert_eq!(said(Cause::OutOfMemory, &format!("<--- Last few GCs --->{stack}")), "the kernel ran out of memory");
        let panicked = "thread 'main' panicked at a.rs:1:\nthe reason\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(said(Cause::Exited(101), panicked), "the kernel exited with status 101 (it last wrote: the reason)");
    }
}
