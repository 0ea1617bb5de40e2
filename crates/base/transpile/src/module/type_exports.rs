//! Exports of types that do not say so: those that the file itself declares, and those that are known from other files.
//! They are marked as exports of types, which leave nothing behind.

use std::collections::{HashMap, HashSet};

use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::bindings::each_name;
use crate::decide::exports::{each_declared, is_value};
use crate::parse::types_only::leaves_nothing;

/// What a module of TypeScript says of its exports, so that others can tell those that are types. All are sorted by
/// name, but for `all_of`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeExports {
    /// The names that are exported as types only, or by `declare`, which leaves nothing behind either.
    pub types: Vec<String>,
    /// Those of them that are declared as values. In a file of declarations (`.d.ts`) they tell of values elsewhere.
    pub declared: Vec<String>,
    /// The names that are exported as values, where the module also exports all of another module.
    pub values: Vec<String>,
    /// Exports of imported names, which may be types.
    pub imported: Vec<ImportedExport>,
    /// The modules of each `export *`.
    pub all_of: Vec<String>,
}

impl TypeExports {
    /// Whether the module exports a type by this name, and no value.
    #[must_use]
    pub fn has_type(&self, name: &str) -> bool {
        self.types.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// As [`has_type`](Self::has_type), where the module is a file of declarations.
    #[must_use]
    pub fn declares_type(&self, name: &str) -> bool {
        self.has_type(name) && self.declared.binary_search_by(|known| known.as_str().cmp(name)).is_err()
    }

    /// Whether the module exports a value by this name, as far as `values` tells.
    #[must_use]
    pub fn has_value(&self, name: &str) -> bool {
        self.values.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// What the module exports by this name from another one.
    #[must_use]
    pub fn imported(&self, name: &str) -> Option<&ImportedExport> {
        let at = self.imported.binary_search_by(|known| known.exported.as_str().cmp(name)).ok()?;
        self.imported.get(at)
    }

    fn sort(&mut self) {
        if self.all_of.is_empty() {
            self.values.clear();
        }
        self.types.sort_unstable();
        self.types.dedup();
        self.declared.sort_unstable();
        self.values.sort_unstable();
        self.values.dedup();
        self.imported.sort_by(|one, other| one.exported.cmp(&other.exported));
    }
}

/// An export of what another module exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedExport {
    /// The name that it is exported under.
    pub exported: String,
    /// The other module.
    pub specifier: String,
    /// The name in the other module.
    pub name: String,
}

/// Marks imports and exports of the names that are `known` to be types: pairs of a specifier and a name.
pub(super) fn mark_known(program: &mut Program, known: &[(String, String)]) {
    let Program::Module(module) = program else { return };
    let known: HashSet<(&str, &str)> = known.iter().map(|(specifier, name)| (&**specifier, &**name)).collect();
    let is_known = |from: &Str, name: &str| from.value.as_str().is_some_and(|from| known.contains(&(from, name)));
    for item in &mut module.body {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                for specifier in &mut import.specifiers {
                    if imported_name(specifier).is_some_and(|name| is_known(&import.src, &name)) {
                        mark_import(specifier);
                    }
                }
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(NamedExport { src: Some(from), specifiers, .. })) => {
                for specifier in specifiers {
                    if let ExportSpecifier::Named(named) = specifier
                        && is_known(from, &named.orig.atom())
                    {
                        named.is_type_only = true;
                    }
                }
            }
            _ => {}
        }
    }
}

/// The name of an import in its module.
fn imported_name(specifier: &ImportSpecifier) -> Option<Atom> {
    match specifier {
        ImportSpecifier::Named(named) => {
            Some(named.imported.as_ref().map_or(named.local.sym.clone(), |name| name.atom().into_owned()))
        }
        ImportSpecifier::Default(_) => Some("default".into()),
        ImportSpecifier::Namespace(_) => None,
    }
}

fn mark_import(specifier: &mut ImportSpecifier) {
    match specifier {
        ImportSpecifier::Named(named) => named.is_type_only = true,
        ImportSpecifier::Default(default) => {
            let imported = Some(ModuleExportName::Ident(Ident::new_no_ctxt("default".into(), default.span)));
            let (span, local) = (default.span, default.local.clone());
            *specifier = ImportSpecifier::Named(ImportNamedSpecifier { span, local, imported, is_type_only: true });
        }
        ImportSpecifier::Namespace(_) => {}
    }
}

