//! Whole files: read, written, copied.

use std::{
    fs::{File, Permissions as Mask},
    io::{Read, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt},
    },
};

use drupe_protocol::{HostError, Value, value::TypedArrayKind};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::{bytes, flag, integer, mode_of},
    error::errno,
    files::kinds_of,
    place::{at, between},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
};

/// Larger files are read in pieces.
pub(super) const MAX_WHOLE: u64 = 16 << 20;

/// `readFile(path, as_text)`: its bytes, or its text; `null` if it is so large that it must be read in pieces.
pub(super) async fn read(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let read = at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, |place| {
        let mut file = File::from(place.open(OFlags::RDONLY, Mode::empty())?);
        let metadata = file.metadata().map_err(|error| errno(&error))?;
        if metadata.is_dir() {
            return Ok(Err(Errno::ISDIR));
        }
        if metadata.size() > MAX_WHOLE {
            return Ok(Ok(None));
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.size()).unwrap_or(0) + 1);
        let read = (&mut file).take(MAX_WHOLE + 1).read_to_end(&mut content);
        Ok(match read {
            Ok(_) if content.len() as u64 > MAX_WHOLE => Ok(None),
            Ok(_) => Ok(Some(content)),
            Err(error) => Err(errno(&error)),
        })
    })
    .await?;
    let content = read.map_err(|errno| Failing::new("read", call.run).plain(errno))?;
    let Some(content) = content else { return Ok(Value::Null) };
    if !flag(call, 1) {
        return Ok(Value::TypedArray(TypedArrayKind::Uint8, content));
    }
    // Copied only where something in it is no text.
    Ok(String::from_utf8(content).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()).into())
}

/// `writeFile(path, bytes, flags, mode)`.
pub(super) async fn write(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let content = bytes(call, 1)?;
    let flags = OFlags::from_bits_retain(integer(call, 2).and_then(|flags| u32::try_from(flags).ok()).unwrap_or(0));
    let mode = mode_of(call, 3);
    at(permissions, &failing, &asked, &kinds_of(flags), Last::Follow, move |place| {
        let fd: OwnedFd = place.open(flags, mode)?;
        File::from(fd).write_all(&content).map_err(|error| errno(&error))
    })
    .await
    .map(Value::from)
}

/// `copyFile(from, to, exclusive)`.
pub(super) async fn copy(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("copyfile", call.run);
    let (from, to) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let exclusive = flag(call, 2);
    let (source, target) = ((&from, &[Kind::Read][..], Last::Follow), (&to, &[Kind::Write][..], Last::Follow));
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
        std::io::copy(&mut source, &mut target).map_err(|error| errno(&error))?;
        // Whose file it is not may still fill it.
        drop(target.set_permissions(Mask::from_mode(metadata.mode() & 0o777)));
        Ok(())
    })
    .await
    .map(Value::from)
}
