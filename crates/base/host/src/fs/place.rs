//! Resolves a path, and opens it so that it cannot lead elsewhere.

use std::{
    ffi::{OsStr, OsString},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::{Component, Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use drupe_protocol::HostError;
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::{Asked, Failing, blocking};
use crate::{
    follow::follow,
    permissions::{Kind, Permissions, Reach},
    stop::{Stop, Waiting},
};

/// How often a path that changes while it is opened is looked up again.
pub(super) const ATTEMPTS: usize = 8;

const PROC: i64 = 0x9fa0;
const SYSFS: i64 = 0x6265_6572;
const DEBUGFS: i64 = 0x6462_6720;
const TRACEFS: i64 = 0x7472_6163;

/// Whether a link at the end of a path is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    Follow,
    Keep,
}

/// A path that was granted.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Absolute, and free of links when it was looked up. It is opened only as long as that is so.
    pub(crate) real: PathBuf,
    pub(crate) asked: Asked,
    /// Whether it was written with a slash at its end. Then there is a folder, or nothing.
    says_folder: bool,
    reach: Reach,
    /// Whether the policy grants all there is, so that there is nothing left to protect.
    unlimited: bool,
    stop: Stop,
}

/// Resolves `asked` and requires all of `kinds` for where it leads.
pub(crate) async fn locate(
    permissions: &Permissions,
    failing: &Failing,
    asked: &Asked,
    kinds: &[Kind],
    last: Last,
) -> Result<Place, HostError> {
    let unlimited = permissions.policy().is_unlimited();
    let path = asked.path.clone();
    let (below, says_folder) = (asked.below, asked.says_folder());
    let (resolved, below) = blocking(move || {
        let resolved = resolve(&path, last, unlimited);
        let is_folder = |real: &PathBuf| real.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        let below = below && resolved.as_ref().is_ok_and(is_folder);
        (resolved, below)
    })
    .await?;
    // Who may not read there does not learn why it leads nowhere either.
    let real = resolved.as_ref().unwrap_or(&asked.path).clone();
    let mut reach = Reach::Within(real.clone());
    for kind in kinds {
        let required = if below {
            permissions.require_whole(*kind, &real, failing.syscall, failing.run).await
        } else {
            permissions.require_path(*kind, &real, failing.syscall, failing.run).await
        };
        reach = required.map_err(|error| failing.refused(&error, *kind, &asked.shown))?;
    }
    resolved.map_err(|errno| failing.path(errno, &asked.shown))?;
    Ok(Place { real, asked: asked.clone(), says_folder, reach, unlimited, stop: Stop::default() })
}

/// Locates `asked`, and works there; again if the path has changed in between.
pub(crate) async fn at<T: Send + 'static>(
    permissions: &Permissions,
    failing: &Failing,
    asked: &Asked,
    kinds: &[Kind],
    last: Last,
    work: impl FnOnce(&Place) -> Result<T, Errno> + Clone + Send + 'static,
) -> Result<T, HostError> {
    let waiting = Waiting::default();
    for _ in 0..ATTEMPTS {
        let place = Place { stop: waiting.stop(), ..locate(permissions, failing, asked, kinds, last).await? };
        let work = work.clone();
        match blocking(move || work(&place)).await? {
            Err(Errno::LOOP) => {}
            done => return done.map_err(|errno| failing.path(errno, &asked.shown)),
        }
    }
    Err(failing.path(Errno::LOOP, &asked.shown))
}

/// As [`at`], for work between two paths.
pub(crate) async fn between<T: Send + 'static>(
    permissions: &Permissions,
    failing: &Failing,
    (from, from_kinds, from_last): (&Asked, &[Kind], Last),
    (to, to_kinds, to_last): (&Asked, &[Kind], Last),
    work: impl FnOnce(&Place, &Place) -> Result<T, Errno> + Clone + Send + 'static,
) -> Result<T, HostError> {
    let waiting = Waiting::default();
    for _ in 0..ATTEMPTS {
        let source = Place { stop: waiting.stop(), ..locate(permissions, failing, from, from_kinds, from_last).await? };
        let target = locate(permissions, failing, to, to_kinds, to_last).await?;
        let work = work.clone();
        match blocking(move || work(&source, &target)).await? {
            Err(Errno::LOOP) => {}
            done => return done.map_err(|errno| failing.paths(errno, &from.shown, &to.shown)),
        }
    }
    Err(failing.paths(Errno::LOOP, &from.shown, &to.shown))
}

