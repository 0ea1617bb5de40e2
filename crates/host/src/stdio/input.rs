//! Reading standard input: a piece at a time, when JavaScript asks for it.
//!
//! **Nothing is read that was not asked for, and what was read reaches who asked**: waiting (`ready`) takes nothing, so it can be given up
//! at any time; and who reads without waiting has the answer at once.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    buffer::spare_capacity,
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, OFlags},
    io::Errno,
    net::RecvFlags,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::{Mutex, OnceCell},
};

use crate::{
    Call,
    fs::{Failing, blocking, errno, reopen},
};

/// How much is read at once.
const MAX_READ: usize = 16 << 20;

/// Standard input as a session reads it.
#[derive(Default)]
struct Opened {
    source: OnceCell<Source>,
    /// One reads at a time, in the order in which they asked.
    turn: Mutex<()>,
}

/// How it is read without holding anybody up. The descriptor itself belongs to other processes, too: **it is never made non-blocking**.
enum Source {
    /// A file: reading never waits for others.
    File,
    /// A pipe or a terminal, opened anew so that reading does not block.
    Own(AsyncFd<OwnedFd>),
    Socket(AsyncFd<OwnedFd>),
    /// What cannot be opened anew is waited for, and then read on a thread: another reader may have been faster.
    Shared(AsyncFd<OwnedFd>),
}

impl Source {
    /// Must be called within a tokio runtime.
    fn open(input: BorrowedFd) -> Result<Self, Errno> {
        let own = || input.try_clone_to_owned().map_err(|error| errno(&error));
        match FileType::from_raw_mode(rustix::fs::fstat(input)?.st_mode) {
            FileType::Socket => Ok(watched(own()?)?.map_or(Self::File, Self::Socket)),
            FileType::Fifo | FileType::CharacterDevice => Ok(match reopen(input, OFlags::RDONLY) {
                Ok(own) => watched(own)?.map_or(Self::File, Self::Own),
                Err(_) => watched(own()?)?.map_or(Self::File, Self::Shared),
            }),
            _ => Ok(Self::File),
        }
    }

    fn watched(&self) -> Option<&AsyncFd<OwnedFd>> {
        match self {
            Self::File => None,
            Self::Own(fd) | Self::Socket(fd) | Self::Shared(fd) => Some(fd),
        }
    }

    /// Waits until reading does not block: until there is something, or the end.
    async fn ready(&self) -> io::Result<()> {
        let Some(fd) = self.watched() else { return Ok(()) };
        loop {
            let mut ready = fd.readable().await?;
            if is_readable(fd.get_ref().as_fd())? {
                return Ok(());
            }
            ready.clear_ready();
        }
    }

    /// Reads what there is now. `None`: nothing yet.
    async fn read_now(&self, input: BorrowedFd<'_>, length: usize) -> Result<Option<Vec<u8>>, HostErrno> {
        let mut piece = Vec::with_capacity(length);
        let read = match self {
            Self::Own(fd) => rustix::io::read(fd, spare_capacity(&mut piece)).map(|_| ()),
            Self::Socket(fd) => rustix::net::recv(fd, spare_capacity(&mut piece), RecvFlags::DONTWAIT).map(|_| ()),
            Self::Shared(fd) if !is_readable(fd.get_ref().as_fd())? => Err(Errno::AGAIN),
            Self::File | Self::Shared(_) => {
                let own = input.try_clone_to_owned().map_err(|error| errno(&error))?;
                return on_thread(move || rustix::io::read(own, spare_capacity(&mut piece)).map(|_| piece)).await.map(Some);
            }
        };
        match read {
            Ok(()) => Ok(Some(piece)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// `None` for what the system cannot wait for, because it never lets wait.
fn watched(fd: OwnedFd) -> Result<Option<AsyncFd<OwnedFd>>, Errno> {
    // SAFETY: an owned descriptor is the same one until it is dropped.
    match unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(io::Error::from) {
        Ok(fd) => Ok(Some(fd)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
        Err(error) => Err(errno(&error)),
    }
}

/// Whether reading would not block at this moment.
fn is_readable(fd: BorrowedFd) -> Result<bool, Errno> {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&now))? > 0)
}

/// Why reading failed: the system says, or the host failed.
enum HostErrno {
    System(Errno),
    Host(HostError),
}

impl From<Errno> for HostErrno {
    fn from(errno: Errno) -> Self {
        Self::System(errno)
    }
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Errno> + Send + 'static) -> Result<T, HostErrno> {
    blocking(work).await.map_err(HostErrno::Host)?.map_err(HostErrno::System)
}

/// `read(length, position, wait)`: the bytes, none at the end. With a position they are those of a file there, and the others stay where they
/// are. Without `wait`, `null` where there is nothing yet.
pub(super) async fn read(input: BorrowedFd<'_>, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("read", call.run);
    let told = |error| match error {
        HostErrno::System(errno) => failing.plain(errno),
        HostErrno::Host(error) => error,
    };
    let length = whole(call.arg(0)).and_then(|length| usize::try_from(length).ok()).unwrap_or(0).min(MAX_READ);
    if length == 0 {
        return Ok(bytes(Vec::new()));
    }
    let opened = call.session.state::<Opened>();
    let _turn = opened.turn.lock().await;
    if let Some(position) = whole(call.arg(1)) {
        call.room.hold(length).await;
        let own = input.try_clone_to_owned().map_err(|error| failing.plain(errno(&error)))?;
        let (room, mut piece) = (call.room.clone(), Vec::with_capacity(length));
        let read = move || {
            // Who gives up the call leaves the room when this is done.
            let _room = room;
            rustix::io::pread(own, spare_capacity(&mut piece), position).map(|_| piece)
        };
        return on_thread(read).await.map(bytes).map_err(told);
    }
    let source = opened.source.get_or_try_init(async || Source::open(input)).await.map_err(|errno| failing.plain(errno))?;
    let waits = call.arg(2) == &Value::Bool(true);
    loop {
        if waits {
            source.ready().await.map_err(|error| failing.plain(errno(&error)))?;
        }
        call.room.hold(length).await;
        match source.read_now(input, length).await.map_err(told)? {
            Some(piece) => return Ok(bytes(piece)),
            None if waits => {}
            None => return Ok(Value::Null),
        }
    }
}

/// `ready()`: answered when reading does not wait: there is something, or the end.
pub(super) async fn ready(input: BorrowedFd<'_>, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("read", call.run);
    let opened = call.session.state::<Opened>();
    let source = opened.source.get_or_try_init(async || Source::open(input)).await.map_err(|errno| failing.plain(errno))?;
    source.ready().await.map_err(|error| failing.plain(errno(&error)))?;
    Ok(Value::Undefined)
}

fn bytes(piece: Vec<u8>) -> Value {
    Value::TypedArray(TypedArrayKind::Uint8, piece)
}

/// A whole number, where there is one that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(value: &Value) -> Option<u64> {
    value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)
}
