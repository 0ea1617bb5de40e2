//! The `tsconfig.json` of a project: options for the compilation of its files, and the meaning of its imports. The
//! resolver of packages, which knows `extends`, reads it through the gate.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use drupe_protocol::HostError;
use drupe_transpile::Project;
use oxc_resolver::{
    CompilerOptions, FileMetadata, FileSystem, ResolveError, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery,
};

use super::{
    aliases::Alias,
    errors,
    exact::Identity,
    eyes::{Eyes, Reads},
    gate::Gate,
};

/// The name of the file.
const NAME: &str = "tsconfig.json";

/// How many files one project may be described in, those that it extends included, with the manifests of packages that
/// these are in.
const MAX_FILES: usize = 200;

/// Targets of compilers that have no class fields: without another word, fields are assigned there.
const WITHOUT_FIELDS: [&str; 10] = ["es3", "es5", "es6", "es2015", "es2016", "es2017", "es2018", "es2019", "es2020", "es2021"];

/// How many places a name may stand for.
const MAX_PLACES: usize = 64;

/// How many bytes the files have that remembered projects were read from, in all.
const MAX_KEPT: u64 = 16 << 20;

/// Projects that were read before, by their files. **Nothing of a permission is in here**: each file is looked at
/// through the gate again.
#[derive(Debug, Default)]
pub(super) struct KnownProjects(Mutex<Kept>);

/// The files that a project was read from.
type Files = Arc<[(PathBuf, Identity)]>;

#[derive(Debug, Default)]
struct Kept {
    bytes: u64,
    projects: HashMap<PathBuf, (Files, Read)>,
}

/// A project as it was read.
#[derive(Clone, Debug)]
struct Read {
    config: Arc<TsConfig>,
    /// The same, with `alwaysStrict` as [`Strictness`] shows it.
    strictness: Option<Arc<TsConfig>>,
}

impl KnownProjects {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `file` says, if none of the files that it was read from has changed.
    fn find(&self, file: &Path, gate: &Gate) -> Option<Read> {
        let (reads, read) = self.kept().projects.get(file)?.clone();
        let is_same = reads.iter().all(|(path, identity)| {
            gate.open(path).is_ok_and(|(found, real)| {
                gate.tell_use(&real);
                found.stat.identity == *identity
            })
        });
        is_same.then_some(read)
    }

    fn keep(&self, file: &Path, reads: Vec<(PathBuf, Identity)>, read: &Read) {
        // What a change of would not show, and what other projects have a part in, is read again.
        if !read.config.references_resolved.is_empty() || !reads.iter().all(|(_, identity)| identity.is_settled()) {
            return;
        }
        let size = |reads: &[(PathBuf, Identity)]| reads.iter().map(|(_, identity)| identity.size + 1024).sum::<u64>();
        let mut kept = self.kept();
        if let Some((before, _)) = kept.projects.remove(file) {
            kept.bytes -= size(&before);
        }
        if kept.bytes + size(&reads) > MAX_KEPT {
            *kept = Kept::default();
        }
        kept.bytes += size(&reads);
        kept.projects.insert(file.to_owned(), (reads.into(), read.clone()));
    }
}

/// What the resolver sees of a project to learn of `alwaysStrict`, which it does not know: that stands where `strict`
/// stood. What a project extends, and which says it last, is the resolver's to know.
struct Strictness(Eyes);

impl FileSystem for Strictness {
    fn new() -> Self {
        Self(Eyes::new())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_to_string(path).map(String::into_bytes)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        let text = self.0.read_to_string(path)?;
        Ok(text.replace("\"strict\"", "\"strictǃ\"").replace("\"alwaysStrict\"", "\"strict\""))
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.metadata(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.0.symlink_metadata(path)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        self.0.read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.0.canonicalize(path)
    }
}

/// The projects of one call.
pub(super) struct Projects {
    gate: Arc<Gate>,
    known: Arc<KnownProjects>,
    /// By the folder that they are nearest to.
    found: Mutex<HashMap<PathBuf, Option<Arc<Nearest>>>>,
}

/// The nearest project.
struct Nearest {
    read: Read,
    /// Knows which of the projects that it refers to a file belongs to.
    resolver: Option<ResolverGeneric<Eyes>>,
}

impl Nearest {
    /// What this project, or one that it refers to, says of `alwaysStrict`.
    fn always_strict(&self, config: &TsConfig) -> Option<bool> {
        let nearest = self.read.strictness.as_ref()?;
        let found = std::iter::once(nearest).chain(&nearest.references_resolved).find(|seen| seen.path() == config.path())?;
        found.compiler_options.strict
    }

