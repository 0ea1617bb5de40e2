//! Folders: listed, made, removed.

use std::{
    ffi::{CString, OsStr},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::{flag, integer},
    place::{Place, at, beneath},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
    room::{EACH, MOST},
};

/// How many names are listed at most.
const MAX_ENTRIES: usize = 200_000;
/// What a name takes besides itself, in bytes.
const ENTRY: usize = 96;
/// How deep folders are followed.
const MAX_DEPTH: usize = 512;
/// How many random names are tried.
const MAX_TRIES: usize = 100;

/// A name, and what it is: as libuv numbers the types.
type Entry = (String, u8);

/// `readdir(path, recursive)`: `{ names, types }`. The names of what lies deeper are paths from here.
pub(super) async fn list(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("scandir", call.run);
    let asked = Asked::at(call, 0, &failing)?.and_below(flag(call, 1));
    let depth = if asked.below { MAX_DEPTH } else { 0 };
    let list = async |most| {
        let room = call.room.clone();
        at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, move |place| {
            // Who gives up the call leaves the room when this is done.
            let _room = room;
            let folder = place.open(OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?;
            let mut listing = Listing { entries: Vec::new(), room: most };
            match collect(folder, "", depth, &mut listing) {
                Err(Errno::NOMEM) if most < MOST => Ok(None),
                done => done.map(|()| Some(listing.entries)),
            }
        })
        .await
    };
    // How much there is shows when it is listed.
    let entries = match list(EACH).await? {
        Some(entries) => entries,
        None => {
            call.room.hold(MOST).await;
            list(MOST).await?.unwrap_or_default()
        }
    };
    let types = entries.iter().map(|(_, kind)| *kind).collect();
    let names = entries.into_iter().map(|(name, _)| Value::from(name)).collect();
    Ok(Value::Object(vec![
        ("names".to_owned(), Value::Array(names)),
        ("types".to_owned(), Value::TypedArray(TypedArrayKind::Uint8, types)),
    ]))
}

/// Names that were found, and how many bytes there is room for besides.
struct Listing {
    entries: Vec<Entry>,
    room: usize,
}

impl Listing {
    /// `NOMEM` when there is no room for this one, or too many are there.
    fn add(&mut self, entry: Entry) -> Result<(), Errno> {
        // With what it takes as a value, and in the lists on the way to it.
        self.room = self.room.checked_sub(2 * entry.0.len() + ENTRY).ok_or(Errno::NOMEM)?;
        self.entries.push(entry);
        if self.entries.len() > MAX_ENTRIES { Err(Errno::NOMEM) } else { Ok(()) }
    }
}

fn collect(folder: OwnedFd, prefix: &str, depth: usize, listing: &mut Listing) -> Result<(), Errno> {
    let mut found = names(folder.as_fd(), listing.room)?;
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, kind) in &found {
        listing.add((format!("{prefix}{}", name.to_string_lossy()), number(*kind)))?;
    }
    if depth == 0 {
        return Ok(());
    }
    for (name, _) in found.iter().filter(|(_, kind)| *kind == FileType::Directory) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        match beneath(folder.as_fd(), Path::new(OsStr::from_bytes(name.as_bytes())), flags, Mode::empty()) {
            Ok(inner) => collect(inner, &format!("{prefix}{}/", name.to_string_lossy()), depth - 1, listing)?,
            // Gone or changed meanwhile.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// What is in a folder, unless it takes more than `room` bytes.
fn names(folder: BorrowedFd, mut room: usize) -> Result<Vec<(CString, FileType)>, Errno> {
    let mut found = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        room = room.checked_sub(name.to_bytes().len() + ENTRY).ok_or(Errno::NOMEM)?;
        let kind = match entry.file_type() {
            FileType::Unknown => rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
                .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
            kind => kind,
        };
        found.push((name.to_owned(), kind));
    }
    Ok(found)
}

fn number(kind: FileType) -> u8 {
    match kind {
        FileType::RegularFile => 1,
        FileType::Directory => 2,
        FileType::Symlink => 3,
        FileType::Fifo => 4,
        FileType::Socket => 5,
        FileType::CharacterDevice => 6,
        FileType::BlockDevice => 7,
        FileType::Unknown => 0,
    }
}

/// `mkdir(path, recursive, mode)`: with `recursive` the first folder that was made, or `undefined` if all were there.
pub(super) async fn make(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("mkdir", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let recursive = flag(call, 1);
    let mode = Mode::from_raw_mode(integer(call, 2).and_then(|mode| u32::try_from(mode).ok()).unwrap_or(0o777) & 0o7777);
    let last = if recursive { Last::Follow } else { Last::Keep };
    at(permissions, &failing, &asked, &[Kind::Write], last, move |place| {
        if recursive {
            return make_all(place, mode);
        }
        let (folder, name) = place.parent()?;
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
            What::Anything => remove_all(folder.as_fd(), &name, if recursive { MAX_DEPTH } else { 0 }),
        }
    })
    .await
    .map(Value::from)
}

fn remove_all(folder: BorrowedFd, name: &OsStr, depth: usize) -> Result<(), Errno> {
    let refused = match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Err(refused @ (Errno::ISDIR | Errno::PERM)) => refused,
        done => return done,
    };
    if depth == 0 {
        return Err(refused);
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let inner = beneath(folder, Path::new(name), flags, Mode::empty())?;
    for (name, _) in names(inner.as_fd(), MOST)? {
        match remove_all(inner.as_fd(), OsStr::from_bytes(name.as_bytes()), depth - 1) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
}
