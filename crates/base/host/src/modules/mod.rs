//! Modules: the file that a specifier means, its content, and all its imports, by permission.
//!
//! The service `module` answers `graph` (a module and its static imports, as a stream), `require` (one module, for
//! CommonJS), `resolve` (a URL), `package` (the `package.json` that determines a file's format), `may_be_type`
//! (whether an export may be a type), `specifiers` (completions) and `folders` (of packages for `require` alone).
//! `resolve` and `packages` turn a specifier into a place, `load` turns a place into a module, `compile` prepares text
//! for V8, and `cache` keeps the result (`manifests` keeps each `package.json`). Files are read through `gate` only,
//! and the network through `remote` only, and both require permission each time: **no cached entry grants a
//! permission**.

mod aliases;
mod asked;
mod bounded;
mod builtins;
mod cache;
mod changes;
mod compile;
mod compiled;
mod data;
mod declaration_files;
mod errors;
mod exact;
mod eyes;
mod fetch;
mod format;
mod gate;
mod given;
mod graph;
mod item;
mod lanes;
mod load;
mod location;
mod lock_file;
mod manager;
mod manifest;
mod manifests;
mod named;
mod original_texts;
mod originals;
mod packages;
mod reexports;
mod registries;
mod remote;
mod remote_quota;
mod remote_store;
mod replaced;
mod resolve;
mod shared_folders;
mod source_map;
mod specifiers;
mod suggest;
mod targets;
mod texts;
mod tsconfig;
mod turn;
mod types;
mod versions;
mod wasm;
mod watch;
mod watch_state;
mod worker;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use drupe_protocol::{HostError, Value};

pub use cache::{CacheStats, ModuleCache};
pub use changes::take_changed;
pub use declaration_files::{declarations_beside, is_declarations};
pub use fetch::{Budget, Fetch, FetchRequest, Fetched};
pub use lock_file::{LockFile, LockFileError};
pub use texts::source;
pub use watch::ModuleWatch;

use self::{
    asked::Style,
    gate::Gate,
    given::Given,
    item::Edge,
    lanes::{Lanes, Turn},
    load::Loader,
    location::Referrer,
    remote::{Remote, Visit},
    remote_quota::DEFAULT_QUOTA,
    remote_store::Store,
    resolve::Resolver,
    shared_folders::{FoldersOfCall, SharedFolders},
};
use crate::{Answer, Answering, Call, Permissions, Service, Surroundings, fs::Cwd};

/// The service `module`.
#[derive(Clone, Debug)]
pub struct Modules {
    permissions: Permissions,
    root: PathBuf,
    cache: ModuleCache,
    remote: Remote,
    lanes: Lanes,
    watch: Option<ModuleWatch>,
    given: Option<Arc<Given>>,
    source_maps: bool,
    folders: Arc<SharedFolders>,
}

impl Modules {
    /// Modules under `permissions`: chunks import from the current folder, and nothing comes from the network.
    #[must_use]
    pub fn new(permissions: &Permissions) -> Self {
        let root = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let remote = Remote { fetch: None, store: Store { folder: remote::default_folder(), quota: DEFAULT_QUOTA }, lock: None };
        Self {
            permissions: permissions.clone(),
            root,
            cache: ModuleCache::default(),
            remote,
            lanes: Lanes::default(),
            watch: None,
            given: None,
            source_maps: false,
            folders: Arc::new(SharedFolders::of(&Surroundings::default())),
        }
    }

    /// Chunks import as if they were files in `root`, until their session changes its working folder.
    #[must_use]
    pub fn root(self, root: impl AsRef<Path>) -> Self {
        let root = std::path::absolute(root.as_ref()).unwrap_or_else(|_| root.as_ref().to_owned());
        Self { root: crate::fs::normal(&root), ..self }
    }

    /// Keeps compiled modules in `cache`.
    #[must_use]
    pub fn cache(self, cache: &ModuleCache) -> Self {
        Self { cache: cache.clone(), ..self }
    }

