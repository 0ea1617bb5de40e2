//! Landlock for programs: they may access the session's files, and the files that programs need to run at all.
//!
//! Only where the policy lists: where everything may be read, programs read everything but terminals. **A rule that
//! denies a part of a folder grants a program the other parts of it, as they are when it starts**, because Landlock
//! knows no exceptions. **Rules are about paths, so a path that is denied for reading is denied for writing, too**:
//! under another name, or in a folder that was renamed, it could be read.

use std::{
    ffi::OsStr,
    fs, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use landlock::{
    ABI, AccessFs, BitFlags, PathBeneath, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use rustix::fs::{FileType, OFlags};

use crate::{
    fs::open_fixed,
    permissions::{Grant, Kind, PathRule, Policy},
};

/// The newest rights that this is written against. An older system enforces what it knows of them.
const NEWEST: ABI = ABI::V6;
/// How many parts of folders are granted one by one. What is beyond is not granted.
const MAX_PARTS: usize = 4096;

/// What every program may read and run: programs, libraries, and what these look up of the system. **No person's files,
/// and none that tell who has an account.**
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
    "/proc/cgroups",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm",
];

/// What every program may read and write: devices that keep nothing. **No terminal**: a program could type into the
/// user's, and read from it.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// How the names in `/dev` begin of terminals, and of what shows their text. Everything else there may be read where
/// everything may.
const TERMINALS: &[&str] = &["console", "hvc", "ptmx", "pts", "tty", "vcs"];

/// The version of the system's Landlock; `None` where there is none.
#[must_use]
pub fn landlock_version() -> Option<i32> {
    /// Asks for the version, and makes nothing.
    const VERSION: libc::c_ulong = 1;
    // SAFETY: the call takes no memory when it is asked for the version.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION) };
    i32::try_from(version).ok().filter(|version| *version > 0)
}

/// The rules for a program that `policy` lets run, which besides needs to read `own`, paths without links; `None` where
/// nothing is listed, or the system has no Landlock.
pub(super) fn ruleset(policy: &Policy, own: &[PathBuf]) -> io::Result<Option<OwnedFd>> {
    if !is_to_confine(policy) || landlock_version().is_none() {
        return Ok(None);
    }
    build(policy, own, limits_writing(policy)).map(Into::into).map_err(io::Error::other)
}

/// Whether `policy` lists files, so that programs are confined where the system can do that.
pub(super) fn is_to_confine(policy: &Policy) -> bool {
    lists(policy, Kind::Read) || limits_writing(policy)
}

fn lists(policy: &Policy, kind: Kind) -> bool {
    *policy.granted.paths(kind) != Grant::All || *policy.denied.paths(kind) != Grant::None
}

fn limits_writing(policy: &Policy) -> bool {
    lists(policy, Kind::Write) || !policy.denied.read.rules().is_empty()
}

fn build(policy: &Policy, own: &[PathBuf], writes: bool) -> Result<RulesetCreated, RulesetError> {
    let (read, write) = (AccessFs::from_read(NEWEST), AccessFs::from_write(NEWEST));
    // Landlock forbids renames between folders unless `Refer` is handled and granted.
    let handled = read | AccessFs::Refer | if writes { write } else { BitFlags::empty() };
    let mut rules = Ruleset::default().handle_access(handled)?.scope(Scope::Signal)?.create()?;
    rules = grant(rules, &permitted(policy, Kind::Read, parts_of_system(&[BASE, DEVICES].concat())), read)?;
    let paths = own.iter().cloned().map(Part::whole).chain(granted(policy, Kind::Read));
    rules = grant(rules, &permitted(policy, Kind::Read, paths), read)?;
    if reads_all(policy) && policy.denied.read == Grant::None {
        // All folders may be listed, also those that were taken apart.
        rules = grant(rules, &[Part::whole("/".into())], AccessFs::ReadDir.into())?;
    }
    if writes {
        let rights = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev;
        rules = grant(rules, &permitted(policy, Kind::Write, parts_of_system(DEVICES)), rights)?;
        // A device that a program made would be any device.
        let rights = write & !(AccessFs::MakeBlock | AccessFs::MakeChar);
        rules = grant(rules, &permitted(policy, Kind::Write, granted(policy, Kind::Write).into_iter()), rights)?;
    } else {
        rules = grant(rules, &[Part::whole("/".into())], AccessFs::Refer.into())?;
    }
    Ok(rules)
}

/// A path without links that is granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    path: PathBuf,
    /// Whether nothing below it is granted.
    is_alone: bool,
}

impl Part {
    fn whole(path: PathBuf) -> Self {
        Self { path, is_alone: false }
    }

    /// Opens it. **A link on the way grants nothing**: it was not there when the rule was made, and whoever made it
    /// chose where it leads.
    fn open(&self) -> Option<(OwnedFd, bool)> {
        let fd = open_fixed(&self.path, OFlags::PATH).ok()?;
        let is_folder = FileType::from_raw_mode(rustix::fs::fstat(&fd).ok()?.st_mode) == FileType::Directory;
        // Landlock would grant all below a folder.
        (!(self.is_alone && is_folder)).then_some((fd, is_folder))
    }
}

