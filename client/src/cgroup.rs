//! Control groups (version 2): the system's own count of the resources that a kernel uses, where this process may make
//! groups.
//!
//! A group must be delegated to this process: by systemd (`Delegate=yes` with `DelegateSubgroup=`), or by a container
//! manager. Only kernels are moved, and no controller is enabled: **a group that was not delegated is not drupe's**,
//! even if it is writable.

use std::{
    fs::{self, File},
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use drupe_protocol::sandbox::SandboxLayer;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// These controllers must be on for the groups of kernels.
const CONTROLLERS: [&str; 2] = ["memory", "pids"];
/// A kernel has four threads.
const THREADS: u64 = 16;
/// How groups of kernels begin: then come the id of the parent's process, when it started, and a number.
const PREFIX: &str = "drupe-";
/// How long a group is waited for whose kernel was killed.
const LINGER: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// The group of one kernel. Dropping it removes it, as soon as the kernel has ended.
#[derive(Debug)]
pub(crate) struct Cgroup {
    path: PathBuf,
    memory: u64,
}

impl Cgroup {
    /// Puts the process `pid` into a group of its own that may take `memory` bytes. **It has not begun to work yet.**
    pub(crate) fn enclose(pid: u32, memory: u64) -> Result<Self, String> {
        static HOME: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let home = HOME.get_or_init(|| {
            let home = find_home()?;
            sweep(&home);
            Ok(home)
        });
        let home = home.as_ref().map_err(Clone::clone)?;
        let own = std::process::id();
        let name = format!("{PREFIX}{own}-{}-{}", started(own).unwrap_or(0), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = home.join(name);
        let failed = |what: &str, error: io::Error| format!("cannot {what} {}: {error}", path.display());
        fs::create_dir(&path).map_err(|error| failed("make the control group", error))?;
        // From here on, it is removed whatever happens.
        let group = Self { path: path.clone(), memory };
        group.set("memory.max", memory).map_err(|error| failed("bound the memory of", error))?;
        group.set("pids.max", THREADS).map_err(|error| failed("bound the threads of", error))?;
        // Not every system counts swapped memory.
        drop(group.set("memory.swap.max", 0));
        group.set("cgroup.procs", pid.into()).map_err(|error| failed("put the kernel into", error))?;
        Ok(group)
    }

    fn set(&self, file: &str, value: u64) -> io::Result<()> {
        fs::write(self.path.join(file), value.to_string())
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        if fs::remove_dir(&self.path).is_err() {
            let path = std::mem::take(&mut self.path);
            // Its kernel is about to die. Without a thread the group stays until the next parent sweeps.
            drop(thread::Builder::new().name("drupe-cgroup".into()).spawn(move || {
                drop(await_empty(&path));
                drop(fs::remove_dir(&path));
            }));
        }
    }
}

/// What the status tells of a kernel's group.
pub(crate) fn layer(group: &Result<Cgroup, String>) -> SandboxLayer {
    let (on, detail) = match group {
        Ok(group) => (true, format!("memory.max {} MiB, pids.max {THREADS}", group.memory >> 20)),
        Err(why) => (false, why.clone()),
    };
    SandboxLayer::new("cgroup", on, detail)
}

/// Waits until nothing runs in the group any more.
fn await_empty(path: &Path) -> io::Result<()> {
    let mut events = File::open(path.join("cgroup.events"))?;
    loop {
        let mut text = String::new();
        events.rewind()?;
        events.read_to_string(&mut text)?;
        if text.lines().any(|line| line == "populated 0") {
            return Ok(());
        }
        // The system raises this when the file changes.
        if poll(&mut [PollFd::new(&events, PollFlags::PRI)], Some(&LINGER))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
}

/// What the groups of this process may take of memory, in bytes.
pub(crate) fn memory_max() -> Option<u64> {
    let (mounted, own) = own_groups().ok()?;
    let above = own.ancestors().take_while(|group| group.starts_with(&mounted));
    above.filter_map(|group| fs::read_to_string(group.join("memory.max")).ok()?.trim().parse().ok()).min()
}

/// Where control groups are mounted, and the one of this process there.
fn own_groups() -> Result<(PathBuf, PathBuf), String> {
    let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"));
    let found = own_group(&read("/proc/self/cgroup")?, &read("/proc/self/mountinfo")?);
    found.ok_or_else(|| "this system has no control groups of version 2 that this process could see".to_owned())
}

/// The group below which kernels get theirs.
fn find_home() -> Result<PathBuf, String> {
    let (mounted, own) = own_groups()?;
    let candidates = [Some(own.as_path()), own.parent().filter(|parent| parent.starts_with(&mounted))];
    let home = candidates.into_iter().flatten().find(|group| has_controllers(group) && is_delegated(group, &mounted));
    home.map(Path::to_path_buf).ok_or_else(|| "no control group with memory and pids is delegated to this process".to_owned())
}

/// Where control groups of version 2 are mounted, and the one of this process there: by the texts of
/// `/proc/self/cgroup` and `mountinfo`.
fn own_group(groups: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let own = Path::new(groups.lines().find_map(|line| line.strip_prefix("0::"))?);
    mounts.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        if !kind.starts_with("cgroup2 ") {
            return None;
        }
        let mut fields = mount.split(' ').skip(3);
        let (root, place) = (fields.next()?, fields.next()?);
        let below = own.strip_prefix(root).ok()?;
        // A group that this process's namespace does not contain is written with `..`.
        let inside = below.components().all(|component| matches!(component, std::path::Component::Normal(_)));
        let place = PathBuf::from(place);
        // To join nothing would add a slash.
        let group = below.components().fold(place.clone(), |group, name| group.join(name));
        inside.then_some((place, group))
    })
}

/// Whether groups below this one can have their memory and threads bounded.
fn has_controllers(group: &Path) -> bool {
    let enabled = fs::read_to_string(group.join("cgroup.subtree_control")).unwrap_or_default();
    CONTROLLERS.iter().all(|wanted| enabled.split_whitespace().any(|found| found == *wanted))
}

/// Whether the group was delegated to this process. systemd marks such groups. A container sees only its own group. On
/// a machine without a manager, groups below the root belong to no manager.
fn is_delegated(group: &Path, mounted: &Path) -> bool {
    let marked = |name: &str| {
        let mut value = [0_u8; 4];
        rustix::fs::getxattr(group, name, &mut value[..]).is_ok_and(|length| &value[..length] == b"1")
    };
    let top = group == mounted && (group.join("cgroup.type").exists() || !Path::new("/run/systemd/system").exists());
    top || marked("user.delegate") || marked("trusted.delegate")
}

/// Removes the groups whose parents are gone.
fn sweep(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let parent = name.to_str().and_then(parent_of);
        if parent.is_some_and(|(parent, start)| started(parent) != Some(start)) {
            // One that still has a process in it is not removed.
            drop(fs::remove_dir(entry.path()));
        }
    }
}

