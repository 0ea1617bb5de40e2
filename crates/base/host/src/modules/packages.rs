//! Packages: bare specifiers and `#imports`, by a well-kept resolver that reads files through the gate only.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use drupe_protocol::HostError;
use oxc_resolver::{ResolveError, ResolveOptions, ResolverGeneric};

use super::{
    asked::{REQUIRED_ENDINGS, Refusal, Registry, Style},
    cache::ModuleCache,
    errors,
    eyes::Eyes,
    gate::Gate,
    location::{Place, Referrer},
    manager,
    manifest::{self, Broken, Manifest},
    manifests::ReadManifest,
    shared_folders::FoldersOfCall,
    suggest,
};

/// Finds packages for one call. What it has seen of files it remembers, so **it must not outlive the call**.
pub(super) struct Packages {
    gate: Arc<Gate>,
    cache: ModuleCache,
    /// Where `require` looks in the end.
    folders: FoldersOfCall,
    /// Made when the first package is looked for: most calls of `require` are about a path.
    resolvers: OnceLock<Resolvers>,
    manifests: Mutex<HashMap<PathBuf, Option<ReadManifest>>>,
}

struct Resolvers {
    /// Where `require` looks in the end.
    folders: Vec<PathBuf>,
    import: ResolverGeneric<Eyes>,
    require: ResolverGeneric<Eyes>,
}

impl std::fmt::Debug for Packages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packages").finish_non_exhaustive()
    }
}

impl Packages {
    pub(super) fn new(gate: Arc<Gate>, cache: ModuleCache, folders: FoldersOfCall) -> Self {
        Self { gate, cache, folders, resolvers: OnceLock::new(), manifests: Mutex::default() }
    }

    fn resolvers(&self) -> &Resolvers {
        self.resolvers.get_or_init(|| {
            let folders = self.folders.paths();
            let import = ResolverGeneric::new_with_file_system(Eyes::of_packages(self.gate.clone()), options(Style::Import, &[]));
            // Both see the same files: what one has seen need not be looked at again.
            let require = import.clone_with_options(options(Style::Require, &folders));
            Resolvers { folders, import, require }
        })
    }

    /// The file that a package's name, a path in it, or a `#name` leads to. `advice`: why the project of the referrer
    /// has nothing for `specifier`, if it says what that stands for.
    pub(super) fn resolve(
        &self,
        specifier: &str,
        folder: &Path,
        referrer: &Referrer,
        style: Style,
        advice: &dyn Fn() -> Option<String>,
    ) -> Result<PathBuf, Refusal> {
        let name = manifest::package_name(specifier);
        if !specifier.starts_with('#') && !manifest::is_package_name(name) {
            return Err(match style {
                Style::Import => {
                    let why = format!("is not a valid package name{}", errors::hint(advice()));
                    errors::invalid_specifier(specifier, &why)
                }
                Style::Require => errors::no_requirement(specifier, referrer, &[], advice()),
            }
            .into());
        }
        let Resolvers { import, require, .. } = self.resolvers();
        let resolver = if style == Style::Import { import } else { require };
        let error = match resolver.resolve(folder, specifier) {
            Ok(resolution) => return Ok(resolution.into_path_buf()),
            Err(error) => error,
        };
        Err(match error {
            ResolveError::PackagePathNotExported { subpath, package_json_path, .. } => {
                let available = self.sound_manifest(&package_json_path).map(|manifest| manifest.subpaths()).unwrap_or_default();
                errors::not_exported(&subpath, &package_json_path, referrer, &available).into()
            }
            ResolveError::PackageImportNotDefined(specifier, package_json) => {
                errors::import_not_defined(&specifier, Some(&package_json), referrer, advice()).into()
            }
            ResolveError::InvalidModuleSpecifier(specifier, _) => {
                errors::invalid_specifier(&specifier, "is not a valid internal imports specifier name").into()
            }
            ResolveError::InvalidPackageTarget(target, key, package_json) => {
                let message =
                    format!("Invalid target \"{target}\" defined for '{key}' in the package config {}", package_json.display());
                errors::error("ERR_INVALID_PACKAGE_TARGET", message).into()
            }
            ResolveError::InvalidPackageConfig(_)
            | ResolveError::InvalidPackageConfigDefault(_)
            | ResolveError::InvalidPackageConfigDirectory(_) => {
                errors::error("ERR_INVALID_PACKAGE_CONFIG", error.to_string()).into()
            }
            ResolveError::Json(problem) => {
                let told = || Broken::at(problem.line, problem.column, &problem.message);
                self.manifest(&problem.path).err().unwrap_or_else(|| errors::invalid_config(&problem.path, &told())).into()
            }
            _ if specifier.starts_with('#') => self.missing_import(specifier, folder, referrer, style, advice()).into(),
            _ => self.missing(specifier, folder, referrer, style, advice()),
        })
    }

