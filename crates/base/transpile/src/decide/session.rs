//! The session's table of names: the home of each in V8, and its latest declaration by the user.
//!
//! V8's REPL mode lets a later chunk declare a name again only in the same home. So a name keeps its first home for as
//! long as the session lives, and `redeclare` writes later declarations for that home. Pure data: the caller that
//! submits chunks keeps the table.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::decide::bindings::{Binding, BindingKind, Home};
use crate::decide::exports::Exports;
use crate::source::environment::is_environment;

/// The names that a session's chunks have declared, for [`transpile_in`](crate::transpile_in).
///
/// Chunks may be submitted before earlier ones have run: [`declare`](Self::declare) enters the names of a chunk that is
/// sent, and [`settle`](Self::settle) confirms or withdraws them once its end is known. A new session begins with an
/// empty table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionBindings {
    /// What is known of each name, the newest last. **Never empty**; only the first may be of a run that was accepted.
    names: HashMap<String, Vec<Entry>>,
    /// The names whose newest entry is in doubt.
    doubtful: HashSet<String>,
    /// Those of them that hide a global of the environment: **no more than it has**.
    hiding: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    run: u64,
    home: Home,
    kind: BindingKind,
    is_only_if_held: bool,
    /// Its run failed, perhaps before it reached the declaration, and the name held nothing before.
    doubtful: bool,
    exports: Exports,
}

impl SessionBindings {
    /// Enters what run `run` declares ([`Script::bindings`](crate::Script::bindings)), which is later than all runs
    /// before.
    pub fn declare(&mut self, run: u64, bindings: &[Binding]) {
        for Binding { name, kind, home, exports, is_only_if_held } in bindings {
            let (is_only_if_held, exports) = (*is_only_if_held, exports.clone());
            let entry = Entry { run, home: *home, kind: *kind, is_only_if_held, doubtful: false, exports };
            self.be_sure_of(name);
            match self.names.get_mut(name) {
                Some(entries) => {
                    entries.retain(|entry| entry.run != run);
                    entries.push(entry);
                }
                None => drop(self.names.insert(name.clone(), vec![entry])),
            }
        }
    }

    /// Says what became of a run's declarations: `bound`, or none of them (a syntax error; it never began).
    pub fn settle(&mut self, run: u64, bindings: &[Binding], bound: bool) {
        for Binding { name, .. } in bindings {
            let Some(entries) = self.names.get_mut(name) else { continue };
            if bound {
                entries.retain(|entry| entry.run >= run);
            } else {
                entries.retain(|entry| entry.run != run);
            }
            match entries.last() {
                Some(newest) if newest.doubtful => self.doubt(name),
                Some(_) => self.be_sure_of(name),
                None => {
                    self.names.remove(name);
                    self.be_sure_of(name);
                }
            }
        }
    }

    /// Says that a run's declarations are bound, but that it failed half-way. A name that was no constant before is
    /// none now: perhaps the new declaration was never reached, and the old one stands. Nor is one that an import was
    /// to bind.
    pub fn settle_failed(&mut self, run: u64, bindings: &[Binding]) {
        for Binding { name, .. } in bindings {
            let entries = self.names.get_mut(name).map(Vec::as_mut_slice).unwrap_or_default();
            let Some(index) = entries.iter().position(|entry| entry.run == run) else { continue };
            let (earlier, rest) = entries.split_at_mut(index);
            let Some(entry) = rest.first_mut() else { continue };
            let before = earlier.last();
            // V8 holds nothing by the name of a shadow.
            let held_nothing = before.is_none_or(|before| before.doubtful || before.home == Home::Shadow);
            entry.doubtful = entry.home == Home::Lexical && held_nothing;
            match (entry.kind, before) {
                // The chunk declares nothing: it was to assign to a constant of an earlier one.
                _ if entry.is_only_if_held => {}
                (BindingKind::Const | BindingKind::Import, Some(before)) => {
                    (entry.kind, entry.is_only_if_held) = (before.kind, before.is_only_if_held);
                }
                (BindingKind::Import, None) => entry.kind = BindingKind::Var,
                _ => {}
            }
        }
        self.settle(run, bindings, true);
    }

    /// Forgets all names: a new session begins.
    pub fn clear(&mut self) {
        self.names.clear();
        self.doubtful.clear();
        self.hiding.clear();
    }

    /// As what a name was declared last.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<BindingKind> {
        self.newest(name).map(|entry| entry.kind)
    }

    /// Whether a name is a constant only if it held something at a moment that has passed.
    pub(crate) fn is_only_if_held(&self, name: &str) -> bool {
        self.newest(name).is_some_and(|entry| entry.is_only_if_held)
    }

    /// The run that declared a name last.
    #[must_use]
    pub fn run(&self, name: &str) -> Option<u64> {
        self.newest(name).map(|entry| entry.run)
    }

    /// What a name was declared as by the runs before `run`, and by which of them last.
    #[must_use]
    pub fn before(&self, name: &str, run: u64) -> Option<(BindingKind, Home, u64)> {
        let entry = self.names.get(name)?.iter().rev().find(|entry| entry.run < run)?;
        Some((entry.kind, entry.home, entry.run))
    }

    /// Where V8 holds a name.
    #[must_use]
    pub fn home(&self, name: &str) -> Option<Home> {
        self.newest(name).map(|entry| entry.home)
    }

    /// What the enum or namespace of a name has.
    pub(crate) fn exports(&self, name: &str) -> Option<&Exports> {
        self.newest(name).map(|entry| &entry.exports)
    }

    /// Whether V8 may hold nothing for a name, not even `undefined`.
    pub(crate) fn is_doubtful(&self, name: &str) -> bool {
        self.doubtful.contains(name)
    }

    /// Whether there are such names.
    pub(crate) fn has_doubts(&self) -> bool {
        !self.doubtful.is_empty()
    }

    /// Those that hide a global of the environment.
    pub(crate) fn hiding(&self) -> impl Iterator<Item = &str> {
        self.hiding.iter().map(String::as_str)
    }

    fn doubt(&mut self, name: &str) {
        self.doubtful.insert(name.to_owned());
        if is_environment(name) {
            self.hiding.insert(name.to_owned());
        }
    }

    fn be_sure_of(&mut self, name: &str) {
        self.doubtful.remove(name);
        self.hiding.remove(name);
    }

    pub(crate) fn has_shadows(&self) -> bool {
        self.names.values().filter_map(|entries| entries.last()).any(|entry| entry.home == Home::Shadow)
    }

    pub(crate) fn has_constants(&self) -> bool {
        self.names
            .values()
            .filter_map(|entries| entries.last())
            .any(|entry| matches!(entry.kind, BindingKind::Const | BindingKind::Import))
    }

    fn newest(&self, name: &str) -> Option<&Entry> {
        self.names.get(name)?.last()
    }
}
