//! The entry of a project's `paths` that a specifier matches, for the error of a module that is not there.

use std::path::{Path, PathBuf};

use oxc_resolver::TsConfig;

use super::{gate::Gate, suggest};

/// How many places an error names.
const MOST_NAMED: usize = 4;

/// An entry of `paths`, and the places that it gives to a specifier.
#[derive(Debug)]
pub(super) struct Alias {
    /// The key of the entry, such as `@lib/*`.
    pub(super) key: String,
    pub(super) config: PathBuf,
    pub(super) places: Vec<PathBuf>,
}

impl Alias {
    /// The entry of `config` that `specifier` matches. `*` matches every package, so it says nothing of one.
    pub(super) fn of(config: &TsConfig, specifier: &str, places: Vec<PathBuf>) -> Option<Self> {
        let keys = config.compiler_options.paths.as_ref()?.keys().map(String::as_str);
        let key = matching(keys, specifier).filter(|key| *key != "*")?.to_owned();
        Some(Self { key, config: config.path().to_owned(), places })
    }

    /// The advice of an error: the entry, the places where no module is, and a name that is near. `None`: no place may
    /// be seen.
    pub(super) fn advice(&self, specifier: &str, gate: &Gate) -> Option<String> {
        let seen: Vec<&PathBuf> = self.places.iter().filter(|place| gate.may_see(place)).collect();
        if seen.is_empty() {
            return None;
        }
        let mut named: Vec<String> = seen.iter().take(MOST_NAMED).map(|place| place.display().to_string()).collect();
        if seen.len() > MOST_NAMED {
            named.push(format!("{} other places", seen.len() - MOST_NAMED));
        }
        let mut advice = format!(
            "By \"{}\" of the paths in {} it is {}, where no module is",
            self.key,
            self.config.display(),
            named.join(" or ")
        );
        let near = seen.iter().find_map(|place| suggest::file(gate, place).map(|file| near(&file, place, specifier)));
        if let Some(near) = near {
            advice += &format!(". Did you mean '{near}'?");
        }
        Some(advice)
    }
}

/// The key that TypeScript takes: the same text, or the pattern with the longest beginning.
fn matching<'k>(keys: impl Iterator<Item = &'k str>, specifier: &str) -> Option<&'k str> {
    let mut best = None;
    for key in keys {
        if key == specifier {
            return Some(key);
        }
        let Some((prefix, suffix)) = key.split_once('*') else { continue };
        let fits = specifier.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(suffix));
        if fits && best.is_none_or(|(longest, _)| prefix.len() > longest) {
            best = Some((prefix.len(), key));
        }
    }
    best.map(|(_, key)| key)
}

/// A file beside `place` as the specifier names it, if that is possible, or by its path.
fn near(file: &Path, place: &Path, specifier: &str) -> String {
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let beside = || {
        let begins = specifier.strip_suffix(&*name(place)?)?;
        (file.parent() == place.parent() && begins.ends_with('/')).then_some(())?;
        Some(format!("{begins}{}", name(file)?))
    };
    beside().unwrap_or_else(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_matches_one_entry() {
        let keys = ["@lib/*", "@lib/deep/*", "*", "exact", "a*z"];
        for (specifier, key) in [
            ("@lib/x", "@lib/*"),
            ("@lib/deep/x", "@lib/deep/*"),
            ("exact", "exact"),
            ("exactly", "*"),
            ("abcz", "a*z"),
            ("az", "a*z"),
        ] {
            assert_eq!(matching(keys.into_iter(), specifier), Some(key), "{specifier}");
        }
        assert_eq!(matching(["@lib/*", "aa*aa"].into_iter(), "aaa"), None);
    }

    #[test]
    fn a_near_name_is_written_as_the_specifier_is() {
        for (file, place, specifier, written) in [
            ("/p/src/util.ts", "/p/src/utill", "@lib/utill", "@lib/util.ts"),
            ("/p/src/index.ts", "/p/src", "@lib", "/p/src/index.ts"),
            ("/p/mine.ts", "/p/mime.ts", "#mine", "/p/mine.ts"),
        ] {
            assert_eq!(near(Path::new(file), Path::new(place), specifier), written);
        }
    }
}
