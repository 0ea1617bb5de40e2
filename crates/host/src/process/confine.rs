//! Landlock for programs: they read and write what the session may, and what programs need to run at all.
//!
//! Only where the policy lists: where everything may be read, programs read everything. **A rule that denies a part of a folder grants a program
//! the other parts of it, as they are when it starts**, because Landlock knows no exceptions.

use std::{fs, io, os::fd::OwnedFd, path::PathBuf};

use landlock::{
    ABI, AccessFs, BitFlags, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};

use crate::permissions::{Grant, Kind, PathRule, Policy};

/// The newest rights that this is written against. An older system enforces what it knows of them.
const NEWEST: ABI = ABI::V6;
/// How many parts of folders are granted one by one. What is beyond is not granted.
const MAX_PARTS: usize = 4096;

/// What every program may read and run: programs, libraries, and what these look up of the system. **No person's files, and none that tell who
/// has an account.**
const BASE: &[&str] = &[
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/usr",
    "/opt",
    "/nix/store",
    "/gnu/store",
    "/snap",
    "/run/current-system",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/fonts",
    "/etc/gai.conf",
    "/etc/gitconfig",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/locale.alias",
    "/etc/locale.conf",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/pki",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/terminfo",
    "/etc/timezone",
    "/run/systemd/resolve",
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm",
];

/// What every program may read and write: devices that keep nothing, and the terminal.
const DEVICES: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"];

/// The version of the system's Landlock; `None` where there is none.
#[must_use]
pub fn landlock_version() -> Option<i32> {
    /// Asks for the version, and makes nothing.
    const VERSION: libc::c_ulong = 1;
    // SAFETY: the call takes no memory when it is asked for the version.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION) };
    i32::try_from(version).ok().filter(|version| *version > 0)
}

/// The rules for a program that `policy` lets run, which besides needs to read `own`; `None` where nothing is listed, or the system has no
/// Landlock.
pub(super) fn ruleset(policy: &Policy, own: &[PathBuf]) -> io::Result<Option<OwnedFd>> {
    let is_listed = |kind| *policy.granted.paths(kind) != Grant::All || *policy.denied.paths(kind) != Grant::None;
    let (reads, writes) = (is_listed(Kind::Read), is_listed(Kind::Write));
    if !(reads || writes) || landlock_version().is_none() {
        return Ok(None);
    }
    build(policy, own, reads, writes).map(Into::into).map_err(io::Error::other)
}

fn build(policy: &Policy, own: &[PathBuf], reads: bool, writes: bool) -> Result<RulesetCreated, RulesetError> {
    let read = AccessFs::from_read(NEWEST);
    // To change a device's settings takes a descriptor of it.
    let write = AccessFs::from_write(NEWEST) & !AccessFs::IoctlDev;
    let listed = |listed: bool, rights: BitFlags<AccessFs>| if listed { rights } else { BitFlags::empty() };
    // Names move between folders only where that is handled and granted.
    let handled = listed(reads, read) | listed(writes, write) | AccessFs::Refer;
    let mut rules = Ruleset::default().handle_access(handled)?.scope(Scope::Signal)?.create()?;
    if reads {
        let base = BASE.iter().chain(DEVICES).map(PathBuf::from).chain(own.iter().cloned());
        let paths = base.chain(granted(policy, Kind::Read));
        rules = grant(rules, &permitted(policy, Kind::Read, paths), read)?;
    }
    if writes {
        let devices = DEVICES.iter().map(PathBuf::from);
        rules = grant(rules, &permitted(policy, Kind::Write, devices), AccessFs::WriteFile | AccessFs::Truncate)?;
        // A device that a program made would be any device.
        let rights = write & !(AccessFs::MakeBlock | AccessFs::MakeChar);
        rules = grant(rules, &permitted(policy, Kind::Write, granted(policy, Kind::Write).into_iter()), rights)?;
    } else {
        rules = grant(rules, &[PathBuf::from("/")], AccessFs::Refer.into())?;
    }
    Ok(rules)
}

fn grant(rules: RulesetCreated, paths: &[PathBuf], rights: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    rules.add_rules(path_beneath_rules(paths, rights))
}

/// The paths that the policy grants. A folder that is granted alone is not: Landlock would grant all below.
fn granted(policy: &Policy, kind: Kind) -> Vec<PathBuf> {
    match policy.granted.paths(kind) {
        Grant::None => Vec::new(),
        Grant::All => vec![PathBuf::from("/")],
        Grant::Only(rules) => {
            let whole = |rule: &&PathRule| !rule.is_alone() || rule.path().is_file();
            rules.iter().filter(whole).map(|rule| rule.path().to_owned()).collect()
        }
    }
}

/// `paths` without what is denied.
fn permitted(policy: &Policy, kind: Kind, paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut parts = Vec::new();
    if *policy.denied.paths(kind) == Grant::None {
        parts.extend(paths);
        return parts;
    }
    for path in paths {
        // A rule is about what a path leads to.
        if let Ok(real) = path.canonicalize() {
            divide(policy, kind, real, &mut parts);
        }
    }
    parts
}

fn divide(policy: &Policy, kind: Kind, path: PathBuf, parts: &mut Vec<PathBuf>) {
    if policy.denied.paths(kind).allows(|rule| rule.covers(&path)) || parts.len() >= MAX_PARTS {
        return;
    }
    if !policy.denies_below(kind, &path) {
        parts.push(path);
        return;
    }
    let entries = fs::read_dir(&path).into_iter().flatten().flatten();
    // Where a link leads is granted there, or not.
    let entries = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    entries.for_each(|entry| divide(policy, kind, entry.path(), parts));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    // threat G21
    #[test]
    fn what_is_denied_is_left_out_part_by_part() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for name in ["a/keys", "a/other", "b"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("a/keys"), at("b/link")).unwrap();
        let mut policy = Policy::none();
        policy.allow(Kind::Read, &root.display().to_string()).unwrap();
        let parts = |policy: &Policy| {
            let mut parts = permitted(policy, Kind::Read, granted(policy, Kind::Read).into_iter());
            parts.sort();
            parts
        };
        assert_eq!(parts(&policy), std::slice::from_ref(&root));
        policy.deny(Kind::Read, &at("a/keys").display().to_string()).unwrap();
        assert_eq!(parts(&policy), [at("a/other"), at("b")]);
        policy.deny(Kind::Read, &root.display().to_string()).unwrap();
        assert_eq!(parts(&policy), Vec::<PathBuf>::new());
    }

    #[test]
    fn where_nothing_is_listed_nothing_is_confined() {
        assert!(ruleset(&Policy::all(), &[]).unwrap().is_none());
        assert_eq!(ruleset(&Policy::none(), &[]).unwrap().is_some(), landlock_version().is_some());
    }
}
