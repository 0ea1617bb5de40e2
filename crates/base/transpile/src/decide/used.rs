//! Which names a program uses as values, and which in types that decorators are told.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::decorated::{is_constructor_decorated, is_method_decorated};
use crate::decide::free_names::FreeNames;
use crate::parse::types_only;

/// All names that could be values.
#[derive(Default)]
pub(crate) struct Used {
    pub(crate) names: HashSet<Atom>,
    pub(crate) jsx: bool,
    /// Whether decorators are told types.
    pub(crate) metadata: bool,
    /// The names in those types.
    pub(crate) told: HashSet<Atom>,
    /// The names that count.
    pub(crate) free: FreeNames,
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
        if self.free.has(name) {
            self.names.insert(name.sym.clone());
        }
    }

    fn visit_class(&mut self, class: &Class) {
        if self.metadata {
            for member in &class.body {
                let mut told = Told(&mut self.told);
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

    /// An alias uses what it stands for.
    fn visit_ts_import_equals_decl(&mut self, alias: &TsImportEqualsDecl) {
        if !alias.is_type_only {
            alias.module_ref.visit_with(self);
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
