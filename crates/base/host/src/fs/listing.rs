//! Lists folders.

use std::{
    ffi::{CString, OsStr},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::{Path, PathBuf},
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::flag,
    place::{Place, at, beneath},
};
use crate::{
    Call,
    answer_budget::{EACH, MOST},
    permissions::{Kind, Permissions},
};

/// How many names are listed at most.
const MAX_ENTRIES: usize = 200_000;
/// What a name takes besides itself, in bytes.
const ENTRY: usize = 96;
/// How deep folders are followed.
const MAX_DEPTH: usize = 512;

/// A name, and what it is: as libuv numbers the types.
type Entry = (String, u8);

/// `readdir(path, recursive, isOpened)`: `{ names, types }`. The names of what lies deeper are paths from here.
pub(super) async fn list(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new(if flag(call, 2) { "opendir" } else { "scandir" }, call.run);
    let asked = Asked::at(call, 0, &failing)?.and_below(flag(call, 1));
    let depth = if asked.below { MAX_DEPTH } else { 0 };
    let list = async |most| {
        let reservation = call.reservation.clone();
        at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, move |place| {
            // Who gives up the call gives the reservation back when this is done.
            let _reservation = reservation;
            let folder = place.open(OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?;
            let mut listing = Listing { entries: Vec::new(), room: most };
            match collect(place, &folder, depth, &mut listing) {
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
            call.reservation.hold(MOST).await;
            list(MOST).await?.unwrap_or_default()
        }
    };
    let types: Vec<u8> = entries.iter().map(|(_, kind)| *kind).collect();
    let names = entries.into_iter().map(|(name, _)| Value::from(name)).collect();
    Ok(Value::Object(vec![
        ("names".to_owned(), Value::Array(names)),
        ("types".to_owned(), Value::TypedArray(TypedArrayKind::Uint8, types.into())),
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

/// A folder that is still to be listed, by its path below the one that was asked for.
struct Waiting {
    path: PathBuf,
    depth: usize,
}

/// Lists a folder and, `depth` times, what is in its folders: each folder, and then those in it. It holds two
/// descriptors at once.
fn collect(place: &Place, root: &OwnedFd, depth: usize, listing: &mut Listing) -> Result<(), Errno> {
    let mut waiting = vec![Waiting { path: PathBuf::new(), depth }];
    while let Some(Waiting { path, depth }) = waiting.pop() {
        listing.room += length(&path);
        let mut found = match list_one(place, root.as_fd(), &path, listing.room) {
            Ok(found) => found,
            // Gone or changed meanwhile.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) if length(&path) > 0 => continue,
            Err(errno) => return Err(errno),
        };
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, kind) in &found {
            let shown = path.join(OsStr::from_bytes(name.as_bytes())).to_string_lossy().into_owned();
            listing.add((shown, number(*kind)))?;
        }
        if depth == 0 {
            continue;
        }
        // The first of them is to be taken first.
        for (name, _) in found.iter().rev().filter(|(_, kind)| *kind == FileType::Directory) {
            let path = path.join(OsStr::from_bytes(name.as_bytes()));
            listing.room = listing.room.checked_sub(length(&path)).ok_or(Errno::NOMEM)?;
            waiting.push(Waiting { path, depth: depth - 1 });
        }
    }
    Ok(())
}

fn length(path: &Path) -> usize {
    path.as_os_str().len()
}

/// What is in one folder, unless it takes more than `room` bytes.
fn list_one(place: &Place, root: BorrowedFd, path: &Path, room: usize) -> Result<Vec<(CString, FileType)>, Errno> {
    if length(path) == 0 {
        return names(place, root, room);
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    names(place, beneath(root, path, flags, Mode::empty())?.as_fd(), room)
}

fn names(place: &Place, folder: BorrowedFd, mut room: usize) -> Result<Vec<(CString, FileType)>, Errno> {
    let mut found = Vec::new();
    for entry in Dir::read_from(folder)? {
        place.go_on()?;
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