    /// The project that `file` belongs to: this one, or one that it refers to.
    fn of(&self, file: &Path) -> Arc<TsConfig> {
        let referred = || {
            let found = self.resolver.as_ref()?.find_tsconfig(file).ok()??;
            self.read.config.references_resolved.iter().any(|config| config.path() == found.path()).then_some(found)
        };
        referred().unwrap_or_else(|| self.read.config.clone())
    }
}

impl std::fmt::Debug for Projects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Projects").finish_non_exhaustive()
    }
}

impl Projects {
    pub(super) fn new(gate: Arc<Gate>, known: Arc<KnownProjects>) -> Self {
        Self { gate, known, found: Mutex::default() }
    }

    /// What the project of `file` asks for when it is compiled.
    pub(super) fn settings(&self, file: &Path) -> Result<Project, HostError> {
        let Some(nearest) = self.nearest(file.parent().unwrap_or(file))? else { return Ok(Project::default()) };
        let config = nearest.of(file);
        Ok(project(&config.compiler_options, nearest.always_strict(&config)))
    }

    /// The places that `specifier` may stand for in `file`, by `paths` and `baseUrl`, the likeliest first.
    pub(super) fn places(&self, specifier: &str, file: &Path) -> Result<Vec<PathBuf>, HostError> {
        let Some(config) = self.of(file)? else { return Ok(Vec::new()) };
        let mut places = config.resolve_path_alias_or_base_url(specifier);
        places.truncate(MAX_PLACES);
        Ok(places)
    }

    /// The entry of `paths` that `specifier` matches in `file`.
    pub(super) fn alias(&self, specifier: &str, file: &Path) -> Option<Alias> {
        let places = self.places(specifier, file).ok()?;
        Alias::of(&*self.of(file).ok()??, specifier, places)
    }

    fn of(&self, file: &Path) -> Result<Option<Arc<TsConfig>>, HostError> {
        Ok(self.nearest(file.parent().unwrap_or(file))?.map(|nearest| nearest.of(file)))
    }

    /// The nearest project above a folder. Packages that are installed are none: they are compiled already.
    fn nearest(&self, folder: &Path) -> Result<Option<Arc<Nearest>>, HostError> {
        if folder.components().any(|component| component.as_os_str() == "node_modules") {
            return Ok(None);
        }
        if let Some(known) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(folder) {
            return Ok(known.clone());
        }
        let file = folder.ancestors().map(|folder| folder.join(NAME)).find(|file| self.gate.is_file(file));
        let nearest = match file {
            None => None,
            // Folders of one project share it.
            Some(file) => match file.parent().filter(|above| *above != folder) {
                Some(above) => self.nearest(above)?,
                None => Some(Arc::new(self.read(&file).map_err(|error| wrong(&file, error))?)),
            },
        };
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), nearest.clone());
        Ok(nearest)
    }

    fn read(&self, file: &Path) -> Result<Nearest, ResolveError> {
        if let Some(read) = self.known.find(file, &self.gate) {
            return Ok(Nearest { read, resolver: None });
        }
        let options = |tsconfig| ResolveOptions { symlinks: false, tsconfig, ..ResolveOptions::default() };
        let eyes = || {
            let reads = Reads::at_most(MAX_FILES);
            (Eyes::of_project(self.gate.clone(), &reads), reads)
        };
        let strictness = |tsconfig| {
            let resolver = ResolverGeneric::new_with_file_system(Strictness(eyes().0), options(tsconfig));
            resolver.resolve_tsconfig(file).ok()
        };
        let references = || Some(TsconfigDiscovery::Auto);
        let (seen, reads) = eyes();
        let with_references = ResolverGeneric::new_with_file_system(seen, options(references()));
        if let Ok(config) = with_references.resolve_tsconfig(file) {
            let read = Read { config, strictness: strictness(references()) };
            self.known.keep(file, reads.take(), &read);
            return Ok(Nearest { read, resolver: Some(with_references) });
        }
        // What is wrong with a project that it only refers to is that one's affair.
        let alone = ResolverGeneric::new_with_file_system(eyes().0, options(None));
        let config = alone.resolve_tsconfig(file)?;
        Ok(Nearest { read: Read { config, strictness: strictness(None) }, resolver: None })
    }
}

