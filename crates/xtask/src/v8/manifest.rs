//! The manifest of a prebuilt library: `third_party/v8/library.json`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;

/// The folder with the manifest, and perhaps the library.
pub(crate) const KEPT: &str = "third_party/v8";
/// The manifest's name.
pub(crate) const NAME: &str = "library.json";

/// A library: what it is, where it is, and how it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Version of the `v8` crate that it fits.
    pub(crate) version: String,
    /// Rust's name of the platform.
    pub(crate) target: String,
    /// Where the files are: a folder, relative to the checkout, or the beginning of their URLs.
    pub(crate) from: String,
    /// The static library, compressed.
    pub(crate) library: Item,
    /// The crate's generated binding.
    pub(crate) binding: Item,
    /// The arguments of GN.
    pub(crate) gn_args: Vec<String>,
    /// Provenance: who built it, from which sources, with which tools.
    pub(crate) built_by: String,
    pub(crate) built_from: String,
    pub(crate) tools: Vec<String>,
}

/// A file of the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// Its name, as the build script of the `v8` crate looks for it.
    pub(crate) name: String,
    /// Its SHA-256 sum in hexadecimal.
    pub(crate) sha256: String,
}

impl Manifest {
    /// The manifest in the checkout at `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(KEPT).join(NAME);
        let text = fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let manifest: Self = serde_json::from_str(&text).map_err(|source| Error::Manifest { path: path.clone(), source })?;
        // A name is joined to folders that are written to.
        let is_path = |item: &&Item| Path::new(&item.name).file_name() != Some(item.name.as_ref());
        if let Some(item) = manifest.items().into_iter().find(is_path) {
            return Err(Error::Name { path, name: item.name.clone() });
        }
        Ok(manifest)
    }

    pub(crate) fn items(&self) -> [&Item; 2] {
        [&self.library, &self.binding]
    }

    /// The file `item` as it is kept in the checkout at `root`, if it is.
    pub(crate) fn kept(root: &Path, item: &Item) -> Option<PathBuf> {
        let path = root.join(KEPT).join(&item.name);
        path.is_file().then_some(path)
    }
}

impl Item {
    /// Checks the file at `path`.
    pub(crate) fn verify(&self, path: &Path) -> Result<(), Error> {
        let found = sum(path)?;
        let expected = self.sha256.clone();
        if found == expected { Ok(()) } else { Err(Error::Checksum { path: path.to_owned(), found, expected }) }
    }
}

/// The SHA-256 sum of a file, in hexadecimal.
pub(crate) fn sum(path: &Path) -> Result<String, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let bytes = fs::read(path).map_err(failed)?;
    Ok(sum_of(&bytes))
}

/// The SHA-256 sum of bytes, in hexadecimal.
pub(crate) fn sum_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The version of `v8` that the `Cargo.toml` at `root` pins.
pub(crate) fn pinned(root: &Path) -> Result<Option<String>, Error> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
    Ok(text.lines().find_map(|line| line.strip_prefix("v8 = \"=")?.split('"').next()).map(str::to_owned))
}
