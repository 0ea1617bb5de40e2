//! Whole files: reads, writes and copies them.

use std::{
    fs::{File, Permissions as Mask},
    io::{Read, Write},
    ops::Range,
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    buffer::spare_capacity,
    fs::{Mode, OFlags, SeekFrom, seek},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::{bytes, flag, integer, mode_of},
    blocking,
    error::errno,
    files::{kinds_of, last_of},
    pipes::{self, Flow},
    place::{Opening, Place, at, between},
};
use crate::{
    Call,
    answer_budget::EACH,
    permissions::{Kind, Permissions},
};

/// Larger files are read in pieces.
pub(super) const MAX_WHOLE: u64 = 16 << 20;
/// What is written or copied between two looks at whether somebody still waits, in bytes.
const STEP: usize = 4 << 20;
/// Larger blocks are not allocated by the threads that read: allocators keep much of what was freed for each of their
/// threads.
const LARGE: usize = 256 << 10;

/// `readFile(path, as_text)`: its bytes, or its text if it is all text; `null` if it must be read in pieces: it is
/// large, or no file.
pub(super) async fn read(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let reservation = call.reservation.clone();
    let opened = at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, move |place| {
        // What comes from elsewhere may have to be waited for.
        let Some(fd) = place.open_file()? else { return Ok(Ok(Opened::Large)) };
        let file = File::from(fd);
        let metadata = file.metadata().map_err(|error| errno(&error))?;
        if metadata.is_dir() {
            return Ok(Err(Errno::ISDIR));
        }
        if metadata.size() > MAX_WHOLE {
            return Ok(Ok(Opened::Large));
        }
        // Some files do not tell their size.
        let most = usize::try_from(metadata.size()).unwrap_or(0).max(EACH);
        // Mostly it is small, there is room, and nobody else need be asked.
        let at_once = most < LARGE && reservation.try_hold(most);
        Ok(if at_once { content(&file, Vec::with_capacity(most + 1)) } else { Ok(Opened::Waits(file, most)) })
    })
    .await?;
    let opened = match opened {
        Ok(Opened::Waits(file, most)) => {
            call.reservation.hold(most).await;
            // Who gives up the call gives the reservation back when this is done.
            let (reservation, block) = (call.reservation.clone(), Vec::with_capacity(most + 1));
            blocking(move || (content(&file, block), reservation)).await?.0
        }
        opened => opened,
    };
    let content = match opened.map_err(|errno| Failing::new("read", call.run).plain(errno))? {
        Opened::Content(content) => content,
        Opened::Large | Opened::Waits(..) => return Ok(Value::Null),
    };
    let bytes = |content: Vec<u8>| Value::TypedArray(TypedArrayKind::Uint8, content.into());
    // Where something in it is no text, it is for the kernel to say what: that takes up to three times as much.
    Ok(if flag(call, 1) {
        String::from_utf8(content).map_or_else(|bad| bytes(bad.into_bytes()), Value::from)
    } else {
        bytes(content)
    })
}

/// A file that is to be read as a whole.
enum Opened {
    Content(Vec<u8>),
    /// It is to be read when there is room for so many bytes.
    Waits(File, usize),
    /// It is to be read in pieces.
    Large,
}