/// What is wrong with a project, and where.
fn wrong(file: &Path, error: ResolveError) -> HostError {
    let (place, why) = match error {
        ResolveError::TsconfigLoadFailed { path, source } => match *source {
            ResolveError::Json(problem) => {
                // The text says it again.
                let message = problem.message.split(" at line ").next().unwrap_or_default().to_owned();
                // The end of a text that ends with a line break is before the first column.
                (format!("{}:{}:{}", path.display(), problem.line, problem.column.max(1)), message)
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

fn project(options: &CompilerOptions, always_strict: Option<bool>) -> Project {
    let is_old = options.target.as_ref().is_some_and(|target| WITHOUT_FIELDS.contains(&&*target.to_ascii_lowercase()));
    let is_verbatim = options.verbatim_module_syntax.unwrap_or(false);
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
        strict_null_checks: options.strict_null_checks.or(options.strict).unwrap_or(false),
        always_strict: always_strict.or(options.strict).unwrap_or(false),
        keep_names: is_verbatim || options.preserve_value_imports.unwrap_or(false),
        keep_effects: is_verbatim || matches!(options.imports_not_used_as_values.as_deref(), Some("preserve" | "error")),
        assign_fields: !options.use_define_for_class_fields.unwrap_or(!is_old),
        jsx_import_source,
        jsx_development: options.jsx.as_deref().is_some_and(|jsx| jsx.eq_ignore_ascii_case("react-jsxdev")),
        jsx_factory: options.jsx_factory.clone(),
        jsx_fragment: options.jsx_fragment_factory.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{
        fs,
        time::{Duration, UNIX_EPOCH},
    };

    use super::*;
    use crate::{
        Policy,
        permissions::{Kind, Permissions},
    };

    #[test]
    fn always_strict_is_that_of_the_project_or_of_what_it_extends() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let permissions = Permissions::new(Policy::all());
        let asks = |base: &str, own: &str| {
            let text =
                |extends: &str, options: &str| format!("{{ {extends} \"compilerOptions\": {{ {options} }} }} // a comment");
            fs::write(root.join("base.json"), text("", base)).unwrap();
            fs::write(root.join(NAME), text(r#""extends": "./base.json","#, own)).unwrap();
            let gate = Arc::new(Gate::new(permissions.clone(), None, "import"));
            let project = Projects::new(gate, Arc::default()).settings(&root.join("a.ts")).unwrap();
            (project.always_strict, project.strict_null_checks)
        };
        for (base, own, expected) in [
            ("", "", (false, false)),
            ("", r#""strict": true"#, (true, true)),
            ("", r#""strict": false"#, (false, false)),
            ("", r#""alwaysStrict": true, "strict": false"#, (true, false)),
            ("", r#""strict": true, "alwaysStrict": false"#, (false, true)),
            (r#""alwaysStrict": true"#, r#""strict": false"#, (true, false)),
            (r#""alwaysStrict": true"#, r#""alwaysStrict": false"#, (false, false)),
            (r#""strict": true"#, r#""alwaysStrict": false"#, (false, true)),
        ] {
            assert_eq!(asks(base, own), expected, "{base} {own}");
        }
    }

    #[test]
    fn a_project_is_read_once_for_all_calls_that_may_see_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let write = |name: &str, text: &str, written: Option<u64>| {
            fs::write(root.join(name), text).unwrap();
            if let Some(seconds) = written {
                let file = fs::File::options().write(true).open(root.join(name)).unwrap();
                file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
            }
        };
        write("base.json", r#"{ "compilerOptions": { "experimentalDecorators": true } }"#, Some(1_000));
        write(NAME, r#"{ "extends": "./base.json" }"#, Some(1_000));
        let known = Arc::new(KnownProjects::default());
        let (permissions, file) = (Permissions::new(Policy::all()), root.join("a.ts"));
        let seen = |permissions: &Permissions| {
            let gate = Arc::new(Gate::new(permissions.clone(), None, "import"));
            Projects::new(gate, known.clone()).of(&file).unwrap()
        };
        let first = seen(&permissions).unwrap();
        assert_eq!(first.compiler_options.experimental_decorators, Some(true));
        assert!(Arc::ptr_eq(&first, &seen(&permissions).unwrap()));
        // What it extends counts, too.
        write("base.json", r#"{ "compilerOptions": { "experimentalDecorators": false } }"#, Some(2_000));
        let changed = seen(&permissions).unwrap();
        assert_eq!(changed.compiler_options.experimental_decorators, Some(false));
        assert!(Arc::ptr_eq(&changed, &seen(&permissions).unwrap()));
        // Who may not see it is told nothing of it.
        assert!(seen(&Permissions::new(Policy::none())).is_none());
        let mut policy = Policy::none();
        policy.allow(Kind::Read, root.join(NAME).to_str().unwrap()).unwrap();
        let gate = Arc::new(Gate::new(Permissions::new(policy), None, "import"));
        assert!(Projects::new(gate, known.clone()).of(&file).is_err(), "it may not see what it extends");
        // Not kept: it may change again without that showing.
        write(NAME, "{}", None);
        let (one, other) = (seen(&permissions).unwrap(), seen(&permissions).unwrap());
        assert!(!Arc::ptr_eq(&one, &other));
    }
}
