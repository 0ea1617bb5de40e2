//! Open files: numbers from 3 up, as in Node, separate for each session.

use std::{
    collections::BTreeMap,
    fs::File,
    os::fd::AsFd,
    path::PathBuf,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Asked, Failing, Last,
    arg::{bytes, flag, integer, mode_of, times},
    blocking,
    pipes::{self, Flow},
    place::{Opening, at, by_descriptor, without_set_id},
    stat::describe,
};
use crate::{
    Call,
    answer_budget::EACH,
    permissions::{Kind, Permissions},
};
use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    buffer::spare_capacity,
    fs::OFlags,
    io::Errno,
    process::{Resource, getrlimit},
};

/// 0, 1 and 2 are the standard streams, which are no files here.
const FIRST: u32 = 3;
/// How many a session may have open.
const MAX_OPEN: usize = 1024;
/// How many all sessions of this process have open, and may have: half of what the system gives the process when the
/// first is opened. The rest is for kernels, programs and connections.
static OPEN: AtomicUsize = AtomicUsize::new(0);
static MAX_OPEN_TOGETHER: LazyLock<usize> = LazyLock::new(|| {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit / 2).unwrap_or(usize::MAX)
});
/// How much is read at once.
const MAX_READ: usize = 16 << 20;

/// The open files of a session. **They are closed when it ends.**
#[derive(Debug, Default)]
pub(super) struct OpenFiles(Mutex<BTreeMap<u32, Arc<OpenFile>>>);

/// An open file, and what it must be granted for every use.
#[derive(Debug)]
struct OpenFile {
    file: File,
    real: PathBuf,
    shown: String,
    reads: bool,
    writes: bool,
    flow: Flow,
    /// Whether a read or a write is answered at once where others would wait: it was opened with `O_NONBLOCK`.
    is_impatient: bool,
    _counted: Counted,
}

/// One of the files that all sessions have open.
#[derive(Debug)]
struct Counted;

