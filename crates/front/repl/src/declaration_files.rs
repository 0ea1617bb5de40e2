//! Finds the type declaration files of a package. Those of the script's own module come first.

use std::{
    collections::{HashSet, VecDeque},
    path::{Component, Path, PathBuf},
};

use drupe_client::host::modules::{declarations_beside, is_declarations};
use serde_json::Value;

use crate::typings::Readable;

/// Files that are read.
const MAX_FILES: usize = 300;
/// Files that one refers to, and levels of conditions in `exports`.
const MAX_REFERENCES: usize = 300;
const MAX_CONDITIONS: usize = 8;

/// The folder of `@types/NAME` for a package.
pub(crate) fn types_package(package: &Path) -> Option<PathBuf> {
    let modules = package.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "node_modules"))?;
    let name = package.strip_prefix(modules).ok()?.to_string_lossy().trim_start_matches('@').replace('/', "__");
    Some(modules.join("@types").join(name)).filter(|folder| folder.is_dir())
}

/// Reads the files of declarations in `folder`, until `look` says that it has found what it looks for: those beside the
/// script, those of the part of the package that it is in, those of the package, each with what it refers to; then the
/// rest. `script`: from `folder` on.
pub(crate) fn search(folder: &Path, script: &Path, readable: &mut Readable, look: &mut impl FnMut(&Path, &str) -> bool) -> bool {
    let mut search = Search { folder, readable, look, seen: HashSet::new() };
    for entry in entries(folder, script, search.readable) {
        if search.reachable(entry) {
            return true;
        }
    }
    search.rest()
}

struct Search<'a, 'p, L> {
    folder: &'a Path,
    readable: &'a mut Readable<'p>,
    look: &'a mut L,
    seen: HashSet<PathBuf>,
}

impl<L: FnMut(&Path, &str) -> bool> Search<'_, '_, L> {
    /// Looks at a file, and at what it refers to.
    fn reachable(&mut self, entry: PathBuf) -> bool {
        let mut files = VecDeque::from([entry]);
        while let Some(file) = files.pop_front() {
            if self.seen.len() >= MAX_FILES || !self.seen.insert(file.clone()) {
                continue;
            }
            let Some(text) = self.readable.text(&file) else { continue };
            if (self.look)(&file, &text) {
                return true;
            }
            let beside = file.parent().unwrap_or(self.folder);
            files.extend(references(&text).filter_map(|reference| resolve(self.folder, beside, reference)));
        }
        false
    }

    /// Looks at what nothing refers to, the nearest to the root first.
    fn rest(&mut self) -> bool {
        let mut folders = VecDeque::from([self.folder.to_owned()]);
        let mut visited = 0;
        while let Some(folder) = folders.pop_front() {
            visited += 1;
            let Some(Ok(entries)) = self.readable.real(&folder).map(std::fs::read_dir) else { continue };
            let mut entries = entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>();
            entries.sort();
            for path in entries {
                if self.seen.len() >= MAX_FILES || visited > MAX_FILES {
                    return false;
                }
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if is_declarations(&name) {
                    if self.seen.insert(path.clone())
                        && let Some(text) = self.readable.text(&path)
                        && (self.look)(&path, &text)
                    {
                        return true;
                    }
                } else if path.is_dir() && name != "node_modules" && !path.is_symlink() && folders.len() < MAX_FILES {
                    folders.push_back(path);
                }
            }
        }
        false
    }
}

/// Where the declarations begin that may be meant, the likeliest first.
fn entries(folder: &Path, script: &Path, readable: &mut Readable) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = declarations_beside(&folder.join(script)).collect();
    // A part of a package is a folder, or a file of the same name beside it.
    let parts = script.ancestors().skip(1).filter(|part| !part.as_os_str().is_empty());
    for part in parts {
        let part = folder.join(part);
        entries.push(PathBuf::from(format!("{}.d.ts", part.display())));
        entries.push(part.join("index.d.ts"));
    }
    let manifest = readable.text(&folder.join("package.json")).and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(manifest) = manifest {
        let named = ["types", "typings"].into_iter().filter_map(|key| manifest.get(key)?.as_str());
        let exported = manifest.get("exports").and_then(|exports| types_of(exports.get(".").unwrap_or(exports), MAX_CONDITIONS));
        for name in named.chain(exported) {
            entries.extend(resolve(folder, folder, name));
        }
        let main = manifest.get("main").and_then(Value::as_str).unwrap_or_default();
        entries.extend(resolve(folder, folder, main));
    }
    entries.push(folder.join("index.d.ts"));
    entries.retain(|entry| entry.is_file());
    entries
}

