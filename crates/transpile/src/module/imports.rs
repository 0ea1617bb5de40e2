//! The imports of a module. Imports of types only leave nothing behind.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use super::Import;
use crate::decorators::{is_constructor_decorated, is_method_decorated};
use crate::jsx;
use crate::options::Options;
use crate::parse::Chunk;
use crate::position::Walker;
use crate::types_only::{self, is_type_export};

/// The local names of imports that no value is made of: TypeScript takes them for types.
#[derive(Debug, Default)]
pub(crate) struct Unused {
    names: HashSet<Atom>,
    /// Those that are not even used as types.
    unmentioned: HashSet<Atom>,
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
        import.type_only || (!import.specifiers.is_empty() && import.specifiers.iter().all(|specifier| self.has(specifier)))
    }
}

/// Looks for imports that are never used as values.
pub(crate) fn unused(module: &Module, source: &str, options: &Options) -> Unused {
    let mut imported: HashSet<Atom> = module
        .body
        .iter()
        .filter_map(|item| item.as_module_decl()?.as_import())
        .flat_map(|import| &import.specifiers)
        .map(|specifier| specifier.local().sym.clone())
        .collect();
    if imported.is_empty() {
        return Unused::default();
    }
    let mut used = Used { metadata: options.project.legacy_decorators && options.project.decorator_metadata, ..Used::default() };
    module.visit_with(&mut used);
    if used.jsx {
        used.names.extend(jsx::roots(source, options).map(Atom::from));
    }
    imported.retain(|name| !used.names.contains(name));
    let mut unmentioned = Unmentioned(imported.clone());
    module.visit_with(&mut unmentioned);
    Unused { names: imported, unmentioned: unmentioned.0 }
}

/// Takes out the names that are used in any way.
struct Unmentioned(HashSet<Atom>);

impl Visit for Unmentioned {
    fn visit_ident(&mut self, name: &Ident) {
        self.0.remove(&name.sym);
    }

    fn visit_import_decl(&mut self, _: &ImportDecl) {}
}

/// All names that could be values.
#[derive(Default)]
struct Used {
    names: HashSet<Atom>,
    jsx: bool,
    /// Whether decorators are told types, which then are values.
    metadata: bool,
}

/// The names of types that decorators are told of.
struct Told<'a>(&'a mut HashSet<Atom>);

impl Visit for Told<'_> {
    fn visit_ts_entity_name(&mut self, name: &TsEntityName) {
        let mut name = name;
        while let TsEntityName::TsQualifiedName(qualified) = name {
            name = &qualified.left;
        }
        if let TsEntityName::Ident(name) = name {
            self.0.insert(name.sym.clone());
        }
    }

    // Of what is inside of these nothing is told.
    fn visit_ts_type_param_instantiation(&mut self, _: &TsTypeParamInstantiation) {}
    fn visit_ts_type_lit(&mut self, _: &TsTypeLit) {}
    fn visit_ts_array_type(&mut self, _: &TsArrayType) {}
    fn visit_ts_fn_or_constructor_type(&mut self, _: &TsFnOrConstructorType) {}
    fn visit_expr(&mut self, _: &Expr) {}
    fn visit_block_stmt(&mut self, _: &BlockStmt) {}
}

impl Visit for Used {
    fn visit_ident(&mut self, name: &Ident) {
        self.names.insert(name.sym.clone());
    }

    fn visit_class(&mut self, class: &Class) {
        if self.metadata {
            for member in &class.body {
                let mut told = Told(&mut self.names);
                match member {
                    ClassMember::Constructor(member) if is_constructor_decorated(&class.decorators, &member.params) => {
                        member.params.visit_with(&mut told);
                    }
                    ClassMember::Method(member) if is_method_decorated(&member.function) => member.function.visit_with(&mut told),
                    ClassMember::ClassProp(field) if !field.decorators.is_empty() => field.type_ann.visit_with(&mut told),
                    _ => {}
                }
            }
        }
        class.visit_children_with(self);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement) {
        self.jsx = true;
        element.visit_children_with(self);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment) {
        self.jsx = true;
        fragment.visit_children_with(self);
    }

    fn visit_decl(&mut self, declaration: &Decl) {
        if !types_only::leaves_nothing(declaration) {
            declaration.visit_children_with(self);
        }
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if !export.type_only && export.src.is_none() {
            export.visit_children_with(self);
        }
    }

    fn visit_export_named_specifier(&mut self, specifier: &ExportNamedSpecifier) {
        if !specifier.is_type_only {
            specifier.orig.visit_with(self);
        }
    }

    fn visit_import_decl(&mut self, _: &ImportDecl) {}
    fn visit_ts_type(&mut self, _: &TsType) {}
    fn visit_ts_type_ann(&mut self, _: &TsTypeAnn) {}
    fn visit_ts_type_param_decl(&mut self, _: &TsTypeParamDecl) {}
    fn visit_ts_type_param_instantiation(&mut self, _: &TsTypeParamInstantiation) {}
    fn visit_ts_interface_decl(&mut self, _: &TsInterfaceDecl) {}
    fn visit_ts_expr_with_type_args(&mut self, _: &TsExprWithTypeArgs) {}
    fn visit_ts_index_signature(&mut self, _: &TsIndexSignature) {}
}

/// Takes imports out of the tree that leave nothing behind.
pub(super) fn elide(program: &mut Program, unused: &Unused) {
    let Program::Module(module) = program else { return };
    module.body.retain_mut(|item| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) if unused.covers(import) => false,
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
            import.specifiers.retain(|specifier| !unused.has(specifier));
            true
        }
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => !is_type_export(export),
        ModuleItem::ModuleDecl(ModuleDecl::ExportAll(export)) => !export.type_only,
        _ => true,
    });
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
