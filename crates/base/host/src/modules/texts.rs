//! The source texts of a session's modules, for the code frames of their errors.
//!
//! No file is read for that. These are the texts that were loaded, for as long as the cache of modules has them, and
//! the last few texts with syntax errors.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use drupe_protocol::HostError;
use sha2::{Digest as _, Sha256};

use super::{
    compile::Problem,
    compiled::{Compiled, Source},
    errors,
    original_texts::OriginalTexts,
};
use crate::Session;

/// How many scripts are remembered.
const MAX_SCRIPTS: usize = 50_000;

/// How many texts that are no programs are kept, and how long each may be with its name, in bytes.
const MAX_WRONG: usize = 4;
const MAX_WRONG_BYTES: usize = 2 << 20;

/// By the names of their scripts.
#[derive(Debug, Default)]
pub(super) struct Texts(Mutex<State>);

/// Stands for the name of a script. **Names may be as long as whoever wrote the module likes**: a `data:` URL is one.
type Key = [u8; 32];

fn key(script: &str) -> Key {
    Sha256::digest(script).into()
}

#[derive(Debug, Default)]
struct State {
    modules: HashMap<Key, Weak<Compiled>>,
    wrong: VecDeque<(String, Arc<str>)>,
}

impl Texts {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A module is about to be sent: its script is called by its URL, or by its file if it is a CommonJS module.
    pub(super) fn note(&self, url: &str, file: Option<&Path>, compiled: &Arc<Compiled>) {
        let mut state = self.state();
        if state.modules.len() >= MAX_SCRIPTS {
            state.modules.clear();
        }
        let compiled = Arc::downgrade(compiled);
        if let Some(file) = file {
            state.modules.insert(key(&file.display().to_string()), compiled.clone());
        }
        state.modules.insert(key(url), compiled);
    }

    /// What went wrong with the module of this script, and where.
    pub(super) fn wrong(&self, problem: Problem, script: &str) -> HostError {
        let Problem::Syntax(diagnostic, language, text) = problem else { return problem.into() };
        if text.len().saturating_add(script.len()) <= MAX_WRONG_BYTES {
            let mut state = self.state();
            state.modules.remove(&key(script));
            state.wrong.retain(|(name, _)| name != script);
            state.wrong.truncate(MAX_WRONG - 1);
            state.wrong.push_front((script.to_owned(), text));
        }
        errors::syntax_in(&diagnostic, language, script)
    }

    fn get(&self, script: &str) -> Option<Arc<str>> {
        let state = self.state();
        let loaded = state.modules.get(&key(script)).and_then(Weak::upgrade).and_then(|compiled| compiled.text());
        loaded.or_else(|| state.wrong.iter().find(|(name, _)| name == script).map(|(_, text)| text.clone()))
    }
}

impl Texts {
    /// Whether the module of this script may export a type called `name`. A type leaves nothing behind where it is
    /// declared: so the name is written more often than it is compiled. True where the text is not known any more, or
    /// where all exports of another module are exported.
    pub(super) fn may_declare_type(&self, script: &str, name: &str) -> bool {
        let compiled = self.state().modules.get(&key(script)).and_then(Weak::upgrade);
        let Some(compiled) = compiled else { return true };
        let (Some(text), Source::Text(emitted)) = (compiled.text(), &compiled.source) else { return true };
        exports_all(&text)
            || words(&text).filter(|word| *word == name).count() > words(emitted).filter(|word| *word == name).count()
    }
}

/// The names, reserved words and numbers in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$')))
}

/// Whether a text may have an `export *`.
fn exports_all(text: &str) -> bool {
    text.split("export").skip(1).any(|rest| {
        let rest = rest.trim_start();
        rest.strip_prefix("type").unwrap_or(rest).trim_start().starts_with(['*', '/'])
    })
}

/// What `session` loaded as the script of this name, if it is still known; or what such a script was compiled of.
#[must_use]
pub fn source(session: &Session, script: &str) -> Option<Arc<str>> {
    session.state::<Texts>().get(script).or_else(|| session.state::<OriginalTexts>().get(script))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_from_values_and_from_nothing() {
        let texts = Texts::default();
        let note = |text: &str, emitted: &str| {
            let source = Source::Text(emitted.into());
            let compiled = Arc::new(Compiled { source, original: Some(text.into()), ..Compiled::default() });
            texts.note("file:///a.ts", None, &compiled);
            compiled
        };
        let cases = [
            ("export type T = 1; export const a = 1", "export const a = 1", "T", true),
            ("export type T = 1; export const a = 1", "export const a = 1", "b", false),
            ("export type T = 1; const gone = 1", "const gone = 1", "gone", false),
            ("export default interface T {}", "", "default", true),
            ("export * from './b.ts'", "export * from './b.ts'", "T", true),
            ("export type * from './b.ts'", "", "T", true),
            ("const $a = 1; type $b = 1", "const $a = 1;", "$b", true),
            ("const $a = 1; type $b = 1", "const $a = 1;", "b", false),
        ];
        for (text, emitted, name, expected) in cases {
            let _kept = note(text, emitted);
            assert_eq!(texts.may_declare_type("file:///a.ts", name), expected, "{text}: {name}");
        }
        // It is not known any more.
        assert!(texts.may_declare_type("file:///a.ts", "b"));
    }

    // threat B11
    #[test]
    fn a_name_takes_no_more_however_long_it_is() {
        let texts = Texts::default();
        let compiled = Arc::new(Compiled::default());
        let names = (0..4).map(|index| format!("data:text/javascript,{index}{}", "x".repeat(1 << 20))).collect::<Vec<_>>();
        for name in &names {
            texts.note(name, None, &compiled);
        }
        let state = texts.state();
        let kept: usize = state.modules.keys().map(std::mem::size_of_val).sum();
        assert_eq!((state.modules.len(), kept), (4, 4 * 32));
        assert!(names.iter().all(|name| state.modules.contains_key(&key(name))));
    }
}
