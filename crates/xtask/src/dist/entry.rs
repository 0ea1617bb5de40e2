//! The files of a package, before they are in one.

use std::collections::BTreeSet;

/// A file of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// Its place in the package: names joined by slashes, relative.
    pub(super) path: String,
    pub(super) bytes: &'a [u8],
    /// Whether it is a program: anybody may execute it.
    pub(super) is_program: bool,
}

impl<'a> Entry<'a> {
    pub(super) fn file(path: impl Into<String>, bytes: &'a [u8]) -> Self {
        Self { path: path.into(), bytes, is_program: false }
    }

    pub(super) fn program(path: impl Into<String>, bytes: &'a [u8]) -> Self {
        Self { path: path.into(), bytes, is_program: true }
    }

    /// The rights of its file.
    pub(super) fn mode(&self) -> u32 {
        if self.is_program { 0o755 } else { 0o644 }
    }
}

/// The folders that the entries lie in, each before those that it holds.
pub(super) fn folders(entries: &[Entry]) -> BTreeSet<String> {
    let above = |entry: &Entry| entry.path.match_indices('/').map(|(at, _)| entry.path[..at].to_owned()).collect::<Vec<_>>();
    entries.iter().flat_map(above).collect()
}