/// Grants `rights` to what is there of `parts`.
fn grant(mut rules: RulesetCreated, parts: &[Part], rights: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    for (fd, is_folder) in parts.iter().filter_map(Part::open) {
        let rights = if is_folder { rights } else { rights & AccessFs::from_file(NEWEST) };
        rules = rules.add_rule(PathBeneath::new(fd, rights))?;
    }
    Ok(rules)
}

/// Paths of the system's, with their links followed.
fn parts_of_system(paths: &[&str]) -> impl Iterator<Item = Part> {
    paths.iter().filter_map(|path| Path::new(path).canonicalize().ok()).map(Part::whole)
}

/// The paths that the policy grants.
fn granted(policy: &Policy, kind: Kind) -> Vec<Part> {
    let part = |rule: &PathRule| Part { path: rule.path().to_owned(), is_alone: rule.is_alone() };
    match policy.granted.paths(kind) {
        _ if kind == Kind::Read && reads_all(policy) => without_terminals(),
        Grant::None => Vec::new(),
        Grant::All => vec![Part::whole("/".into())],
        Grant::Only(rules) => rules.iter().map(part).collect(),
    }
}

/// Whether everything may be read that is not denied.
fn reads_all(policy: &Policy) -> bool {
    policy.granted.read.allows(|rule| !rule.is_alone() && rule.path() == Path::new("/"))
}

/// All that there is, but for terminals.
fn without_terminals() -> Vec<Part> {
    let is_terminal = |name: &OsStr| TERMINALS.iter().any(|terminal| name.as_encoded_bytes().starts_with(terminal.as_bytes()));
    // What `/proc` says of other processes, their environment above all, is not a file of the user's.
    let kept = ["/dev", "/proc"].map(Path::new);
    let below = entries(Path::new("/")).filter(|entry| !kept.contains(&entry.as_path()));
    let devices = entries(Path::new("/dev")).filter(|entry| !entry.file_name().is_some_and(is_terminal));
    below.chain(devices).map(Part::whole).collect()
}

/// What is in a folder, but for links: where one leads is granted there, or not.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink())).map(|entry| entry.path())
}

/// `parts` without what is denied.
fn permitted(policy: &Policy, kind: Kind, parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut left = Vec::new();
    parts.for_each(|part| divide(policy, kind, part, &mut left));
    left
}

fn divide(policy: &Policy, kind: Kind, part: Part, left: &mut Vec<Part>) {
    let denying: &[Kind] = if kind == Kind::Write { &[Kind::Read, Kind::Write] } else { &[Kind::Read] };
    // Where nothing may be read, another name is of no use.
    let rules = denying.iter().filter(|denying| **denying == kind || *policy.denied.paths(**denying) != Grant::All);
    let is_denied = rules.clone().any(|kind| policy.denied.paths(*kind).allows(|rule| rule.covers(&part.path)));
    if is_denied || left.len() >= MAX_PARTS {
        return;
    }
    if !rules.clone().any(|kind| policy.denies_below(*kind, &part.path)) {
        left.push(part);
        return;
    }
    if part.is_alone {
        return;
    }
    entries(&part.path).for_each(|entry| divide(policy, kind, Part::whole(entry), left));
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
        policy.allow(Kind::Write, &root.display().to_string()).unwrap();
        let parts = |policy: &Policy, kind: Kind| {
            let parts = permitted(policy, kind, granted(policy, kind).into_iter());
            let mut paths = parts.into_iter().map(|part| part.path).collect::<Vec<_>>();
            paths.sort();
            paths
        };
        assert_eq!(parts(&policy, Kind::Read), std::slice::from_ref(&root));
        policy.deny(Kind::Write, &at("b").display().to_string()).unwrap();
        assert_eq!((parts(&policy, Kind::Read), parts(&policy, Kind::Write)), (vec![root.clone()], vec![at("a")]));
        // What is denied for reading is not written either.
        policy.deny(Kind::Read, &at("a/keys").display().to_string()).unwrap();
        assert_eq!(
            (parts(&policy, Kind::Read), parts(&policy, Kind::Write)),
            (vec![at("a/other"), at("b")], vec![at("a/other")])
        );
        policy.deny(Kind::Read, &root.display().to_string()).unwrap();
        assert_eq!(parts(&policy, Kind::Read), Vec::<PathBuf>::new());
        policy.deny_all(Kind::Read);
        assert_eq!(parts(&policy, Kind::Write), [at("a")]);
    }

    #[test]
    fn where_nothing_is_listed_nothing_is_confined() {
        assert!(ruleset(&Policy::all(), &[]).unwrap().is_none());
        assert_eq!(ruleset(&Policy::none(), &[]).unwrap().is_some(), landlock_version().is_some());
    }
}
