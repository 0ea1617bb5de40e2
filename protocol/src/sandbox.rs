//! The confinement of a kernel by the operating system: the level that a parent requests, and the status that a kernel
//! reports.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much of the lock-down there must be, or is. Greater is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxLevel {
    /// Nothing beyond a process of its own.
    Off,
    /// What the system can do, and something is missing.
    BestEffort,
    /// The system refuses whatever a kernel does not need.
    Strict,
    /// And nothing becomes machine code that was not in the kernel's program: no JIT, no WebAssembly.
    Hardened,
}

/// What V8's own heap limit may be where none was given.
const DEFAULT_HEAP: u64 = 4 << 30;
/// V8 maps the whole of its code range writable, 512 MiB, and as much again for WebAssembly.
const CODE: u64 = 1 << 30;
/// Thread stacks, the largest frame in several copies, room to unwind a run that reached its heap limit.
const SLACK: u64 = 768 << 20;

/// How much memory a kernel may have as a whole, in bytes, whose heap limit is `heap`: the heap and what it may grow by
/// until a run is stopped, as much in buffers, code and slack. Both peers bound it, each by its own means.
#[must_use]
pub fn memory_bound(heap: Option<u64>) -> u64 {
    heap.unwrap_or(DEFAULT_HEAP).saturating_mul(3).saturating_add(CODE + SLACK)
}

/// One layer of the lock-down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SandboxLayer {
    /// Its name, such as `seccomp`.
    pub name: String,
    /// Whether it is in force.
    pub on: bool,
    /// For people: what it does, or why it is not there.
    pub detail: String,
}

impl SandboxLayer {
    /// A layer and its state; `detail` is for people.
    #[must_use]
    pub fn new(name: impl Into<String>, on: bool, detail: impl Into<String>) -> Self {
        Self { name: name.into(), on, detail: detail.into() }
    }
}

/// As front ends spell it: `hardened`, `strict`, `best-effort`, `off`.
impl fmt::Display for SandboxLevel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Hardened => "hardened",
            Self::Strict => "strict",
            Self::BestEffort => "best-effort",
            Self::Off => "off",
        })
    }
}

impl fmt::Display for SandboxLayer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} ({})", self.name, if self.on { "on" } else { "OFF" }, self.detail)
    }
}
