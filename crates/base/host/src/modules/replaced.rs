//! Replaces a file as a whole.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use drupe_protocol::hex;

/// Calls `write` to make a file beside `place`, under a unique name, and then moves that file to `place`. `draft` makes
/// the name from a random part.
pub(super) fn replace(
    place: &Path,
    draft: impl FnOnce(&str) -> PathBuf,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let draft = draft(&hex(&random));
    write(&draft).and_then(|()| fs::rename(&draft, place)).inspect_err(|_| drop(fs::remove_file(&draft)))
}
