//! Imports that no value is made of.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::bindings::each_name;
use crate::decide::free_names;
use crate::decide::jsx::Targets;
use crate::decide::used::Used;
use crate::parse::types_only::{self, is_type_export};
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
    /// Specifiers that only say again what an earlier one of the same name imports.
    repeated: HashSet<Span>,
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
            _ if self.repeated.contains(&specifier.span()) => true,
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
            used.names.extend(Targets::of(source, options).roots().map(Atom::from));
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

    /// Whether an `import a = require()` leaves nothing behind.
    pub(crate) fn covers_requirement(&self, import: &TsImportEqualsDecl) -> bool {
        is_requirement(import) && self.names.contains(&import.id.sym)
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
pub(crate) fn unused(module: &Module, source: &str, options: &Options, meter: &Meter<'_>) -> Unused {
    let Project { keep_names, keep_effects, .. } = options.project;
    let kept = Unused { keeps_effects: keep_effects, keeps_exports: keep_effects && keep_names, ..Unused::default() };
    if keep_names {
        return kept;
    }
    let mut imported = imported(module);
    if imported.is_empty() {
        return kept;
    }
    let metadata = options.project.legacy_decorators && options.project.decorator_metadata;
    let mut used = Used { metadata, ..Used::default() };
    module.visit_with(&mut used);
    // A name that an inner scope has of its own is no use of an import.
    if imported.iter().any(|name| used.names.contains(name)) && Bound::has_any_of(module, &imported) {
        let program = Program::Module(module.clone());
        let by_scope = free_names::resolved(&program, meter, |program, free| {
            let mut used = Used { metadata, free, ..Used::default() };
            program.visit_with(&mut used);
            used
        });
        used = by_scope.unwrap_or(used);
    }
    if used.jsx {
        used.names.extend(Targets::of(source, options).roots().map(Atom::from));
    }
    // Beside a value that the module declares, an import of the same name can only be a type.
    let own = own_values(module);
    imported.retain(|name| own.contains(name) || !used.names.contains(name));
    let is_told = |name: &Atom| used.told.contains(name) && !own.contains(name);
    let (told, imported): (HashSet<_>, HashSet<_>) = imported.into_iter().partition(is_told);
    let mut unmentioned = Unmentioned(imported.clone());
    module.visit_with(&mut unmentioned);
    Unused { names: imported, unmentioned: unmentioned.0, told, repeated: repeated(module), ..kept }
}

/// The local names of a module's imports, also of those by `import a = require()`.
fn imported(module: &Module) -> HashSet<Atom> {
    let mut names = HashSet::new();
    for declaration in module.body.iter().filter_map(ModuleItem::as_module_decl) {
        match declaration {
            ModuleDecl::Import(import) => names.extend(import.specifiers.iter().map(|specifier| specifier.local().sym.clone())),
            ModuleDecl::TsImportEquals(import) if is_requirement(import) => {
                names.insert(import.id.sym.clone());
            }
            _ => {}
        }
    }
    names
}

/// Whether a declaration is `import a = require()`, and only for the module that it is in.
fn is_requirement(import: &TsImportEqualsDecl) -> bool {
    !import.is_export && !import.is_type_only && import.module_ref.is_ts_external_module_ref()
}

/// The values that a module declares at its top level.
fn own_values(module: &Module) -> HashSet<Atom> {
    let mut names = HashSet::new();
    for item in &module.body {
        let declaration = match item {
            ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration,
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => &export.decl,
            _ => continue,
        };
        if !types_only::leaves_nothing(declaration) {
            names.extend(names_of(declaration));
        }
    }
    names
}

fn names_of(declaration: &Decl) -> Vec<Atom> {
    let mut names = Vec::new();
    let variables: &[VarDeclarator] = match declaration {
        Decl::Var(variables) => &variables.decls,
        Decl::Using(variables) => &variables.decls,
        _ => &[],
    };
    for variable in variables {
        each_name(&variable.name, &mut |name| names.push(name.sym.clone()));
    }
    match declaration {
        Decl::Class(class) => names.push(class.ident.sym.clone()),
        Decl::Fn(function) => names.push(function.ident.sym.clone()),
        Decl::TsEnum(declaration) => names.push(declaration.id.sym.clone()),
        Decl::TsModule(namespace) => names.extend(namespace.id.as_ident().map(|name| name.sym.clone())),
        _ => {}
    }
    names
}

/// Specifiers that import the same from the same module, under the same name, as one before them.
fn repeated(module: &Module) -> HashSet<Span> {
    let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
    for import in module.body.iter().filter_map(|item| item.as_module_decl()?.as_import()) {
        for specifier in import.specifiers.iter().filter(|_| !import.type_only) {
            let what = match specifier {
                ImportSpecifier::Named(named) if named.is_type_only => continue,
                ImportSpecifier::Named(named) => {
                    Some(named.imported.as_ref().map_or(named.local.sym.clone(), |name| name.atom().into_owned()))
                }
                ImportSpecifier::Default(_) => Some("default".into()),
                ImportSpecifier::Namespace(_) => None,
            };
            if !seen.insert((&specifier.local().sym, &import.src.value, what)) {
                repeated.insert(specifier.span());
            }
        }
    }
    repeated
}

/// Looks for names that something besides an import declares.
struct Bound<'a> {
    names: &'a HashSet<Atom>,
    found: bool,
}

impl<'a> Bound<'a> {
    fn has_any_of(module: &Module, names: &'a HashSet<Atom>) -> bool {
        let mut bound = Self { names, found: false };
        module.visit_with(&mut bound);
        bound.found
    }
}

impl Visit for Bound<'_> {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.found |= self.names.contains(&name.id.sym);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.found |= self.names.contains(&function.ident.sym);
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        self.found |= function.ident.as_ref().is_some_and(|name| self.names.contains(&name.sym));
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.found |= self.names.contains(&class.ident.sym);
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        self.found |= class.ident.as_ref().is_some_and(|name| self.names.contains(&name.sym));
        class.visit_children_with(self);
    }
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