/// Whose a group is, by its name: the id of a process, and when it started.
fn parent_of(name: &str) -> Option<(u32, u64)> {
    let mut parts = name.strip_prefix(PREFIX)?.split('-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// When a process started, in the system's ticks: together with its id this names it for good.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the start is the twentieth field behind it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_group_is_found_by_what_the_system_says() {
        let mounts = "25 1 0:23 / /proc rw - proc proc rw\n33 25 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
        let found = |groups| own_group(groups, mounts).map(|(_, own)| own.display().to_string());
        assert_eq!(found("0::/user.slice/a.service/main\n").unwrap(), "/sys/fs/cgroup/user.slice/a.service/main");
        assert_eq!(found("4:memory:/x\n0::/\n").unwrap(), "/sys/fs/cgroup");
        assert_eq!(found("0::/../elsewhere\n"), None);
        assert_eq!(found("4:memory:/x\n"), None);
        assert_eq!(own_group("0::/a/b/c\n", "33 25 0:29 /a /cg rw - cgroup2 none rw\n"), Some(("/cg".into(), "/cg/b/c".into())));
        assert_eq!(own_group("0::/b\n", "33 25 0:29 /a /cg rw - cgroup2 none rw\n"), None);
    }

    #[test]
    fn groups_are_swept_whose_parents_are_gone() {
        let home = std::env::temp_dir().join(format!("drupe-sweep-{}", std::process::id()));
        let own = std::process::id();
        let start = started(own).unwrap();
        let groups =
            [format!("drupe-{own}-{start}-0"), format!("drupe-{own}-1-0"), "drupe-4194305-7-3".to_owned(), "others".to_owned()];
        groups.iter().for_each(|group| fs::create_dir_all(home.join(group)).unwrap());
        sweep(&home);
        let stayed = groups.iter().map(|group| home.join(group).exists()).collect::<Vec<_>>();
        fs::remove_dir_all(&home).unwrap();
        assert_eq!(stayed, [true, false, false, true]);
    }
}