/// Reads the exports of a module as they are written, but for those of types that other modules are known to have.
pub(super) fn of(program: &Program) -> TypeExports {
    let mut found = TypeExports::default();
    let Program::Module(module) = program else { return found };
    if !module.body.iter().any(|item| item.as_module_decl().is_some_and(|declaration| !declaration.is_import())) {
        return found;
    }
    let Types { types, ambient } = types(module);
    let mut reader = Reader { imports: imports(module), types, ambient, found: &mut found };
    module.body.iter().filter_map(ModuleItem::as_module_decl).for_each(|declaration| reader.declaration(declaration));
    found.sort();
    found
}

/// Imported values, and what may be one: the modules and the names there, by local names.
fn imports(module: &Module) -> HashMap<Atom, (String, String)> {
    let mut imports = HashMap::new();
    for import in module.body.iter().filter_map(|item| item.as_module_decl()?.as_import()).filter(|import| !import.type_only) {
        let Some(from) = import.src.value.as_str() else { continue };
        for specifier in &import.specifiers {
            let is_type = matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
            if let Some(name) = imported_name(specifier).filter(|_| !is_type) {
                imports.insert(specifier.local().sym.clone(), (from.to_owned(), name.to_string()));
            }
        }
    }
    imports
}

struct Reader<'a> {
    imports: HashMap<Atom, (String, String)>,
    types: HashSet<Atom>,
    ambient: HashSet<Atom>,
    found: &'a mut TypeExports,
}

impl Reader<'_> {
    fn declaration(&mut self, declaration: &ModuleDecl) {
        match declaration {
            ModuleDecl::ExportDecl(export) => {
                match &export.decl {
                    Decl::TsInterface(interface) => self.local(&interface.id.sym, &interface.id.sym),
                    Decl::TsTypeAlias(alias) => self.local(&alias.id.sym, &alias.id.sym),
                    _ => {}
                }
                each_declared(&export.decl, &mut |name| self.local(&name.sym, &name.sym));
            }
            ModuleDecl::ExportNamed(export) => {
                let from = export.src.as_ref().and_then(|from| from.value.as_str());
                export.specifiers.iter().for_each(|specifier| self.specifier(specifier, from, export.type_only));
            }
            ModuleDecl::ExportAll(export) => self.found.all_of.extend(export.src.value.as_str().map(str::to_owned)),
            ModuleDecl::ExportDefaultDecl(export) => {
                let is_type = matches!(export.decl, DefaultDecl::TsInterfaceDecl(_));
                if is_type { &mut self.found.types } else { &mut self.found.values }.push("default".to_owned());
            }
            ModuleDecl::ExportDefaultExpr(export) => match export.expr.as_ident() {
                Some(name) if self.ambient.contains(&name.sym) => self.found.values.push("default".to_owned()),
                Some(name) => self.named(&name.sym, "default"),
                None => self.found.values.push("default".to_owned()),
            },
            _ => {}
        }
    }

    /// The module exports what it declares.
    fn local(&mut self, name: &Atom, exported: &str) {
        let names = if self.types.contains(name) { &mut self.found.types } else { &mut self.found.values };
        names.push(exported.to_owned());
        if self.ambient.contains(name) {
            self.found.declared.push(exported.to_owned());
        }
    }

    fn specifier(&mut self, specifier: &ExportSpecifier, from: Option<&str>, is_type: bool) {
        let ExportSpecifier::Named(named) = specifier else {
            if let ExportSpecifier::Namespace(all) = specifier {
                self.found.values.push(all.name.atom().to_string());
            }
            return;
        };
        let name = named.orig.atom();
        let exported = named.exported.as_ref().unwrap_or(&named.orig).atom().to_string();
        match from {
            // A value that is declared by this name is not exported.
            _ if is_type || named.is_type_only => self.found.types.push(exported),
            Some(from) => {
                let (specifier, name) = (from.to_owned(), name.to_string());
                self.found.imported.push(ImportedExport { exported, specifier, name });
            }
            None => self.named(&name, &exported),
        }
    }

    /// The module exports a name that it has.
    fn named(&mut self, name: &Atom, exported: &str) {
        match self.imports.get(name) {
            Some((specifier, name)) => {
                let (specifier, name) = (specifier.clone(), name.clone());
                self.found.imported.push(ImportedExport { exported: exported.to_owned(), specifier, name });
            }
            None => self.local(name, exported),
        }
    }
}

