//! The places of modules and of their importers: URLs and the paths in them, normalised before any use.

use std::path::{Path, PathBuf};

use url::Url;

/// Who imports or requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Referrer {
    /// A chunk, as if it were a file in this folder.
    Chunk(PathBuf),
    /// A file.
    File(PathBuf),
    /// A module that is its own URL: it has no place.
    Data,
    /// A module from the network.
    Remote(Url),
}

impl Referrer {
    /// The folder that relative paths and packages are looked for in.
    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Chunk(folder) => Some(folder),
            Self::File(path) => path.parent(),
            Self::Data | Self::Remote(_) => None,
        }
    }

    /// What relative URLs are relative to.
    pub(super) fn base(&self) -> Option<Url> {
        match self {
            Self::Chunk(folder) => Url::from_directory_path(folder).ok(),
            Self::File(path) => Url::from_file_path(path).ok(),
            Self::Data => None,
            Self::Remote(url) => Some(url.clone()),
        }
    }

    /// In messages; nothing for chunks, which are not to be found.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Chunk(_) => None,
            Self::File(path) => Some(path.display().to_string()),
            Self::Data => Some("a data: URL".to_owned()),
            Self::Remote(url) => Some(url.to_string()),
        }
    }
}

/// A module's place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// One of Node's own modules, as `node:fs`.
    Builtin(String),
    /// A file by its real path; `suffix` is the query and fragment of its URL, which make it another module.
    File { path: PathBuf, suffix: String },
    /// The module is in its URL.
    Data(Url),
    /// On the network.
    Remote(Url),
}

impl Place {
    pub(super) fn file(path: PathBuf) -> Self {
        Self::File { path, suffix: String::new() }
    }

    /// The URL that is the module's identity.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Builtin(url) => url.clone(),
            Self::File { path, suffix } => {
                let url = Url::from_file_path(path).map_or_else(|()| path.display().to_string(), |url| url.to_string());
                url + suffix
            }
            Self::Data(url) | Self::Remote(url) => url.to_string(),
        }
    }

    /// Who this is when it imports.
    pub(super) fn referrer(&self) -> Referrer {
        match self {
            Self::File { path, .. } => Referrer::File(path.clone()),
            Self::Remote(url) => Referrer::Remote(url.clone()),
            Self::Builtin(_) | Self::Data(_) => Referrer::Data,
        }
    }
}

/// The query and fragment of a URL, with their marks.
pub(super) fn suffix(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    query + &fragment
}

/// Whether a specifier is a path: it begins with `/`, `./` or `../`, or is `.` or `..`.
pub(super) fn is_path(specifier: &str) -> bool {
    specifier.starts_with('/') || specifier.starts_with("./") || specifier.starts_with("../") || matches!(specifier, "." | "..")
}
