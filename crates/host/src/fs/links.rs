//! Links, and where they lead.

use std::{
    ffi::OsString,
    os::{fd::AsFd, unix::ffi::OsStringExt},
};

use drupe_protocol::{HostError, Value};
use rustix::{
    fs::{AtFlags, CWD, FileType},
    io::Errno,
};

use super::{
    Asked, Failing, Last, locate,
    place::{at, between, by_descriptor},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
};

/// `symlink(target, path)`. Nothing here would follow it out of what is granted, but other programs would: so a link may only lead to
/// what is granted to be read and written.
pub(super) async fn symlink(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("symlink", call.run);
    let (target, path) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let text = target.shown.clone();
    // Relative targets start from the link.
    let from_link = path.path.parent().unwrap_or(&path.path).join(&text);
    let leads_to = Asked::new(from_link.into_os_string(), &call.session, &failing)?;
    let leads_to = Asked { shown: text.clone(), ..leads_to };
    locate(permissions, &failing, &leads_to, &[Kind::Read, Kind::Write], Last::Follow).await?;
    at(permissions, &failing, &path, &[Kind::Write], Last::Keep, move |place| {
        let (folder, name) = place.parent()?;
        rustix::fs::symlinkat(&*text, folder, name)
    })
    .await
    .map(Value::from)
    .map_err(|error| error.with("dest", &*path.shown))
}

/// `link(existing, path)`: a second name gives whoever may write it the file, so the first must be granted to be written, too.
pub(super) async fn link(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("link", call.run);
    let (existing, path) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let both = [Kind::Read, Kind::Write];
    let (source, target) = ((&existing, &both[..], Last::Keep), (&path, &both[..], Last::Keep));
    between(permissions, &failing, source, target, |existing, path| {
        let found = existing.look()?;
        if FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) != FileType::Symlink {
            existing.admit(found.as_fd())?;
        }
        let (folder, name) = path.parent()?;
        rustix::fs::linkat(CWD, by_descriptor(found.as_fd()), folder, name, AtFlags::SYMLINK_FOLLOW)
    })
    .await
    .map(Value::from)
}

/// `readlink(path)`: where it says it leads.
pub(super) async fn read(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("readlink", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let target = at(permissions, &failing, &asked, &[Kind::Read], Last::Keep, |place| {
        let link = place.look()?;
        if FileType::from_raw_mode(rustix::fs::fstat(&link)?.st_mode) != FileType::Symlink {
            return Err(Errno::INVAL);
        }
        rustix::fs::readlinkat(link, "", Vec::new())
    })
    .await?;
    Ok(OsString::from_vec(target.into_bytes()).to_string_lossy().into_owned().into())
}

/// `realpath(path)`: the path without links.
pub(super) async fn real(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("lstat", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    at(permissions, &failing, &asked, &[Kind::Read], Last::Follow, |place| {
        place.look()?;
        Ok(place.real.to_string_lossy().into_owned())
    })
    .await
    .map(Value::from)
}
