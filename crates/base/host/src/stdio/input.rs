//! Reads standard input: a piece at a time, when JavaScript asks for it.
//!
//! **No byte is read without a request.** Waiting takes nothing, so a wait can be given up at any time. A piece that a
//! thread has read for a call that was given up is kept for the next call. A read that does not wait is not delayed by
//! reads that wait.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    buffer::spare_capacity,
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, OFlags},
    io::Errno,
    net::RecvFlags,
    termios::isatty,
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::{Mutex, OnceCell, OwnedMutexGuard},
};

use crate::{
    Call,
    answer_budget::{EACH, Reservation},
    fs::{Failing, blocking, errno, reopen},
};

/// How much is read at once.
const MAX_READ: usize = 16 << 20;

/// Standard input as a session reads it.
#[derive(Default)]
struct Opened {
    source: OnceCell<Source>,
    /// Those that wait go one at a time, in the order in which they asked.
    queue: Mutex<()>,
    /// Held while something is read. What was read for a call that was given up, if anything: it comes first.
    turn: Arc<Mutex<Vec<u8>>>,
}

type Turn = OwnedMutexGuard<Vec<u8>>;

/// How it is read without holding anybody up. The descriptor itself belongs to other processes, too: **it is never made
/// non-blocking**.
enum Source {
    /// A file: reading never waits for others.
    File,
    /// A pipe or a terminal: waited for where it is, and opened anew so that reading does not block. **A named pipe
    /// that is opened anew after its writer has gone never says so.**
    Own(AsyncFd<OwnedFd>, OwnedFd),
    Socket(AsyncFd<OwnedFd>),
    /// What cannot be opened anew is waited for, and then read on a thread: another reader may have been faster.
    Shared(AsyncFd<OwnedFd>),
}

/// The device that makes a new terminal for each who opens it: major and minor number.
const TERMINAL_MAKER: (u32, u32) = (5, 2);

impl Source {
    /// Must be called within a tokio runtime.
    fn open(input: BorrowedFd) -> Result<Self, Errno> {
        let stat = rustix::fs::fstat(input)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if !matches!(kind, FileType::Socket | FileType::Fifo | FileType::CharacterDevice) {
            return Ok(Self::File);
        }
        let Some(watched) = watched(input.try_clone_to_owned().map_err(|error| errno(&error))?)? else { return Ok(Self::File) };
        // Other devices may give each who opens them a state of their own.
        let device = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
        let is_same_anew = kind == FileType::Fifo || isatty(input) && device != TERMINAL_MAKER;
        Ok(match is_same_anew.then(|| reopen(input, OFlags::RDONLY)) {
            _ if kind == FileType::Socket => Self::Socket(watched),
            Some(Ok(own)) => Self::Own(watched, own),
            _ => Self::Shared(watched),
        })
    }

    fn watched(&self) -> Option<&AsyncFd<OwnedFd>> {
        match self {
            Self::File => None,
            Self::Own(fd, _) | Self::Socket(fd) | Self::Shared(fd) => Some(fd),
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
    async fn read_now(
        &self,
        input: BorrowedFd<'_>,
        length: usize,
        turn: Turn,
        reservation: Reservation,
    ) -> Result<Option<Vec<u8>>, HostErrno> {
        if !turn.is_empty() {
            return Ok(Some(taken(turn, length)));
        }
        let mut piece = Vec::with_capacity(length);
        let read = match self {
            Self::Own(_, own) => rustix::io::read(own, spare_capacity(&mut piece)).map(|_| ()),
            Self::Socket(fd) => rustix::net::recv(fd, spare_capacity(&mut piece), RecvFlags::DONTWAIT).map(|_| ()),
            Self::Shared(fd) if !is_readable(fd.get_ref().as_fd())? => Err(Errno::AGAIN),
            Self::File | Self::Shared(_) => {
                return on_thread(reading(input, piece, turn, reservation)?).await.map(|turn| Some(taken(turn, length)));
            }
        };
        match read {
            Ok(()) => Ok(Some(piece)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// Reads into `turn`, for a thread: there it stays if the call is given up meanwhile.
fn reading(
    input: BorrowedFd,
    mut piece: Vec<u8>,
    mut turn: Turn,
    reservation: Reservation,
) -> Result<impl FnOnce() -> Result<Turn, Errno> + Send + use<>, Errno> {
    let own = input.try_clone_to_owned().map_err(|error| errno(&error))?;
    Ok(move || {
        // Who gives up the call gives the reservation back when this is done.
        let _reservation = reservation;
        rustix::io::read(own, spare_capacity(&mut piece))?;
        *turn = piece;
        Ok(turn)
    })
}

/// What was read, `length` bytes at most. The others stay.
fn taken(mut turn: Turn, length: usize) -> Vec<u8> {
    let length = length.min(turn.len());
    let rest = turn.split_off(length);
    std::mem::replace(&mut *turn, rest)
}

/// `None`: the system cannot poll this descriptor. Reading from it never blocks.
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

/// `read(length, position, wait)`: the bytes, none at the end. With a position they are those of a file there, and the
/// others stay where they are. Without `wait`, `null` where there is nothing yet.
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
    if let Some(position) = whole(call.arg(1)) {
        call.reservation.hold(length).await;
        let own = input.try_clone_to_owned().map_err(|error| failing.plain(errno(&error)))?;
        let (reservation, mut piece) = (call.reservation.clone(), Vec::with_capacity(length));
        let read = move || {
            // Who gives up the call gives the reservation back when this is done.
            let _reservation = reservation;
            rustix::io::pread(own, spare_capacity(&mut piece), position).map(|_| piece)
        };
        return on_thread(read).await.map(bytes).map_err(told);
    }
    let source = opened.source.get_or_try_init(async || Source::open(input)).await.map_err(|errno| failing.plain(errno))?;
    let waits = call.arg(2) == &Value::Bool(true);
    let _queued = if waits { Some(opened.queue.lock().await) } else { None };
    // Who waits for others holds no room meanwhile but what every call has.
    let length = if source.watched().is_some() { length.min(EACH) } else { length };
    call.reservation.hold(length).await;
    loop {
        let turn = opened.turn.clone().lock_owned().await;
        match source.read_now(input, length, turn, call.reservation.clone()).await.map_err(told)? {
            Some(piece) => return Ok(bytes(piece)),
            None if waits => source.ready().await.map_err(|error| failing.plain(errno(&error)))?,
            None => return Ok(Value::Null),
        }
    }
}

/// `ready()`: answered when reading does not wait: there is something, or the end.
pub(super) async fn ready(input: BorrowedFd<'_>, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("read", call.run);
    let opened = call.session.state::<Opened>();
    let source = opened.source.get_or_try_init(async || Source::open(input)).await.map_err(|errno| failing.plain(errno))?;
    if opened.turn.lock().await.is_empty() {
        source.ready().await.map_err(|error| failing.plain(errno(&error)))?;
    }
    Ok(Value::Undefined)
}

fn bytes(piece: Vec<u8>) -> Value {
    Value::TypedArray(TypedArrayKind::Uint8, piece.into())
}

/// A whole number, where there is one that is not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(value: &Value) -> Option<u64> {
    value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64)
}
