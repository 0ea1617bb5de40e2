//! Checks that each crate lies in the folder of its storey, and that dependencies run down: the wire, the crates below
//! the client (`crates/base`), the client and the kernel, the front ends (`crates/front`), tests and chores.

use std::path::Path;

use super::cargo::{self, Package};
use super::{TidyError, Violation};

/// The folders of the storeys, from the lowest.
const STOREYS: [&[&str]; 5] =
    [&["protocol"], &["crates/base"], &["client", "kernel"], &["crates/front"], &["crates/xtask", "tests"]];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    Ok(compare(root, &cargo::members(root)?))
}

fn compare(root: &Path, members: &[Package]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members {
        let Some(own) = storey(root, member) else {
            let wrong = format!("{} lies in no storey", member.name);
            violations.push(Violation::new(wrong, "move it to crates/base (below the client) or crates/front (above it)"));
            continue;
        };
        for name in member.direct() {
            let above = members.iter().find(|other| other.name == name).and_then(|other| storey(root, other));
            if above.is_some_and(|above| above > own) {
                let wrong = format!("{} depends on {name}, which lies above it", member.name);
                violations.push(Violation::new(wrong, "dependencies run down: move what both need to a lower crate"));
            }
        }
    }
    violations
}

/// The number of the storey that a member lies in.
fn storey(root: &Path, member: &Package) -> Option<usize> {
    let folder = member.folder(root);
    STOREYS.iter().position(|folders| folders.iter().any(|lower| folder.starts_with(lower)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(members: &str) -> Vec<String> {
        let members: Vec<Package> = serde_json::from_str(members).unwrap();
        compare(Path::new("/w"), &members).iter().map(|violation| violation.wrong.clone()).collect()
    }

    #[test]
    fn dependencies_run_down_and_each_crate_has_a_storey() {
        let front = r#"{"name": "repl", "manifest_path": "/w/crates/front/repl/Cargo.toml", "dependencies": [{"name": "host", "kind": null}]}"#;
        let base = r#"{"name": "host", "manifest_path": "/w/crates/base/host/Cargo.toml", "dependencies": [DEPENDS]}"#;
        let up = r#"{"name": "repl", "kind": null}"#;
        let tested = r#"{"name": "repl", "kind": "dev"}"#;
        assert!(violations(&format!("[{front}, {}]", base.replace("DEPENDS", ""))).is_empty());
        assert!(violations(&format!("[{front}, {}]", base.replace("DEPENDS", tested))).is_empty());
        let wrong = violations(&format!("[{front}, {}]", base.replace("DEPENDS", up)));
        assert_eq!(wrong, ["host depends on repl, which lies above it"]);
        let stray = r#"{"name": "stray", "manifest_path": "/w/crates/stray/Cargo.toml", "dependencies": []}"#;
        assert_eq!(violations(&format!("[{stray}]")), ["stray lies in no storey"]);
    }
}
