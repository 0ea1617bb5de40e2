//! Resolves a specifier and its importer to the place of a module: Node's resolution, through the gate.
//!
//! Paths are resolved here, packages by `packages`. No result is kept beyond the call: another call may have other
//! permissions.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use drupe_protocol::HostError;
use drupe_transpile::Project;
use url::Url;

use super::{
    asked::{REQUIRED_ENDINGS, Refusal, Style},
    bounded::{MAX_FOLDERS, MAX_SPECIFIER, is_name_bounded, is_path_bounded},
    builtins,
    cache::ModuleCache,
    errors,
    gate::Gate,
    given::Given,
    location::{self, Place, Referrer},
    named,
    packages::Packages,
    registries::Wanted,
    shared_folders::FoldersOfCall,
    suggest,
    tsconfig::Projects,
};
use crate::{follow::MAX_PATH, fs::normal};

/// TypeScript is written with the names of what it is compiled to.
const SOURCES: [(&str, &[&str]); 4] = [("js", &["ts", "tsx"]), ("mjs", &["mts"]), ("cjs", &["cts"]), ("jsx", &["tsx"])];

/// The endings of files whose imports mean what their project says.
const IN_TYPESCRIPT: [&str; 5] = ["ts", "tsx", "mts", "cts", "jsx"];

/// What a chunk would be called as a file of its folder, for projects that say which files are theirs.
const CHUNK: &str = "chunk.ts";

fn is_typescript(path: &Path) -> bool {
    path.extension().is_some_and(|ending| IN_TYPESCRIPT.iter().any(|known| ending == *known))
}

/// Resolves the specifiers of one call.
#[derive(Debug)]
pub(super) struct Resolver {
    gate: Arc<Gate>,
    packages: Packages,
    projects: Projects,
    given: Option<Arc<Given>>,
}

impl Resolver {
    /// `folders`: where `require` looks for packages in the end.
    pub(super) fn new(gate: Arc<Gate>, cache: ModuleCache, given: Option<Arc<Given>>, folders: FoldersOfCall) -> Self {
        let projects = Projects::new(gate.clone(), cache.projects());
        Self { packages: Packages::new(gate.clone(), cache, folders), projects, gate, given }
    }

    /// The module whose text the embedder has.
    pub(super) fn given(&self) -> Option<&Given> {
        self.given.as_deref()
    }

    pub(super) fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// The `type` of the package that a file is in, and which `package.json` says so.
    pub(super) fn kind_of(&self, file: &Path) -> Result<Option<(String, PathBuf)>, HostError> {
        self.packages.kind_of(file)
    }

    /// What the project of a file asks for when it is compiled.
    pub(super) fn project_of(&self, file: &Path) -> Result<Project, HostError> {
        self.projects.settings(file)
    }

    /// The file whose project says what a bare specifier stands for.
    fn project_file(referrer: &Referrer, folder: &Path) -> Option<PathBuf> {
        match referrer {
            Referrer::Chunk(_) => Some(folder.join(CHUNK)),
            Referrer::File(path) => is_typescript(path).then(|| path.clone()),
            Referrer::Data | Referrer::Remote(_) => None,
        }
    }

