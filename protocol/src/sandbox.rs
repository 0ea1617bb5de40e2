//! How the operating system confines a kernel: what a parent asks for, and what a kernel says that it got.

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
}

/// One layer of the lock-down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxLayer {
    /// Its name, such as `seccomp`.
    pub name: String,
    /// Whether it is in force.
    pub on: bool,
    /// For people: what it does, or why it is not there.
    pub detail: String,
}

/// As front ends spell it: `strict`, `best-effort`, `off`.
impl fmt::Display for SandboxLevel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
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
