//! Imports that no value is made of.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::jsx;
use crate::decide::used::Used;
use crate::parse::types_only::is_type_export;
use crate::source::options::{Options, Project};

/// The local names of imports that no value is made of: TypeScript takes them for types.
#[derive(Debug, Default)]
pub(crate) struct Unused {
    names: HashSet<Atom>,
    /// Those that are not even used as types.
    unmentioned: HashSet<Atom>,
    /// Those that decorators are told of: they may be names of values as well.
    pub(crate) told: HashSet<Atom>,
    /// An import without names is still made, for its effects.
    keeps_effects: bool,
    /// So is an export from another module.
    keeps_exports: bool,
}

/// What a module makes of a name that it imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// A value.
    Value,
    /// A type.
    Type,
    /// Nothing: it may be the name of either.
    Unused,
}

impl Unused {
    /// Whether a specifier of an import leaves nothing behind.
    pub(crate) fn has(&self, specifier: &ImportSpecifier) -> bool {
        match specifier {
            ImportSpecifier::Named(named) if named.is_type_only => true,
            _ => self.names.contains(&specifier.local().sym),
        }
    }

    /// Adds the aliases of namespaces' members (`import A = B.C`) that a chunk uses as types only. An alias that the
    /// chunk does not use at all is kept: a later chunk may use it.
    pub(crate) fn and_aliases(mut self, module: &Module, source: &str, options: &Options) -> Self {
        let aliases = || {
            let all = module.body.iter().filter_map(|item| item.as_module_decl()?.as_ts_import_equals());
            all.filter(|alias| !alias.is_type_only && alias.module_ref.is_ts_entity_name())
        };
        if aliases().next().is_none() {
            return self;
        }
        let mut used = Used::default();
        for item in &module.body {
            if !matches!(item, ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(_))) {
                item.visit_with(&mut used);
            }
        }
        if used.jsx {
            used.names.extend(jsx::roots(source, options).map(Atom::from));
        }
        let names: HashSet<Atom> = aliases().map(|alias| alias.id.sym.clone()).collect();
        let mut unmentioned = Unmentioned(names);
        module.visit_with(&mut unmentioned);
        // An alias may stand for a part of what an earlier one stands for.
        for alias in aliases().collect::<Vec<_>>().into_iter().rev() {
            let name = &alias.id.sym;
            if alias.is_export || used.names.contains(name) || unmentioned.0.contains(name) {
                if !alias.is_export && unmentioned.0.contains(name) {
                    self.unmentioned.insert(name.clone());
                }
                alias.module_ref.visit_with(&mut used);
            } else {
                self.names.insert(name.clone());
            }
        }
        // An import that only dropped aliases name is a type, too.
        let imports = module.body.iter().filter_map(|item| item.as_module_decl()?.as_import());
        let names = imports.flat_map(|import| &import.specifiers).map(|specifier| &specifier.local().sym);
        self.names.extend(names.filter(|name| !used.names.contains(*name)).cloned());
        self
    }

    /// What a chunk makes of an alias of a namespace's member (`import A = B.C`).
    pub(crate) fn presence_of_alias(&self, alias: &TsImportEqualsDecl) -> Presence {
        match &alias.id.sym {
            _ if alias.is_export => Presence::Value,
            name if self.unmentioned.contains(name) => Presence::Unused,
            name if self.names.contains(name) => Presence::Type,
            _ => Presence::Value,
        }
    }

    /// What the module makes of a specifier's name.
    pub(crate) fn presence(&self, specifier: &ImportSpecifier) -> Presence {
        match self.has(specifier) {
            false => Presence::Value,
            true if self.unmentioned.contains(&specifier.local().sym) => Presence::Unused,
            true => Presence::Type,
        }
    }

    /// Whether a whole import leaves nothing behind: one that names nothing at all is for its effects.
    pub(crate) fn covers(&self, import: &ImportDecl) -> bool {
        import.type_only || !self.keeps_effects && self.empties(import)
    }

    /// Whether an import that names something names nothing without the types.
    pub(crate) fn empties(&self, import: &ImportDecl) -> bool {
        !import.specifiers.is_empty() && import.specifiers.iter().all(|specifier| self.has(specifier))
    }

    /// Whether an export leaves nothing behind.
    pub(crate) fn covers_export(&self, export: &NamedExport) -> bool {
        export.type_only || is_type_export(export) && !(self.keeps_exports && export.src.is_some())
    }
}

/// Looks for imports that are never used as values.
pub(crate) fn unused(module: &Module, source: &str, options: &Options) -> Unused {
    let Project { keep_names, keep_effects, .. } = options.project;
    let kept = Unused { keeps_effects: keep_effects, keeps_exports: keep_effects && keep_names, ..Unused::default() };
    if keep_names {
        return kept;
    }
    let mut imported: HashSet<Atom> = module
        .body
        .iter()
        .filter_map(|item| item.as_module_decl()?.as_import())
        .flat_map(|import| &import.specifiers)
        .map(|specifier| specifier.local().sym.clone())
        .collect();
    if imported.is_empty() {
        return kept;
    }
    let mut used = Used { metadata: options.project.legacy_decorators && options.project.decorator_metadata, ..Used::default() };
    module.visit_with(&mut used);
    if used.jsx {
        used.names.extend(jsx::roots(source, options).map(Atom::from));
    }
    imported.retain(|name| !used.names.contains(name));
    let (told, imported): (HashSet<_>, HashSet<_>) = imported.into_iter().partition(|name| used.told.contains(name));
    let mut unmentioned = Unmentioned(imported.clone());
    module.visit_with(&mut unmentioned);
    Unused { names: imported, unmentioned: unmentioned.0, told, ..kept }
}

/// Takes out the names that are used in any way.
struct Unmentioned(HashSet<Atom>);

impl Visit for Unmentioned {
    fn visit_ident(&mut self, name: &Ident) {
        self.0.remove(&name.sym);
    }

    fn visit_ts_import_equals_decl(&mut self, alias: &TsImportEqualsDecl) {
        alias.module_ref.visit_with(self);
    }

    fn visit_import_decl(&mut self, _: &ImportDecl) {}
}
