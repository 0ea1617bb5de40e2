//! Suggestions for misspelt names. Only readable files are ever named.

use std::path::{Path, PathBuf};

use strsim::osa_distance;

use super::{builtins, gate::Gate};

/// How many names are looked at for one suggestion, in all folders together.
const NAMES: usize = 4_000;

/// Longer names are compared with none: a comparison costs the product of both lengths.
const MAX_NAME: usize = 100;

/// The endings that a name without one may have been meant with.
const ENDINGS: [&str; 10] = [".js", ".ts", ".mjs", ".mts", ".cjs", ".cts", ".tsx", ".jsx", ".json", ".wasm"];

/// A file that is likely to be meant by `path`.
pub(super) fn file(gate: &Gate, path: &Path) -> Option<PathBuf> {
    let with_ending = |path: &Path| ENDINGS.iter().map(|ending| append(path, ending)).find(|candidate| gate.is_file(candidate));
    if let Some(file) = with_ending(path) {
        return Some(file);
    }
    if gate.is_folder(path) {
        return with_ending(&path.join("index"));
    }
    if let Some(file) = path.extension().and_then(|_| with_ending(&path.with_extension(""))) {
        return Some(file);
    }
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    if name.len() > MAX_NAME {
        return None;
    }
    let names = gate.list(folder, NAMES).ok()?;
    let is_code = |name: &str| ENDINGS.iter().any(|ending| name.ends_with(ending));
    let stem = |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
    let distance_to = |candidate: &str| {
        if path.extension().is_some() { distance(candidate, name) } else { distance(&stem(candidate), name) }
    };
    let files = names.into_iter().filter(|(name, is_folder)| !is_folder && is_code(name)).map(|(name, _)| name);
    nearest(files, distance_to, name).map(|name| folder.join(name))
}

/// An installed package whose name is near.
pub(super) fn package(gate: &Gate, folders: &[PathBuf], name: &str) -> Option<String> {
    if name.len() > MAX_NAME {
        return None;
    }
    let mut installed = Vec::new();
    for folder in folders {
        let (folder, scope) = match name.split_once('/') {
            Some((scope, _)) => (folder.join(scope), Some(scope)),
            None => (folder.clone(), None),
        };
        let names = gate.list(&folder, NAMES - installed.len()).unwrap_or_default().into_iter().map(|(name, _)| name);
        let names = names.filter(|name| !name.starts_with('.'));
        installed.extend(names.map(|name| scope.map_or(name.clone(), |scope| format!("{scope}/{name}"))));
        if installed.len() >= NAMES {
            break;
        }
    }
    nearest(installed.into_iter(), |candidate| distance(candidate, name), name)
}

/// The built-in module that is likely to be meant by a specifier that names none, as it is to be written.
pub(super) fn builtin(specifier: &str) -> Option<String> {
    let (scheme, name) = specifier.split_at(if specifier.starts_with("node:") { "node:".len() } else { 0 });
    if name.len() > MAX_NAME {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let part_of = name.split_once('/').map(|(whole, _)| whole);
    let whole = part_of.filter(|whole| builtins::exists(&format!("node:{whole}")));
    let fits = |known: &String| match (known.split_once('/'), part_of) {
        (Some((known, _)), Some(_)) => whole.is_none_or(|whole| known == whole),
        (known, part_of) => known.is_none() && part_of.is_none(),
    };
    let written = |known: String| match known.strip_prefix("node:") {
        Some(known) => (!scheme.is_empty()).then(|| known.to_owned()),
        None => Some(known),
    };
    let near = nearest(builtins::names().filter_map(written).filter(fits), |known| distance(known, &name), &name)?;
    // Packages have short names that are near, such as `ws`.
    let most = match near.len().min(name.len()) {
        _ if part_of.is_some() || !scheme.is_empty() => usize::MAX,
        0..4 => 0,
        _ => 1,
    };
    (distance(&near, &name) <= most).then(|| format!("{scheme}{near}"))
}

/// `path` as a specifier relative to `folder`.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    let mut up = String::new();
    for ancestor in folder.ancestors() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            let start = if up.is_empty() { "./" } else { &up };
            return format!("{start}{}", rest.display());
        }
        up += "../";
    }
    path.display().to_string()
}

pub(super) fn append(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn nearest(names: impl Iterator<Item = String>, distance: impl Fn(&str) -> usize, wanted: &str) -> Option<String> {
    let most = (wanted.chars().count() / 3).clamp(1, 3);
    let near = names.map(|name| (distance(&name), name)).filter(|(distance, _)| *distance <= most);
    near.min().map(|(_, name)| name)
}

/// How many letters to insert, delete, replace or swap with their neighbours to come from one to the other.
fn distance(from: &str, to: &str) -> usize {
    if from.len().max(to.len()) > MAX_NAME {
        return usize::MAX;
    }
    let count = |name: &str| name.chars().count();
    if count(from).abs_diff(count(to)) > 3 { usize::MAX } else { osa_distance(from, to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_builtin_is_suggested_as_it_is_written() {
        for (specifier, near) in [
            ("fs/promise", "fs/promises"),
            ("fs/Promises", "fs/promises"),
            ("path/posx", "path/posix"),
            ("timer/promise", "timers/promises"),
            ("util/type", "util/types"),
            ("node:stream/webs", "node:stream/web"),
            ("node:fss", "node:fs"),
            ("node:test/reporter", "node:test/reporters"),
            ("node:sqllite", "node:sqlite"),
            ("crytpo", "crypto"),
            ("FS", "fs"),
        ] {
            assert_eq!(builtin(specifier).as_deref(), Some(near), "{specifier}");
        }
        for specifier in
            ["ws", "pg", "nest", "vm2", "tls/promises", "fs/extra", "process/browser", "sqllite", "node:", "lodash/fp"]
        {
            assert_eq!(builtin(specifier), None, "{specifier}");
        }
    }

    #[test]
    fn distances_count_what_hands_do_wrong() {
        for (from, to, count) in
            [("utils", "utils", 0), ("utlis", "utils", 1), ("util", "utils", 1), ("lodahs", "lodash", 1), ("a", "b", 1)]
        {
            assert_eq!(distance(from, to), count, "{from} {to}");
        }
        assert_eq!(distance("abcdefgh", "a"), usize::MAX);
        assert_eq!(relative(Path::new("/a/b/c.ts"), Path::new("/a/b")), "./c.ts");
        assert_eq!(relative(Path::new("/a/c.ts"), Path::new("/a/b")), "../c.ts");
    }
}
