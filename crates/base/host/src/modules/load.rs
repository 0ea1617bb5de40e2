//! Loads a module from its place: reads it through the gate, determines its format, compiles its text for V8, and
//! collects its imports.

use std::{path::Path, sync::Arc};

use drupe_protocol::HostError;
use drupe_transpile::Import;
use url::Url;

use super::{
    asked::{Refusal, Style},
    cache::ModuleCache,
    changes::Loaded,
    compiled::Compiled,
    data, errors,
    format::{self, Format, KnownTypes, Wanted},
    location::{Place, Referrer},
    original_texts::OriginalTexts,
    reexports::Reexports,
    remote::Visit,
    resolve::Resolver,
    texts::Texts,
    turn::Turns,
    types::Types,
    watch::ModuleWatch,
    worker::Worker,
};

/// What errors say about what only ES modules have.
const OF_MODULES: [&str; 3] = [
    " statement outside a module",
    "Cannot use 'import.meta' outside a module",
    "await is only valid in async functions and the top level bodies of modules",
];

/// A module, ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Module {
    pub(super) place: Place,
    pub(super) format: Format,
    pub(super) compiled: Arc<Compiled>,
}

impl Module {
    /// Its text is to be known when its errors are shown.
    pub(super) fn note(&self, texts: &Texts) {
        let file = match &self.place {
            Place::File { path, .. } => Some(&**path),
            Place::Builtin(_) | Place::Data(_) | Place::Remote(_) => None,
        };
        texts.note(&self.place.url(), file, &self.compiled);
    }
}

/// What loading needs, for one call.
#[derive(Clone, Debug)]
pub(super) struct Loader {
    pub(super) resolver: Arc<Resolver>,
    pub(super) cache: ModuleCache,
    pub(super) remote: Arc<Visit>,
    pub(super) loaded: Arc<Loaded>,
    pub(super) watch: Option<ModuleWatch>,
    pub(super) texts: Arc<Texts>,
    pub(super) turns: Arc<Turns>,
    pub(super) reexports: Arc<Reexports>,
    pub(super) types: Arc<Types>,
    /// Whether the source maps of JavaScript are read.
    pub(super) source_maps: bool,
    pub(super) original_texts: Arc<OriginalTexts>,
}

impl Loader {
    /// The place that a specifier leads to. What is on the network is fetched for that: only then is it known where it
    /// is.
    pub(super) fn locate(&self, worker: &Worker, specifier: &str, referrer: &Referrer, style: Style) -> Result<Place, HostError> {
        let place = worker.settle(self.resolver.gate(), || self.resolver.resolve(specifier, referrer, style))?;
        match place {
            Place::Remote(url) => {
                let places = self.remote.locate(worker, self.resolver.gate(), vec![url]);
                let mut places = places.map_err(|missed| missed.error)?;
                places.pop().map(Place::Remote).ok_or_else(HostError::default)
            }
            place => Ok(place),
        }
    }

    /// Where the imports of a module lead, in their order.
    pub(super) fn imports(&self, worker: &Worker, module: &Module) -> Result<Vec<Place>, HostError> {
        let referrer = module.place.referrer();
        // `require` is answered when it is called.
        if module.format == Format::CommonJs {
            return Ok(Vec::new());
        }
        let gate = self.resolver.gate();
        let places = module.compiled.imports.iter().map(|import| {
            let found = worker.settle(gate, || self.resolver.resolve(&import.specifier, &referrer, Style::Import));
            found.map_err(|error| self.at_import(error, module, import))
        });
        let mut places = places.collect::<Result<Vec<_>, _>>()?;
        let remote: Vec<(&Import, &mut Url)> = module
            .compiled
            .imports
            .iter()
            .zip(&mut places)
            .filter_map(|(import, place)| match place {
                Place::Remote(url) => Some((import, url)),
                _ => None,
            })
            .collect();
        if !remote.is_empty() {
            let found = self.remote.locate(worker, gate, remote.iter().map(|(_, url)| (**url).clone()).collect());
            let found = found.map_err(|missed| {
                let import = remote.iter().find(|(_, url)| missed.url.as_ref() == Some(&**url)).map(|(import, _)| *import);
                import.into_iter().fold(missed.error, |error, import| self.at_import(error, module, import))
            })?;
            remote.into_iter().zip(found).for_each(|((_, url), found)| *url = found);
        }
        Ok(places)
    }

    /// Says of an error where the import is that it is about.
    fn at_import(&self, error: HostError, module: &Module, import: &Import) -> HostError {
        let Some(at) = import.at else { return error };
        // For the code frame.
        module.note(&self.texts);
        errors::located(error, &module.place.url(), at)
    }

    /// Loads what is at a place. `kind` is the `type` that its import asks for.
    pub(super) fn load(&self, worker: &Worker, place: &Place, kind: Option<&str>, style: Style) -> Result<Module, HostError> {
        self.load_without(worker, place, kind, style, None)
    }

