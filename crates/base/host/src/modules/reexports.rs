//! The names that a CommonJS module exports because it re-exports other modules.
//!
//! Modules may re-export each other, all of them all others. So the targets of a module's re-exports are found once for
//! a call, and **the number of modules that a call examines is bounded**, whatever number it loads.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    asked::Style,
    compiled::Compiled,
    format::Format,
    load::Loader,
    location::{Place, Referrer},
    worker::Worker,
};

/// How many modules the names of one module may come from, and what these may weigh together.
const MAX_MODULES: usize = 500;
const MAX_BYTES: usize = 64 << 20;

/// How many re-exports of one module are followed, and of all modules of a call.
const MAX_LOOKS: usize = 2_000;
const MAX_LOOKS_OF_CALL: usize = 100_000;

/// The files that a module re-exports, in their order, each once.
type Targets = Arc<[PathBuf]>;

/// What one call knows of re-exports.
#[derive(Debug, Default)]
pub(super) struct Reexports {
    /// Where those of each module lead.
    targets: Mutex<HashMap<PathBuf, Targets>>,
    looks: AtomicUsize,
}

impl Reexports {
    /// The names of a CommonJS module, and of those that it re-exports.
    pub(super) fn names(&self, loader: &Loader, worker: &Worker, path: &Path, compiled: &Arc<Compiled>) -> Vec<String> {
        let mut names = compiled.exports.clone();
        let mut known: HashSet<String> = names.iter().cloned().collect();
        let mut seen = HashSet::from([path.to_owned()]);
        let mut open = vec![(path.to_owned(), compiled.clone())];
        let (mut looks, mut bytes) = (0, 0);
        while let Some((path, compiled)) = open.pop() {
            for path in self.targets(loader, path, &compiled).iter() {
                looks += 1;
                let too_many = looks > MAX_LOOKS || self.looks.fetch_add(1, Ordering::Relaxed) > MAX_LOOKS_OF_CALL;
                if too_many || seen.len() > MAX_MODULES || bytes > MAX_BYTES || worker.is_abandoned() {
                    return names;
                }
                if seen.contains(path) {
                    continue;
                }
                seen.insert(path.clone());
                // What cannot be had now says so when it is required.
                if let Ok((Format::CommonJs, compiled)) = loader.file(worker, path, None, Style::Require) {
                    bytes += compiled.weight();
                    for name in compiled.exports.iter().filter(|name| *name != "default") {
                        if known.insert(name.clone()) {
                            names.push(name.clone());
                        }
                    }
                    open.push((path.clone(), compiled));
                }
            }
        }
        names
    }

    /// Where the re-exports of the module at `path` lead.
    fn targets(&self, loader: &Loader, path: PathBuf, compiled: &Compiled) -> Targets {
        let known = || self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(targets) = known().get(&path) {
            return targets.clone();
        }
        // Not under the lock: two threads may find out the same.
        let referrer = Referrer::File(path.clone());
        let mut seen = HashSet::new();
        let found = compiled.reexports.iter().take(MAX_LOOKS).filter_map(|specifier| {
            match loader.resolver.resolve(specifier, &referrer, Style::Require) {
                Ok(Place::File { path, .. }) => Some(path).filter(|path| seen.insert(path.clone())),
                _ => None,
            }
        });
        let targets: Targets = found.collect();
        known().insert(path, targets.clone());
        targets
    }
}
