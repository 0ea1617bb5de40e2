//! Where the names of a chunk live: each where V8 put it first.

use std::collections::{HashMap, HashSet};

use swc_core::ecma::ast::*;
use swc_ecma_parser_metered::metered::Meter;

use crate::bindings::{Binding, BindingKind, Home};
use crate::environment::is_environment;
use crate::parse::Chunk;
use crate::session::SessionBindings;

/// Where the names of a chunk live, and which names are constants.
pub(crate) struct Homes<'session> {
    session: &'session SessionBindings,
    /// The names that the chunk declares.
    declared: HashMap<String, (Home, BindingKind)>,
    /// Those that V8 would not take where they live.
    conflicts: HashSet<String>,
    /// Whether the chunk becomes a block, for the resources that it declares.
    pub(crate) disposes: bool,
    /// The meter of the chunk's source.
    pub(crate) meter: &'session Meter<'session>,
}

impl<'session> Homes<'session> {
    /// Settles where `bindings`, which a chunk declares, live from now on.
    pub(crate) fn settle(
        bindings: &mut [Binding],
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
            entry.1 = binding.kind;
        }
        let mut conflicts = HashSet::new();
        for binding in bindings {
            let Some((home, _)) = declared.get(&binding.name) else { continue };
            if home.is_global() != binding.home.is_global() {
                conflicts.insert(binding.name.clone());
            }
            binding.home = *home;
        }
        Self { session, declared, conflicts, disposes: has_resources(chunk), meter }
    }

    /// Whether the chunk may have to change at all.
    pub(crate) fn matter(&self) -> bool {
        self.changes_declarations() || self.has_constants()
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
        matches!(kind, Some(BindingKind::Const | BindingKind::Import))
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
