//! The file system as the gate shows it, for the resolver of packages.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use oxc_resolver::{FileMetadata, FileSystem, ResolveError};

use super::{bounded, exact::Identity, gate::Gate, manifests::MAX_MANIFEST};

/// The files that were read for a project, each as it was, and at most so many: each may lead to another.
#[derive(Debug)]
pub(super) struct Reads {
    most: usize,
    files: Mutex<Vec<(PathBuf, Identity)>>,
}

impl Reads {
    pub(super) fn at_most(count: usize) -> Arc<Self> {
        Arc::new(Self { most: count, files: Mutex::default() })
    }

    /// By the paths that they were asked for by.
    pub(super) fn take(&self) -> Vec<(PathBuf, Identity)> {
        std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, path: &Path, identity: Identity) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= self.most {
            return Err(io::Error::other("too many files have to be read"));
        }
        files.push((path.to_owned(), identity));
        Ok(())
    }
}

/// What a resolver sees.
#[derive(Debug)]
pub(super) struct Eyes {
    /// Without a gate there is nothing to see.
    gate: Option<Arc<Gate>>,
    /// What is read, where that is a project.
    project: Option<Arc<Reads>>,
}

impl Eyes {
    /// Reads the manifests of packages.
    pub(super) fn of_packages(gate: Arc<Gate>) -> Self {
        Self { gate: Some(gate), project: None }
    }

    /// Reads texts that may have comments, and tells `reads` of them.
    pub(super) fn of_project(gate: Arc<Gate>, reads: &Arc<Reads>) -> Self {
        Self { gate: Some(gate), project: Some(reads.clone()) }
    }

    fn gate(&self) -> io::Result<&Gate> {
        self.gate.as_deref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl FileSystem for Eyes {
    fn new() -> Self {
        Self { gate: None, project: None }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let gate = self.gate()?;
        let Some(reads) = &self.project else {
            let bytes = gate.read(path, MAX_MANIFEST)?;
            return if bounded::is_bounded(&bytes) { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) };
        };
        // A tsconfig may have comments, which `is_bounded` cannot read. Its parser limits the depth.
        let (found, real) = gate.open(path)?;
        reads.add(path, found.stat.identity)?;
        gate.tell_use(&real);
        found.read(MAX_MANIFEST)
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