/// Marks `export { T }` and `export default T` where `T` is a type, though they do not say so.
pub(super) fn mark(program: &mut Program) {
    let Program::Module(module) = program else { return };
    let exports = |item: &ModuleItem| match item {
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => export.src.is_none() && !export.type_only,
        ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => export.expr.is_ident(),
        _ => false,
    };
    if !module.body.iter().any(exports) {
        return;
    }
    let Types { types, ambient } = types(module);
    for item in &mut module.body {
        let ModuleItem::ModuleDecl(declaration) = item else { continue };
        match declaration {
            ModuleDecl::ExportNamed(export) if export.src.is_none() => {
                for specifier in &mut export.specifiers {
                    if let ExportSpecifier::Named(named) = specifier
                        && let ModuleExportName::Ident(name) = &named.orig
                        && types.contains(&name.sym)
                    {
                        named.is_type_only = true;
                    }
                }
            }
            ModuleDecl::ExportDefaultExpr(export) => {
                if let Some(name) =
                    export.expr.as_ident().filter(|name| types.contains(&name.sym) && !ambient.contains(&name.sym))
                {
                    let interface = TsInterfaceDecl {
                        span: export.expr.span(),
                        id: name.clone(),
                        declare: false,
                        type_params: None,
                        extends: Vec::new(),
                        body: TsInterfaceBody { span: export.expr.span(), body: Vec::new() },
                    };
                    let decl = DefaultDecl::TsInterfaceDecl(Box::new(interface));
                    *declaration = ModuleDecl::ExportDefaultDecl(ExportDefaultDecl { span: export.span, decl });
                }
            }
            _ => {}
        }
    }
}

/// What a module's names are.
struct Types {
    /// Declared as types, or by `declare`, and as nothing else: no export by such a name is there.
    types: HashSet<Atom>,
    /// Declared by `declare` as values: they name globals.
    ambient: HashSet<Atom>,
}

fn types(module: &Module) -> Types {
    let (mut types, mut ambient) = (HashSet::new(), HashSet::new());
    let mut nested = Variables::default();
    module.visit_with(&mut nested);
    let mut values = nested.0;
    for item in &module.body {
        let declaration = match item {
            ModuleItem::Stmt(Stmt::Decl(declaration)) => declaration,
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => &export.decl,
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                for specifier in &import.specifiers {
                    let is_type = import.type_only || matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
                    if is_type { &mut types } else { &mut values }.insert(specifier.local().sym.clone());
                }
                continue;
            }
            ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(import)) => {
                if import.is_type_only { &mut types } else { &mut values }.insert(import.id.sym.clone());
                continue;
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
                match &export.decl {
                    DefaultDecl::TsInterfaceDecl(interface) => types.insert(interface.id.sym.clone()),
                    DefaultDecl::Class(ClassExpr { ident: Some(name), .. })
                    | DefaultDecl::Fn(FnExpr { ident: Some(name), .. }) => values.insert(name.sym.clone()),
                    DefaultDecl::Class(_) | DefaultDecl::Fn(_) => false,
                };
                continue;
            }
            _ => continue,
        };
        match declaration {
            Decl::TsInterface(interface) => _ = types.insert(interface.id.sym.clone()),
            Decl::TsTypeAlias(alias) => _ = types.insert(alias.id.sym.clone()),
            _ => {}
        }
        let is_type = leaves_nothing(declaration);
        each_declared(declaration, &mut |name| {
            if is_type && is_value(declaration) {
                ambient.insert(name.sym.clone());
            }
            if is_type { &mut types } else { &mut values }.insert(name.sym.clone());
        });
    }
    types.retain(|name| !values.contains(name));
    Types { types, ambient }
}

/// The names of a module's `var`, wherever they stand.
#[derive(Default)]
struct Variables(HashSet<Atom>);

impl Visit for Variables {
    fn visit_var_decl(&mut self, variables: &VarDecl) {
        if variables.kind == VarDeclKind::Var && !variables.declare {
            let mut found = |name: &Ident| {
                self.0.insert(name.sym.clone());
            };
            variables.decls.iter().for_each(|declared| each_name(&declared.name, &mut found));
        }
    }

    fn visit_function(&mut self, _: &Function) {}

    fn visit_class(&mut self, _: &Class) {}

    fn visit_expr(&mut self, _: &Expr) {}

    fn visit_ts_module_decl(&mut self, _: &TsModuleDecl) {}
}
