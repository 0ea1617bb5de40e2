//! The fields of a `package.json` that modules need, and the names of packages.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value as Json;

use super::{asked::Style, bounded, targets};

/// A `package.json`.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) main: Option<String>,
    pub(super) kind: Option<String>,
    exports: Json,
    imports: Json,
    package_manager: Option<String>,
    engines: Json,
}

/// Reads the fields of an object. As in `JSON.parse`, the last of several fields of one name counts.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Manifest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Manifest, A::Error> {
        // A string; anything else is as if it were not there.
        let text = |value: Json| value.as_str().map(str::to_owned);
        let mut manifest = Manifest::default();
        while let Some(name) = fields.next_key::<String>()? {
            match &*name {
                "name" => manifest.name = text(fields.next_value()?),
                "version" => manifest.version = text(fields.next_value()?),
                "main" => manifest.main = text(fields.next_value()?),
                "type" => manifest.kind = text(fields.next_value()?),
                "exports" => manifest.exports = fields.next_value()?,
                "imports" => manifest.imports = fields.next_value()?,
                "packageManager" => manifest.package_manager = text(fields.next_value()?),
                "devEngines" => manifest.engines = fields.next_value()?,
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(manifest)
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

/// What is wrong with a `package.json`: the place in it, where that is known, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    at: Option<(usize, usize)>,
    why: String,
}

impl Broken {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { at: None, why: why.into() }
    }

    /// `line` and `column` begin with 1. The end of a text that ends with a line break is before the first column.
    pub(super) fn at(line: usize, column: usize, message: &str) -> Self {
        let why = message.split(" at line ").next().unwrap_or_default();
        Self { at: Some((line, column.max(1))), why: why.to_owned() }
    }
}

/// What follows the name of the file: `:LINE:COLUMN: WHY`.
impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.at {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl Manifest {
    /// As in Node, what is neither an object nor null is as if it had no fields.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Broken> {
        if !bounded::is_bounded(bytes) {
            return Err(Broken::new("it is nested too deep, or a name in it is too long"));
        }
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
        let read = match text.trim_ascii() {
            "" => return Err(Broken::new("it is empty")),
            "null" => return Err(Broken::new("it is null")),
            object if object.starts_with('{') => serde_json::from_str(&text),
            _ => serde_json::from_str::<IgnoredAny>(&text).map(|_| Self::default()),
        };
        read.map_err(|problem| Broken::at(problem.line(), problem.column(), &problem.to_string()))
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
    fn what_is_wrong_has_its_place() {
        let broken = |text: &str| Manifest::parse(text.as_bytes()).map(drop).map_err(|broken| broken.to_string());
        for (text, words) in [
            ("", ": it is empty"),
            (" \n", ": it is empty"),
            ("\u{feff}", ": it is empty"),
            ("null", ": it is null"),
            ("{,}", ":1:2: key must be a string"),
            ("{\n  \"type\": \"module\",\n}", ":3:1: trailing comma"),
            ("{\n  \"type\": \"module\"\n", ":3:1: EOF while parsing an object"),
            ("{} x", ":1:4: trailing characters"),
            ("[1", ":1:2: EOF while parsing a list"),
            ("module", ":1:1: expected value"),
        ] {
            assert_eq!(broken(text), Err(words.to_owned()), "{text}");
        }
        let kind = |text: &str| Manifest::parse(text.as_bytes()).map(|manifest| manifest.kind).unwrap_or_default();
        for (text, expected) in [
            ("{\"type\": \"module\"}", Some("module")),
            ("\u{feff}{\"type\": \"module\"}", Some("module")),
            ("{\"type\": \"commonjs\", \"type\": \"module\"}", Some("module")),
            ("{\"type\": 5, \"description\": \"\\ud83d\"}", None),
            ("[\"module\", \"module\", \"module\", \"module\"]", None),
            ("\"module\"", None),
        ] {
            assert!(broken(text).is_ok(), "{text}");
            assert_eq!(kind(text).as_deref(), expected, "{text}");
        }
        let latin = b"{\"type\": \"module\", \"author\": \"J\xfcrgen\"}";
        assert_eq!(Manifest::parse(latin).unwrap_or_default().kind.as_deref(), Some("module"));
    }

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
