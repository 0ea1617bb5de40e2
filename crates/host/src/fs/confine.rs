//! Links that would lead out of what is granted: neither made nor moved to where they do.
//!
//! Nothing here follows such a link, but other programs would. Names in a link's text may be changed later: a folder may be replaced by
//! a link to another depth. So **`..` is allowed at the start of a text alone**, where it means the folders above the link, and a link
//! keeps its promise for as long as it stays at its depth. Moving it, or a folder that holds it, is checked anew.

use std::{
    ffi::OsStr,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::ffi::OsStrExt,
    },
    path::{Component, Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags},
    io::Errno,
};

use super::place::{Place, beneath};
use crate::{
    follow::follow,
    permissions::{Grant, Kind, Permissions, Policy},
};

/// How many names in a folder are looked at before it is moved. With more it has to be copied, as to another file system.
const MAX_NAMES: usize = 200_000;

/// Whether links have to stay within something: not everything is granted, or something is denied.
pub(super) fn is_confined(permissions: &Permissions) -> bool {
    let Policy { granted, denied } = permissions.policy();
    [Kind::Read, Kind::Write].into_iter().any(|kind| *granted.paths(kind) != Grant::All || *denied.paths(kind) != Grant::None)
}

/// Held from the check of a link to its effect: **no folder is moved to another depth while a link is made in it**.
pub(super) fn hold() -> MutexGuard<'static, ()> {
    static LINKS: Mutex<()> = Mutex::new(());
    LINKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a link with this text leads from `folder`, which is a real path, by its words. `ACCESS` for `..` after a name, whose meaning
/// somebody could change later.
pub(super) fn leads_to(folder: &Path, text: &Path) -> Result<PathBuf, Errno> {
    let mut place = if text.is_absolute() { PathBuf::from("/") } else { folder.to_owned() };
    let mut climbs = !text.is_absolute();
    for component in text.components() {
        match component {
            Component::ParentDir if climbs => drop(place.pop()),
            Component::ParentDir => return Err(Errno::ACCESS),
            Component::Normal(name) => {
                climbs = false;
                place.push(name);
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Ok(place)
}

/// Refuses to let what is at `from` have its name at `to`, if a link would lead out there. **[`hold`] while it is done.**
pub(super) fn may_move(permissions: &Permissions, from: &Place, to: &Place) -> Result<(), Errno> {
    let (old, new) = (from.real.parent(), to.real.parent());
    // Where it stays in its folder, each link in it starts from where it started before.
    if old == new {
        return Ok(());
    }
    let found = from.look()?;
    match FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) {
        FileType::Symlink => may_lead(permissions, new.unwrap_or(&to.real), &text_of(found.as_fd(), OsStr::new(""))?),
        FileType::Directory => may_move_folder(permissions, from, &to.real),
        _ => Ok(()),
    }
}

/// Refuses what a link with this text in `folder` would lead to, if it is not granted. A whole path leads to the same place from everywhere.
fn may_lead(permissions: &Permissions, folder: &Path, text: &Path) -> Result<(), Errno> {
    if text.is_absolute() {
        return Ok(());
    }
    let real = follow(&leads_to(folder, text)?, true, |_, _| Ok(()))?;
    let granted = [Kind::Read, Kind::Write].into_iter().all(|kind| permissions.covers(kind, &real));
    if granted { Ok(()) } else { Err(Errno::ACCESS) }
}

/// Looks at all links in the folder `from`, as they would be in `to`.
fn may_move_folder(permissions: &Permissions, from: &Place, to: &Path) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let root = from.open(flags, Mode::empty())?;
    let mut waiting = vec![PathBuf::new()];
    let mut names = 0;
    while let Some(path) = waiting.pop() {
        let inner;
        let folder = if path.as_os_str().is_empty() {
            root.as_fd()
        } else {
            inner = beneath(root.as_fd(), &path, flags | OFlags::NOFOLLOW, Mode::empty())?;
            inner.as_fd()
        };
        let depth = path.components().count();
        for entry in Dir::read_from(folder)? {
            from.go_on()?;
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            names += 1;
            if names > MAX_NAMES {
                return Err(Errno::XDEV);
            }
            match kind_of(folder, name, entry.file_type())? {
                FileType::Directory => waiting.push(path.join(name)),
                FileType::Symlink => {
                    let text = text_of(folder, name)?;
                    if leaves(&text, depth) {
                        may_lead(permissions, &to.join(&path), &text)?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a link `depth` folders below the one that is moved leads out of that, or might.
fn leaves(text: &Path, depth: usize) -> bool {
    let up = text.components().take_while(|component| matches!(component, Component::ParentDir | Component::CurDir));
    let up = up.filter(|component| *component == Component::ParentDir).count();
    let all = text.components().filter(|component| *component == Component::ParentDir).count();
    up > depth || all > up
}

fn kind_of(folder: BorrowedFd, name: &OsStr, told: FileType) -> Result<FileType, Errno> {
    if told != FileType::Unknown {
        return Ok(told);
    }
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| FileType::from_raw_mode(stat.st_mode))
}

fn text_of(folder: BorrowedFd, name: &OsStr) -> Result<PathBuf, Errno> {
    let text = rustix::fs::readlinkat(folder, name, Vec::new())?;
    Ok(PathBuf::from(OsStr::from_bytes(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat G15
    #[test]
    fn a_text_climbs_from_its_link_at_its_start_alone() {
        let from = Path::new("/x/a/b");
        for (text, wanted) in [
            ("c/d", Some("/x/a/b/c/d")),
            ("../c", Some("/x/a/c")),
            ("./.././../c//./d/", Some("/x/c/d")),
            ("../../../../etc", Some("/etc")),
            ("/x/c", Some("/x/c")),
            (".", Some("/x/a/b")),
            ("c/../d", None),
            ("c/..", None),
            ("../c/./../d", None),
            ("/x/../etc", None),
            ("/../etc", None),
        ] {
            assert_eq!(leads_to(from, Path::new(text)).ok().as_deref(), wanted.map(Path::new), "{text}");
        }
        for (text, depth, wanted) in [
            ("../a", 0, true),
            ("../a", 1, false),
            ("../../a", 1, true),
            ("a/../b", 5, true),
            ("a", 0, false),
            ("./../a", 1, false),
        ] {
            assert_eq!(leaves(Path::new(text), depth), wanted, "{text} {depth}");
        }
    }
}