/// What opening came to.
pub(super) enum Opening {
    Open(OwnedFd),
    /// A named pipe that nobody reads, as a descriptor that only names it, and the flags to open it with.
    Unread(OwnedFd, OFlags),
}

impl Place {
    /// An error when nobody waits any more: **to be asked in every loop that may be long**.
    pub(super) fn go_on(&self) -> Result<(), Errno> {
        if self.stop.is_set() { Err(Errno::CANCELED) } else { Ok(()) }
    }

    /// `mode` without the set-user-id and set-group-id bits, unless everything is granted.
    pub(super) fn without_set_id(&self, mode: Mode) -> Mode {
        without_set_id(mode, self.unlimited)
    }

    /// Opens it, whatever it is, as a descriptor that says what it is and leads nowhere else.
    pub(super) fn look(&self) -> Result<OwnedFd, Errno> {
        if self.unlimited && inherited(&self.real).is_some() {
            return rustix::fs::open(&self.real, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
        }
        self.open_as(OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())
    }

    /// Opens the file or folder. A new file is made by `CREATE`, with `mode`.
    pub(super) fn open(&self, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        match self.open_or_find(flags, mode)? {
            Opening::Open(fd) => Ok(fd),
            Opening::Unread(..) => Err(Errno::NXIO),
        }
    }

    /// As [`open`](Self::open), but a named pipe without a reader is not opened to be written: the caller waits.
    pub(super) fn open_or_find(&self, flags: OFlags, mode: Mode) -> Result<Opening, Errno> {
        let mode = self.without_set_id(mode);
        let make = flags.contains(OFlags::CREATE);
        if make && self.says_folder {
            return Err(Errno::ISDIR);
        }
        if make && flags.contains(OFlags::EXCL) {
            return self.open_as(flags, mode).map(Opening::Open);
        }
        match self.look() {
            Ok(found) => {
                let kind = self.admit(found.as_fd())?;
                self.admit_content(found.as_fd(), flags)?;
                let again = flags & !(OFlags::CREATE | OFlags::NOFOLLOW);
                match reopen(found.as_fd(), again) {
                    Err(Errno::NXIO) if kind == FileType::Fifo => Ok(Opening::Unread(found, again)),
                    done => done.map(Opening::Open),
                }
            }
            // Made by somebody else in this moment: it is looked at like all others.
            Err(Errno::NOENT) if make => match self.open_as(flags | OFlags::EXCL, mode) {
                Err(Errno::EXIST) => Err(Errno::LOOP),
                done => done.map(Opening::Open),
            },
            Err(errno) => Err(errno),
        }
    }

    /// Opens a file or a folder to be read. `None`: it is neither, and **was not opened: a pipe would notice**.
    pub(super) fn open_file(&self) -> Result<Option<OwnedFd>, Errno> {
        let found = self.look()?;
        match self.admit(found.as_fd())? {
            FileType::RegularFile | FileType::Directory => reopen(found.as_fd(), OFlags::RDONLY).map(Some),
            _ => Ok(None),
        }
    }

    /// The folder that it is in, and its name there.
    pub(super) fn parent(&self) -> Result<(OwnedFd, OsString), Errno> {
        if self.says_folder && self.real.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(Errno::NOTDIR);
        }
        self.parent_of_folder()
    }