    /// Why a `#name` leads to nothing.
    fn missing_import(
        &self,
        specifier: &str,
        folder: &Path,
        referrer: &Referrer,
        style: Style,
        advice: Option<String>,
    ) -> HostError {
        let package = self.scope_of(folder);
        let Some((manifest, named)) = package.as_ref().filter(|(manifest, _)| manifest.has_imports()) else {
            let named = package.as_ref().map(|(_, named)| named.as_path());
            return errors::import_not_defined(specifier, named, referrer, advice);
        };
        if let Some(target) = manifest.target(specifier, style) {
            return missing_target(&named.with_file_name(target), referrer, style, advice);
        }
        let (from, hint) = (errors::imported_from(referrer), errors::hint(advice));
        let message = format!("Package import specifier \"{specifier}\" leads to nothing{from}{hint}");
        errors::error("ERR_MODULE_NOT_FOUND", message)
    }

    /// The package that a folder is in, and its `package.json`.
    fn scope_of(&self, folder: &Path) -> Option<(Arc<Manifest>, PathBuf)> {
        let folders = folder.ancestors().take_while(|folder| folder.file_name().is_none_or(|name| name != "node_modules"));
        folders.map(|folder| folder.join("package.json")).find_map(|named| Some((self.sound_manifest(&named)?, named)))
    }

    /// Why a package, or what is wanted of it, was not found.
    fn missing(&self, specifier: &str, folder: &Path, referrer: &Referrer, style: Style, advice: Option<String>) -> Refusal {
        let name = manifest::package_name(specifier);
        if let Some(package) = self.installed(name, folder, style) {
            // The package is here; what is wanted of it is not.
            let subpath = format!(".{}", &specifier[name.len()..]);
            let target = self.sound_manifest(&package.join("package.json")).and_then(|manifest| manifest.target(&subpath, style));
            if let Some(target) = target {
                return missing_target(&package.join(target), referrer, style, advice).into();
            }
            if subpath == "."
                && let Some(main) = self.main(&package).ok().flatten()
            {
                let advice = "Please verify that the package.json has a valid \"main\" entry".to_owned();
                return missing_target(&package.join(main), referrer, style, Some(advice)).into();
            }
            let file = gate_join(&package, specifier, name);
            let likely = suggest::file(&self.gate, &file).and_then(|file| {
                let rest = file.strip_prefix(&package).ok()?;
                Some(format!("Did you mean '{name}/{}'?", rest.display()))
            });
            let likely = likely.or(advice);
            return match style {
                Style::Import if self.gate.is_folder(&file) && file != package => {
                    errors::folder_import(&file, specifier, referrer, likely).into()
                }
                Style::Import => errors::no_module(&file, specifier, referrer, likely).into(),
                Style::Require => errors::no_requirement(specifier, referrer, &[], likely).into(),
            };
        }
        self.not_installed(specifier, folder, referrer, style, |seen| {
            // A name with a slash begins with a whole name of a package, which is not there.
            let builtin = suggest::builtin(specifier);
            let package = suggest::package(&self.gate, seen, name).filter(|near| near != name);
            let near = if specifier.contains('/') { builtin.or(package) } else { package.or(builtin) };
            advice.or_else(|| match near {
                Some(near) => Some(format!("Did you mean '{near}'?")),
                None if !manager::may_install(name) => None,
                None => {
                    let command = manager::command(&self.gate, |file| self.sound_manifest(file), folder, Registry::Npm, name);
                    Some(format!("Not installed: {command}"))
                }
            })
        })
    }

    /// No folder has the package that a bare specifier names. `suggest`: what to do, given the folders that may be
    /// named.
    pub(super) fn not_installed(
        &self,
        specifier: &str,
        folder: &Path,
        referrer: &Referrer,
        style: Style,
        suggest: impl FnOnce(&[PathBuf]) -> Option<String>,
    ) -> Refusal {
        let name = manifest::package_name(specifier);
        let folders = self.searched(folder, style);
        let seen: Vec<PathBuf> = folders.iter().filter(|folder| self.gate.may_see(folder)).cloned().collect();
        let searched: Vec<String> = seen.iter().map(|folder| folder.display().to_string()).collect();
        let suggestion = suggest(&seen);
        let missing = match style {
            Style::Import => errors::no_package(name, referrer, &searched, suggestion),
            Style::Require => errors::no_requirement(specifier, referrer, &searched, suggestion),
        };
        match self.gate.withheld_package(&folders, name) {
            None => missing.into(),
            Some((ask, named)) => {
                let otherwise = named.map_or(missing, |named| self.gate.denied(&named));
                Refusal::Withheld { ask, otherwise: otherwise.into() }
            }
        }
    }

