//! The storeys of a crate: the modules of its root. Each imports only from those below it.

use std::path::Path;

use super::{
    TidyError, Violation,
    circles::{imports, tree::Tree},
};

/// A crate's root file, and its modules from the ground up.
const HOUSES: &[(&str, &[&str])] = &[(
    "kernel/src/lib.rs",
    &[
        "process",
        "wire",
        "sandbox",
        "isolate",
        "stacks",
        "inspect",
        "values",
        "format",
        "errors",
        "environment",
        "web",
        "console",
        "node",
        "modules",
        "introspection",
        "host",
        "natives",
        "control",
        "runs",
        "serve",
        "launch",
    ],
)];

/// The most files that may lie in such a crate's root.
const MAX_ROOT_FILES: usize = 12;

/// Checks that imports run down.
pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let mut violations = Vec::new();
    for (source, storeys) in HOUSES {
        let tree = Tree::read(root, source)?;
        violations.extend(arrows(&tree, storeys));
        let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_in_root = |file: &str| file.strip_prefix(folder).is_some_and(|rest| !rest[1..].contains('/'));
        let files = tree.modules().iter().filter(|module| is_in_root(&module.file)).count();
        if files > MAX_ROOT_FILES {
            let wrong = format!("{files} files lie in {folder}; the limit is {MAX_ROOT_FILES}");
            violations.push(Violation::new(wrong, "put them into the storey that they belong to"));
        }
    }
    Ok(violations)
}

fn arrows(tree: &Tree, storeys: &[&str]) -> Vec<Violation> {
    let height = |name: &str| storeys.iter().position(|storey| *storey == name);
    let mut violations = Vec::new();
    for module in tree.modules() {
        let Some(own) = module.path.first() else { continue };
        let Some(own_height) = height(own) else {
            let wrong = format!("{} belongs to no storey", module.file);
            violations.push(Violation::new(wrong, "add its module to the list in crates/xtask/src/tidy/storeys.rs"));
            continue;
        };
        for (target, name) in imports::of(tree, module) {
            let above = tree.modules().iter().find(|module| module.file == target).and_then(|module| module.path.first());
            if above.and_then(|above| height(above)).is_some_and(|height| height > own_height) {
                let wrong = format!("{} imports {name} of {target}, which stands above it", module.file);
                violations.push(Violation::new(wrong, "move what is shared down, or hand it in as an argument"));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_runs_up_is_found() {
        let tree = Tree::of(&[
            ("", "src/lib.rs", "mod low; mod high;"),
            ("low", "src/low.rs", "use crate::high::Tall;"),
            ("high", "src/high/mod.rs", "use crate::low; pub struct Tall;"),
        ]);
        let wrong: Vec<String> = arrows(&tree, &["low", "high"]).into_iter().map(|violation| violation.wrong).collect();
        assert_eq!(wrong, ["src/low.rs imports Tall of src/high/mod.rs, which stands above it"]);
        assert_eq!(arrows(&tree, &["low"])[0].wrong, "src/high/mod.rs belongs to no storey");
    }
}
