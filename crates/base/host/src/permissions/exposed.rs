//! Files that the code itself may change: a program run from there would do whatever the code wants.

use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
};

use super::{Grant, Kind, PathRule, Policy, Program, ProgramRule, rules::resolve_existing};
#[cfg(target_os = "linux")]
use crate::follow::follow;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The path with all links followed but the last.
    pub(crate) named: PathBuf,
    /// The path with all links followed.
    pub(crate) real: PathBuf,
    /// The links that were followed, each where it really is.
    links: Vec<PathBuf>,
}

/// Follows `path`, which is absolute. `None` when there is nothing, or it would cost too much to follow.
#[cfg(target_os = "linux")]
pub(crate) fn trace(path: &Path) -> Option<Trace> {
    // The system says whether there is anything, by its own bounds.
    path.metadata().ok()?;
    let named = follow(path, false, |_, _| Ok(())).ok()?;
    let mut links = Vec::new();
    let real = follow(path, true, |link, _| {
        links.push(link.to_owned());
        Ok(())
    });
    Some(Trace { named, real: real.ok()?, links })
}

/// Programs are there on Linux only.
#[cfg(not(target_os = "linux"))]
pub(crate) fn trace(_: &Path) -> Option<Trace> {
    None
}

/// Looks at what a policy lets the code change. The table of mounts is read once: **a look is for one call**.
pub(crate) struct Exposure<'a> {
    pub(crate) policy: &'a Policy,
    mounts: OnceCell<Vec<Mount>>,
}

impl<'a> Exposure<'a> {
    pub(crate) fn of(policy: &'a Policy) -> Self {
        Self { policy, mounts: OnceCell::new() }
    }

    /// Whether the code may change what is at the end of `trace`, or where it leads.
    pub(crate) fn exposes(&self, trace: &Trace) -> bool {
        [&trace.named, &trace.real].into_iter().chain(&trace.links).any(|path| self.exposes_path(path))
    }

    /// Whether the code may change what is at `path`, or make something there.
    pub(crate) fn exposes_at(&self, path: &Path) -> bool {
        trace(path).map_or_else(|| self.exposes_path(&resolve_existing(path)), |trace| self.exposes(&trace))
    }

    /// Whether the code may change where `rule` leads. One by name is looked up in the parent's path, where the code
    /// can put nothing.
    pub(super) fn exposes_rule(&self, rule: &ProgramRule) -> bool {
        rule.file().and_then(trace).is_some_and(|trace| self.exposes(&trace))
    }

    /// Whether only rules grant to run `program` that the code may change. **They grant nothing.**
    pub(crate) fn exposes_rules(&self, program: &Program) -> bool {
        let mut rules = self.policy.granted.run.rules().iter().filter(|rule| rule.covers(program)).peekable();
        rules.peek().is_some() && rules.all(|rule| self.exposes_rule(rule))
    }

    /// Whether the code may change `path`, which has no links, or a folder that it is in. Where everything may be
    /// written, the system's own permissions are what is left.
    fn exposes_path(&self, path: &Path) -> bool {
        let policy = self.policy;
        let changes =
            |path: &Path| policy.covers_path(Kind::Write, path) && (policy.granted.write != Grant::All || may_write(path));
        path.ancestors().any(changes) || self.exposes_elsewhere(path)
    }

    /// Whether `path` is, by another mount, in a folder that may be written.
    fn exposes_elsewhere(&self, path: &Path) -> bool {
        let rules = self.policy.granted.write.rules();
        if rules.is_empty() {
            return false;
        }
        let mounts = self.mounts.get_or_init(mounts);
        let Some((device, at)) = place(mounts, path) else { return false };
        // The same file, as the rule would name it.
        let alias = |rule: &PathRule| {
            let (own, root) = place(mounts, rule.path())?;
            let below = at.strip_prefix(root).ok().filter(|_| own == device)?;
            Some(rule.path().join(below))
        };
        rules.iter().filter_map(alias).any(|alias| self.policy.covers_path(Kind::Write, &alias))
    }
}

/// Whether the system lets this process write there, or would if this process changed the mode, as an owner may.
fn may_write(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;

        use rustix::{
            fs::{Access, AtFlags, CWD, accessat},
            io::Errno,
        };
        match accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS) {
            Ok(()) => true,
            Err(Errno::ROFS) => false,
            Err(_) => path.symlink_metadata().is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw()),
        }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        true
    }
}

/// A mount: where it is, of which device, and which folder of that.
struct Mount {
    point: PathBuf,
    device: String,
    root: PathBuf,
}

