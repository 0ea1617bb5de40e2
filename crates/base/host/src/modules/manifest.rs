//! The fields of a `package.json` that modules need, and the names of packages.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{asked::Style, bounded, targets};

/// A `package.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Manifest {
    #[serde(deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) version: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) main: Option<String>,
    #[serde(rename = "type", deserialize_with = "text")]
    pub(super) kind: Option<String>,
    exports: Json,
    imports: Json,
    #[serde(rename = "packageManager", deserialize_with = "text")]
    package_manager: Option<String>,
    #[serde(rename = "devEngines")]
    engines: Json,
}

/// A string; anything else is as if it were not there.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Json::deserialize(deserializer)?.as_str().map(str::to_owned))
}

impl Manifest {
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        if !bounded::is_bounded(bytes) {
            return None;
        }
        serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)).ok()
    }

    /// The name of the package manager that it says it uses, without the version.
    pub(super) fn manager(&self) -> Option<&str> {
        let named = self.package_manager.as_deref().map(|manager| manager.split('@').next().unwrap_or_default());
        let engine = || self.engines.get("packageManager").and_then(|engine| engine.get("name")?.as_str());
        named.or_else(engine)
    }

    /// Whether it says what can be imported of the package.
    pub(super) fn has_exports(&self) -> bool {
        !self.exports.is_null()
    }

    /// Whether it says what `#` names of the package mean.
    pub(super) fn has_imports(&self) -> bool {
        self.imports.is_object()
    }

    /// Where its `imports` or `exports` lead from a `#name`, `.` or `./subpath`.
    pub(super) fn target(&self, key: &str, style: Style) -> Option<String> {
        targets::target(if key.starts_with('#') { &self.imports } else { &self.exports }, key, style)
    }

    /// The subpaths that it exports, as `.` or `./a`.
    pub(super) fn subpaths(&self) -> Vec<String> {
        match &self.exports {
            Json::Object(map) if map.keys().any(|key| key.starts_with('.')) => {
                map.iter().filter(|(_, target)| !target.is_null()).map(|(key, _)| key.clone()).collect()
            }
            Json::Null => Vec::new(),
            _ => vec![".".to_owned()],
        }
    }
}

/// The package's name in a bare specifier.
pub(super) fn package_name(specifier: &str) -> &str {
    let slashes = usize::from(specifier.starts_with('@'));
    specifier.match_indices('/').nth(slashes).map_or(specifier, |(at, _)| &specifier[..at])
}

/// Whether a package can have this name.
pub(super) fn is_package_name(name: &str) -> bool {
    let scope_fits = !name.starts_with('@') || name.split_once('/').is_some_and(|(_, rest)| !rest.is_empty());
    scope_fits && !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '%', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages() {
        assert_eq!(package_name("a"), "a");
        assert_eq!(package_name("a/b/c"), "a");
        assert_eq!(package_name("@a/b/c"), "@a/b");
        assert_eq!(package_name("@a/b"), "@a/b");
        for bad in ["", "@a", "@a/", "a%2fb", "a\\b", ".a"] {
            assert!(!is_package_name(bad), "{bad}");
        }
        assert!(is_package_name("@a/b") && is_package_name("a.b"));
    }
}
