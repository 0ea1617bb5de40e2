//! Where modules are, and who imports: URLs and the paths in them, normalised before anything looks at them.

use std::path::{Path, PathBuf};

use drupe_protocol::{HostError, Value};
use url::Url;

use super::errors;

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
    /// The referrer that a kernel names: nothing for a chunk, otherwise a URL, or the path of a file.
    pub(super) fn read(value: &Value, root: &Path) -> Result<Self, HostError> {
        let name = match value {
            Value::Undefined | Value::Null => return Ok(Self::Chunk(root.to_owned())),
            Value::String(name) => name,
            _ => return Err(errors::type_error("ERR_INVALID_ARG_TYPE", "a referrer must be the URL of a module".to_owned())),
        };
        if name.starts_with('/') {
            return Ok(Self::File(super::gate::normalize(Path::new(name))));
        }
        let url = Url::parse(name).map_err(|_| errors::type_error("ERR_INVALID_URL", format!("Invalid URL: '{name}'")))?;
        match url.scheme() {
            "file" => Ok(Self::File(file_path(&url, name)?)),
            "data" => Ok(Self::Data),
            "http" | "https" => Ok(Self::Remote(url)),
            // A built-in imports nothing by place.
            _ => Ok(Self::Data),
        }
    }

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

/// The path in a `file:` URL, without what an alias could hide in: escaped slashes, NULs, other hosts.
pub(super) fn file_path(url: &Url, specifier: &str) -> Result<PathBuf, HostError> {
    if url.host_str().is_some_and(|host| !host.is_empty() && host != "localhost") {
        return Err(errors::type_error("ERR_INVALID_FILE_URL_HOST", "File URL host must be \"localhost\" or empty".to_owned()));
    }
    let escaped = url.path().to_ascii_lowercase();
    if escaped.contains("%2f") || escaped.contains("%5c") {
        return Err(errors::invalid_specifier(specifier, "must not include encoded \"/\" or \"\\\" characters"));
    }
    if escaped.contains("%00") {
        return Err(errors::invalid_specifier(specifier, "must not include NUL characters"));
    }
    let path = url.to_file_path().map_err(|()| errors::invalid_specifier(specifier, "is not the URL of a file"))?;
    Ok(super::gate::normalize(&path))
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
