//! Metadata of files.

use std::{
    fs::{File, Metadata},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::MetadataExt,
    },
    time::UNIX_EPOCH,
};

use drupe_protocol::{HostError, Value, clock::STEP};
use rustix::{
    fs::{Access, CWD, FileType},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::integer,
    error::errno,
    place::{Place, at, by_descriptor},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
};

/// `stat(path)` and `lstat(path)`: see [`describe`].
pub(super) async fn stat(permissions: &Permissions, call: &Call, last: Last) -> Result<Value, HostError> {
    let failing = Failing::new(if last == Last::Follow { "stat" } else { "lstat" }, call.run);
    let asked = Asked::at(call, 0, &failing)?;
    // A slash at the end follows a link.
    let last = if asked.says_folder() { Last::Follow } else { last };
    at(permissions, &failing, &asked, &[Kind::Read], last, move |place| {
        let fd = place.look()?;
        place.admit_system(fd.as_fd())?;
        let metadata = metadata(fd)?;
        if metadata.is_symlink() && last == Last::Follow {
            return Err(Errno::LOOP);
        }
        Ok(describe(&metadata))
    })
    .await
}

pub(super) fn metadata(fd: OwnedFd) -> Result<Metadata, Errno> {
    File::from(fd).metadata().map_err(|error| errno(&error))
}

/// What is known of an open stream; see [`describe`].
pub(crate) fn stat_of(stream: BorrowedFd) -> Result<Value, Errno> {
    let own = stream.try_clone_to_owned().map_err(|error| errno(&error))?;
    metadata(own).map(|metadata| describe(&metadata))
}

/// `[dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atime, mtime, ctime, birthtime]`, all BigInts, the
/// times in nanoseconds since the Unix epoch, in [steps](STEP).
pub(super) fn describe(metadata: &Metadata) -> Value {
    // **A file that was just written tells the time**, and no finer than other clocks.
    let step = STEP.as_nanos().cast_signed();
    let cut = |nanos: i128| nanos - nanos.rem_euclid(step);
    let time = |seconds: i64, nanos: i64| cut(i128::from(seconds) * 1_000_000_000 + i128::from(nanos));
    let changed = time(metadata.ctime(), metadata.ctime_nsec());
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.map_or(changed, |born| i128::try_from(born.as_nanos()).map_or(changed, cut));
    let numbers: [i128; 14] = [
        metadata.dev().into(),
        metadata.mode().into(),
        metadata.nlink().into(),
        metadata.uid().into(),
        metadata.gid().into(),
        metadata.rdev().into(),
        metadata.blksize().into(),
        metadata.ino().into(),
        metadata.size().into(),
        metadata.blocks().into(),
        time(metadata.atime(), metadata.atime_nsec()),
        time(metadata.mtime(), metadata.mtime_nsec()),
        changed,
        born,
    ];
    Value::Array(numbers.into_iter().map(Value::from).collect())
}

/// `access(path, mode)`.
pub(super) async fn access(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("access", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let bits = integer(call, 1).and_then(|mode| u32::try_from(mode).ok()).unwrap_or(0);
    let mode = Access::from_bits(bits).ok_or_else(|| failing.path(Errno::INVAL, &asked.shown))?;
    let mut kinds = vec![Kind::Read];
    if mode.contains(Access::WRITE_OK) {
        kinds.push(Kind::Write);
    }
    at(permissions, &failing, &asked, &kinds, Last::Follow, move |place| {
        let fd = place.look()?;
        if FileType::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode) == FileType::Symlink {
            return Err(Errno::LOOP);
        }
        place.admit_system(fd.as_fd())?;
        rustix::fs::accessat(CWD, by_descriptor(fd.as_fd()), mode, rustix::fs::AtFlags::EACCESS)
    })
    .await
    .map(Value::from)
}

/// `statfs(path)`: `[type, bsize, blocks, bfree, bavail, files, ffree]`, all BigInts.
pub(super) async fn statfs(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("statfs", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, |place: &Place| {
        let fd = place.look()?;
        place.admit_system(fd.as_fd())?;
        let stat = rustix::fs::fstatfs(fd)?;
        let numbers: [i128; 7] = [
            stat.f_type.into(),
            stat.f_bsize.into(),
            stat.f_blocks.into(),
            stat.f_bfree.into(),
            stat.f_bavail.into(),
            stat.f_files.into(),
            stat.f_ffree.into(),
        ];
        Ok(Value::Array(numbers.into_iter().map(Value::from).collect()))
    })
    .await
}
