//! Detects files of a session's modules that have changed on disk since they were loaded.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use super::{
    exact::{self, Identity},
    location::Place,
};
use crate::Session;

/// The files that a session has loaded as modules, as they were. Packages are left out: they are replaced, not edited.
#[derive(Debug, Default)]
pub(super) struct Loaded(Mutex<BTreeMap<PathBuf, Identity>>);

impl Loaded {
    /// The file at `path`, a real one, is loaded as it is now.
    pub(super) fn note(&self, path: &Path, identity: Identity) {
        if !path.components().any(|component| component.as_os_str() == "node_modules") {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), identity);
        }
    }

    fn take_changed(&self) -> Vec<String> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = files.extract_if(.., |path, identity| !is_still(path, identity));
        changed.map(|(path, _)| Place::file(path).url()).collect()
    }
}

/// Whether there is still the same file at `path`.
fn is_still(path: &Path, identity: &Identity) -> bool {
    exact::open(path).is_ok_and(|found| found.stat.identity == *identity)
}

/// The URLs of the local modules that `session` has loaded and that are other files by now, or none: by device, inode,
/// size and times. Each is told once, until it is loaded again. One look at each file; nothing is read.
#[must_use]
pub fn take_changed(session: &Session) -> Vec<String> {
    session.state::<Loaded>().take_changed()
}
