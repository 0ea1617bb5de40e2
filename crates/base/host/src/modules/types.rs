//! Exports of types that do not say so. A module of TypeScript may write `export { T } from './t'` of a type, and V8
//! would look for a value of that name. So the other module is asked before this one is sent, and this one is compiled
//! without the names that are types there. What a module of JavaScript has as types, the file of declarations beside it
//! (`.d.ts`) says; this file is read without a question for permission.
//!
//! What was found out is kept for a call, and **the number of modules that a call examines is bounded**.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use drupe_protocol::HostError;
use drupe_transpile::ImportedExport;

use super::{
    asked::Style,
    declaration_files::{declarations_beside, is_declarations},
    format::Format,
    load::{Loader, Module},
    location::Place,
    worker::Worker,
};

/// How many names a call looks for in modules.
const MAX_LOOKS: usize = 200_000;

/// A specifier, and the URL of the module that has it.
type Edge = (String, String);

/// What one call knows of the modules that are asked.
#[derive(Debug, Default)]
pub(super) struct Types {
    /// What specifiers lead to. Nothing where that cannot be had.
    modules: Mutex<HashMap<Edge, Option<Arc<Module>>>>,
    /// Whether a name of the module at a URL is a type.
    answers: Mutex<HashMap<(String, String), bool>>,
    looks: AtomicUsize,
}

impl Loader {
    /// Loads what is at a place, without its exports of types that are declared elsewhere.
    pub(super) fn load_values(
        &self,
        worker: &Worker,
        place: &Place,
        kind: Option<&str>,
        style: Style,
    ) -> Result<Module, HostError> {
        let module = self.load(worker, place, kind, style)?;
        let imported = &module.compiled.types.imported;
        if imported.is_empty() {
            return Ok(module);
        }
        let types = imported.iter().filter(|export| self.is_type(worker, &module, export));
        let types: HashSet<_> = types.map(|export| (export.specifier.clone(), export.name.clone())).collect();
        if types.is_empty() {
            return Ok(module);
        }
        let mut types: Vec<_> = types.into_iter().collect();
        types.sort_unstable();
        self.load_without(worker, place, kind, style, Some(types.into()))
    }

    /// Whether the declarations beside the module of JavaScript at this path have a type by this name.
    pub(super) fn declares_type(&self, worker: &Worker, path: &Path, name: &str) -> bool {
        let module = self.load(worker, &Place::file(path.to_owned()), None, Style::Import);
        module.is_ok_and(|module| self.finds_type(worker, Arc::new(module), name))
    }

    /// Whether what a module exports from another one is a type there.
    fn is_type(&self, worker: &Worker, module: &Module, export: &ImportedExport) -> bool {
        let Some(target) = self.target(worker, module, &export.specifier) else { return false };
        let key = (target.place.url(), export.name.clone());
        let answers = || self.types.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers().get(&key) {
            return *answer;
        }
        // Not under the lock: two threads may find out the same.
        let answer = self.finds_type(worker, target, &export.name);
        answers().insert(key, answer);
        answer
    }

    /// Whether a module exports a type by this name: its own, or one of another module.
    fn finds_type(&self, worker: &Worker, target: Arc<Module>, name: &str) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![(target, name.to_owned())];
        while let Some((module, name)) = open.pop() {
            let too_many = self.types.looks.fetch_add(1, Ordering::Relaxed) > MAX_LOOKS;
            if too_many || worker.is_abandoned() {
                return false;
            }
            if !seen.insert((module.place.url(), name.clone())) {
                continue;
            }
            let module = self.declarations(worker, &module).unwrap_or(module);
            let exports = &module.compiled.types;
            let is_type = if is_of_declarations(&module.place) { exports.declares_type(&name) } else { exports.has_type(&name) };
            if is_type {
                return true;
            }
            if let Some(export) = exports.imported(&name) {
                open.extend(self.target(worker, &module, &export.specifier).map(|target| (target, export.name.clone())));
            } else if !exports.has_value(&name) && name != "default" {
                // The first of them is looked at first.
                let targets = exports.all_of.iter().rev().filter_map(|specifier| self.target(worker, &module, specifier));
                open.extend(targets.map(|target| (target, name.clone())));
            }
        }
        false
    }

    /// What a specifier of a module leads to. If that cannot be had, the module's own import says why.
    fn target(&self, worker: &Worker, module: &Module, specifier: &str) -> Option<Arc<Module>> {
        let style = if module.format == Format::CommonJs { Style::Require } else { Style::Import };
        let key = (specifier.to_owned(), module.place.url());
        let known = || self.types.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = known().get(&key) {
            return target.clone();
        }
        let place = self.locate(worker, specifier, &module.place.referrer(), style);
        let target = place.and_then(|place| self.load(worker, &place, None, style)).ok().map(Arc::new);
        let target = target.or_else(|| self.only_declared(worker, module, specifier));
        known().insert(key, target.clone());
        target
    }

    /// The declarations beside a module of JavaScript.
    fn declarations(&self, worker: &Worker, module: &Module) -> Option<Arc<Module>> {
        let Place::File { path, .. } = &module.place else { return None };
        declarations_beside(path).find_map(|path| self.declared(worker, &path))
    }

    /// The file of declarations that a path of a module leads to where no other file is there.
    fn only_declared(&self, worker: &Worker, module: &Module, specifier: &str) -> Option<Arc<Module>> {
        let Place::File { path, .. } = &module.place else { return None };
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            return None;
        }
        let target = path.parent()?.join(specifier);
        let ended = PathBuf::from(format!("{}.d.ts", target.display()));
        let mut found = declarations_beside(&target).chain([ended, target.join("index.d.ts")]);
        found.find_map(|path| self.declared(worker, &path))
    }

    fn declared(&self, worker: &Worker, path: &Path) -> Option<Arc<Module>> {
        let path = self.resolver.gate().real_file(path).ok()?;
        let (format, compiled) = self.file(worker, &path, None, Style::Import).ok()?;
        Some(Arc::new(Module { place: Place::file(path), format, compiled }))
    }
}

fn is_of_declarations(place: &Place) -> bool {
    let Place::File { path, .. } = place else { return false };
    path.file_name().and_then(|name| name.to_str()).is_some_and(is_declarations)
}
