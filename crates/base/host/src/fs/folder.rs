//! Makes and removes folders. `listing` lists them.

use std::{
    ffi::{OsStr, OsString},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::ffi::OsStringExt,
    },
    path::{Path, PathBuf},
};

use drupe_protocol::{HostError, Value};
use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::{flag, folder_mode_of},
    place::{Place, at, beneath},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
};

/// How many names of a folder are read before they are removed.
const BATCH: usize = 1_024;
/// How many random names are tried.
const MAX_TRIES: usize = 100;

/// `mkdir(path, recursive, mode)`: with `recursive` the first folder that was made, or `undefined` if all were there.
pub(super) async fn make(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("mkdir", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let recursive = flag(call, 1);
    let mode = folder_mode_of(call, 2);
    let last = if recursive { Last::Follow } else { Last::Keep };
    at(permissions, &failing, &asked, &[Kind::Write], last, move |place| {
        let mode = place.without_set_id(mode);
        if recursive {
            return make_all(place, mode);
        }
        let (folder, name) = place.parent_of_folder()?;
        rustix::fs::mkdirat(folder, name, mode).map(|()| Value::Undefined)
    })
    .await
}

/// Makes the folder and those that it lies in. All that is missing lies beneath what was granted, or could not be made.
fn make_all(place: &Place, mode: Mode) -> Result<Value, Errno> {
    let mut missing = 0;
    let mut ancestor = place.clone();
    loop {
        match ancestor.look() {
            Ok(found) => match FileType::from_raw_mode(rustix::fs::fstat(found)?.st_mode) {
                FileType::Directory => break,
                FileType::Symlink => return Err(Errno::LOOP),
                _ if missing == 0 => return Err(Errno::EXIST),
                _ => return Err(Errno::NOTDIR),
            },
            Err(Errno::NOENT) => {
                missing += 1;
                ancestor = ancestor.up()?;
            }
            Err(errno) => return Err(errno),
        }
    }
    let mut path = place.real.ancestors().take(missing).collect::<Vec<_>>();
    path.reverse();
    for folder in path {
        let (parent, name) = place.sibling(folder).parent()?;
        match rustix::fs::mkdirat(parent, name, mode) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    let first = missing.checked_sub(1).and_then(|above| place.asked.path.ancestors().nth(above));
    Ok(first.map_or(Value::Undefined, |first| first.to_string_lossy().into_owned().into()))
}

/// `mkdtemp(prefix)`: the new folder's path.
pub(super) async fn make_temporary(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("mkdtemp", call.run);
    let prefix = call.string(0)?.to_owned();
    for _ in 0..MAX_TRIES {
        let path = format!("{prefix}{}", random_letters());
        let shown = format!("{prefix}XXXXXX");
        let asked = Asked { shown, ..Asked::new(path.clone().into(), &call.session, &failing)? };
        let made = at(permissions, &failing, &asked, &[Kind::Write], Last::Keep, |place| {
            let (folder, name) = place.parent()?;
            match rustix::fs::mkdirat(folder, name, Mode::RWXU) {
                Err(Errno::EXIST) => Ok(false),
                made => made.map(|()| true),
            }
        })
        .await?;
        if made {
            return Ok(path.into());
        }
    }
    Err(failing.path(Errno::EXIST, &prefix))
}

fn random_letters() -> String {
    use std::hash::{BuildHasher, Hasher};
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut random = std::hash::RandomState::new().build_hasher().finish();
    (0..6)
        .map(|_| {
            let letter = LETTERS[usize::try_from(random % 62).unwrap_or(0)];
            random /= 62;
            char::from(letter)
        })
        .collect()
}

/// What is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Folder,
    File,
    Anything,
}

/// `rmdir(path)`, `unlink(path)` and `rm(path, recursive)`.
pub(super) async fn remove(permissions: &Permissions, call: &Call, what: What) -> Result<Value, HostError> {
    let failing = Failing::new(
        match what {
            What::Folder => "rmdir",
            What::File => "unlink",
            What::Anything => "rm",
        },
        call.run,
    );
    let recursive = flag(call, 1);
    let asked = Asked::at(call, 0, &failing)?.and_below(recursive);
    at(permissions, &failing, &asked, &[Kind::Write], Last::Keep, move |place| {
        let (folder, name) = place.parent()?;
        match what {
            What::Folder => rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR),
            What::File => rustix::fs::unlinkat(folder, name, AtFlags::empty()),
            What::Anything => remove_all(place, folder.as_fd(), &name, recursive),
        }
    })
    .await
    .map(Value::from)
}

/// Removes `name`, and what is in it. It holds the names of a few folders and two descriptors at once, however much
/// there is.
fn remove_all(place: &Place, folder: BorrowedFd, name: &OsStr, recursive: bool) -> Result<(), Errno> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) if recursive => {}
        done => return done,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let root = beneath(folder, Path::new(name), flags, Mode::empty())?;
    let open = |path: &Path| match path.as_os_str().is_empty() {
        true => rustix::io::fcntl_dupfd_cloexec(&root, 0),
        false => beneath(root.as_fd(), path, flags, Mode::empty()),
    };
    // The folder that is emptied now, and for each folder above it those in it that come next.
    let mut path = PathBuf::new();
    let mut next: Vec<Vec<OsString>> = Vec::new();
    loop {
        let (seen, mut full) = clear(place, open(&path)?.as_fd())?;
        if let Some(inner) = full.pop() {
            path.push(inner);
            next.push(full);
            continue;
        }
        if seen {
            continue;
        }
        let Some(name) = path.file_name().map(OsStr::to_owned) else { break };
        path.pop();
        unless_gone(rustix::fs::unlinkat(open(&path)?, &name, AtFlags::REMOVEDIR))?;
        let mut siblings = next.pop().unwrap_or_default();
        if let Some(sibling) = siblings.pop() {
            path.push(sibling);
            next.push(siblings);
        }
    }
    rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
}

/// Removes some of what is in a folder: says whether there was anything, and which folders are not empty.
fn clear(place: &Place, folder: BorrowedFd) -> Result<(bool, Vec<OsString>), Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push((OsString::from_vec(entry.file_name().to_bytes().to_vec()), entry.file_type()));
        }
        if names.len() >= BATCH {
            break;
        }
    }
    let seen = !names.is_empty();
    let mut full = Vec::new();
    for (name, kind) in names {
        place.go_on()?;
        let is_folder = kind == FileType::Directory
            || match rustix::fs::unlinkat(folder, &name, AtFlags::empty()) {
                Err(Errno::ISDIR | Errno::PERM) => true,
                done => {
                    unless_gone(done)?;
                    false
                }
            };
        if is_folder {
            match rustix::fs::unlinkat(folder, &name, AtFlags::REMOVEDIR) {
                Err(Errno::NOTEMPTY | Errno::EXIST) => full.push(name),
                done => unless_gone(done)?,
            }
        }
    }
    Ok((seen, full))
}

/// What somebody else removed meanwhile is removed.
fn unless_gone(done: Result<(), Errno>) -> Result<(), Errno> {
    if done == Err(Errno::NOENT) { Ok(()) } else { done }
}
