//! Parses the places that kernels and URLs name, and refuses spellings that could hide an alias.

use std::path::{Path, PathBuf};

use drupe_protocol::{HostError, Value};
use url::Url;

use super::{
    bounded::{MAX_SPECIFIER, is_path_bounded},
    errors,
    location::Referrer,
};
use crate::fs::normal;

impl Referrer {
    /// The referrer that a kernel names: nothing for a chunk, otherwise a URL, or the path of a file.
    pub(super) fn read(value: &Value, root: &Path) -> Result<Self, HostError> {
        let name = match value {
            Value::Undefined | Value::Null => return Ok(Self::Chunk(root.to_owned())),
            Value::String(name) => name,
            _ => return Err(errors::type_error("ERR_INVALID_ARG_TYPE", "a referrer must be the URL of a module".to_owned())),
        };
        let is_data = name.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        if is_data {
            return Ok(Self::Data);
        }
        let too_long =
            || errors::type_error("ERR_INVALID_ARG_VALUE", "a referrer is longer than the name of any module".to_owned());
        if name.len() > MAX_SPECIFIER {
            return Err(too_long());
        }
        if name.starts_with('/') {
            return bounded(normal(Path::new(name))).map(Self::File).ok_or_else(too_long);
        }
        let url = Url::parse(name).map_err(|_| errors::type_error("ERR_INVALID_URL", format!("Invalid URL: '{name}'")))?;
        match url.scheme() {
            "file" => bounded(file_path(&url, name)?).map(Self::File).ok_or_else(too_long),
            "http" | "https" => Ok(Self::Remote(url)),
            // A built-in imports nothing by place.
            _ => Ok(Self::Data),
        }
    }
}

fn bounded(path: PathBuf) -> Option<PathBuf> {
    is_path_bounded(&path).then_some(path)
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
    Ok(normal(&path))
}