    /// The folders that packages are looked for in, the nearest first.
    fn searched(&self, folder: &Path, style: Style) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = module_folders(folder).collect();
        if style == Style::Require {
            // Most of these are only names that Node has always known.
            folders.extend(self.resolvers().folders.iter().filter(|shared| self.gate.is_folder(shared)).cloned());
        }
        folders
    }

    /// The folder of an installed package.
    pub(super) fn installed(&self, name: &str, folder: &Path, style: Style) -> Option<PathBuf> {
        self.searched(folder, style).iter().map(|folder| folder.join(name)).find(|package| self.gate.is_folder(package))
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What a folder's `package.json` calls `main`.
    pub(super) fn main(&self, folder: &Path) -> Result<Option<String>, HostError> {
        let file = folder.join("package.json");
        Ok(self.manifest(&file)?.and_then(|manifest| manifest.main.clone()).filter(|main| !main.is_empty()))
    }

    /// The `type` of the package that a file is in, and the `package.json` that says so: the nearest above it.
    pub(super) fn kind_of(&self, file: &Path) -> Result<Option<(String, PathBuf)>, HostError> {
        for folder in file.ancestors().skip(1) {
            if folder.file_name().is_some_and(|name| name == "node_modules") {
                return Ok(None);
            }
            let named = folder.join("package.json");
            if let Some(manifest) = self.manifest(&named)? {
                return Ok(manifest.kind.clone().map(|kind| (kind, named)));
            }
        }
        Ok(None)
    }

    /// A `package.json`; nothing where there is none, or it may not be read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn manifest(&self, file: &Path) -> Result<Option<Arc<Manifest>>, HostError> {
        self.read(file).transpose().map_err(|broken| errors::invalid_config(file, &broken))
    }

    /// A `package.json`; nothing where there is none, or it is broken.
    pub(super) fn sound_manifest(&self, file: &Path) -> Option<Arc<Manifest>> {
        self.read(file)?.ok()
    }

    fn read(&self, file: &Path) -> Option<ReadManifest> {
        if let Some(known) = self.manifests.lock().unwrap_or_else(PoisonError::into_inner).get(file) {
            return known.clone();
        }
        let manifest = self.gate.open(file).ok().and_then(|(found, real)| {
            self.gate.tell_use(&real);
            self.cache.manifest(&real, &found).ok()
        });
        let mut manifests = self.manifests.lock().unwrap_or_else(PoisonError::into_inner);
        manifests.insert(file.to_owned(), manifest.clone());
        manifest
    }
}

/// A `package.json` names a file that is missing.
fn missing_target(file: &Path, referrer: &Referrer, style: Style, advice: Option<String>) -> HostError {
    let file = crate::fs::normal(file);
    match style {
        Style::Import => errors::no_module(&file, &Place::file(file.clone()).url(), referrer, advice),
        Style::Require => errors::no_requirement(&file.to_string_lossy(), referrer, &[], advice),
    }
}

fn gate_join(package: &Path, specifier: &str, name: &str) -> PathBuf {
    crate::fs::normal(&package.join(specifier[name.len()..].trim_start_matches('/')))
}

/// The folders that packages are looked for in, the nearest first.
pub(super) fn module_folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = folder.ancestors().filter(|folder| folder.file_name().is_none_or(|name| name != "node_modules"));
    folders.map(|folder| folder.join("node_modules"))
}

/// `folders`: where packages are looked for when no `node_modules` has them.
fn options(style: Style, folders: &[PathBuf]) -> ResolveOptions {
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let alias = |ending: &str, sources: &[&str]| (ending.to_owned(), strings(sources));
    ResolveOptions {
        condition_names: strings(match style {
            Style::Import => &["node", "import", "module-sync"],
            Style::Require => &["node", "require", "module-sync"],
        }),
        extensions: strings(&REQUIRED_ENDINGS),
        extension_alias: vec![
            alias(".js", &[".js", ".ts", ".tsx"]),
            alias(".mjs", &[".mjs", ".mts"]),
            alias(".cjs", &[".cjs", ".cts"]),
            alias(".jsx", &[".jsx", ".tsx"]),
        ],
        fully_specified: style == Style::Import,
        main_fields: strings(&["main"]),
        exports_fields: vec![strings(&["exports"])],
        imports_fields: vec![strings(&["imports"])],
        modules: strings(&["node_modules"])
            .into_iter()
            .chain(folders.iter().filter_map(|folder| folder.to_str().map(str::to_owned)))
            .collect(),
        // Links are followed by the gate, which knows where they may lead.
        symlinks: false,
        builtin_modules: false,
        module_type: false,
        node_path: false,
        allow_package_exports_in_directory_resolve: false,
        ..ResolveOptions::default()
    }
}