impl Counted {
    fn new() -> Result<Self, Errno> {
        let counted = Self;
        let before = OPEN.fetch_add(1, Ordering::Relaxed);
        if before >= *MAX_OPEN_TOGETHER { Err(Errno::MFILE) } else { Ok(counted) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

impl OpenFiles {
    fn add(&self, file: OpenFile) -> Result<u32, Errno> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= MAX_OPEN {
            return Err(Errno::MFILE);
        }
        let fd = (FIRST..).find(|fd| !files.contains_key(fd)).ok_or(Errno::MFILE)?;
        files.insert(fd, Arc::new(file));
        Ok(fd)
    }
}

/// What must be granted for these flags.
pub(super) fn kinds_of(flags: OFlags) -> Vec<Kind> {
    let access = flags & OFlags::RWMODE;
    let mut kinds = Vec::new();
    if access != OFlags::WRONLY {
        kinds.push(Kind::Read);
    }
    if access != OFlags::RDONLY || flags.intersects(OFlags::CREATE | OFlags::TRUNC | OFlags::APPEND) {
        kinds.push(Kind::Write);
    }
    kinds
}

/// Where these flags lead a path that ends with a link: what must not be there yet is not there behind a link that
/// leads nowhere, either.
pub(super) fn last_of(flags: OFlags) -> Last {
    if flags.contains(OFlags::CREATE | OFlags::EXCL) { Last::Keep } else { Last::Follow }
}

/// `open(path, flags, mode)`: the file's number. Flags are Linux's.
pub(super) async fn open(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let flags = OFlags::from_bits_retain(integer(call, 1).and_then(|flags| u32::try_from(flags).ok()).unwrap_or(0));
    let known = OFlags::RWMODE | OFlags::CREATE | OFlags::EXCL | OFlags::TRUNC | OFlags::APPEND | OFlags::SYNC | OFlags::DSYNC;
    let known = known | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOATIME;
    let last = if flags.contains(OFlags::NOFOLLOW) { Last::Keep } else { last_of(flags) };
    let (flags, mode, kinds) = (flags & known, mode_of(call, 2), kinds_of(flags));
    let files = call.session.state::<OpenFiles>();
    let is_impatient = flags.contains(OFlags::NONBLOCK);
    let (reads, writes) = (kinds.contains(&Kind::Read), kinds.contains(&Kind::Write));
    let (opening, counted, real) = at(permissions, &failing, &asked, &kinds, last, move |place| {
        let counted = Counted::new()?;
        let opening = if is_impatient { Opening::Open(place.open(flags, mode)?) } else { place.open_or_find(flags, mode)? };
        Ok((opening, counted, place.real.clone()))
    })
    .await?;
    let fd = match opening {
        Opening::Open(fd) => Ok(fd),
        Opening::Unread(found, flags) => pipes::open_when_read(&found, flags).await,
    };
    let added = fd.and_then(|fd| {
        let file = File::from(fd);
        let (flow, shown) = (pipes::flow(&file)?, asked.shown.clone());
        files.add(OpenFile { file, real, shown, reads, writes, flow, is_impatient, _counted: counted })
    });
    added.map(Value::from).map_err(|errno| failing.path(errno, &asked.shown))
}

/// `close(fd)`.
pub(super) fn close(call: &Call) -> Result<Value, HostError> {
    let files = call.session.state::<OpenFiles>();
    let closed = number(call).and_then(|fd| files.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&fd));
    closed.map(|_| Value::Undefined).ok_or_else(|| Failing::new("close", call.run).plain(Errno::BADF))
}

/// `read(fd, length, position)`: the bytes that were read, none at the end. Without a position it goes on where it was.
/// Of what may have to be waited for no more is read at once than every call has room for: **who waits holds nothing
/// that others wait for.**
pub(super) async fn read(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let length = integer(call, 1).and_then(|length| usize::try_from(length).ok()).unwrap_or(0).min(MAX_READ);
    let position = integer(call, 2).and_then(|position| u64::try_from(position).ok());
    let length = if find(call).is_some_and(|file| file.flow != Flow::File) { length.min(EACH) } else { length };
    call.reservation.hold(length).await;
    loop {
        // Allocated here and not on the thread that reads: allocators keep freed memory for each thread.
        let (reservation, mut content) = (call.reservation.clone(), Vec::with_capacity(length));
        let content = using(permissions, call, "read", Kind::Read, move |file| {
            // Who gives up the call gives the reservation back when this is done.
            let _reservation = reservation;
            let waits = || file.file.try_clone().map(Err).map_err(|error| super::error::errno(&error));
            if file.flow == Flow::Pipe && !file.is_impatient && position.is_none() && !pipes::has_begun(&file.file)? {
                return waits();
            }
            let count = match position {
                Some(position) => rustix::io::pread(&file.file, spare_capacity(&mut content), position).map(|_| ()),
                None => rustix::io::read(&file.file, spare_capacity(&mut content)).map(|_| ()),
            };
            match count {
                Ok(()) => Ok(Ok(content)),
                Err(Errno::AGAIN) if !file.is_impatient => waits(),
                Err(errno) => Err(errno),
            }
        })
        .await?;
        match content {
            Ok(content) => return Ok(Value::TypedArray(TypedArrayKind::Uint8, content.into())),
            // A pipe that has nothing yet.
            Err(pipe) => {
                let waited = pipes::readable(pipe).await;
                waited.map_err(|error| Failing::new("read", call.run).plain(super::error::errno(&error)))?;
            }
        }
    }
}

/// `write(fd, bytes, position)`: how many were written. Into a pipe these are all, however slowly it is read.
#[expect(clippy::cast_precision_loss, reason = "a call holds no more than 64 MiB")]
pub(super) async fn write(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let content = bytes(call, 1)?;
    let position = integer(call, 2).and_then(|position| u64::try_from(position).ok());
    let whole = content.clone();
    let (count, pipe) = using(permissions, call, "write", Kind::Write, move |file| {
        let count = match position {
            Some(position) => rustix::io::pwrite(&file.file, &content, position),
            None => rustix::io::write(&file.file, &content),
        };
        let waits = file.flow != Flow::File && !file.is_impatient && position.is_none();
        let count = match count {
            Err(Errno::AGAIN) if waits => 0,
            count => count?,
        };
        let pipe = if waits && count < content.len() { file.file.try_clone().map(Some) } else { Ok(None) };
        Ok((count, pipe.map_err(|error| super::error::errno(&error))?))
    })
    .await?;
    let Some(pipe) = pipe else { return Ok((count as f64).into()) };
    match pipes::write_on(&pipe, &whole, count).await {
        Ok(()) => Ok((whole.len() as f64).into()),
        // What was written is told first.
        Err((count, _)) if count > 0 => Ok((count as f64).into()),
        Err((_, errno)) => Err(Failing::new("write", call.run).plain(errno)),
    }
}

/// `fstat(fd)`.
pub(super) async fn stat(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    using(permissions, call, "fstat", Kind::Read, |file| {
        file.file.metadata().map(|metadata| describe(&metadata)).map_err(|error| super::error::errno(&error))
    })
    .await
}

/// `ftruncate(fd, length)`.
pub(super) async fn truncate(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let length = integer(call, 1).and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    using(permissions, call, "ftruncate", Kind::Write, move |file| rustix::fs::ftruncate(&file.file, length))
        .await
        .map(Value::from)
}

/// `fsync(fd, data_only)`.
pub(super) async fn sync(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let (data_only, kind) = (flag(call, 1), opened_for(call));
    let name = if data_only { "fdatasync" } else { "fsync" };
    using(permissions, call, name, kind, move |file| {
        if data_only { rustix::fs::fdatasync(&file.file) } else { rustix::fs::fsync(&file.file) }
    })
    .await
    .map(Value::from)
}

/// `fchmod(fd, mode)`.
pub(super) async fn chmod(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let mode = without_set_id(mode_of(call, 1), permissions.policy().is_unlimited());
    // By its path: a file that was opened to be read may be granted to be written.
    using(permissions, call, "fchmod", Kind::Write, move |file| rustix::fs::chmod(by_descriptor(file.file.as_fd()), mode))
        .await
        .map(Value::from)
}

/// `futimes(fd, atime, mtime)`.
pub(super) async fn utimes(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let times = times(call);
    using(permissions, call, "futime", Kind::Write, move |file| rustix::fs::futimens(&file.file, &times)).await.map(Value::from)
}

fn number(call: &Call) -> Option<u32> {
    integer(call, 0).and_then(|fd| u32::try_from(fd).ok())
}

fn find(call: &Call) -> Option<Arc<OpenFile>> {
    let files = call.session.state::<OpenFiles>();
    let files = files.0.lock().unwrap_or_else(PoisonError::into_inner);
    number(call).and_then(|fd| files.get(&fd).cloned())
}

fn opened_for(call: &Call) -> Kind {
    if find(call).is_some_and(|file| file.writes) { Kind::Write } else { Kind::Read }
}

/// Works with the open file that the call names, if it is still granted.
async fn using<T: Send + 'static>(
    permissions: &Permissions,
    call: &Call,
    syscall: &'static str,
    kind: Kind,
    work: impl FnOnce(&OpenFile) -> Result<T, Errno> + Send + 'static,
) -> Result<T, HostError> {
    let failing = Failing::new(syscall, call.run);
    let file = find(call).ok_or_else(|| failing.plain(Errno::BADF))?;
    let opened = match syscall {
        "read" => file.reads,
        "write" | "ftruncate" => file.writes,
        _ => true,
    };
    if !opened {
        return Err(failing.plain(if syscall == "ftruncate" { Errno::INVAL } else { Errno::BADF }));
    }
    let required = permissions.require_path(kind, &file.real, syscall, call.run).await;
    required.map_err(|error| failing.refused(&error, kind, &file.shown))?;
    blocking(move || work(&file)).await?.map_err(|errno| failing.plain(errno))
}