/// The file of declarations that `exports` names.
fn types_of(exports: &Value, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    let conditions = exports.as_object()?;
    if let Some(types) = conditions.get("types") {
        return types.as_str().or_else(|| types_of(types, depth));
    }
    ["import", "require", "node", "default"].into_iter().find_map(|name| types_of(conditions.get(name)?, depth))
}

/// The relative paths that a file of declarations refers to.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.match_indices(['"', '\'']).filter_map(|(at, quote)| {
        let before = text[..at].trim_end_matches(['(', ' ', '=']);
        ["from", "import", "require", "path"].iter().any(|word| before.ends_with(word)).then_some(())?;
        let end = text[at + 1..].find([quote.chars().next()?, '\n'])?;
        let is_path = before.ends_with("path");
        let name = &text[at + 1..at + 1 + end];
        (is_path || name.starts_with('.')).then_some(name)
    });
    quoted.take(MAX_REFERENCES)
}

/// The file of declarations that `name` means, seen from the folder `beside`. **None outside of the package.**
fn resolve(folder: &Path, beside: &Path, name: &str) -> Option<PathBuf> {
    let mut path = beside.to_owned();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    if !path.starts_with(folder) {
        return None;
    }
    let text = path.to_string_lossy();
    if is_declarations(&text) {
        return path.is_file().then_some(path);
    }
    let others = [format!("{text}.d.ts"), format!("{text}/index.d.ts")].map(PathBuf::from);
    declarations_beside(&path).chain(others).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use drupe_client::Policy;

    use super::{references, types_of};
    use crate::typings::look_up;

    #[test]
    fn references_are_found() {
        let text = "/// <reference path=\"./a.d.ts\" />\nimport { x } from './b';\nexport * from \"../c.js\"\nlet y: import('./d').D\nimport z from 'other'; const s = './no'";
        assert_eq!(references(text).collect::<Vec<_>>(), ["./a.d.ts", "./b", "../c.js", "./d"]);
        let exports = serde_json::json!({ "import": { "types": "./m.d.mts" }, "default": "./m.js" });
        assert_eq!(types_of(&exports, 8), Some("./m.d.mts"));
    }

    /// As lodash and its declarations are laid out.
    #[test]
    fn the_part_of_a_package_has_its_own_declarations() {
        let folder = std::env::temp_dir().join(format!("drupe-parts-{}", std::process::id()));
        let modules = folder.join("node_modules");
        for (file, text) in [
            ("lodash/lodash.js", ""),
            ("lodash/_createAggregator.js", ""),
            ("lodash/fp/_base.js", ""),
            ("@types/lodash/package.json", "{\"types\": \"index.d.ts\"}"),
            ("@types/lodash/index.d.ts", "/// <reference path=\"./common/collection.d.ts\" />\nexport = _;"),
            ("@types/lodash/fp.d.ts", "interface Fp { groupBy: FpGroupBy }"),
            ("@types/lodash/fp/groupBy.d.ts", "import { groupBy } from '../fp'; export = groupBy;"),
            (
                "@types/lodash/common/collection.d.ts",
                "declare module '../index' {\n  interface Static {\n    /** Groups. */\n    groupBy<T>(list: T[]): Groups<T>;\n    groupBy(all: object): Groups<any>;\n  }\n  interface Chain {\n    groupBy(): Chain;\n  }\n}",
            ),
        ] {
            let file = modules.join(file);
            fs::create_dir_all(file.parent().unwrap_or(Path::new("/"))).unwrap();
            fs::write(file, text).unwrap();
        }
        let look = |script: &str| {
            let script = format!("file://{}", modules.join(script).display());
            let found = look_up(&script, "groupBy", &Policy::all()).unwrap();
            (found.heads.join("; "), found.doc)
        };
        let whole =
            ("groupBy<T>(list: T[]): Groups<T>; groupBy(all: object): Groups<any>".to_owned(), Some("Groups.".to_owned()));
        assert_eq!(look("lodash/lodash.js"), whole);
        assert_eq!(look("lodash/_createAggregator.js"), whole);
        assert_eq!(look("lodash/fp/_base.js").0, "groupBy: FpGroupBy");
        fs::remove_dir_all(folder).unwrap();
    }
}
