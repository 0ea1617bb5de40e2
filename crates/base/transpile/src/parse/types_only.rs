//! Finds constructs of types only, which leave nothing behind at run time.

use swc_core::ecma::ast::*;

/// Whether a declaration leaves nothing behind at run time.
pub(crate) fn leaves_nothing(declaration: &Decl) -> bool {
    match declaration {
        Decl::TsInterface(_) | Decl::TsTypeAlias(_) => true,
        Decl::Class(class) => class.declare,
        Decl::Fn(function) => function.declare || function.function.body.is_none(),
        Decl::Var(variables) => variables.declare,
        Decl::TsEnum(declaration) => declaration.declare,
        Decl::TsModule(module) => {
            module.declare || module.global || module.id.is_str() || module.body.as_ref().is_none_or(is_types_only)
        }
        Decl::Using(_) => false,
    }
}

/// Whether a namespace body holds types only, so that the namespace does not exist at run time.
fn is_types_only(body: &TsNamespaceBody) -> bool {
    match body {
        TsNamespaceBody::TsModuleBlock(block) => block.body.iter().all(item_leaves_nothing),
        TsNamespaceBody::TsNamespaceDecl(inner) => inner.declare || is_types_only(&inner.body),
    }
}

pub(crate) fn item_leaves_nothing(item: &ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(Stmt::Empty(_)) => true,
        ModuleItem::Stmt(Stmt::Decl(declaration)) => leaves_nothing(declaration),
        ModuleItem::Stmt(_) => false,
        ModuleItem::ModuleDecl(declaration) => is_type_only(declaration),
    }
}

/// Whether a module declaration leaves nothing behind at run time.
pub(crate) fn is_type_only(declaration: &ModuleDecl) -> bool {
    match declaration {
        ModuleDecl::Import(import) => {
            let types = |specifier: &ImportSpecifier| matches!(specifier, ImportSpecifier::Named(named) if named.is_type_only);
            import.type_only || (!import.specifiers.is_empty() && import.specifiers.iter().all(types))
        }
        ModuleDecl::ExportDecl(export) => leaves_nothing(&export.decl),
        ModuleDecl::ExportNamed(export) => is_type_export(export),
        ModuleDecl::ExportDefaultDecl(export) => match &export.decl {
            DefaultDecl::TsInterfaceDecl(_) => true,
            DefaultDecl::Fn(function) => function.function.body.is_none(),
            DefaultDecl::Class(_) => false,
        },
        ModuleDecl::ExportAll(export) => export.type_only,
        ModuleDecl::TsImportEquals(import) => import.is_type_only,
        ModuleDecl::TsNamespaceExport(_) => true,
        ModuleDecl::ExportDefaultExpr(_) | ModuleDecl::TsExportAssignment(_) => false,
    }
}

/// Whether an export names types only.
pub(crate) fn is_type_export(export: &NamedExport) -> bool {
    export.type_only || (!export.specifiers.is_empty() && export.specifiers.iter().all(is_type_specifier))
}

/// Whether a part of an export is marked as a type.
pub(crate) fn is_type_specifier(specifier: &ExportSpecifier) -> bool {
    matches!(specifier, ExportSpecifier::Named(named) if named.is_type_only)
}