/// What is in a file, if it fits into `block` and leaves a byte of it.
fn content(file: &File, mut block: Vec<u8>) -> Result<Opened, Errno> {
    while block.len() < block.capacity() {
        match rustix::io::read(file, spare_capacity(&mut block)) {
            Ok(0) => return Ok(Opened::Content(block)),
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(Opened::Large)
}

/// `writeFile(path, bytes, flags, mode)`.
pub(super) async fn write(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let content = bytes(call, 1)?;
    let flags = OFlags::from_bits_retain(integer(call, 2).and_then(|flags| u32::try_from(flags).ok()).unwrap_or(0));
    let mode = mode_of(call, 3);
    let whole = content.clone();
    let left = at(permissions, &failing, &asked, &kinds_of(flags), last_of(flags), move |place| {
        let mut file = match place.open_or_find(flags, mode)? {
            Opening::Open(fd) => File::from(fd),
            Opening::Unread(found, flags) => return Ok(Some(Left::Unread(found, flags))),
        };
        if pipes::flow(&file)? != Flow::File {
            return Ok(Some(Left::Pipe(file)));
        }
        for step in content.chunks(STEP) {
            place.go_on()?;
            file.write_all(step).map_err(|error| errno(&error))?;
        }
        Ok(None)
    })
    .await?;
    let written = async {
        let pipe = match left {
            None => return Ok(()),
            Some(Left::Pipe(pipe)) => pipe,
            Some(Left::Unread(found, flags)) => File::from(pipes::open_when_read(&found, flags).await?),
        };
        pipes::write_on(&pipe, &whole, 0).await.map_err(|(_, errno)| errno)
    };
    written.await.map(Value::from).map_err(|errno| failing.path(errno, &asked.shown))
}

/// What is still to be written, as its reader takes it.
enum Left {
    Pipe(File),
    /// Nobody reads it yet.
    Unread(OwnedFd, OFlags),
}

/// `copyFile(from, to, exclusive)`: as many bytes as the file says that it has. A device says that it has none, and a
/// file that grows meanwhile is copied as it was.
pub(super) async fn copy(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("copyfile", call.run);
    let (from, to) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let exclusive = flag(call, 2);
    let last = if exclusive { Last::Keep } else { Last::Follow };
    let (source, target) = ((&from, &[Kind::Read][..], Last::Follow), (&to, &[Kind::Write][..], last));
    between(permissions, &failing, source, target, move |from, to| {
        let mut source = File::from(from.open(OFlags::RDONLY, Mode::empty())?);
        let metadata = source.metadata().map_err(|error| errno(&error))?;
        if metadata.is_dir() {
            return Err(Errno::ISDIR);
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | if exclusive { OFlags::EXCL } else { OFlags::empty() };
        let mut target = File::from(to.open(flags, Mode::from_raw_mode(metadata.mode() & 0o777))?);
        let there = target.metadata().map_err(|error| errno(&error))?;
        if (there.dev(), there.ino()) == (metadata.dev(), metadata.ino()) {
            return Ok(());
        }
        target.set_len(0).map_err(|error| errno(&error))?;
        copy_in_steps(from, &mut source, &mut target, metadata.size())?;
        // Whose file it is not may still fill it.
        drop(target.set_permissions(Mask::from_mode(metadata.mode() & 0o777)));
        Ok(())
    })
    .await
    .map(Value::from)
}

/// Copies `size` bytes, or what there is, as long as somebody waits. Holes stay holes: they cost nothing.
fn copy_in_steps(place: &Place, source: &mut File, target: &mut File, size: u64) -> Result<(), Errno> {
    let mut at = 0;
    while let Some(data) = next_data(source, at, size)? {
        at = data.start;
        seek(&*target, SeekFrom::Start(at))?;
        while at < data.end {
            place.go_on()?;
            let step = (data.end - at).min(STEP as u64);
            let copied = std::io::copy(&mut Read::by_ref(source).take(step), target).map_err(|error| errno(&error))?;
            if copied == 0 {
                return Ok(());
            }
            at += copied;
        }
    }
    // A hole at the end. If the file has become shorter, so is the copy.
    let length = source.metadata().map_err(|error| errno(&error))?.size().min(size);
    if at < length { target.set_len(length).map_err(|error| errno(&error)) } else { Ok(()) }
}

/// The next stretch of a file that is no hole, below `size`. The file is moved to where it begins.
fn next_data(file: &File, at: u64, size: u64) -> Result<Option<Range<u64>>, Errno> {
    if at >= size {
        return Ok(None);
    }
    let start = match seek(file, SeekFrom::Data(at)) {
        Ok(start) if start < size => start,
        Ok(_) | Err(Errno::NXIO) => return Ok(None),
        // This file system does not tell. All of it is data.
        Err(_) => {
            seek(file, SeekFrom::Start(at))?;
            return Ok(Some(at..size));
        }
    };
    let end = seek(file, SeekFrom::Hole(start)).unwrap_or(size).min(size);
    seek(file, SeekFrom::Start(start))?;
    Ok(Some(start..end))
}
