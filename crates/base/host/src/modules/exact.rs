//! Opens a path that contains no links. If a link has appeared in it, opening fails.

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use rustix::{
    fs::{CWD, Dir, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use crate::follow::follow;

/// What is known of a file without reading it. Two stats are equal only if the file was not touched in between, as far
/// as the file system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) is_file: bool,
    pub(super) is_folder: bool,
    pub(super) identity: Identity,
}

/// Which file it is, and which version of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    pub(super) size: u64,
    /// Nanoseconds since the epoch.
    modified: i128,
    changed: i128,
}

/// A file that was changed less than this before it was read may change again without that showing in its times. In
/// nanoseconds.
const GRANULARITY: i128 = 2_000_000_000;

impl Identity {
    /// That of the plain file at `path`, links followed, if there is one. **For whoever watches it**: nothing is
    /// checked.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let stat = described(&rustix::fs::stat(path).ok()?);
        stat.is_file.then_some(stat.identity)
    }

    /// Whether a change of the file after this would show.
    pub(super) fn is_settled(self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        i128::try_from(now).is_ok_and(|now| now - self.modified > GRANULARITY)
    }
}

impl Stat {
    pub(super) fn folder() -> Self {
        Self { is_file: false, is_folder: true, identity: Identity::default() }
    }
}

/// A file or folder, found but not opened for reading: a look has no effect, not even on a device or a pipe.
#[derive(Debug)]
pub(super) struct Found {
    /// Held, so that its number is not given to another file meanwhile.
    _handle: OwnedFd,
    path: PathBuf,
    pub(super) stat: Stat,
}

/// Finds what is at `path`, which is absolute and has no links.
pub(super) fn open(path: &Path) -> io::Result<Found> {
    let handle = open_as(path, OFlags::PATH)?;
    let stat = stat(&handle)?;
    Ok(Found { _handle: handle, path: path.to_owned(), stat })
}

/// Whether opening failed because there is a link on the way.
pub(super) fn met_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

impl Found {
    /// All bytes of a plain file, if they are at most `limit`.
    pub(super) fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        if self.stat.identity.size > limit {
            return Err(too_large(limit));
        }
        let handle = self.reopen(OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.stat.identity.size).unwrap_or(0) + 1);
        File::from(handle).take(limit + 1).read_to_end(&mut bytes)?;
        // It may have grown.
        if bytes.len() as u64 > limit { Err(too_large(limit)) } else { Ok(bytes) }
    }

    /// The names in a folder, each with whether it is a folder.
    pub(super) fn list(&self, limit: usize) -> io::Result<Vec<(String, bool)>> {
        let handle = self.reopen(OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&handle)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name != "." && name != ".." {
                names.push((name.to_owned(), entry.file_type() == FileType::Directory));
            }
            if names.len() >= limit {
                break;
            }
        }
        Ok(names)
    }

    /// The same file, opened for use.
    fn reopen(&self, flags: OFlags) -> io::Result<OwnedFd> {
        let handle = open_as(&self.path, flags)?;
        let now = stat(&handle)?;
        let same = (now.identity.device, now.identity.inode) == (self.stat.identity.device, self.stat.identity.inode);
        if same { Ok(handle) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))
}

fn stat(handle: &OwnedFd) -> io::Result<Stat> {
    Ok(described(&rustix::fs::fstat(handle)?))
}

fn described(stat: &rustix::fs::Stat) -> Stat {
    let kind = FileType::from_raw_mode(stat.st_mode);
    let time = |seconds: i64, nanoseconds: u64| i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        clippy::cast_sign_loss,
        reason = "the types differ between systems"
    )]
    let identity = Identity {
        device: stat.st_dev as u64,
        inode: stat.st_ino,
        size: stat.st_size as u64,
        modified: time(stat.st_mtime.into(), stat.st_mtime_nsec as u64),
        changed: time(stat.st_ctime.into(), stat.st_ctime_nsec as u64),
    };
    Stat { is_file: kind == FileType::RegularFile, is_folder: kind == FileType::Directory, identity }
}

#[cfg(target_os = "linux")]
fn open_as(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(CWD, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
        // Containers forbid it here and there.
        Err(Errno::NOSYS | Errno::PERM) => open_and_compare(path, flags),
        opened => Ok(opened?),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_as(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    open_and_compare(path, flags)
}

/// Without the system's help: opened, and then asked whether the way there has links now.
fn open_and_compare(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let handle = rustix::fs::openat(CWD, path, flags | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())?;
    if path.canonicalize()? == path { Ok(handle) } else { Err(Errno::LOOP.into()) }
}

/// Where `path`, absolute and normalised, leads to: links are followed also when nothing is there, so that where a link
/// leads does not tell whether there is something. A path whose links are too many leads to itself, where nothing is
/// found then.
pub(super) fn resolve(path: &Path) -> PathBuf {
    follow(path, true, |_, _| Ok(())).unwrap_or_else(|_| path.to_owned())
}
