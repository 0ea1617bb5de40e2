//! Specifiers that name a registry, as other runtimes have them: `npm:lodash@4/fp`, `jsr:@std/path@1/posix`. They lead
//! to packages that are installed, as bare names do. Nothing is fetched.

use std::path::{Path, PathBuf};

use drupe_protocol::HostError;

use super::{
    asked::{Refusal, Registry, Style},
    errors,
    location::Referrer,
    manager,
    manifest::{is_package_name, package_name},
    packages::Packages,
    versions,
};

/// What a specifier with the name of a registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted<'s> {
    pub(super) registry: Registry,
    name: &'s str,
    /// Which versions fit; empty where all do.
    range: &'s str,
    /// What is wanted of the package: empty, or `/` and its path.
    path: &'s str,
}

impl<'s> Wanted<'s> {
    /// `None`: the specifier names no registry.
    pub(super) fn read(specifier: &'s str) -> Option<Result<Self, HostError>> {
        let (registry, rest) = match specifier.split_once(':')? {
            ("npm", rest) => (Registry::Npm, rest),
            ("jsr", rest) => (Registry::Jsr, rest),
            _ => return None,
        };
        let rest = rest.trim_start_matches('/');
        let with_range = package_name(rest);
        let path = &rest[with_range.len()..];
        let at = with_range.get(1..).and_then(|rest| rest.find('@')).map_or(with_range.len(), |at| at + 1);
        let (name, range) = with_range.split_at(at);
        let range = range.strip_prefix('@').unwrap_or(range);
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "@/-_.~".contains(char);
        let wrong = if !is_package_name(name) || !name.chars().all(is_plain) {
            "does not name a package"
        } else if registry == Registry::Jsr && !name.starts_with('@') {
            "must name a package with its scope, such as jsr:@std/path"
        } else if !range.chars().all(|char| char.is_ascii_alphanumeric() || "-_.+*^~<>=| ".contains(char)) {
            "has no valid range of versions"
        } else {
            return Some(Ok(Self { registry, name, range, path }));
        };
        Some(Err(errors::invalid_specifier(specifier, wrong)))
    }

    /// What the package may be called in a `node_modules`, and what it must call itself there, if that tells it from
    /// another one.
    fn names(&self) -> Vec<(String, Option<String>)> {
        match self.registry {
            Registry::Npm => vec![(self.name.to_owned(), None)],
            Registry::Jsr => {
                let on_npm = format!("@jsr/{}", self.name.trim_start_matches('@').replacen('/', "__", 1));
                // Tools of JSR install it by its own name.
                vec![(on_npm.clone(), None), (self.name.to_owned(), Some(on_npm))]
            }
        }
    }

    /// What a package manager is told to install.
    fn to_install(&self) -> String {
        let versioned = if self.range.is_empty() { self.name.to_owned() } else { format!("{}@{}", self.name, self.range) };
        let is_word = versioned.chars().all(|char| char.is_ascii_alphanumeric() || "@/-_.^~+".contains(char));
        if is_word { versioned } else { format!("\"{versioned}\"") }
    }
}

impl Packages {
    /// The file that `wanted` leads to, for a module in `folder`.
    pub(super) fn of_registry(
        &self,
        wanted: &Wanted,
        folder: &Path,
        referrer: &Referrer,
        style: Style,
    ) -> Result<PathBuf, Refusal> {
        let command =
            || manager::command(self.gate(), |file| self.sound_manifest(file), folder, wanted.registry, &wanted.to_install());
        let names = wanted.names();
        for (name, own_name) in &names {
            let Some(package) = self.installed(name, folder, style) else { continue };
            let manifest = self.sound_manifest(&package.join("package.json"));
            let is_open = manifest.as_ref().is_none_or(|manifest| !manifest.has_exports());
            let (called, version) =
                manifest.map(|manifest| (manifest.name.clone(), manifest.version.clone())).unwrap_or_default();
            if own_name.is_some() && *own_name != called {
                continue;
            }
            // A version that is not known, and one that has a tag, are taken.
            match version.filter(|version| versions::fits(version, wanted.range) == Some(false)) {
                Some(version) => {
                    let (from, range, at) = (errors::imported_from(referrer), wanted.range, package.display());
                    let message = format!(
                        "Cannot find package '{}' in version {range}{from} ({at} is {version}). Not installed: {}",
                        wanted.name,
                        command()
                    );
                    let code = if style == Style::Import { "ERR_MODULE_NOT_FOUND" } else { "MODULE_NOT_FOUND" };
                    return Err(errors::error(code, message).into());
                }
                None => {
                    let bare = format!("{name}{}", wanted.path);
                    let found = self.resolve(&bare, folder, referrer, style, &|| None);
                    // Other runtimes find the files of a package that says nothing about them without their endings.
                    let shortened = || self.resolve(&bare, folder, referrer, Style::Require, &|| None).ok();
                    return found.or_else(|refusal| if is_open { shortened().ok_or(refusal) } else { Err(refusal) });
                }
            }
        }
        let name = names.first().map_or(wanted.name, |(name, _)| name.as_str());
        Err(self.not_installed(name, folder, referrer, style, |_| Some(format!("Not installed: {}", command()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_a_name_a_range_and_a_path() {
        for (specifier, registry, name, range, path) in [
            ("npm:lodash", Registry::Npm, "lodash", "", ""),
            ("npm:/lodash@4/fp", Registry::Npm, "lodash", "4", "/fp"),
            ("npm:@scope/a.b@>=1 <2/c/d", Registry::Npm, "@scope/a.b", ">=1 <2", "/c/d"),
            ("jsr:@std/path@^1.0.0/posix", Registry::Jsr, "@std/path", "^1.0.0", "/posix"),
        ] {
            assert_eq!(Wanted::read(specifier), Some(Ok(Wanted { registry, name, range, path })), "{specifier}");
        }
        for none in ["lodash", "node:fs", "bun:test", "NPM:x"] {
            assert_eq!(Wanted::read(none), None, "{none}");
        }
        for wrong in ["npm:", "npm:@scope", "npm:../x", "npm:a b", "npm:a;b", "jsr:path", "npm:a@$(b)", "npm:a@\"1\""] {
            assert!(Wanted::read(wrong).is_some_and(|read| read.is_err()), "{wrong}");
        }
    }

    #[test]
    fn packages_of_jsr_have_a_name_on_npm() {
        let wanted = Wanted { registry: Registry::Jsr, name: "@std/path", range: ">=1 <2", path: "" };
        let own = || "@jsr/std__path".to_owned();
        assert_eq!(wanted.names(), [(own(), None), ("@std/path".to_owned(), Some(own()))]);
        assert_eq!(wanted.to_install(), "\"@std/path@>=1 <2\"");
    }
}
