//! Completions of an import specifier: files and folders, packages and their exports, built-ins.

use std::path::{Path, PathBuf};

use super::{
    asked::REQUIRED_ENDINGS,
    builtins,
    gate::Gate,
    location::{self, Referrer},
    manifest::{self, Manifest},
    manifests::MAX_MANIFEST,
    packages,
};

/// How many names are looked at, in all folders together, and how many candidates there are at most.
const NAMES: usize = 20_000;
const MOST: usize = 500;

/// The endings of files that can be imported.
const ENDINGS: [&str; 10] = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".json", ".wasm"];

/// Whole specifiers that begin with `prefix`, sorted; folders end in a slash. `shared`: what `require` takes, which has
/// these folders beside all `node_modules`. `None`: what `import` takes.
pub(super) fn complete(gate: &Gate, prefix: &str, referrer: &Referrer, shared: Option<&[PathBuf]>) -> Vec<String> {
    if let (Some(begun), Some(folder)) = (prefix.strip_prefix("npm:"), referrer.folder()) {
        let packages = installed(gate, begun, folder, shared).into_iter().map(|name| format!("npm:{name}"));
        return sorted(packages.collect(), prefix);
    }
    let found = match referrer.folder() {
        Some(folder) if location::is_path(prefix) => files(gate, prefix, folder),
        folder => {
            let mut found: Vec<String> = builtins::names().collect();
            found.extend(builtins::names().filter(|name| !name.starts_with("node:")).map(|name| format!("node:{name}")));
            if let Some(folder) = folder {
                found.extend(installed(gate, prefix, folder, shared));
            }
            found
        }
    };
    sorted(found, prefix)
}

fn sorted(mut found: Vec<String>, prefix: &str) -> Vec<String> {
    found.retain(|candidate| candidate.starts_with(prefix));
    found.sort();
    found.dedup();
    found.truncate(MOST);
    found
}

fn files(gate: &Gate, prefix: &str, folder: &Path) -> Vec<String> {
    let (written, begun) = match prefix.rsplit_once('/') {
        Some((written, begun)) => (format!("{written}/"), begun),
        None => return vec!["./".to_owned(), "../".to_owned()],
    };
    let names = gate.list(&crate::fs::normal(&folder.join(&written)), NAMES).unwrap_or_default();
    let fits = |name: &str| !name.starts_with('.') || begun.starts_with('.');
    let mut found: Vec<String> = Vec::new();
    for (name, is_folder) in names.into_iter().filter(|(name, _)| fits(name)) {
        if is_folder {
            found.push(format!("{written}{name}/"));
        } else if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(format!("{written}{name}"));
        }
    }
    if written == "./" && begun.is_empty() || begun == ".." {
        found.push(format!("{written}../").replacen("./../", "../", 1));
    }
    found
}

fn installed(gate: &Gate, prefix: &str, folder: &Path, shared: Option<&[PathBuf]>) -> Vec<String> {
    let mut found = Vec::new();
    for modules in packages::module_folders(folder).chain(shared.unwrap_or_default().iter().cloned()) {
        if found.len() >= NAMES {
            break;
        }
        let name = manifest::package_name(prefix);
        if prefix.len() > name.len() {
            found.extend(inside(gate, &modules.join(name), name, prefix));
            continue;
        }
        for (name, is_folder) in gate.list(&modules, NAMES - found.len()).unwrap_or_default() {
            if name.starts_with('.') {
                continue;
            }
            // `require` leaves the ending of a file out. A link may lead to a package, whose name may end so, too.
            let stem = REQUIRED_ENDINGS.iter().find_map(|ending| name.strip_suffix(*ending)).filter(|_| shared.is_some());
            if let Some(stem) = stem.filter(|_| !is_folder && !gate.is_folder(&modules.join(&name))) {
                found.push(stem.to_owned());
                continue;
            }
            if name.starts_with('@') && prefix.starts_with('@') {
                let scoped = gate.list(&modules.join(&name), NAMES.saturating_sub(found.len())).unwrap_or_default();
                found.extend(scoped.into_iter().map(|(inner, _)| format!("{name}/{inner}")));
            } else {
                found.push(if name.starts_with('@') { format!("{name}/") } else { name });
            }
        }
    }
    found
}

/// What of a package can be imported: what it exports or, if it does not say, its files.
fn inside(gate: &Gate, package: &Path, name: &str, prefix: &str) -> Vec<String> {
    let manifest = gate.read(&package.join("package.json"), MAX_MANIFEST).ok().and_then(|bytes| Manifest::parse(&bytes).ok());
    match manifest {
        Some(manifest) if manifest.has_exports() => {
            let subpaths = manifest.subpaths().into_iter().filter_map(|path| path.strip_prefix("./").map(str::to_owned));
            subpaths.filter(|path| !path.contains('*')).map(|path| format!("{name}/{path}")).collect()
        }
        _ => {
            let rest = &prefix[name.len() + 1..];
            let files = files(gate, &format!("./{rest}"), package);
            files.into_iter().filter_map(|file| Some(format!("{name}/{}", file.strip_prefix("./")?))).collect()
        }
    }
}