    /// The same, for a new folder: its name may have a slash at its end.
    pub(super) fn parent_of_folder(&self) -> Result<(OwnedFd, OsString), Errno> {
        let (Some(parent), Some(name)) = (self.real.parent(), self.real.file_name()) else { return Err(Errno::BUSY) };
        let folder = OFlags::PATH | OFlags::DIRECTORY;
        let fd = match &self.reach {
            Reach::Within(root) if self.real != *root => {
                let root_fd = open_fixed(root, folder)?;
                match parent.strip_prefix(root) {
                    Ok(rest) if rest.as_os_str().is_empty() => root_fd,
                    Ok(rest) => beneath(root_fd.as_fd(), rest, folder, Mode::empty())?,
                    Err(_) => return Err(Errno::ACCESS),
                }
            }
            // The root itself, or anything.
            _ => open_fixed(parent, folder)?,
        };
        Ok((fd, name.to_owned()))
    }

    /// The folder that it is in, and its name there, for something new that is no folder.
    pub(super) fn parent_of_new(&self) -> Result<(OwnedFd, OsString), Errno> {
        let parent = self.parent_of_folder()?;
        if !self.says_folder {
            return Ok(parent);
        }
        Err(if self.real.symlink_metadata().is_ok() { Errno::EXIST } else { Errno::NOENT })
    }

    /// Whether it was written with a slash at its end, and so names a folder, or nothing.
    pub(super) fn says_folder(&self) -> bool {
        self.says_folder
    }

    /// The place of `real`, as it lies under the same grant.
    pub(super) fn sibling(&self, real: &Path) -> Self {
        Self { real: real.to_owned(), says_folder: false, ..self.clone() }
    }

    /// The folder that it is in, as long as that is granted, too.
    pub(super) fn up(&self) -> Result<Self, Errno> {
        let above = self.real.parent().ok_or(Errno::NOENT)?;
        match &self.reach {
            Reach::Within(root) if self.real == *root || !above.starts_with(root) => Err(Errno::NOENT),
            _ => Ok(self.sibling(above)),
        }
    }

    fn open_as(&self, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        if self.real.parent().is_none() {
            return open_fixed(&self.real, flags);
        }
        let (parent, name) = self.parent()?;
        beneath(parent.as_fd(), Path::new(&name), flags, mode)
    }

    /// Refuses what is neither file nor folder, and what only looks like one.
    pub(super) fn admit(&self, fd: BorrowedFd) -> Result<FileType, Errno> {
        let stat = rustix::fs::fstat(fd)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Symlink {
            return Err(Errno::LOOP);
        }
        if self.unlimited {
            return Ok(kind);
        }
        let harmless = self.reach == Reach::Everywhere && is_harmless(kind, stat.st_rdev);
        if !matches!(kind, FileType::RegularFile | FileType::Directory) && !harmless {
            return Err(Errno::ACCESS);
        }
        self.admit_system(fd).map(|()| kind)
    }

    /// Refuses to write to a set-user-id or set-group-id program, unless everything is granted: it would run the text.
    fn admit_content(&self, fd: BorrowedFd, flags: OFlags) -> Result<(), Errno> {
        let writes = flags & OFlags::RWMODE != OFlags::RDONLY || flags.contains(OFlags::TRUNC);
        if self.unlimited || !writes {
            return Ok(());
        }
        let stat = rustix::fs::fstat(fd)?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let lends = Mode::from_raw_mode(stat.st_mode).intersects(Mode::SUID | Mode::SGID);
        if is_file && lends { Err(Errno::PERM) } else { Ok(()) }
    }

    /// Refuses files of the system's, which tell of the parent's process, or change it.
    pub(super) fn admit_system(&self, fd: BorrowedFd) -> Result<(), Errno> {
        if !self.unlimited && is_system(fd)? { Err(Errno::ACCESS) } else { Ok(()) }
    }
}

/// See [`Place::without_set_id`].
pub(super) fn without_set_id(mode: Mode, unlimited: bool) -> Mode {
    if unlimited { mode } else { mode - (Mode::SUID | Mode::SGID) }
}

fn is_system(fd: BorrowedFd) -> Result<bool, Errno> {
    #[allow(clippy::unnecessary_cast, reason = "its type differs between architectures")]
    let system = rustix::fs::fstatfs(fd)?.f_type as i64;
    Ok([PROC, SYSFS, DEBUGFS, TRACEFS].contains(&system))
}

