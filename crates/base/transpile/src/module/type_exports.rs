//! Exports of names that the file itself declares as types only: they are marked as exports of types, which leave
//! nothing behind.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::bindings::each_name;
use crate::decide::exports::{each_declared, is_value};
use crate::parse::types_only::leaves_nothing;

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