    /// What is there by the project of the referrer. It comes before the `imports` of the package.
    fn by_project(&self, specifier: &str, referrer: &Referrer, folder: &Path) -> Result<Option<PathBuf>, HostError> {
        let Some(from) = Self::project_file(referrer, folder) else { return Ok(None) };
        // By `paths` and `baseUrl`.
        for place in self.projects.places(specifier, &from)? {
            if !is_path_bounded(&place) {
                continue;
            }
            if let Some(file) = self.file_or_ending(&place) {
                return Ok(Some(file));
            }
            if let Some(file) = self.folder_main(&place)? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    /// What the package of the referrer, or one that is installed, has by a bare specifier.
    fn by_packages(&self, specifier: &str, referrer: &Referrer, folder: &Path, style: Style) -> Result<PathBuf, Refusal> {
        let advice = || {
            let alias = self.projects.alias(specifier, &Self::project_file(referrer, folder)?)?;
            alias.advice(specifier, &self.gate)
        };
        self.packages.resolve(specifier, folder, referrer, style, &advice)
    }

    /// The place that `specifier` leads to. Blocks for as long as the file system does.
    pub(super) fn resolve(&self, specifier: &str, referrer: &Referrer, style: Style) -> Result<Place, Refusal> {
        let is_data = specifier.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        if specifier.len() > MAX_SPECIFIER && !is_data {
            return Err(too_long(specifier).into());
        }
        let place = self.place(specifier, referrer, style);
        if place.is_err() && self.gate.is_exhausted() {
            return Err(errors::too_much("too many files and folders had to be looked at").into());
        }
        place
    }

    fn place(&self, specifier: &str, referrer: &Referrer, style: Style) -> Result<Place, Refusal> {
        if specifier.contains('\0') {
            return Err(errors::invalid_specifier(specifier, "must not include NUL characters").into());
        }
        if specifier.is_empty() && style == Style::Require {
            let message = "The argument 'id' must be a non-empty string. Received ''".to_owned();
            return Err(errors::type_error("ERR_INVALID_ARG_VALUE", message).into());
        }
        if let Some(url) = builtins::url(specifier) {
            return if builtins::exists(&url) {
                Ok(Place::Builtin(url))
            } else {
                let hint = errors::hint(suggest::builtin(specifier).map(|near| format!("Did you mean '{near}'?")));
                let message = format!("No such built-in module: {specifier}{hint}");
                Err(errors::error("ERR_UNKNOWN_BUILTIN_MODULE", message).into())
            };
        }
        if location::is_path(specifier) {
            return match style {
                Style::Import => self.relative_url(specifier, referrer),
                Style::Require => self.required_path(specifier, referrer),
            };
        }
        if let Some(wanted) = Wanted::read(specifier) {
            return self.of_registry(&wanted?, specifier, referrer, style);
        }
        // Windows' drives are no schemes, and here no paths either.
        if let Ok(url) = Url::parse(specifier) {
            return self.url(url, specifier, referrer, style);
        }
        let Some(folder) = referrer.folder() else {
            return Err(no_place(specifier, referrer).into());
        };
        if !is_name_bounded(specifier) || !is_path_bounded(folder) {
            return Err(too_long(specifier).into());
        }
        let file = match self.by_project(specifier, referrer, folder) {
            Ok(Some(file)) => file,
            Ok(None) => self.by_packages(specifier, referrer, folder, style)?,
            // A project that cannot be read has no paths; what is wrong with it may be why there is no such package.
            Err(error) => {
                self.packages.resolve(specifier, folder, referrer, style, &|| None).map_err(|refusal| match refusal {
                    Refusal::Error(_) => Refusal::Error(error),
                    withheld @ Refusal::Withheld { .. } => withheld,
                })?
            }
        };
        self.real(&file, String::new(), || errors::no_module(&file, &Place::file(file.clone()).url(), referrer, None))
    }

    /// What a specifier such as `npm:lodash@4` leads to.
    fn of_registry(&self, wanted: &Wanted, specifier: &str, referrer: &Referrer, style: Style) -> Result<Place, Refusal> {
        let folder = referrer.folder().ok_or_else(|| no_place(specifier, referrer))?;
        if !is_name_bounded(specifier) || !is_path_bounded(folder) {
            return Err(too_long(specifier).into());
        }
        let file = self.packages.of_registry(wanted, folder, referrer, style)?;
        self.real(&file, String::new(), || errors::no_module(&file, &Place::file(file.clone()).url(), referrer, None))
    }

    fn relative_url(&self, specifier: &str, referrer: &Referrer) -> Result<Place, Refusal> {
        let url = referrer.base().and_then(|base| base.join(specifier).ok());
        let url = url.ok_or_else(|| no_place(specifier, referrer))?;
        self.url(url, specifier, referrer, Style::Import)
    }

    fn url(&self, url: Url, specifier: &str, referrer: &Referrer, style: Style) -> Result<Place, Refusal> {
        let is_remote = matches!(referrer, Referrer::Remote(_));
        match url.scheme() {
            // What comes from the network has no business with what is here.
            "file" if is_remote => {
                let message = format!(
                    "import of '{specifier}' by {referrer} is not supported: a module from the network cannot import files",
                    referrer = referrer.name().unwrap_or_default()
                );
                Err(errors::error("ERR_NETWORK_IMPORT_DISALLOWED", message).into())
            }
            "file" => {
                let path = named::file_path(&url, specifier)?;
                if !is_path_bounded(&path) {
                    return Err(too_long(specifier).into());
                }
                let is_given = self.given().is_some_and(|given| given.path == path);
                match style {
                    _ if is_given => Ok(Place::file(path)),
                    Style::Import => self.imported_file(&path, location::suffix(&url), specifier, referrer),
                    Style::Require => {
                        self.real(&path, location::suffix(&url), || errors::no_requirement(specifier, referrer, &[], None))
                    }
                }
            }
            "data" => Ok(Place::Data(url)),
            "http" | "https" => Ok(Place::Remote(url)),
            scheme => {
                let other =
                    if matches!(scheme, "bun" | "deno" | "cloudflare") { ". Modules of other runtimes are not here" } else { "" };
                let message = format!(
                    "Only URLs with a scheme in: file, data, node, http, and https are supported. Received protocol '{scheme}:'{other}"
                );
                Err(errors::error("ERR_UNSUPPORTED_ESM_URL_SCHEME", message).into())
            }
        }
    }

    /// The file that an `import` names by its whole name.
    fn imported_file(&self, path: &Path, suffix: String, specifier: &str, referrer: &Referrer) -> Result<Place, Refusal> {
        let url = || Url::from_file_path(path).map_or_else(|()| specifier.to_owned(), |url| url.to_string());
        if !specifier.ends_with('/') {
            if self.gate.is_file(path) {
                return self.real(path, suffix, || errors::no_module(path, &url(), referrer, None));
            }
            if let Some(source) = self.typescript_source(path) {
                return self.real(&source, suffix, || errors::no_module(path, &url(), referrer, None));
            }
        }
        if let Some(file) = self.shortened(path, specifier, referrer)? {
            return self.real(&file, suffix, || errors::no_module(path, &url(), referrer, None));
        }
        self.readable(path)?;
        let is_own = |file: &PathBuf| matches!(referrer, Referrer::File(own) if own == file);
        let likely = || suggest::file(&self.gate, path).filter(|file| !is_own(file));
        let likely = || likely().map(|file| self.did_you_mean(&file, specifier, referrer));
        if self.gate.is_folder(path) {
            return Err(errors::folder_import(path, &url(), referrer, likely()).into());
        }
        Err(errors::no_module(path, &url(), referrer, likely()).into())
    }

    /// What a chunk or a file of TypeScript names without its ending, or by its folder, as compilers and bundlers of
    /// TypeScript have it. For other files Node's rule holds.
    fn shortened(&self, path: &Path, specifier: &str, referrer: &Referrer) -> Result<Option<PathBuf>, Refusal> {
        match referrer {
            Referrer::File(from) if location::is_path(specifier) && is_typescript(from) => {}
            Referrer::Chunk(_) if location::is_path(specifier) => {}
            Referrer::File(_) | Referrer::Chunk(_) | Referrer::Data | Referrer::Remote(_) => return Ok(None),
        }
        let file = if specifier.ends_with('/') { None } else { self.file_or_ending(path) };
        match file {
            Some(file) => Ok(Some(file)),
            None => Ok(self.folder_main(path)?),
        }
    }

    fn did_you_mean(&self, file: &Path, specifier: &str, referrer: &Referrer) -> String {
        let written = match referrer.folder() {
            Some(folder) if specifier.starts_with('.') => suggest::relative(file, folder),
            _ => file.display().to_string(),
        };
        format!("Did you mean '{written}'?")
    }

    /// What TypeScript was written in, where only that exists.
    fn typescript_source(&self, path: &Path) -> Option<PathBuf> {
        let extension = path.extension()?.to_str()?;
        let (_, sources) = SOURCES.iter().find(|(compiled, _)| *compiled == extension)?;
        sources.iter().map(|source| path.with_extension(source)).find(|source| self.gate.is_file(source))
    }

    /// What a `require` names by a path: a file, perhaps without its ending, or a folder.
    fn required_path(&self, specifier: &str, referrer: &Referrer) -> Result<Place, Refusal> {
        let folder = match referrer.folder() {
            Some(folder) => folder,
            None if specifier.starts_with('/') => Path::new("/"),
            None => return Err(no_place(specifier, referrer).into()),
        };
        if matches!(referrer, Referrer::Remote(_)) {
            return Err(no_place(specifier, referrer).into());
        }
        let path = normal(&folder.join(specifier));
        if !is_path_bounded(&path) {
            return Err(too_long(specifier).into());
        }
        let names_folder = specifier.ends_with('/')
            || specifier.ends_with("/.")
            || specifier.ends_with("/..")
            || matches!(specifier, "." | "..");
        let as_file = if names_folder { None } else { self.file_or_ending(&path) };
        let found = match as_file {
            Some(file) => Some(file),
            None => self.folder_main(&path)?,
        };
        let missing = |suggestion| errors::no_requirement(specifier, referrer, &[], suggestion);
        match found {
            Some(file) => self.real(&file, String::new(), || missing(None)),
            None => {
                self.readable(&path)?;
                let likely = suggest::file(&self.gate, &path).map(|file| self.did_you_mean(&file, specifier, referrer));
                Err(missing(likely).into())
            }
        }
    }

    fn file_or_ending(&self, path: &Path) -> Option<PathBuf> {
        if self.gate.is_file(path) {
            return Some(path.to_owned());
        }
        let candidates = REQUIRED_ENDINGS.iter().map(|ending| suggest::append(path, ending));
        candidates.into_iter().find(|candidate| self.gate.is_file(candidate)).or_else(|| self.typescript_source(path))
    }

    /// The file that stands for a folder: what its `package.json` calls `main`, or its index.
    fn folder_main(&self, folder: &Path) -> Result<Option<PathBuf>, HostError> {
        if !self.gate.is_folder(folder) {
            return Ok(None);
        }
        let index = |folder: &Path| self.file_or_ending(&folder.join("index")).filter(|file| file.extension().is_some());
        if let Some(main) = self.packages.main(folder)? {
            let main = normal(&folder.join(main.trim_start_matches('/')));
            if let Some(file) = self.file_or_ending(&main).or_else(|| index(&main)) {
                return Ok(Some(file));
            }
        }
        Ok(index(folder))
    }

    /// A refusal, unless what is or is not at `path` may be told.
    fn readable(&self, path: &Path) -> Result<(), Refusal> {
        if self.gate.may_see(path) {
            Ok(())
        } else {
            Err(Refusal::Withheld { ask: path.to_owned(), otherwise: self.gate.denied(path).into() })
        }
    }

    /// The place of a file by its real path, so that each is one module however it is reached.
    fn real(&self, path: &Path, suffix: String, missing: impl FnOnce() -> HostError) -> Result<Place, Refusal> {
        match self.gate.real_file(path) {
            Ok(path) => Ok(Place::File { path, suffix }),
            Err(_) => {
                self.readable(path)?;
                Err(missing().into())
            }
        }
    }
}

/// A specifier that is longer than that of any module. What it says is told in part.
fn too_long(specifier: &str) -> HostError {
    let shown = specifier.get(..specifier.floor_char_boundary(100)).unwrap_or_default();
    let why = format!("must not have more than {MAX_PATH} bytes or {MAX_FOLDERS} names between slashes");
    errors::invalid_specifier(&format!("{shown}…"), &why)
}

/// A relative or bare specifier of who has no place.
fn no_place(specifier: &str, referrer: &Referrer) -> HostError {
    let from = referrer.name().unwrap_or_default();
    let message =
        format!("Failed to resolve module specifier '{specifier}' from {from}: it must be an absolute URL or a built-in");
    errors::type_error("ERR_UNSUPPORTED_RESOLVE_REQUEST", message)
}
