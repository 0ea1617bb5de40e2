//! The imports of a module. Imports of types only leave nothing behind.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Import;
use super::metadata::Asked;
use crate::jsx;
use crate::options::{Options, Project};
use crate::parse::Chunk;
use crate::position::Walker;
use crate::shadow::MARK;
use crate::types_only::{is_type_export, is_type_specifier};
use crate::used::Used;

/// The local names of imports that no value is made of: TypeScript takes them for types.
#[derive(Debug, Default)]
pub(crate) struct Unused {
    names: HashSet<Atom>,
    /// Those that are not even used as types.
    unmentioned: HashSet<Atom>,
    /// Those that decorators are told of: they may be names of values as well.
    told: HashSet<Atom>,
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

    /// Adds the aliases of namespaces' members (`import A = B.C`) that a chunk uses as types only. An alias that the chunk does
    /// not use at all is kept: a later chunk may use it.
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
    pub(super) fn covers(&self, import: &ImportDecl) -> bool {
        import.type_only || !self.keeps_effects && self.empties(import)
    }

    /// Whether an import that names something names nothing without the types.
    pub(super) fn empties(&self, import: &ImportDecl) -> bool {
        !import.specifiers.is_empty() && import.specifiers.iter().all(|specifier| self.has(specifier))
    }

    /// Whether an export leaves nothing behind.
    pub(super) fn covers_export(&self, export: &NamedExport) -> bool {
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

/// Takes imports out of the tree that leave nothing behind. What decorators are told of may be a type only: it is asked for among all that
/// its module exports, so that it is no error where it is not there.
pub(super) fn elide(program: &mut Program, unused: &Unused) -> Asked {
    let mut asked = Asked::new();
    let Program::Module(module) = program else { return asked };
    if !unused.told.is_empty() {
        ask(&mut module.body, unused, &mut asked);
    }
    module.body.retain_mut(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) if unused.covers(import) => false,
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
            import.specifiers.retain(|specifier| !unused.has(specifier));
            true
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) if unused.covers_export(export) => false,
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => {
            export.specifiers.retain(|specifier| !is_type_specifier(specifier));
            true
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportAll(export)) => !export.type_only,
        _ => true,
    });
    asked
}

/// Imports all of the modules that export something that decorators are told of.
fn ask(items: &mut Vec<ModuleItem>, unused: &Unused, asked: &mut Asked) {
    let mut added = Vec::new();
    for (index, item) in items.iter_mut().enumerate() {
        let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item else { continue };
        let all = Atom::from(format!("types{MARK}{index}"));
        let is_asked = |specifier: &ImportSpecifier| match specifier {
            ImportSpecifier::Named(named) if named.is_type_only => None,
            ImportSpecifier::Named(named) => {
                Some(named.imported.as_ref().map_or(named.local.sym.clone(), |name| name.atom().into_owned()))
            }
            ImportSpecifier::Default(_) => Some("default".into()),
            ImportSpecifier::Namespace(_) => None,
        };
        let before = asked.len();
        if !import.type_only {
            import.specifiers.retain(|specifier| {
                let name = is_asked(specifier).filter(|_| unused.told.contains(&specifier.local().sym));
                let is_kept = name.is_none();
                if let Some(name) = name {
                    asked.insert(specifier.local().sym.clone(), (all.clone(), name));
                }
                is_kept
            });
        }
        if asked.len() == before {
            continue;
        }
        let local = Ident::new_no_ctxt(all, DUMMY_SP);
        let specifier = ImportSpecifier::Namespace(ImportStarAsSpecifier { span: DUMMY_SP, local });
        let all = ImportDecl { specifiers: vec![specifier], ..import.clone() };
        // One that names nothing any more would only repeat it.
        match import.specifiers.iter().all(|specifier| unused.has(specifier)) {
            true => *import = all,
            false => added.push((index, all)),
        }
    }
    if added.is_empty() {
        return;
    }
    let mut added = added.into_iter().peekable();
    let mut all = Vec::with_capacity(items.len() + added.len());
    for (index, item) in items.drain(..).enumerate() {
        all.push(item);
        if let Some((_, import)) = added.next_if(|(after, _)| *after == index) {
            all.push(ModuleItem::ModuleDecl(ModuleDecl::Import(import)));
        }
    }
    *items = all;
}

/// The static imports that are left.
pub(super) fn of(file: &Chunk, source: &str) -> Vec<Import> {
    let Program::Module(module) = &file.program else { return Vec::new() };
    let mut seen = HashSet::new();
    let declarations = module.body.iter().filter_map(ModuleItem::as_module_decl);
    let imports = declarations.filter_map(|declaration| match declaration {
        ModuleDecl::Import(import) => Some((&*import.src, import.with.as_deref())),
        ModuleDecl::ExportNamed(export) => Some((export.src.as_deref()?, export.with.as_deref())),
        ModuleDecl::ExportAll(export) => Some((&*export.src, export.with.as_deref())),
        _ => None,
    });
    let mut imports: Vec<(usize, Import)> = imports
        .filter_map(|(source, attributes)| {
            let specifier = source.value.as_str()?.to_owned();
            // What a transform has made stands nowhere.
            let at = if source.span.is_dummy() { usize::MAX } else { file.offset(source.span.lo) };
            Some((at, Import { specifier, kind: attributes.and_then(kind), at: None }))
        })
        .filter(|(_, import)| seen.insert(import.clone()))
        .collect();
    let mut places: Vec<(usize, usize)> = imports.iter().enumerate().map(|(index, (at, _))| (*at, index)).collect();
    places.sort_unstable();
    let mut walker = Walker::new(source);
    for (at, index) in places.into_iter().take_while(|(at, _)| *at < source.len()) {
        imports[index].1.at = Some(walker.advance(at));
    }
    imports.into_iter().map(|(_, import)| import).collect()
}

/// The value of the attribute `type`.
fn kind(attributes: &ObjectLit) -> Option<String> {
    attributes.props.iter().find_map(|property| {
        let property = property.as_prop()?.as_key_value()?;
        let is_type = match &property.key {
            PropName::Ident(name) => name.sym == "type",
            PropName::Str(name) => name.value.as_str() == Some("type"),
            _ => false,
        };
        let Expr::Lit(Lit::Str(value)) = &*property.value else { return None };
        if is_type { value.value.as_str().map(str::to_owned) } else { None }
    })
}
