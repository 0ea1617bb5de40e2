//! The homes of a chunk's names: each name stays where V8 put it first.

use std::collections::{HashMap, HashSet};

use swc_core::ecma::ast::*;
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::bindings::{Binding, BindingKind, Home};
use crate::decide::doubts::{self, Opening, Value};
use crate::decide::exports::Exports;
use crate::decide::session::SessionBindings;
use crate::parse::Chunk;
use crate::source::environment::is_environment;

/// Where the names of a chunk live, and which names are constants.
pub(crate) struct Homes<'session> {
    session: &'session SessionBindings,
    /// The names that the chunk declares.
    declared: HashMap<String, (Home, BindingKind)>,
    /// Those that V8 would not take where they live.
    conflicts: HashSet<String>,
    /// Constants of chunks that failed, about which this chunk decides: those that hold nothing can be assigned to from
    /// now on.
    undecided: HashSet<String>,
    /// What the chunk begins with.
    pub(crate) openings: Vec<Opening>,
    /// Whether the chunk becomes a block, for the resources that it declares.
    pub(crate) disposes: bool,
    /// The meter of the chunk's source.
    pub(crate) meter: &'session Meter<'session>,
}

impl<'session> Homes<'session> {
    /// Settles where `bindings`, which a chunk declares, live from now on. Adds those that its inputs and its openings
    /// make.
    pub(crate) fn settle(
        bindings: &mut Vec<Binding>,
        inputs: &[String],
        session: &'session SessionBindings,
        chunk: &Chunk,
        meter: &'session Meter<'session>,
    ) -> Self {
        let mut declared: HashMap<String, (Home, BindingKind)> = HashMap::with_capacity(bindings.len());
        for binding in &mut *bindings {
            // V8 holds nothing by the name of a shadow.
            let known = session.home(&binding.name).filter(|home| *home != Home::Shadow);
            if known.is_none() && binding.kind == BindingKind::Import && is_environment(&binding.name) {
                binding.home = Home::Shadow;
            }
            let entry = declared.entry(binding.name.clone()).or_insert((known.unwrap_or(binding.home), binding.kind));
            // A class that is a namespace too is a class.
            if known.is_none() && binding.home == Home::Lexical {
                entry.0 = Home::Lexical;
            }
            if binding.kind == BindingKind::Namespace {
                let before = Some(entry.1).filter(|kind| *kind != BindingKind::Namespace).or_else(|| session.kind(&binding.name));
                binding.kind = before.filter(|kind| takes_namespace(*kind)).unwrap_or(binding.kind);
            }
            entry.1 = binding.kind;
        }
        let mut conflicts = HashSet::new();
        for binding in &mut *bindings {
            let Some((home, _)) = declared.get(&binding.name) else { continue };
            if home.is_global() != binding.home.is_global() {
                conflicts.insert(binding.name.clone());
            }
            binding.home = *home;
        }
        let mut homes = Self {
            session,
            declared,
            conflicts,
            undecided: HashSet::new(),
            openings: Vec::new(),
            disposes: has_resources(chunk),
            meter,
        };
        for binding in bindings.iter_mut().filter(|binding| binding.exports != Exports::default()) {
            if let Some(before) = homes.exports(&binding.name) {
                binding.exports.join(before);
            }
        }
        homes.open(bindings, inputs, chunk);
        homes
    }

    /// Settles what the chunk begins with: its inputs win over what the session has by their names.
    fn open(&mut self, bindings: &mut Vec<Binding>, inputs: &[String], chunk: &Chunk) {
        for name in inputs {
            let Some(held) = self.session.home(name) else { continue };
            let is_lexical = held == Home::Lexical;
            if self.declared.contains_key(name) {
                let mut own = bindings.iter().filter(|binding| binding.name == *name);
                if !is_lexical || !own.all(|binding| binding.kind == BindingKind::Var) {
                    continue;
                }
            } else {
                let kind = if is_lexical { BindingKind::Let } else { BindingKind::Var };
                // The property of its own name is the input.
                let home = if held == Home::Shadow { Home::Property } else { held };
                self.declared.insert(name.clone(), (home, kind));
                bindings.push(Binding::new(name, kind, home));
            }
            if is_lexical && !self.is_opened(name) {
                self.openings.push(Opening { name: name.clone(), value: Value::Input });
            }
        }
        let doubtful = doubts::of_doubtful(chunk, self.session, self.meter, |name| self.declared.contains_key(name));
        for Opening { name, .. } in &doubtful {
            let is_only_if_held = self.session.kind(name) == Some(BindingKind::Const);
            let kind = if is_only_if_held { BindingKind::Const } else { BindingKind::Let };
            bindings.push(Binding { is_only_if_held, ..Binding::new(name, kind, Home::Lexical) });
            if is_only_if_held {
                self.undecided.insert(name.clone());
            }
            self.declared.insert(name.clone(), (Home::Lexical, BindingKind::Let));
        }
        self.openings.extend(doubtful);
    }

