//! Checks that files of others are unchanged: every file against the `SHA256SUMS` beside it.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{TidyError, Violation, read};

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
    Ok(violations)
}

/// The folders that have a `SHA256SUMS`.
const FOLDERS: &[&str] = &["third_party/rustyline", "third_party/swc_ecma_parser", "third_party/v8"];

/// The `(sum, file name)` pairs of a file as `sha256sum` writes it.
fn parse(sums: &str) -> impl Iterator<Item = (&str, &str)> {
    sums.lines().filter_map(|line| line.split_once("  "))
}

fn compare(path: &str, expected: &str, bytes: &[u8]) -> Option<Violation> {
    let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let wrong = format!("{path} has the SHA-256 sum {found}, not {expected}");
    (found != expected)
        .then(|| Violation::new(wrong, "check the file out again; if it was rebuilt, say so in its README and SHA256SUMS"))
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
    fn a_changed_file_is_a_violation() {
        assert_eq!(compare("a.gz", EMPTY, b""), None);
        assert!(compare("a.gz", EMPTY, b"!").unwrap().wrong.starts_with("a.gz has the SHA-256 sum "));
    }
}
