//! Files that the code itself may change: what runs from there is whatever it wants.

use std::{
    ffi::OsString,
    fs,
    path::{Component, Path, PathBuf},
};

use super::{Grant, Kind, PathRule, Policy, Program, ProgramRule, rules::resolve_existing};

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

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

/// Follows `path`, which is absolute. `None` when there is nothing.
pub(crate) fn trace(path: &Path) -> Option<Trace> {
    let mut todo = words(path);
    let mut real = PathBuf::from("/");
    let (mut links, mut named) = (Vec::new(), None);
    while let Some(word) = todo.pop() {
        if word == ".." {
            real.pop();
            continue;
        }
        real.push(word);
        if todo.is_empty() && named.is_none() {
            named = Some(real.clone());
        }
        let Ok(target) = fs::read_link(&real) else {
            real.symlink_metadata().ok()?;
            continue;
        };
        links.push(real.clone());
        if links.len() > MAX_LINKS {
            return None;
        }
        real.pop();
        if target.is_absolute() {
            real = PathBuf::from("/");
        }
        todo.extend(words(&target));
    }
    Some(Trace { named: named.unwrap_or_else(|| real.clone()), real, links })
}

/// The names of a path, the first last.
fn words(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    names.collect::<Vec<_>>().into_iter().rev().collect()
}

impl Policy {
    /// Whether the code may change what is at the end of `trace`, or where it leads.
    pub(crate) fn exposes(&self, trace: &Trace) -> bool {
        [&trace.named, &trace.real].into_iter().chain(&trace.links).any(|path| self.exposes_path(path))
    }

    /// Whether the code may change what is at `path`, or make something there.
    pub(crate) fn exposes_at(&self, path: &Path) -> bool {
        trace(path).map_or_else(|| self.exposes_path(&resolve_existing(path)), |trace| self.exposes(&trace))
    }

    /// Whether the code may change where `rule` leads. One by name is looked up in the parent's path, where the code can put nothing.
    pub(super) fn exposes_rule(&self, rule: &ProgramRule) -> bool {
        rule.file().and_then(trace).is_some_and(|trace| self.exposes(&trace))
    }

    /// Whether only rules grant to run `program` that the code may change. **They grant nothing.**
    pub(crate) fn exposes_rules(&self, program: &Program) -> bool {
        let mut rules = self.granted.run.rules().iter().filter(|rule| rule.covers(program)).peekable();
        rules.peek().is_some() && rules.all(|rule| self.exposes_rule(rule))
    }

    /// Whether the code may change `path`, which has no links, or a folder that it is in. Where everything may be written, the system's own
    /// permissions are what is left.
    fn exposes_path(&self, path: &Path) -> bool {
        let changes = |path: &Path| self.covers_path(Kind::Write, path) && (self.granted.write != Grant::All || may_write(path));
        path.ancestors().any(changes) || self.exposes_elsewhere(path)
    }

    /// Whether `path` is, by another mount, in a folder that may be written.
    fn exposes_elsewhere(&self, path: &Path) -> bool {
        let rules = self.granted.write.rules();
        if rules.is_empty() {
            return false;
        }
        let mounts = mounts();
        let Some((device, at)) = place(&mounts, path) else { return false };
        // The same file, as the rule would name it.
        let alias = |rule: &PathRule| {
            let (own, root) = place(&mounts, rule.path())?;
            let below = at.strip_prefix(root).ok().filter(|_| own == device)?;
            Some(rule.path().join(below))
        };
        rules.iter().filter_map(alias).any(|alias| self.covers_path(Kind::Write, &alias))
    }
}

/// Whether the system lets this process write there.
fn may_write(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
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

    use std::os::unix::fs::symlink;

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
        let exposed = |policy: &Policy, name: &str| policy.exposes(&trace(&at(name)).unwrap());
        for name in ["mine/tool", "mine/link", "fixed/over", "fixed/folder/tool", "fixed/../mine/tool"] {
            assert!(exposed(&policy, name), "{name}");
        }
        assert!(!exposed(&policy, "fixed/tool") && !exposed(&policy, "fixed/direct"));
        // What may not be written after all is not exposed.
        policy.deny(Kind::Write, &at("mine").display().to_string()).unwrap();
        assert!(!exposed(&policy, "fixed/over"));
        assert_eq!(trace(&at("no/such")), None);
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
