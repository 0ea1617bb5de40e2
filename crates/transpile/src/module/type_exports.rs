//! Exports of names that the file itself declares as types only: they are marked as exports of types, which leave nothing behind.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;

use crate::bindings::each_name;
use crate::types_only::leaves_nothing;

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
    let types = types(module);
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
                if let Some(name) = export.expr.as_ident().filter(|name| types.contains(&name.sym)) {
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

/// The names that are declared as types, and as nothing else.
fn types(module: &Module) -> HashSet<Atom> {
    let (mut types, mut values) = (HashSet::new(), HashSet::new());
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
        let into = if leaves_nothing(declaration) { &mut types } else { &mut values };
        match declaration {
            Decl::Var(variables) => {
                let mut found = |name: &Ident| {
                    into.insert(name.sym.clone());
                };
                variables.decls.iter().for_each(|declared| each_name(&declared.name, &mut found));
            }
            Decl::Using(variables) => {
                let mut found = |name: &Ident| {
                    into.insert(name.sym.clone());
                };
                variables.decls.iter().for_each(|declared| each_name(&declared.name, &mut found));
            }
            Decl::Fn(function) => drop(into.insert(function.ident.sym.clone())),
            Decl::Class(class) => drop(into.insert(class.ident.sym.clone())),
            Decl::TsInterface(interface) => drop(into.insert(interface.id.sym.clone())),
            Decl::TsTypeAlias(alias) => drop(into.insert(alias.id.sym.clone())),
            Decl::TsEnum(declared) => drop(into.insert(declared.id.sym.clone())),
            Decl::TsModule(namespace) => drop(namespace.id.as_ident().map(|name| into.insert(name.sym.clone()))),
        }
    }
    types.retain(|name| !values.contains(name));
    types
}