    /// Gets modules from the network by `fetch`.
    #[must_use]
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.remote.fetch = Some(fetch);
        self
    }

    /// Keeps what came from the network in `folder`, rather than in the user's cache folder
    /// (`$XDG_CACHE_HOME/drupe/modules`).
    #[must_use]
    pub fn remote_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.remote.store.folder = Some(folder.into());
        self
    }

    /// Lets what came from the network take up about so many bytes on disk, rather than 512 MiB. What was used longest
    /// ago goes first.
    #[must_use]
    pub fn remote_quota(mut self, bytes: u64) -> Self {
        self.remote.store.quota = bytes;
        self
    }

    /// Has a module of this name and text in the folder that chunks import from, as if it were a file there.
    #[must_use]
    pub fn given(self, name: &str, text: impl Into<String>) -> Self {
        let given = Given { path: self.root.join(name), text: text.into() };
        Self { given: Some(Arc::new(given)), ..self }
    }

    /// Has errors of JavaScript lead to the texts that it was compiled of, where its source maps may be read.
    #[must_use]
    pub fn source_maps(self, are_read: bool) -> Self {
        Self { source_maps: are_read, ..self }
    }

    /// Has `require` find packages in the folders that the environment of a command names, too.
    #[must_use]
    pub fn shared_folders(self, surroundings: &Surroundings) -> Self {
        Self { folders: Arc::new(SharedFolders::of(surroundings)), ..self }
    }

    /// Tells `watch` of each file that is loaded.
    #[must_use]
    pub fn watch(mut self, watch: &ModuleWatch) -> Self {
        self.watch = Some(watch.clone());
        self
    }

    /// Holds what comes from the network, and what was kept of it, against `lock`.
    #[must_use]
    pub fn lock_file(mut self, lock: &LockFile) -> Self {
        self.remote.lock = Some(lock.clone());
        self
    }

    fn loader(&self, call: &Call, api: &'static str) -> Loader {
        let gate = Arc::new(Gate::new(self.permissions.clone(), call.run, api));
        let folders = self.folders_of(call);
        Loader {
            resolver: Arc::new(Resolver::new(gate, self.cache.clone(), self.given.clone(), folders)),
            cache: self.cache.clone(),
            remote: Arc::new(Visit::new(self.remote.clone())),
            loaded: call.session.state(),
            watch: self.watch.clone(),
            texts: call.session.state(),
            turns: call.session.state(),
            reexports: Arc::default(),
            types: Arc::default(),
            source_maps: self.source_maps,
            original_texts: call.session.state(),
        }
    }

    fn folders_of(&self, call: &Call) -> FoldersOfCall {
        FoldersOfCall {
            folders: self.folders.clone(),
            permissions: self.permissions.clone(),
            session: call.session.clone(),
            from: self.folder(call),
        }
    }

    /// Who imports, by the second argument. Chunks do so from the working folder of their session.
    fn referrer(&self, call: &Call) -> Result<Referrer, HostError> {
        Referrer::read(call.arg(1), &self.folder(call))
    }

    /// The working folder of a session.
    fn folder(&self, call: &Call) -> PathBuf {
        Cwd::moved(&call.session).unwrap_or_else(|| self.root.clone())
    }

    /// `graph(specifier, referrer, attributes, known)`: a stream of arrays of modules, the entry first of all.
    async fn graph(self, call: Call) -> Result<Answer, HostError> {
        let known = match call.arg(3) {
            Value::Set(urls) => urls.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Default::default(),
        };
        let request = graph::GraphRequest {
            specifier: call.string(0)?.to_owned(),
            kind: kind(call.arg(2))?,
            referrer: self.referrer(&call)?,
            known,
        };
        let turn = self.lanes.graph().await.ok_or_else(HostError::default)?;
        Ok(Answer::stream(graph::walk(self.loader(&call, "import"), request, turn)))
    }

    /// `require(specifier, referrer, attributes, alone)`: one module. Where its imports lead is told, but they are not
    /// loaded; the names that it exports are told where it is asked for by URL. `alone`: for who only looks at its
    /// text, neither is looked for.
    async fn require(self, call: Call) -> Result<Answer, HostError> {
        let specifier = call.string(0)?.to_owned();
        let referrer = self.referrer(&call)?;
        let kind = kind(call.arg(2))?;
        let is_alone = call.arg(3) == &Value::Bool(true);
        let loader = self.loader(&call, "require");
        let turn = self.turn().await?;
        let module = worker::run(move |worker| {
            let _turn = turn;
            loader.resolver.gate().attend(worker);
            let place = loader.locate(worker, &specifier, &referrer, Style::Require)?;
            let module = loader.load_values(worker, &place, kind.as_deref(), Style::Require)?;
            let places = if is_alone { Vec::new() } else { loader.imports(worker, &module)? };
            let imports = module.compiled.imports.iter().zip(places);
            module.note(&loader.texts);
            let edges: Vec<Edge> = imports
                .map(|(import, place)| Edge { specifier: import.specifier.clone(), kind: import.kind.clone(), url: place.url() })
                .collect();
            // An ES module that is required asks by URL for what it imports. Who requires by name or path needs no list
            // of names.
            let exports = if specifier.starts_with("file:") && !is_alone { loader.exports(worker, &module) } else { Vec::new() };
            Ok(item::item(&module, &edges, exports, loader.originals(&module).as_ref()))
        });
        module.await.map(Answer::from)
    }

    async fn turn(&self) -> Result<Turn, HostError> {
        self.lanes.single().await.ok_or_else(HostError::default)
    }

    /// `resolve(specifier, referrer, kind)`: a URL; `kind` is `"import"` or `"require"`.
    async fn resolve(self, call: Call) -> Result<Answer, HostError> {
        let specifier = call.string(0)?.to_owned();
        let referrer = self.referrer(&call)?;
        let style = style_of(call.arg(2));
        let loader = self.loader(&call, "resolve");
        let resolver = loader.resolver;
        let turn = self.turn().await?;
        // Nothing is fetched to tell a URL.
        let url = worker::run(move |worker| {
            let _turn = turn;
            resolver.gate().attend(worker);
            worker.settle(resolver.gate(), || resolver.resolve(&specifier, &referrer, style)).map(|place| place.url())
        });
        url.await.map(Answer::from)
    }

    /// `package(url)`: the `package.json` that says of the file at the URL what it is, and its `type`. Null where none
    /// does.
    async fn package(self, call: Call) -> Result<Answer, HostError> {
        let Referrer::File(path) = Referrer::read(call.arg(0), &self.root)? else { return Ok(Value::Null.into()) };
        let resolver = self.loader(&call, "resolve").resolver;
        let turn = self.turn().await?;
        let found = worker::run(move |worker| {
            let _turn = turn;
            resolver.gate().attend(worker);
            Ok(if resolver.gate().may_see(&path) { resolver.kind_of(&path)? } else { None })
        });
        let found = found.await?;
        let told = found.map(|(kind, package)| Value::Array(vec![package.display().to_string().into(), kind.into()]));
        Ok(told.unwrap_or(Value::Null).into())
    }

    /// `may_be_type(url, name)`: whether the loaded module at the URL may export a type of this name, of which it has
    /// no value.
    async fn may_be_type(self, call: Call) -> Result<Answer, HostError> {
        let (url, name) = (call.string(0)?.to_owned(), call.string(1)?.to_owned());
        let javascript = match Referrer::read(call.arg(0), &self.root)? {
            Referrer::File(path) if declarations_beside(&path).next().is_some() => Some(path),
            _ => None,
        };
        let loader = self.loader(&call, "import");
        let turn = self.turn().await?;
        let found = worker::run(move |worker| {
            let _turn = turn;
            loader.resolver.gate().attend(worker);
            Ok(match javascript {
                Some(path) => loader.declares_type(worker, &path, &name),
                None => loader.texts.may_declare_type(&url, &name),
            })
        });
        found.await.map(Answer::from)
    }

    /// `specifiers(prefix, referrer, kind)`: an array of whole specifiers; `kind` is `"import"` or `"require"`.
    async fn specifiers(self, call: Call) -> Result<Answer, HostError> {
        let prefix = call.string(0)?.to_owned();
        let referrer = self.referrer(&call)?;
        let shared = (style_of(call.arg(2)) == Style::Require).then(|| self.folders_of(&call));
        let gate = Gate::new(self.permissions.clone(), call.run, "complete");
        let turn = self.turn().await?;
        let found = worker::run(move |worker| {
            let _turn = turn;
            gate.attend(worker);
            let shared = shared.as_ref().map(FoldersOfCall::paths);
            Ok(specifiers::complete(&gate, &prefix, &referrer, shared.as_deref()))
        });
        found.await.map(|found| Answer::Value(found.into()))
    }
}

