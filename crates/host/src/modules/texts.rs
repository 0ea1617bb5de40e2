//! What a session's modules were written as, for the code frames of their errors.
//!
//! Nothing is read for that: these are the texts that were loaded, as long as the cache of modules has them, and those of the last few
//! that are no programs.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use drupe_protocol::HostError;

use super::{compile::Problem, compiled::Compiled, errors, load::Module, location::Place};
use crate::Session;

/// How many scripts are remembered.
const MAX_SCRIPTS: usize = 50_000;

/// How many texts that are no programs are kept, and how long each may be, in bytes.
const MAX_WRONG: usize = 4;
const MAX_WRONG_BYTES: usize = 2 << 20;

/// By the names of their scripts.
#[derive(Debug, Default)]
pub(super) struct Texts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    modules: HashMap<String, Weak<Compiled>>,
    wrong: VecDeque<(String, Arc<str>)>,
}

impl Texts {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A module is about to be sent: its script is called by its URL, or by its file if it is a CommonJS module.
    pub(super) fn note(&self, module: &Module) {
        let mut state = self.state();
        if state.modules.len() >= MAX_SCRIPTS {
            state.modules.clear();
        }
        let compiled = Arc::downgrade(&module.compiled);
        if let Place::File { path, .. } = &module.place {
            state.modules.insert(path.display().to_string(), compiled.clone());
        }
        state.modules.insert(module.place.url(), compiled);
    }

    /// What went wrong with the module of this script, and where.
    pub(super) fn wrong(&self, problem: Problem, script: &str) -> HostError {
        let Problem::Syntax(diagnostic, text) = problem else { return problem.into() };
        if text.len() <= MAX_WRONG_BYTES {
            let mut state = self.state();
            state.modules.remove(script);
            state.wrong.retain(|(name, _)| name != script);
            state.wrong.truncate(MAX_WRONG - 1);
            state.wrong.push_front((script.to_owned(), text));
        }
        errors::syntax_in(&diagnostic, script)
    }

    fn get(&self, script: &str) -> Option<Arc<str>> {
        let state = self.state();
        let loaded = state.modules.get(script).and_then(Weak::upgrade).and_then(|compiled| compiled.text());
        loaded.or_else(|| state.wrong.iter().find(|(name, _)| name == script).map(|(_, text)| text.clone()))
    }
}

/// What `session` loaded as the script of this name, if it is still known.
#[must_use]
pub fn source(session: &Session, script: &str) -> Option<Arc<str>> {
    session.state::<Texts>().get(script)
}
