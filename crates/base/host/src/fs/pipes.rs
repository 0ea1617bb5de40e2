//! Pipes and terminals among the files. No thread of this process blocks on one; a read or a write waits here instead.
//!
//! They are opened without blocking. In Node an `open` may wait; here the first use waits instead, or this module.

use std::{fs::File, io, os::fd::OwnedFd, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, OFlags},
    io::Errno,
};
use tokio::io::{Interest, unix::AsyncFd};

use super::{error::errno, place::reopen};

/// How long until it is looked again whether somebody reads a named pipe: the system tells nobody.
const PAUSE: Duration = Duration::from_millis(20);

/// What a file is to those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// There is nothing to wait for.
    File,
    Pipe,
    Terminal,
}

/// What `file` is.
pub(super) fn flow(file: &File) -> Result<Flow, Errno> {
    Ok(match FileType::from_raw_mode(rustix::fs::fstat(file)?.st_mode) {
        FileType::Fifo => Flow::Pipe,
        FileType::CharacterDevice if rustix::termios::isatty(file) => Flow::Terminal,
        _ => Flow::File,
    })
}

/// Whether a pipe has something to read, or had a writer that has gone. **One that had no writer yet reads as if it
/// were at its end.**
pub(super) fn has_begun(pipe: &File) -> Result<bool, Errno> {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    Ok(poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&now))? > 0)
}

/// Waits until there is something to read, or the end. `pipe` is waited for once.
pub(super) async fn readable(pipe: File) -> io::Result<()> {
    watch(pipe, Interest::READABLE)?.readable().await.map(|_| ())
}

/// Waits until something can be written, or nobody reads any more. `pipe` is waited for once.
pub(super) async fn writable(pipe: File) -> io::Result<()> {
    watch(pipe, Interest::WRITABLE)?.writable().await.map(|_| ())
}

fn watch(pipe: File, interest: Interest) -> io::Result<AsyncFd<File>> {
    // SAFETY: an owned descriptor is the same one until it is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(pipe, interest)? })
}

/// Writes all of `content` from `at` on, as its reader takes it: how far it came, where not to the end, and why.
pub(super) async fn write_on(pipe: &File, content: &[u8], mut at: usize) -> Result<(), (usize, Errno)> {
    while at < content.len() {
        match rustix::io::write(pipe, &content[at..]) {
            Ok(count) => at += count,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let waits = async { writable(pipe.try_clone()?).await };
                waits.await.map_err(|error| (at, errno(&error)))?;
            }
            Err(errno) => return Err((at, errno)),
        }
    }
    Ok(())
}

/// Opens the named pipe `found`, a descriptor that only names it, once somebody reads it.
pub(super) async fn open_when_read(found: &OwnedFd, flags: OFlags) -> Result<OwnedFd, Errno> {
    loop {
        match reopen(std::os::fd::AsFd::as_fd(found), flags) {
            Err(Errno::NXIO) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
}
