//! The `tsconfig.json` of a project: what it says of how its files are compiled, and of what its imports mean. Read by the resolver of
//! packages, which knows `extends`, through the gate.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use drupe_protocol::HostError;
use drupe_transpile::Project;
use oxc_resolver::{CompilerOptions, ResolveError, ResolveOptions, ResolverGeneric, TsConfig};

use super::{errors, eyes::Eyes, gate::Gate};

/// The name of the file.
const NAME: &str = "tsconfig.json";

/// How many files one project may be described in, those that it extends included, with the manifests of packages that these are in.
const MAX_FILES: usize = 200;

/// Targets of compilers that have no class fields: without another word, fields are assigned there.
const WITHOUT_FIELDS: [&str; 10] = ["es3", "es5", "es6", "es2015", "es2016", "es2017", "es2018", "es2019", "es2020", "es2021"];

/// How many places a name may stand for.
const MAX_PLACES: usize = 64;

/// The projects of one call.
pub(super) struct Projects {
    gate: Arc<Gate>,
    resolver: OnceLock<ResolverGeneric<Eyes>>,
    /// By the folder that they are nearest to.
    found: Mutex<HashMap<PathBuf, Option<Arc<TsConfig>>>>,
}

impl std::fmt::Debug for Projects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projects").finish_non_exhaustive()
    }
}

impl Projects {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        Self { gate, resolver: OnceLock::new(), found: Mutex::default() }
    }

    /// What the project of a file in `folder` asks for when it is compiled.
    pub(super) fn settings(&self, folder: &Path) -> Result<Project, HostError> {
        Ok(self.nearest(folder)?.map(|config| project(&config.compiler_options)).unwrap_or_default())
    }

    /// The places that `specifier` may stand for in a file in `folder`, by `paths` and `baseUrl`, the likeliest first.
    pub(super) fn places(&self, specifier: &str, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
        let Some(config) = self.nearest(folder)? else { return Ok(Vec::new()) };
        let mut places = config.resolve_path_alias_or_base_url(specifier);
        places.truncate(MAX_PLACES);
        Ok(places)
    }

    /// The nearest project above a folder. Packages that are installed are none: they are compiled already.
    fn nearest(&self, folder: &Path) -> Result<Option<Arc<TsConfig>>, HostError> {
        if folder.components().any(|component| component.as_os_str() == "node_modules") {
            return Ok(None);
        }
        if let Some(known) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return Ok(known.clone());
        }
        let file = folder.ancestors().map(|folder| folder.join(NAME)).find(|file| self.gate.is_file(file));
        let config = file.map(|file| self.read(&file)).transpose()?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), config.clone());
        Ok(config)
    }

    fn read(&self, file: &Path) -> Result<Arc<TsConfig>, HostError> {
        let resolver = self.resolver.get_or_init(|| {
            let options = ResolveOptions { symlinks: false, ..ResolveOptions::default() };
            ResolverGeneric::new_with_file_system(Eyes::of_texts(self.gate.clone(), MAX_FILES), options)
        });
        resolver.resolve_tsconfig(file).map_err(|error| wrong(file, error))
    }
}

/// What is wrong with a project, and where.
fn wrong(file: &Path, error: ResolveError) -> HostError {
    let (place, why) = match error {
        ResolveError::TsconfigLoadFailed { path, source } => match *source {
            ResolveError::Json(problem) => {
                // The text says it again.
                let message = problem.message.split(" at line ").next().unwrap_or_default().to_owned();
                (format!("{}:{}:{}", path.display(), problem.line, problem.column), message)
            }
            other => (path.display().to_string(), format!("it cannot be read: {other}")),
        },
        ResolveError::TsconfigNotFound(missing) if missing != file => {
            (file.display().to_string(), format!("it extends {}, which cannot be found", missing.display()))
        }
        ResolveError::TsconfigCircularExtend(_) => (file.display().to_string(), "it extends itself, by way of others".to_owned()),
        other => (file.display().to_string(), other.to_string()),
    };
    errors::error("ERR_INVALID_TSCONFIG", format!("Invalid tsconfig {place}: {why}"))
}

fn project(options: &CompilerOptions) -> Project {
    let is_old = options.target.as_ref().is_some_and(|target| WITHOUT_FIELDS.contains(&&*target.to_ascii_lowercase()));
    let from = options.jsx_import_source.clone();
    let jsx_import_source = match options.jsx.as_deref().map(str::to_ascii_lowercase).as_deref() {
        // Who leaves JSX to other tools takes those that import what it needs.
        Some("react-jsx" | "react-jsxdev" | "preserve" | "react-native") => {
            Some(from.unwrap_or_else(|| "react".to_owned())).filter(|_| options.jsx_factory.is_none())
        }
        Some(_) => None,
        None => from,
    };
    Project {
        legacy_decorators: options.experimental_decorators.unwrap_or(false),
        decorator_metadata: options.emit_decorator_metadata.unwrap_or(false),
        assign_fields: !options.use_define_for_class_fields.unwrap_or(!is_old),
        jsx_import_source,
        jsx_factory: options.jsx_factory.clone(),
        jsx_fragment: options.jsx_fragment_factory.clone(),
    }
}
