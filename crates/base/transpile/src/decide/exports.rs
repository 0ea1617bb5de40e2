//! What the parts of a namespace or an enum have that other parts see.

use std::collections::{BTreeMap, BTreeSet};

use swc_core::ecma::ast::*;

use crate::decide::bindings::each_name;
use crate::parse::types_only::is_type_export;

/// How deep namespaces in each other are looked into.
pub(crate) const MAX_DEPTH: usize = 32;

/// What the parts of a namespace or an enum have, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Exports {
    /// What a namespace exports, and what that exports.
    pub(crate) names: BTreeMap<String, Exports>,
    /// The members of an enum.
    pub(crate) members: BTreeSet<String>,
}

impl Exports {
    /// What a declaration of an enum or a namespace has; nothing for others.
    pub(crate) fn of(declaration: &Decl) -> Self {
        let mut exports = Self::default();
        exports.add(declaration, MAX_DEPTH);
        exports
    }

    /// Adds what other parts have.
    pub(crate) fn join(&mut self, other: &Self) {
        self.members.extend(other.members.iter().cloned());
        for (name, exports) in &other.names {
            self.names.entry(name.clone()).or_default().join(exports);
        }
    }

    pub(crate) fn add(&mut self, declaration: &Decl, depth: usize) {
        match declaration {
            Decl::TsEnum(declaration) => self.members.extend(declaration.members.iter().filter_map(member_name)),
            Decl::TsModule(module) => module.body.iter().for_each(|body| self.add_body(body, depth)),
            _ => {}
        }
    }

    fn add_body(&mut self, body: &TsNamespaceBody, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let block = match body {
            TsNamespaceBody::TsModuleBlock(block) => block,
            TsNamespaceBody::TsNamespaceDecl(inner) => return self.named(&inner.id).add_body(&inner.body, depth),
        };
        for item in &block.body {
            match item {
                ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) if is_value(&export.decl) => {
                    each_declared(&export.decl, &mut |name| {
                        self.named(name).add(&export.decl, depth);
                    });
                }
                ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) if alias.is_export && !alias.is_type_only => {
                    self.named(&alias.id);
                }
                _ => {}
            }
        }
    }

    fn named(&mut self, name: &Ident) -> &mut Self {
        self.names.entry(name.sym.to_string()).or_default()
    }
}

/// Whether a declaration has a value, here or (`declare`) elsewhere.
pub(crate) fn is_value(declaration: &Decl) -> bool {
    match declaration {
        Decl::TsInterface(_) | Decl::TsTypeAlias(_) => false,
        Decl::TsModule(module) => !module.global && module.id.is_ident() && module.body.as_ref().is_some_and(has_value),
        _ => true,
    }
}

/// Whether a namespace has a value in it, by the names alone: the body of a declaration has no code.
fn has_value(body: &TsNamespaceBody) -> bool {
    let block = match body {
        TsNamespaceBody::TsModuleBlock(block) => block,
        TsNamespaceBody::TsNamespaceDecl(inner) => return has_value(&inner.body),
    };
    let exports =
        |item: &ModuleItem| matches!(item, ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) if !is_type_export(export));
    let exports_names = block.body.iter().any(exports);
    block.body.iter().any(|item| match item {
        ModuleItem::Stmt(Stmt::Decl(declaration)) => is_value(declaration),
        ModuleItem::Stmt(statement) => !statement.is_empty(),
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => is_value(&export.decl),
        // What it names is a value, perhaps.
        ModuleItem::ModuleDecl(ModuleDecl::TsImportEquals(alias)) => !alias.is_type_only && (alias.is_export || exports_names),
        ModuleItem::ModuleDecl(_) => false,
    })
}

/// Calls `found` with the names that a declaration declares.
pub(crate) fn each_declared(declaration: &Decl, found: &mut dyn FnMut(&Ident)) {
    match declaration {
        Decl::Class(class) => found(&class.ident),
        Decl::Fn(function) => found(&function.ident),
        Decl::Var(variables) => variables.decls.iter().for_each(|variable| each_name(&variable.name, found)),
        Decl::Using(using) => using.decls.iter().for_each(|variable| each_name(&variable.name, found)),
        Decl::TsEnum(declaration) => found(&declaration.id),
        Decl::TsModule(module) => module.id.as_ident().into_iter().for_each(found),
        Decl::TsInterface(_) | Decl::TsTypeAlias(_) => {}
    }
}

/// The name of an enum's member.
pub(crate) fn member_name(member: &TsEnumMember) -> Option<String> {
    match &member.id {
        TsEnumMemberId::Ident(name) => Some(name.sym.to_string()),
        TsEnumMemberId::Str(name) => name.value.as_str().map(str::to_owned),
    }
}