/// Opens again what `fd` is, with other flags. It is the same file, whatever its name leads to by now.
pub(crate) fn reopen(fd: BorrowedFd, flags: OFlags) -> Result<OwnedFd, Errno> {
    // No pipe or device holds the host up.
    rustix::fs::open(by_descriptor(fd), flags | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty())
}

/// A path that means `fd`, for calls that take only paths.
pub(super) fn by_descriptor(fd: BorrowedFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Opens an absolute path that has no links.
pub(crate) fn open_fixed(path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let root = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let rest = path.strip_prefix("/").unwrap_or(path);
    if rest.as_os_str().is_empty() {
        return if flags.contains(OFlags::PATH) { Ok(root) } else { reopen(root.as_fd(), flags) };
    }
    beneath(root.as_fd(), rest, flags, Mode::empty())
}

/// Whether the system knows `openat2`.
static OPENAT2: AtomicBool = AtomicBool::new(true);

/// Opens `path` below `folder`. **No link is followed, and nothing leads above `folder`.**
pub(super) fn beneath(folder: BorrowedFd, path: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC;
    if OPENAT2.load(Ordering::Relaxed) {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        // EAGAIN: something was renamed meanwhile, and the system cannot say whether that led out.
        match rustix::fs::openat2(folder, path, flags, mode, resolve) {
            Err(Errno::NOSYS) => OPENAT2.store(false, Ordering::Relaxed),
            Err(Errno::AGAIN | Errno::XDEV) => return Err(Errno::LOOP),
            done => return done,
        }
    }
    walk(folder, path, flags, mode)
}

/// [`beneath`] for systems without `openat2`, before Linux 5.6: folder by folder, none of them through a link.
fn walk(folder: BorrowedFd, path: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let mut names = path.components().peekable();
    let mut at: Option<OwnedFd> = None;
    while let Some(component) = names.next() {
        let Component::Normal(name) = component else { return Err(Errno::INVAL) };
        let here = at.as_ref().map_or(folder, AsFd::as_fd);
        if names.peek().is_none() {
            return rustix::fs::openat(here, name, flags | OFlags::NOFOLLOW, mode);
        }
        let through = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let next = rustix::fs::openat(here, name, through, Mode::empty()).map_err(|errno| match errno {
            Errno::NOTDIR if is_link(here, name) => Errno::LOOP,
            other => other,
        })?;
        at = Some(next);
    }
    Err(Errno::INVAL)
}

fn is_link(folder: BorrowedFd, name: &OsStr) -> bool {
    let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

/// Where `path`, absolute and normalised, leads. **Links of the system's are not followed** unless everything is
/// granted: they tell where the parent's program, folders and open files are.
fn resolve(path: &Path, last: Last, unlimited: bool) -> Result<PathBuf, Errno> {
    if let Some(inherited) = inherited(path).filter(|_| unlimited && last == Last::Follow) {
        return Ok(inherited);
    }
    follow(path, last == Last::Follow, |_, link| {
        if unlimited {
            return Ok(());
        }
        if is_system(link)? { Err(Errno::ACCESS) } else { Ok(()) }
    })
}

/// What this process has open without a name that leads there, such as a pipe of the shell's (`<(…)`), by the path that
/// means it.
fn inherited(path: &Path) -> Option<PathBuf> {
    let number = ["/dev/fd", "/proc/self/fd"].iter().find_map(|folder| path.strip_prefix(folder).ok())?;
    let number = number.to_str()?.parse::<u32>().ok()?;
    let link = PathBuf::from(format!("/proc/self/fd/{number}"));
    let target = rustix::fs::readlink(&link, Vec::new()).ok()?;
    (!target.as_bytes().starts_with(b"/")).then_some(link)
}

/// `/dev/null`, `/dev/zero`, `/dev/random` and `/dev/urandom`.
fn is_harmless(kind: FileType, device: u64) -> bool {
    let number = (rustix::fs::major(device), rustix::fs::minor(device));
    kind == FileType::CharacterDevice && [(1, 3), (1, 5), (1, 8), (1, 9)].contains(&number)
}
