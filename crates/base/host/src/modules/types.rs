//! Exports of types that do not say so. A module of TypeScript may write `export { T } from './t'` of a type, and V8
//! would look for a value of that name. So the other module is asked before this one is sent, and this one is compiled
//! without the names that are types there.
//!
//! What was found out is kept for a call, and **the number of modules that a call examines is bounded**.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use drupe_protocol::HostError;
use drupe_transpile::ImportedExport;

use super::{
    asked::Style,
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
            let exports = &module.compiled.types;
            if exports.has_type(&name) {
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
        known().insert(key, target.clone());
        target
    }
}
