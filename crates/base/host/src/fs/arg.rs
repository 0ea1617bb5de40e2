//! The arguments of `fs` calls: paths, flags, bytes.

use std::{
    ffi::OsString,
    os::unix::ffi::OsStringExt,
    path::{Component, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use drupe_protocol::{HostError, Value, value::Bytes};
use rustix::{
    fs::{Mode, Timespec, Timestamps},
    io::Errno,
};

use super::Failing;
use crate::{Call, Session, follow::MAX_PATH};

/// How much errors show of a path that is too long, in bytes.
const MAX_SHOWN: usize = 200;

/// The folder that a session's relative paths start from: the parent's own, until the session changes it. **JavaScript
/// learns of it only where it may read it.**
#[derive(Debug, Default)]
pub(crate) struct Cwd(Mutex<Option<PathBuf>>);

impl Cwd {
    pub(crate) fn get(&self) -> PathBuf {
        let own = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        own.or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| PathBuf::from("/"))
    }

    /// Where the session has gone, if it has.
    pub(crate) fn moved(session: &Session) -> Option<PathBuf> {
        session.state::<Self>().0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, folder: PathBuf) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder);
    }

    pub(crate) fn of(session: &Session) -> PathBuf {
        session.state::<Self>().get()
    }
}

impl crate::Host {
    /// Has the relative paths of each session start from `folder`, until the session changes it.
    #[must_use]
    pub(crate) fn starting_in(self, folder: PathBuf) -> Self {
        self.preparing(move |session| {
            session.state::<Cwd>().0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| folder.clone());
        })
    }
}

/// The folder that relative paths of a session start from: the parent's own, until the session changes it. **Whether
/// JavaScript may know it is not asked.**
#[must_use]
pub fn working_folder(session: &Session) -> PathBuf {
    Cwd::of(session)
}

/// A path as it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Absolute, without `.`, `..` and doubled slashes. Links in it are not followed yet.
    pub(crate) path: PathBuf,
    /// As the user wrote it: **all that errors may show**.
    pub(crate) shown: String,
    /// Whether all below it is meant, too, where it is a folder.
    pub(crate) below: bool,
}

impl Asked {
    /// The path at `index` of the call: a string or bytes.
    pub(crate) fn at(call: &Call, index: usize, failing: &Failing) -> Result<Self, HostError> {
        Self::new(raw_path(call, index)?, &call.session, failing)
    }

    pub(crate) fn new(raw: OsString, session: &Session, failing: &Failing) -> Result<Self, HostError> {
        let bytes = raw.as_encoded_bytes();
        // What no path can be is not repeated in full.
        let is_long = bytes.len() > MAX_PATH;
        let shown = if is_long {
            format!("{}…", String::from_utf8_lossy(&bytes[..MAX_SHOWN]))
        } else {
            raw.to_string_lossy().into_owned()
        };
        let refused = match bytes {
            [] => Some(Errno::NOENT),
            _ if is_long => Some(Errno::NAMETOOLONG),
            _ if bytes.contains(&0) => Some(Errno::INVAL),
            _ => None,
        };
        if let Some(errno) = refused {
            return Err(failing.path(errno, &shown));
        }
        Ok(Self { path: normal(&Cwd::of(session).join(raw)), shown, below: false })
    }

    /// The same path with all below it.
    pub(crate) fn and_below(self, below: bool) -> Self {
        Self { below, ..self }
    }

    /// Whether it was written with a slash at its end, which only folders have.
    pub(crate) fn says_folder(&self) -> bool {
        self.shown.ends_with('/')
    }
}

/// The path at `index` as it was written: a string or bytes.
pub(super) fn raw_path(call: &Call, index: usize) -> Result<OsString, HostError> {
    match call.arg(index) {
        Value::String(text) => Ok(OsString::from(text)),
        Value::TypedArray(_, bytes) | Value::ArrayBuffer(bytes) => Ok(OsString::from_vec(bytes.to_vec())),
        _ => Err(wrong(call, index, "a path")),
    }
}

/// `path` without `.` and `..`, by its words alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    normal
}

/// The error for an argument of the wrong kind: the library checks before, so only strangers see it.
pub(super) fn wrong(call: &Call, index: usize, what: &str) -> HostError {
    HostError::new("TypeError", format!("argument {} of fs.{} must be {what}", index + 1, call.op))
        .with_code("ERR_INVALID_ARG_TYPE")
}

/// The whole number at `index`, if there is a number.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and the system refuses what is out of range")]
pub(super) fn integer(call: &Call, index: usize) -> Option<i64> {
    match call.arg(index) {
        Value::Number(number) if number.is_finite() => Some(*number as i64),
        _ => None,
    }
}

/// The flag at `index`; absent is false.
pub(super) fn flag(call: &Call, index: usize) -> bool {
    matches!(call.arg(index), Value::Bool(true))
}

/// The bytes at `index`.
pub(super) fn bytes(call: &Call, index: usize) -> Result<Bytes, HostError> {
    match call.arg(index) {
        Value::TypedArray(_, bytes) | Value::ArrayBuffer(bytes) => Ok(bytes.clone()),
        Value::String(text) => Ok(text.clone().into_bytes().into()),
        Value::Utf16(units) => Ok(String::from_utf16_lossy(units).into_bytes().into()),
        _ => Err(wrong(call, index, "bytes")),
    }
}

/// The permission bits at `index`: readable and writable for all but what the process masks, by default. **Before they
/// are used, `Place::without_set_id` removes the set-id bits.**
pub(super) fn mode_of(call: &Call, index: usize) -> Mode {
    mode_or(call, index, 0o666)
}

/// The same for a folder, which may be entered, too.
pub(super) fn folder_mode_of(call: &Call, index: usize) -> Mode {
    mode_or(call, index, 0o777)
}

fn mode_or(call: &Call, index: usize, default: u32) -> Mode {
    Mode::from_raw_mode(integer(call, index).and_then(|mode| u32::try_from(mode).ok()).unwrap_or(default) & 0o7777)
}

/// The times of access and of change at 1 and 2, in seconds since the Unix epoch.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
pub(super) fn times(call: &Call) -> Timestamps {
    let time = |index| {
        let seconds = call.arg(index).as_f64().filter(|seconds| seconds.is_finite()).unwrap_or(0.0);
        let whole = seconds.floor();
        Timespec { tv_sec: whole as i64, tv_nsec: ((seconds - whole) * 1e9) as _ }
    };
    Timestamps { last_access: time(1), last_modification: time(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat G1
    #[test]
    fn paths_are_normalised_by_their_words() {
        for (given, wanted) in
            [("/a/../b", "/b"), ("/../../x", "/x"), ("/a/./b//c/", "/a/b/c"), ("/a/b/../../..", "/"), ("/a/..\\b", "/a/..\\b")]
        {
            assert_eq!(normal(Path::new(given)), Path::new(wanted), "{given}");
        }
    }
}
