//! How the operating system confines a kernel: the requested level, the reported level, and the check of the report.

use std::fmt;

use drupe_protocol::{
    hello::Hello,
    sandbox::{SandboxLayer, SandboxLevel},
};

use crate::LaunchError;

/// The confinement that a kernel must have to be launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sandbox {
    /// As [`Strict`](Self::Strict), and no memory outside of the kernel's program becomes machine code: **no JIT, so
    /// JavaScript is many times slower, and no WebAssembly**. For tenants that are not trusted at all.
    Hardened,
    /// The system refuses all that a kernel does not need; otherwise no kernel is launched. The default where drupe can
    /// do it: on Linux.
    Strict,
    /// The confinement that the system can provide; [`Kernel::sandbox_status`](crate::Kernel::sandbox_status) reports
    /// it.
    BestEffort,
    /// Only a separate process: **a bug in V8 then gives access to everything that this process's user may do.**
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
            Self::Hardened => SandboxLevel::Hardened,
            Self::Strict => SandboxLevel::Strict,
            Self::BestEffort => SandboxLevel::BestEffort,
            Self::OffUnsafe => SandboxLevel::Off,
        }
    }
}

/// The confinement of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SandboxStatus {
    /// The overall level, as the kernel reports it. On Linux a level of strict or above was checked with the system as
    /// well: that system calls are filtered, and that no privileges can be gained. Only a parent with the rights of
    /// root also checks that a hardened kernel has no executable memory of its own: the system shows the memory of a
    /// locked kernel to no other user.
    pub level: SandboxLevel,
    /// The layers, in the order in which they were applied. On Linux the last is the control group (`cgroup`), with
    /// which the system bounds the kernel's memory and threads by its own count.
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
        // Few systems hand out control groups, and no level asks for one.
        let missing = self.layers.iter().filter(|layer| !layer.on && layer.name != "cgroup");
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
        let mut found = linux::confinement(pid);
        let mut lies = !found.contains("Seccomp: 2") || !found.contains("NoNewPrivs: 1");
        if hello.sandbox >= SandboxLevel::Hardened
            && let Some(mapping) = pid.and_then(linux::made_executable)
        {
            lies = true;
            found = format!("{found}, executable memory of no program: {mapping}");
        }
        if lies {
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

    /// Memory of the process that could be executed and comes from no file, if there is any **and this user may see
    /// it**: the system shows the memory of a locked kernel to the superuser alone.
    pub(super) fn made_executable(pid: u32) -> Option<String> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
        maps.lines().find(|line| is_made_executable(line)).map(str::to_owned)
    }

    /// Whether a line of `maps` is memory that can be executed and comes from no file that is on a disk. **Anybody may
    /// give memory a name, and files without a place have one.**
    fn is_made_executable(line: &str) -> bool {
        // Address, rights, offset, device, inode, and the name, which may have spaces.
        let mut fields = line.splitn(6, ' ');
        let (rights, inode) = (fields.nth(1), fields.nth(2));
        let name = fields.next().unwrap_or_default().trim_start();
        let is_file = inode.is_some_and(|inode| inode != "0") && name.starts_with('/') && !name.ends_with(" (deleted)");
        // What the system itself has put there.
        let is_systems = ["[vdso]", "[vsyscall]", "[uprobes]"].contains(&name) && inode == Some("0");
        rights.is_none_or(|rights| rights.contains('x')) && !is_file && !is_systems
    }

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

    #[cfg(test)]
    mod tests {
        use super::is_made_executable;

        // threat A12
        #[test]
        fn executable_memory_counts_as_a_programs_only_if_it_comes_from_a_file_on_a_disk() {
            let line = |rights: &str, inode: &str, name: &str| {
                format!("55f13c221000-55f13c227000 {rights} 00002000 fe:00 {inode}                     {name}")
            };
            for (inode, name) in
                [("247282", "/usr/bin/drupe"), ("247282", "/opt/a folder/drupe"), ("0", "[vdso]"), ("0", "[vsyscall]")]
            {
                assert!(!is_made_executable(&line("r-xp", inode, name)), "{name}");
            }
            for (inode, name) in [
                ("0", ""),
                ("0", "[anon:/usr/bin/drupe]"),
                ("0", "[anon:x/[vdso]"),
                ("0", "[stack]"),
                ("1025", "/memfd:/usr/bin/drupe (deleted)"),
                ("1026", "/dev/zero (deleted)"),
                ("0", "/usr/bin/drupe"),
                ("1027", "[vdso]"),
            ] {
                assert!(is_made_executable(&line("rwxp", inode, name)), "{name}");
                assert!(!is_made_executable(&line("rw-p", inode, name)), "{name}");
            }
            assert!(is_made_executable("7fcb915b0000-7fcb915b3000 rwxp 00000000 00:00 0 "));
        }
    }
}