    /// Loads what is at a place, without what it takes from other modules that is known to be `types`.
    pub(super) fn load_without(
        &self,
        worker: &Worker,
        place: &Place,
        kind: Option<&str>,
        style: Style,
        types: Option<KnownTypes>,
    ) -> Result<Module, HostError> {
        format::check_kind(kind)?;
        let given = self.given(worker, place, types.as_ref());
        let (format, compiled) = match place {
            _ if let Some(given) = given => given.map_err(|problem| self.texts.wrong(problem, &place.url()))?,
            Place::Builtin(_) => (Format::Builtin, Arc::new(Compiled::default())),
            Place::Data(url) => {
                let (mime, bytes) = data::decode(url)?;
                let wanted = format::of_content(&mime, kind, "data:")?.without(types);
                self.content(worker, bytes, &wanted, "data:")?
            }
            Place::File { path, .. } => {
                worker.settle(self.resolver.gate(), || self.file_without(worker, path, kind, style, types.clone()))?
            }
            Place::Remote(url) => {
                let content = self.remote.content(worker, self.resolver.gate(), url)?;
                let wanted = format::of_content(&content.mime, kind, url.as_str())?.without(types);
                self.content(worker, content.body, &wanted, url.as_str())?
            }
        };
        Ok(Module { place: place.clone(), format, compiled })
    }

    /// All the names that a CommonJS module exports, those of what it re-exports included: **that loads what it
    /// re-exports**, and is worth it only for who imports.
    pub(super) fn exports(&self, worker: &Worker, module: &Module) -> Vec<String> {
        match (&module.place, module.format) {
            (Place::File { path, .. }, Format::CommonJs) if !module.compiled.reexports.is_empty() => {
                self.reexports.names(self, worker, path, &module.compiled)
            }
            (_, Format::CommonJs) => module.compiled.exports.clone(),
            _ => Vec::new(),
        }
    }

    fn content(
        &self,
        worker: &Worker,
        bytes: Vec<u8>,
        wanted: &Wanted,
        name: &str,
    ) -> Result<(Format, Arc<Compiled>), HostError> {
        let (_, compiled) =
            self.cache.content(bytes, wanted, name, (worker, &self.turns)).map_err(|problem| self.texts.wrong(problem, name))?;
        Ok((wanted.settle(&compiled), compiled))
    }

    /// Says of an error about what only ES modules have why its file is none.
    fn why_commonjs(&self, mut error: HostError, real: &Path, wanted: &Wanted) -> HostError {
        if wanted.format != Format::CommonJs || wanted.is_open || error.name != "SyntaxError" {
            return error;
        }
        let ending = real.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let why = match (ending, self.resolver.kind_of(real).ok().flatten()) {
            ("cjs" | "cts", _) => format!("the ending .{ending} says that it is CommonJS; .m{} makes it a module", &ending[1..]),
            (_, Some((kind, package))) => format!(
                "\"type\": \"{kind}\" in {} says that it is CommonJS; name it .mjs, or write \"type\": \"module\" there",
                package.display()
            ),
            (_, None) => return error,
        };
        if let Some(end) = OF_MODULES.iter().find_map(|words| Some(error.message.find(words)? + words.len())) {
            error.message.insert_str(end, &format!(": {why}"));
        }
        error
    }

    /// Loads a file.
    pub(super) fn file(
        &self,
        worker: &Worker,
        path: &Path,
        kind: Option<&str>,
        style: Style,
    ) -> Result<(Format, Arc<Compiled>), Refusal> {
        self.file_without(worker, path, kind, style, None)
    }

    fn file_without(
        &self,
        worker: &Worker,
        path: &Path,
        kind: Option<&str>,
        style: Style,
        types: Option<KnownTypes>,
    ) -> Result<(Format, Arc<Compiled>), Refusal> {
        let gate = self.resolver.gate();
        // It was there when it was resolved; it may be gone, or not be granted any more.
        let (found, real) = gate.open(path).map_err(|_| {
            if gate.may_see(path) {
                let url = Place::file(path.to_owned()).url();
                Refusal::Error(errors::no_module(path, &url, &Referrer::Data, None))
            } else {
                Refusal::Withheld { ask: path.to_owned(), otherwise: gate.denied(path).into() }
            }
        })?;
        let mut wanted =
            format::of_file(&real, kind, style, || Ok(self.resolver.kind_of(&real)?.map(|(kind, _)| kind)))?.without(types);
        if wanted.has_project() {
            wanted = wanted.within(self.resolver.project_of(&real)?);
        }
        gate.tell_use(&real);
        if let Some(watch) = &self.watch {
            watch.loaded(&real, found.stat.identity);
        }
        let compiled = self.cache.file(&real, &found, &wanted, (worker, &self.turns)).map_err(|problem| {
            let script = match style {
                Style::Import => Place::file(real.clone()).url(),
                Style::Require => real.display().to_string(),
            };
            self.why_commonjs(self.texts.wrong(problem, &script), &real, &wanted)
        })?;
        self.loaded.note(&real, found.stat.identity);
        Ok((wanted.settle(&compiled), compiled))
    }
}

impl From<Refusal> for HostError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Error(error) => error,
            Refusal::Withheld { otherwise, .. } => *otherwise,
        }
    }
}