    /// Whether the chunk finds out at its beginning whether the name is a constant.
    pub(crate) fn is_undecided(&self, name: &str) -> bool {
        self.undecided.contains(name)
    }

    /// Whether the chunk begins with a declaration of the name.
    pub(crate) fn is_opened(&self, name: &str) -> bool {
        self.openings.iter().any(|opening| opening.name == name)
    }

    /// Whether a failed declaration may hide a global of this name.
    pub(crate) fn is_hidden(&self, name: &str) -> bool {
        self.session.is_doubtful(name) && !self.declared.contains_key(name) && !self.is_opened(name)
    }

    /// Whether an enum or a namespace of this name adds to what an earlier chunk declared.
    pub(crate) fn extends(&self, name: &str, is_namespace: bool) -> bool {
        let takes = |kind| match kind {
            BindingKind::Enum | BindingKind::Namespace => true,
            kind => is_namespace && takes_namespace(kind),
        };
        self.session.kind(name).is_some_and(takes) && !self.session.is_doubtful(name)
    }

    /// What the parts in earlier chunks have of an enum or a namespace that goes on in this one.
    pub(crate) fn exports(&self, name: &str) -> Option<&'session Exports> {
        self.session.exports(name).filter(|_| self.extends(name, true))
    }

    /// Whether the chunk may have to change at all.
    pub(crate) fn matter(&self) -> bool {
        self.changes_declarations()
            || self.has_constants()
            || !self.openings.is_empty()
            || self.session.has_doubts()
            || self.declared.keys().any(|name| self.extends(name, true))
    }

    pub(crate) fn changes_declarations(&self) -> bool {
        self.declares_constants() || !self.conflicts.is_empty() || self.disposes
    }

    pub(crate) fn has_constants(&self) -> bool {
        let imports = || self.declared.values().any(|(_, kind)| *kind == BindingKind::Import);
        self.declares_constants() || imports() || self.session.has_constants() || self.session.has_shadows()
    }

    pub(crate) fn is_constant(&self, name: &str) -> bool {
        let kind = self.declared.get(name).map(|(_, kind)| *kind).or_else(|| self.session.kind(name));
        matches!(kind, Some(BindingKind::Const | BindingKind::Import)) && !self.is_perhaps_constant(name)
    }

    /// Whether only what a chunk's beginning found out, this one's or an earlier one's, tells if a name is a constant.
    pub(crate) fn is_perhaps_constant(&self, name: &str) -> bool {
        self.undecided.contains(name) || !self.declared.contains_key(name) && self.session.is_only_if_held(name)
    }

    /// Where V8 holds a name since earlier chunks.
    pub(crate) fn held(&self, name: &str) -> Option<Home> {
        self.session.home(name).filter(|home| *home != Home::Shadow)
    }

    /// Whether a name is an import that is held under another one.
    pub(crate) fn is_shadow(&self, name: &str) -> bool {
        let home = self.declared.get(name).map(|(home, _)| *home).or_else(|| self.session.home(name));
        home == Some(Home::Shadow)
    }

    pub(crate) fn is_conflict(&self, name: &str) -> bool {
        self.conflicts.contains(name)
    }

    pub(crate) fn is_global(&self, name: &str) -> bool {
        self.declared.get(name).is_some_and(|(home, _)| home.is_global())
    }

    fn declares_constants(&self) -> bool {
        self.declared.values().any(|(_, kind)| *kind == BindingKind::Const)
    }
}

/// Whether a chunk declares a resource.
fn has_resources(chunk: &Chunk) -> bool {
    chunk.statements().any(|statement| matches!(statement, Stmt::Decl(Decl::Using(_))))
}

/// What a namespace of the same name adds to, and what it is then.
fn takes_namespace(kind: BindingKind) -> bool {
    matches!(kind, BindingKind::Function | BindingKind::Class | BindingKind::Enum)
}
