//! Changes to existing files: names, sizes, bits and times.

use std::os::fd::AsFd;

use drupe_protocol::{HostError, Value};
use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags},
    io::Errno,
};

use super::{
    Asked, Failing, Last,
    arg::{integer, mode_of, times},
    confine::{self, is_confined},
    place::{at, between, by_descriptor},
};
use crate::{
    Call,
    answer_budget::{EACH, MOST},
    permissions::{Kind, Permissions},
};

/// `rename(from, to)`. Who moves a file may read it afterwards, so that must be granted before. Links lead on only to
/// what is granted.
pub(super) async fn rename(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("rename", call.run);
    // A folder moves with all that it holds.
    let (from, to) = (Asked::at(call, 0, &failing)?.and_below(true), Asked::at(call, 1, &failing)?);
    let source = (&from, &[Kind::Read, Kind::Write][..], Last::Keep);
    let confined = is_confined(permissions).then(|| permissions.clone());
    let rename = async |most| {
        let (reservation, confined) = (call.reservation.clone(), confined.clone());
        between(permissions, &failing, source, (&to, &[Kind::Write], Last::Keep), move |from, to| {
            // Who gives up the call gives the reservation back when this is done.
            let _reservation = reservation;
            let effect = || {
                let ((old_folder, old), (new_folder, new)) = (from.parent()?, to.parent()?);
                if to.says_folder() && from.real.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
                    return Err(Errno::NOTDIR);
                }
                rustix::fs::renameat(old_folder, old, new_folder, new)
            };
            let done = match confined {
                Some(permissions) => confine::moved(&permissions, (from, to), most, effect),
                None => effect(),
            };
            match done {
                Err(Errno::NOMEM) if most < MOST => Ok(false),
                Err(Errno::NOMEM) => Err(Errno::XDEV),
                done => done.map(|()| true),
            }
        })
        .await
    };
    // How much there is shows when it is looked at.
    if !rename(EACH).await? {
        call.reservation.hold(MOST).await;
        rename(MOST).await?;
    }
    Ok(Value::Undefined)
}

/// `truncate(path, length)`.
pub(super) async fn truncate(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("open", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let length = integer(call, 1).and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    at(permissions, &failing, &asked, &[Kind::Write], Last::Follow, move |place| {
        rustix::fs::ftruncate(place.open(OFlags::WRONLY, Mode::empty())?, length)
    })
    .await
    .map(Value::from)
}

/// `chmod(path, mode)`.
pub(super) async fn chmod(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("chmod", call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let mode = mode_of(call, 1);
    at(permissions, &failing, &asked, &[Kind::Write], Last::Follow, move |place| {
        let fd = place.look()?;
        place.admit(fd.as_fd())?;
        rustix::fs::chmod(by_descriptor(fd.as_fd()), place.without_set_id(mode))
    })
    .await
    .map(Value::from)
}

/// `utimes(path, atime, mtime)` and `lutimes`.
pub(super) async fn utimes(permissions: &Permissions, call: &Call, last: Last) -> Result<Value, HostError> {
    let failing = Failing::new(if last == Last::Follow { "utime" } else { "lutime" }, call.run);
    let asked = Asked::at(call, 0, &failing)?;
    let times = times(call);
    at(permissions, &failing, &asked, &[Kind::Write], last, move |place| {
        if last == Last::Keep {
            let (folder, name) = place.parent()?;
            return rustix::fs::utimensat(folder, name, &times, AtFlags::SYMLINK_NOFOLLOW);
        }
        let fd = place.look()?;
        place.admit(fd.as_fd())?;
        rustix::fs::utimensat(CWD, by_descriptor(fd.as_fd()), &times, AtFlags::empty())
    })
    .await
    .map(Value::from)
}
