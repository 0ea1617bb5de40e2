//! Changes to what is there: names, sizes, bits and times.

use std::os::fd::AsFd;

use drupe_protocol::{HostError, Value};
use rustix::fs::{AtFlags, CWD, Mode, OFlags};

use super::{
    Asked, Failing, Last,
    arg::{integer, mode_of, times},
    confine::{self, is_confined, may_move},
    place::{at, between, by_descriptor},
};
use crate::{
    Call,
    permissions::{Kind, Permissions},
};

/// `rename(from, to)`. Who moves a file may read it afterwards, so that must be granted before. Links lead on only to what is granted.
pub(super) async fn rename(permissions: &Permissions, call: &Call) -> Result<Value, HostError> {
    let failing = Failing::new("rename", call.run);
    // A folder moves with all that it holds.
    let (from, to) = (Asked::at(call, 0, &failing)?.and_below(true), Asked::at(call, 1, &failing)?);
    let source = (&from, &[Kind::Read, Kind::Write][..], Last::Keep);
    let confined = is_confined(permissions).then(|| permissions.clone());
    between(permissions, &failing, source, (&to, &[Kind::Write], Last::Keep), move |from, to| {
        let held = confined.as_ref().map(|permissions| (confine::hold(), may_move(permissions, from, to)));
        if let Some((_, moved)) = &held {
            (*moved)?;
        }
        let ((old_folder, old), (new_folder, new)) = (from.parent()?, to.parent()?);
        rustix::fs::renameat(old_folder, old, new_folder, new)
    })
    .await
    .map(Value::from)
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
