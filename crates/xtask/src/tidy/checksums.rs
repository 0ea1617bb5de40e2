//! Checks that files of others are unchanged: every file against the `SHA256SUMS` beside it, and the V8 library against
//! its manifest.

use std::fs;
use std::path::Path;

use super::{TidyError, Violation, read};
use crate::v8::manifest::{KEPT, Manifest, NAME, pinned, sum_of};

/// Checks the folders of what is kept of others.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let mut violations = Vec::new();
    for folder in FOLDERS {
        let sums = read(root, &format!("{folder}/SHA256SUMS"))?;
        for (expected, name) in parse(&sums) {
            let path = root.join(folder).join(name);
            let bytes = fs::read(&path).map_err(|source| TidyError::Read { path, source })?;
            violations.extend(compare(&format!("{folder}/{name}"), expected, &bytes));
        }
    }
    violations.extend(library(root)?);
    Ok(violations)
}

/// Checks the V8 library's manifest, and the files that are kept beside it. Those that are elsewhere are checked when
/// they are fetched.
fn library(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let manifest = Manifest::read(root)?;
    let mut violations = Vec::new();
    for item in manifest.items() {
        match Manifest::kept(root, item) {
            Some(path) => {
                let bytes = fs::read(&path).map_err(|source| TidyError::Read { path, source })?;
                violations.extend(compare(&format!("{KEPT}/{}", item.name), &item.sha256, &bytes));
            }
            None if manifest.from == KEPT => {
                let wrong = format!("{KEPT}/{NAME} says that {} is beside it, and it is not", item.name);
                violations.push(Violation::new(wrong, "check the file out again, or say where it is"));
            }
            None => {}
        }
    }
    violations.extend(other_version(&manifest.version, pinned(root)?.as_deref()));
    Ok(violations)
}

fn other_version(version: &str, pinned: Option<&str>) -> Option<Violation> {
    let wrong = format!("{KEPT}/{NAME} describes the library of v8 {version}, and Cargo.toml pins {}", pinned.unwrap_or("none"));
    (pinned != Some(version)).then(|| Violation::new(wrong, "change them together: a library fits one version only"))
}

/// The folders that have a `SHA256SUMS`.
const FOLDERS: &[&str] = &["third_party/rustyline", "third_party/swc_ecma_parser"];

/// The `(sum, file name)` pairs of a file as `sha256sum` writes it.
fn parse(sums: &str) -> impl Iterator<Item = (&str, &str)> {
    sums.lines().filter_map(|line| line.split_once("  "))
}

fn compare(path: &str, expected: &str, bytes: &[u8]) -> Option<Violation> {
    let found = sum_of(bytes);
    let wrong = format!("{path} has the SHA-256 sum {found}, not {expected}");
    (found != expected).then(|| {
        Violation::new(
            wrong,
            "check the file out again; if it was rebuilt, say so in its README, and in SHA256SUMS or the manifest",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn sums_are_read_as_sha256sum_writes_them() {
        assert_eq!(parse(&format!("{EMPTY}  a.gz\n")).collect::<Vec<_>>(), [(EMPTY, "a.gz")]);
    }

    #[test]
    fn the_library_is_that_of_the_pinned_version() {
        assert_eq!(other_version("1.2.3", Some("1.2.3")), None);
        assert!(other_version("1.2.3", Some("1.2.4")).is_some() && other_version("1.2.3", None).is_some());
    }

    #[test]
    fn a_changed_file_is_a_violation() {
        assert_eq!(compare("a.gz", EMPTY, b""), None);
        assert!(compare("a.gz", EMPTY, b"!").unwrap().wrong.starts_with("a.gz has the SHA-256 sum "));
    }
}
