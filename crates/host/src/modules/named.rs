//! What kernels and URLs name as places, held against what an alias could hide in.

use std::path::{Path, PathBuf};

use drupe_protocol::{HostError, Value};
use url::Url;

use super::{errors, gate::normalize, location::Referrer};

impl Referrer {
    /// The referrer that a kernel names: nothing for a chunk, otherwise a URL, or the path of a file.
    pub(super) fn read(value: &Value, root: &Path) -> Result<Self, HostError> {
        let name = match value {
            Value::Undefined | Value::Null => return Ok(Self::Chunk(root.to_owned())),
            Value::String(name) => name,
            _ => return Err(errors::type_error("ERR_INVALID_ARG_TYPE", "a referrer must be the URL of a module".to_owned())),
        };
        if name.starts_with('/') {
            return Ok(Self::File(normalize(Path::new(name))));
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
    Ok(normalize(&path))
}
