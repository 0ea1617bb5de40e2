//! The package manager that a project uses, and its command to install a missing package.

use std::{path::Path, sync::Arc};

use super::{asked::Registry, gate::Gate, manifest::Manifest};

/// A package manager: what it is called, and what its files are.
struct Manager {
    name: &'static str,
    /// What adds a package of npm, and one of JSR.
    add: &'static str,
    add_of_jsr: &'static str,
    /// Files that it leaves in the folder of a project.
    files: &'static [&'static str],
}

/// In the order in which files of several in one folder count.
const MANAGERS: [Manager; 5] = [
    Manager { name: "pnpm", add: "pnpm add ", add_of_jsr: "pnpm add jsr:", files: &["pnpm-lock.yaml", "pnpm-workspace.yaml"] },
    Manager { name: "yarn", add: "yarn add ", add_of_jsr: "yarn add jsr:", files: &["yarn.lock", ".yarnrc.yml"] },
    Manager { name: "bun", add: "bun add ", add_of_jsr: "bunx jsr add ", files: &["bun.lock", "bun.lockb"] },
    Manager { name: "npm", add: "npm i ", add_of_jsr: "npx jsr add ", files: &["package-lock.json", "npm-shrinkwrap.json"] },
    Manager { name: "deno", add: "deno add npm:", add_of_jsr: "deno add jsr:", files: &["deno.lock", "deno.json", "deno.jsonc"] },
];

/// Whether a registry may have a package of this name: names are parts of URLs.
pub(super) fn may_install(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '~' | '@' | '/');
    name.len() <= 214 && name.chars().all(is_plain)
}

/// The command that installs the package `name` of a registry for a file in `folder`: that of the nearest project that
/// tells which manager it uses, by its `package.json`, or else by a lock file; npm's if none does.
pub(super) fn command(
    gate: &Gate,
    manifest: impl Fn(&Path) -> Option<Arc<Manifest>>,
    folder: &Path,
    registry: Registry,
    name: &str,
) -> String {
    let manager = folder.ancestors().find_map(|folder| {
        let manifest = manifest(&folder.join("package.json"));
        let said = manifest.as_ref().and_then(|manifest| manifest.manager());
        let said = said.and_then(|said| MANAGERS.iter().find(|manager| manager.name == said));
        said.or_else(|| MANAGERS.iter().find(|manager| manager.files.iter().any(|file| gate.is_file(&folder.join(file)))))
    });
    let (of_npm, of_jsr) = manager.map_or(("npm i ", "npx jsr add "), |manager| (manager.add, manager.add_of_jsr));
    format!("{}{name}", if registry == Registry::Npm { of_npm } else { of_jsr })
}
