//! Links and their targets.

use std::{
    ffi::OsString,
    os::{fd::AsFd, unix::ffi::OsStringExt},
    path::PathBuf,
};

use drupe_protocol::{HostError, Value};
use rustix::{
    fs::{AtFlags, CWD, FileType},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::raw_path,
    blocking,
    confine::{self, is_confined, leads_to},
    locate,
    place::{ATTEMPTS, at, between, by_descriptor},
};
use crate::{
    Call,
    answer_budget::EACH,
    permissions::{Kind, Permissions},
};

/// `symlink(target, path)`: a link may lead only to what is granted to be read and written; see [`confine`].
pub(super) async fn symlink(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("symlink", call.run);
    let (target, path) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let text = PathBuf::from(raw_path(call, 0)?);
    let confined = is_confined(permissions);
    for _ in 0..ATTEMPTS {
        let place = locate(permissions, &failing, &path, &[Kind::Write], Last::Keep).await.map_err(|error| both(error, &path))?;
        if confined {
            let folder = place.real.parent().unwrap_or(&place.real);
            let leads_to = leads_to(folder, &text).map_err(|errno| {
                let mut error = failing.paths(errno, &target.shown, &path.shown);
                error.message += ": where permissions are a list, `..` in the text of a link must come before any name";
                error
            })?;
            let target = Asked { path: leads_to, shown: target.shown.clone(), below: false };
            locate(permissions, &failing, &target, &[Kind::Read, Kind::Write], Last::Follow)
                .await
                .map_err(|error| both(error, &path))?;
        }
        let text = text.clone();
        let made = blocking(move || {
            // The folder is where it was when the text was held against it, or opening it fails.
            let _held = confined.then(confine::hold);
            let (folder, name) = place.parent_of_new()?;
            rustix::fs::symlinkat(&text, folder, name)
        });
        match made.await? {
            Err(Errno::LOOP) => {}
            done => return done.map(Value::from).map_err(|errno| failing.paths(errno, &target.shown, &path.shown)),
        }
    }
    Err(failing.paths(Errno::LOOP, &target.shown, &path.shown))
}

fn both(error: HostError, path: &Asked) -> HostError {
    error.with("dest", &*path.shown)
}

/// `link(existing, path)`: a second name gives whoever may write it the file, so the first must be granted to be
/// written, too.
pub(super) async fn link(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("link", call.run);
    let (existing, path) = (Asked::at(call, 0, &failing)?, Asked::at(call, 1, &failing)?);
    let both = [Kind::Read, Kind::Write];
    let (source, target) = ((&existing, &both[..], Last::Keep), (&path, &both[..], Last::Keep));
    let confined = is_confined(permissions).then(|| permissions.clone());
    between(permissions, &failing, source, target, move |existing, path| {
        let found = existing.look()?;
        let effect = || {
            let (folder, name) = path.parent_of_new()?;
            rustix::fs::linkat(CWD, by_descriptor(found.as_fd()), folder, name, AtFlags::SYMLINK_FOLLOW)
        };
        if FileType::from_raw_mode(rustix::fs::fstat(&found)?.st_mode) != FileType::Symlink {
            existing.admit(found.as_fd())?;
            return effect();
        }
        match &confined {
            Some(permissions) => confine::moved(permissions, (existing, path), EACH, effect),
            None => effect(),
        }
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
        place.admit_system(link.as_fd())?;
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
        place.admit_system(place.look()?.as_fd())?;
        Ok(place.real.to_string_lossy().into_owned())
    })
    .await
    .map(Value::from)
}