fn style_of(kind: &Value) -> Style {
    if kind.as_str() == Some("require") { Style::Require } else { Style::Import }
}

/// The `type` among import attributes: all that there is to ask for.
fn kind(attributes: &Value) -> Result<Option<String>, HostError> {
    let Value::Object(entries) = attributes else { return Ok(None) };
    if let Some((name, _)) = entries.iter().find(|(name, value)| name != "type" && *value != Value::Undefined) {
        let message = format!("Import attribute \"{name}\" is not supported");
        return Err(errors::type_error("ERR_IMPORT_ATTRIBUTE_UNSUPPORTED", message));
    }
    Ok(attributes.get("type").and_then(Value::as_str).map(str::to_owned))
}

impl Service for Modules {
    fn call(&self, call: Call) -> Answering {
        let modules = self.clone();
        match &*call.op {
            "graph" => Box::pin(modules.graph(call)),
            "require" => Box::pin(modules.require(call)),
            "resolve" => Box::pin(modules.resolve(call)),
            "package" => Box::pin(modules.package(call)),
            "may_be_type" => Box::pin(modules.may_be_type(call)),
            "specifiers" => Box::pin(modules.specifiers(call)),
            "folders" => Box::pin(async move { Ok(modules.folders.answer(&modules.permissions, &call).into()) }),
            op => {
                let message = format!("this host answers no \"module.{op}\"");
                Box::pin(async move { Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED")) })
            }
        }
    }
}
