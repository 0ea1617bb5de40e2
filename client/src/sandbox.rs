//! How the operating system confines a kernel: what is asked for, what was got, and whether that is true.

use std::fmt;

use drupe_protocol::{
    hello::Hello,
    sandbox::{SandboxLayer, SandboxLevel},
};

use crate::LaunchError;

/// How much confinement a kernel must have to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sandbox {
    /// The system refuses whatever a kernel does not need, or there is no kernel. The default where drupe can do it: on Linux.
    Strict,
    /// What the system can do; [`Kernel::sandbox_status`](crate::Kernel::sandbox_status) tells what that is.
    BestEffort,
    /// Nothing but a process of its own: **a bug in V8 is then a way into everything that this process's user may do.**
    OffUnsafe,
}

/// The strictest that is made for this system.
impl Default for Sandbox {
    fn default() -> Self {
        if cfg!(target_os = "linux") { Self::Strict } else { Self::BestEffort }
    }
}

impl Sandbox {
    pub(crate) fn level(self) -> SandboxLevel {
        match self {
            Self::Strict => SandboxLevel::Strict,
            Self::BestEffort => SandboxLevel::BestEffort,
            Self::OffUnsafe => SandboxLevel::Off,
        }
    }
}

/// What confines a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SandboxStatus {
    /// All in all. On Linux this was checked with the system, not only said by the kernel.
    pub level: SandboxLevel,
    /// Layer by layer, in the order in which they were put on.
    pub layers: Vec<SandboxLayer>,
}

impl SandboxStatus {
    pub(crate) fn of(hello: &Hello) -> Self {
        Self { level: hello.sandbox, layers: hello.layers.clone() }
    }
}

impl fmt::Display for SandboxStatus {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.level)?;
        let missing = self.layers.iter().filter(|layer| !layer.on);
        missing.enumerate().try_for_each(|(index, layer)| {
            write!(f, "{}without {}: {}", if index == 0 { ", " } else { "; " }, layer.name, layer.detail)
        })
    }
}

/// Checks that a kernel is confined as `wanted`: by its own word, and by the system's.
pub(crate) fn verify(wanted: Sandbox, hello: &Hello, pid: Option<u32>) -> Result<(), LaunchError> {
    if hello.sandbox < wanted.level() {
        return Err(LaunchError::Sandbox { wanted: wanted.level(), status: SandboxStatus::of(hello) });
    }
    if hello.sandbox < SandboxLevel::Strict {
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    {
        let found = linux::confinement(pid);
        if !found.contains("Seccomp: 2") || !found.contains("NoNewPrivs: 1") {
            return Err(LaunchError::SandboxLie { claimed: hello.sandbox, found });
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = pid;
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    /// What the system says of the process: the lines that matter, or why there are none.
    pub(super) fn confinement(pid: Option<u32>) -> String {
        let Some(pid) = pid else { return "the process has ended".to_owned() };
        let path = format!("/proc/{pid}/status");
        match fs::read_to_string(&path) {
            Ok(status) => {
                let lines = status.lines().filter(|line| line.starts_with("NoNewPrivs:") || line.starts_with("Seccomp:"));
                lines.map(|line| line.replace('\t', " ")).collect::<Vec<_>>().join(", ")
            }
            Err(error) => format!("cannot read {path}: {error}"),
        }
    }
}
