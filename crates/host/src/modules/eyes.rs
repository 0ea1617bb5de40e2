//! The file system as the gate shows it, for the resolver of packages.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use oxc_resolver::{FileMetadata, FileSystem, ResolveError};

use super::{bounded, gate::Gate, manifests::MAX_MANIFEST};

/// What a resolver sees.
#[derive(Debug)]
pub(super) struct Eyes {
    /// Without a gate there is nothing to see.
    gate: Option<Arc<Gate>>,
    /// How many files more may be read, where that is bounded: each may lead to another.
    left: Option<AtomicUsize>,
}

impl Eyes {
    /// Reads the manifests of packages.
    pub(super) fn of_packages(gate: Arc<Gate>) -> Self {
        Self { gate: Some(gate), left: None }
    }

    /// Reads texts that may have comments, at most `count` of them.
    pub(super) fn of_texts(gate: Arc<Gate>, count: usize) -> Self {
        Self { gate: Some(gate), left: Some(AtomicUsize::new(count)) }
    }

    fn gate(&self) -> io::Result<&Gate> {
        self.gate.as_deref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl FileSystem for Eyes {
    fn new() -> Self {
        Self { gate: None, left: None }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let take = |left: usize| left.checked_sub(1);
        if let Some(left) = &self.left
            && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err()
        {
            return Err(io::Error::other("too many files have to be read"));
        }
        let bytes = self.gate()?.read(path, MAX_MANIFEST)?;
        // What has comments is held to its depth by its parser, and names files in no field of a manifest.
        if self.left.is_some() || bounded::is_bounded(&bytes) { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let stat = self.gate()?.stat(path)?;
        Ok(FileMetadata::new(stat.is_file, stat.is_folder, false))
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.metadata(path)
    }

    fn read_link(&self, _: &Path) -> Result<PathBuf, ResolveError> {
        Err(io::Error::from(io::ErrorKind::InvalidInput).into())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.gate()?.real(path)
    }
}
