//! Links that would lead out of a grant: they are neither made, nor moved to such a place.
//!
//! Nothing here follows such a link, but other programs would. Names in a link's text may be changed later: a folder
//! may be replaced by a link to another depth. So **`..` is allowed only at the start of a text**, where it means the
//! folders above the link, and a link stays valid for as long as it stays at its depth. A move of the link, or of a
//! folder that holds it, is checked anew.
//!
//! No link may be made or moved between the check of a folder and its move. A folder may be large, and there is one
//! lock for all kernels of the process. So **a folder is checked without the lock**; the move counts if nothing has
//! changed since then.

use std::{
    ffi::{OsStr, OsString},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
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

/// How many names in a folder are looked at before it is moved. With more it has to be copied, as to another file
/// system.
const MAX_NAMES: usize = 200_000;
/// How many of them while links are made all the time, so that nothing but holding the lock helps.
const MAX_HELD_NAMES: usize = 2_000;
/// How often a folder is looked at without the lock.
const ATTEMPTS: usize = 3;
/// How many folders on the way are kept open.
const MAX_OPEN: usize = 32;
/// What a name takes besides itself, in bytes.
const ENTRY: usize = 32;

/// Whether links have to stay within something: not everything is granted, or something is denied.
pub(super) fn is_confined(permissions: &Permissions) -> bool {
    let Policy { granted, denied } = permissions.policy();
    [Kind::Read, Kind::Write].into_iter().any(|kind| *granted.paths(kind) != Grant::All || *denied.paths(kind) != Grant::None)
}

/// How many links were made or moved, or folders moved.
static CHANGES: Mutex<u64> = Mutex::new(0);

fn changes() -> MutexGuard<'static, u64> {
    CHANGES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Held from the check of a link to its effect, which is counted: **no folder is moved to another depth while a link is
/// made in it**.
pub(super) fn hold() -> MutexGuard<'static, u64> {
    let mut held = changes();
    *held += 1;
    held
}

/// Gives what is at `from` its name at `to` by `effect`, unless a link would lead out there. `room` is how many bytes
/// the names of folders that are still to be looked at may take: `NOMEM` where there is not enough of it.
pub(super) fn moved(
    permissions: &Permissions,
    (from, to): (&Place, &Place),
    room: usize,
    effect: impl FnOnce() -> Result<(), Errno>,
) -> Result<(), Errno> {
    for _ in 0..ATTEMPTS {
        let before = *changes();
        may_move(permissions, from, to, &mut Cost { names: MAX_NAMES, room })?;
        let mut held = changes();
        if *held == before {
            *held += 1;
            return effect();
        }
    }
    let _held = hold();
    may_move(permissions, from, to, &mut Cost { names: MAX_HELD_NAMES, room })?;
    effect()
}

/// What a look may still cost.
struct Cost {
    names: usize,
    room: usize,
}

impl Cost {
    fn name(&mut self) -> Result<(), Errno> {
        self.names = self.names.checked_sub(1).ok_or(Errno::XDEV)?;
        Ok(())
    }
}

/// Where a link with this text leads from `folder`, which is a real path, by its words. `ACCESS` for `..` after a name,
/// whose meaning somebody could change later.
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

/// Refuses to let what is at `from` have its name at `to`, if a link would lead out there.
fn may_move(permissions: &Permissions, from: &Place, to: &Place, cost: &mut Cost) -> Result<(), Errno> {
    let (old, new) = (from.real.parent(), to.real.parent());
    // Where it stays in its folder, each link in it starts from where it started before.
    if old == new {
        return Ok(());
    }
    let found = from.look()?;
    match FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) {
        FileType::Symlink => may_lead(permissions, new.unwrap_or(&to.real), &text_of(found.as_fd(), OsStr::new(""))?),
        FileType::Directory => may_move_folder(permissions, from, &to.real, cost),
        _ => Ok(()),
    }
}

/// Refuses what a link with this text in `folder` would lead to, if it is not granted. A whole path leads to the same
/// place from everywhere.
fn may_lead(permissions: &Permissions, folder: &Path, text: &Path) -> Result<(), Errno> {
    if text.is_absolute() {
        return Ok(());
    }
    let real = follow(&leads_to(folder, text)?, true, |_, _| Ok(()))?;
    let granted = [Kind::Read, Kind::Write].into_iter().all(|kind| permissions.covers(kind, &real));
    if granted { Ok(()) } else { Err(Errno::ACCESS) }
}

/// Looks at all links in the folder `from`, as they would be in `to`. It holds the names of folders that come next, and
/// a few descriptors.
fn may_move_folder(permissions: &Permissions, from: &Place, to: &Path, cost: &mut Cost) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let root = from.open(flags - OFlags::NOFOLLOW, Mode::empty())?;
    let mut path = PathBuf::new();
    let mut next = vec![Level { folders: look(permissions, from, root.as_fd(), to, &path, cost)?, open: None }];
    while let Some(level) = next.last_mut() {
        let Some(name) = level.folders.pop() else {
            next.pop();
            path.pop();
            continue;
        };
        cost.room += name.len() + ENTRY;
        if level.open.is_none() && !path.as_os_str().is_empty() {
            // It was closed because the way below it was long.
            level.open = Some(beneath(root.as_fd(), &path, flags, Mode::empty())?);
        }
        let above = level.open.as_ref().unwrap_or(&root);
        let folder = beneath(above.as_fd(), Path::new(&name), flags, Mode::empty())?;
        path.push(name);
        let folders = look(permissions, from, folder.as_fd(), to, &path, cost)?;
        next.push(Level { folders, open: Some(folder) });
        if let Some(far) = next.len().checked_sub(MAX_OPEN + 1).and_then(|far| next.get_mut(far)) {
            far.open = None;
        }
    }
    Ok(())
}

/// A folder on the way, if it is open, and those in it that are still to be looked at.
struct Level {
    folders: Vec<OsString>,
    open: Option<OwnedFd>,
}

/// Looks at the links in one folder, which lies at `path` below the one that is moved to `to`: the folders in it.
fn look(
    permissions: &Permissions,
    from: &Place,
    folder: BorrowedFd,
    to: &Path,
    path: &Path,
    cost: &mut Cost,
) -> Result<Vec<OsString>, Errno> {
    let depth = path.components().count();
    let mut folders = Vec::new();
    for entry in Dir::read_from(folder)? {
        from.go_on()?;
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        cost.name()?;
        match kind_of(folder, name, entry.file_type())? {
            FileType::Directory => {
                cost.room = cost.room.checked_sub(name.len() + ENTRY).ok_or(Errno::NOMEM)?;
                folders.push(name.to_owned());
            }
            FileType::Symlink => {
                let text = text_of(folder, name)?;
                if leaves(&text, depth) {
                    may_lead(permissions, &to.join(path), &text)?;
                }
            }
            _ => {}
        }
    }
    Ok(folders)
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