/// The mounts that this process sees; none where the system does not tell.
fn mounts() -> Vec<Mount> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mount = |line: &str| {
        let mut fields = line.split(' ').skip(2);
        let (device, root, point) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Mount { point: unescaped(point), device: device.to_owned(), root: unescaped(root) })
    };
    table.lines().filter_map(mount).collect()
}

/// A path of the table, in which spaces and the like are written in octal.
fn unescaped(field: &str) -> PathBuf {
    let mut text = String::with_capacity(field.len());
    let mut rest = field;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 4).and_then(|code| u8::from_str_radix(code, 8).ok());
        text.push(code.map_or('\\', char::from));
        rest = &rest[at + if code.is_some() { 4 } else { 1 }..];
    }
    (text + rest).into()
}

/// The device that `path` is on, and its path there. Of mounts at one point the last counts.
fn place<'a>(mounts: &'a [Mount], path: &Path) -> Option<(&'a str, PathBuf)> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    let mount = above.max_by_key(|mount| mount.point.components().count())?;
    let below = path.strip_prefix(&mount.point).ok()?;
    Some((&mount.device, mount.root.join(below)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::os::unix::fs::{PermissionsExt, symlink};

    use rustix::process::Uid;

    use super::*;

    // threat G20
    #[test]
    fn what_code_may_write_or_lead_elsewhere_is_exposed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for name in ["mine/tool", "fixed/tool"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
        }
        symlink(at("fixed/tool"), at("mine/link")).unwrap();
        symlink(at("mine/link"), at("fixed/over")).unwrap();
        symlink(at("mine"), at("fixed/folder")).unwrap();
        symlink("tool", at("fixed/direct")).unwrap();
        let mut policy = Policy::none();
        policy.allow(Kind::Write, &at("mine").display().to_string()).unwrap();
        let exposed = |policy: &Policy, name: &str| Exposure::of(policy).exposes(&trace(&at(name)).unwrap());
        for name in ["mine/tool", "mine/link", "fixed/over", "fixed/folder/tool", "fixed/../mine/tool"] {
            assert!(exposed(&policy, name), "{name}");
        }
        assert!(!exposed(&policy, "fixed/tool") && !exposed(&policy, "fixed/direct"));
        // What may not be written after all is not exposed.
        policy.deny(Kind::Write, &at("mine").display().to_string()).unwrap();
        assert!(!exposed(&policy, "fixed/over"));
        assert_eq!(trace(&at("no/such")), None);
    }

    // threat G20
    #[test]
    fn what_the_owner_may_make_writable_is_exposed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let tool = root.join("tool");
        fs::write(&tool, "").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o555)).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        let me = rustix::process::geteuid();
        // A superuser may write whatever the bits say: the question is put as somebody else, whom this thread alone
        // becomes.
        let user = if me.is_root() { Uid::from_raw(65534) } else { me };
        if me.is_root() {
            std::os::unix::fs::chown(&tool, Some(user.as_raw()), None).unwrap();
        }
        let asked = std::thread::spawn(move || {
            if me.is_root() {
                rustix::thread::set_thread_res_uid(user, user, user).unwrap();
            }
            (may_write(&tool), may_write(Path::new("/")), may_write(Path::new("/no/such")))
        });
        assert_eq!(asked.join().unwrap(), (true, false, false));
    }

    // threat K9
    #[test]
    fn a_trace_has_the_bounds_of_a_path_and_fails_where_the_system_fails() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        // Links, each of which leads to the next through as many names as a link can hold.
        let (deep, up) = ("a/".repeat(500), "../".repeat(500));
        fs::create_dir_all(root.join(&deep)).unwrap();
        (0..38).for_each(|link| symlink(format!("{deep}{up}{}", link + 1), root.join(format!("{link}"))).unwrap());
        fs::write(root.join("38"), "").unwrap();
        assert_eq!(trace(&root.join("0")), None);
        assert!(trace(&root.join("37")).is_some_and(|trace| trace.real == root.join("38")));
        for nothing in ["gone/../38", "38/../38", "38/x"] {
            assert_eq!(trace(&root.join(nothing)), None, "{nothing}");
        }
    }

    #[test]
    fn a_mount_is_a_name_for_a_folder_of_its_device() {
        let mount = |point: &str, root: &str| Mount { point: point.into(), device: "8:1".to_owned(), root: root.into() };
        let mounts = [mount("/", "/"), mount("/mnt", "/home/me/work"), mount("/mnt", "/home/me/work2")];
        assert_eq!(place(&mounts, Path::new("/mnt/x")), Some(("8:1", "/home/me/work2/x".into())));
        assert_eq!(place(&mounts, Path::new("/mnt2/x")), Some(("8:1", "/mnt2/x".into())));
        assert_eq!(unescaped("/my\\040files\\x"), Path::new("/my files\\x"));
    }
}
