//! The cache of `package.json` files, for all kernels of a process. They are needed for every loaded file, and hardly
//! ever change.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    exact::{Found, Identity},
    manifest::{Broken, Manifest},
};

/// The longest `package.json`, in bytes. What is made of one takes up to 32 times as much.
pub(super) const MAX_MANIFEST: u64 = 1 << 20;

/// How many bytes of files are remembered; with more, all are forgotten.
const MAX_BYTES: u64 = 2 << 20;

/// What a `package.json` says, or what is wrong with it.
pub(super) type ReadManifest = Result<Arc<Manifest>, Arc<Broken>>;

/// By path, for as long as the file is the same.
#[derive(Debug, Default)]
pub(super) struct Manifests(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    files: HashMap<PathBuf, (Identity, ReadManifest)>,
    bytes: u64,
}

impl Manifests {
    /// What a file says that was just opened, **which is what entitles the caller to it**.
    pub(super) fn file(&self, path: &Path, found: &Found) -> io::Result<ReadManifest> {
        let identity = found.stat.identity;
        if let Some((known, manifest)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).files.get(path)
            && *known == identity
        {
            return Ok(manifest.clone());
        }
        let manifest = match found.read(MAX_MANIFEST) {
            Ok(bytes) => Manifest::parse(&bytes).map(Arc::new).map_err(Arc::new),
            Err(problem) if problem.kind() == io::ErrorKind::FileTooLarge => Err(Arc::new(Broken::new(problem.to_string()))),
            Err(problem) => return Err(problem),
        };
        if identity.is_settled() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path, identity, manifest.clone());
        }
        Ok(manifest)
    }
}

impl State {
    fn insert(&mut self, path: &Path, identity: Identity, manifest: ReadManifest) {
        if self.bytes.saturating_add(identity.size) > MAX_BYTES {
            *self = Self::default();
        }
        let before = self.files.insert(path.to_owned(), (identity, manifest));
        self.bytes = self.bytes + identity.size - before.map_or(0, |(before, _)| before.size);
    }
}
