//! Declarations without values: `declare`, and what may stand inside of it; namespaces and where they may stand.

use swc_core::common::{BytePos, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::VisitWith;

use super::{Checker, Place};

const NO_VALUE: &str = "What is declared with 'declare' has no initial value";

impl Checker<'_> {
    /// Visits a declaration that may begin with `declare`.
    pub(super) fn declare(&mut self, is_declared: bool, start: BytePos, visit: impl FnOnce(&mut Self)) {
        if is_declared && self.place.is_ambient {
            let at = self.offset(start);
            self.report(at..at + 1, "'declare' cannot stand inside of another 'declare'");
        } else if is_declared && self.place.is_nested {
            let at = self.offset(start);
            self.report(at..at + 1, "'declare' stands at the top level, or in a namespace");
        }
        self.within(Place { is_ambient: self.place.is_ambient || is_declared, ..self.place }, visit);
    }

    /// The variables of one declaration: those without a value at run time have no initial value, but for literal
    /// constants.
    pub(super) fn variables(&mut self, variables: &VarDecl) {
        if !variables.declare && !self.place.is_ambient {
            return;
        }
        for declarator in &variables.decls {
            let Some(value) = &declarator.init else { continue };
            let annotation = declarator.name.as_ident().and_then(|name| name.type_ann.as_ref());
            if variables.kind != VarDeclKind::Const || annotation.is_some() || !is_constant(value) {
                self.report_at(value.span(), NO_VALUE);
            }
        }
    }

    /// `let x!: T`.
    pub(super) fn definite_variable(&mut self, declarator: &VarDeclarator) {
        if !declarator.definite {
            return;
        }
        let mark = self.offset(declarator.name.span_lo());
        let mark = self.text.skip_trivia(self.text.identifier_end(mark));
        let annotation = declarator.name.as_ident().and_then(|name| name.type_ann.as_ref());
        if declarator.init.is_some() {
            self.report(mark..mark + 1, "A variable with '!' has no initial value: leave out the '!'");
        } else if annotation.is_none() {
            self.report(mark..mark + 1, "A variable with '!' needs a type: 'let name!: Type'");
        }
    }

    /// A field that exists for types only.
    pub(super) fn ambient_field(&mut self, field: &ClassProp) {
        let Some(value) = &field.value else { return };
        if self.place.is_ambient && !(field.readonly && field.type_ann.is_none() && is_constant(value)) {
            self.report_at(value.span(), NO_VALUE);
        }
    }

    /// A function that has no body, or that is declared only.
    pub(super) fn signature(&mut self, function: &Function, is_declared: bool, name: swc_core::common::Span) {
        let is_ambient = is_declared || self.place.is_ambient;
        if function.body.is_none() && function.is_generator {
            self.report_at(name, "A function without a body cannot be a generator");
        }
        if function.body.is_none() && function.is_async && is_ambient {
            self.report_at(name, "A function without a body cannot be async");
        }
        if function.body.is_none() && is_ambient {
            for parameter in &function.params {
                if let Pat::Assign(default) = &parameter.pat {
                    self.report_at(default.span, "A parameter of a function without a body has no default");
                }
            }
        }
    }

    /// `namespace A.B { … }`, `module "name" { … }`.
    pub(super) fn namespace(&mut self, module: &TsModuleDecl) {
        let is_ambient = module.declare || module.global || self.place.is_ambient;
        if self.place.is_nested {
            self.report_at(module.span, "A namespace stands at the top level, or in another namespace");
        } else if module.declare && self.place.is_ambient {
            self.report_at(module.span, "'declare' cannot stand inside of another 'declare'");
        }
        if module.id.is_str() && !is_ambient {
            self.report_at(module.id.span(), "A module with a quoted name is declared: 'declare module \"name\"'");
        }
        let mut body = module.body.as_ref();
        while let Some(TsNamespaceBody::TsNamespaceDecl(inner)) = body {
            body = Some(&inner.body);
        }
        let Some(TsNamespaceBody::TsModuleBlock(block)) = body else { return };
        for item in &block.body {
            self.namespace_item(item, is_ambient, module.id.is_str());
        }
        let place = Place { is_ambient, is_nested: false, is_namespace: !is_ambient };
        self.within(place, |checker| block.visit_children_with(checker));
    }

    fn namespace_item(&mut self, item: &ModuleItem, is_ambient: bool, is_module: bool) {
        match item {
            ModuleItem::Stmt(Stmt::Decl(_) | Stmt::Empty(_)) => {}
            ModuleItem::Stmt(statement) if is_ambient => {
                self.report_at(statement.span(), "Only declarations can stand inside of 'declare'");
            }
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) if !is_module => {
                self.report_at(import.span, "A namespace cannot import from a module");
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) if !is_module => {
                self.report_at(export.span, "A namespace has no default export");
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) if !is_module => {
                self.report_at(export.span, "A namespace has no default export");
            }
            _ => {}
        }
    }
}

/// Whether an initial value is a type: a literal, or the member of an enum.
fn is_constant(value: &Expr) -> bool {
    match value {
        Expr::Lit(_) => true,
        Expr::Tpl(template) => template.exprs.is_empty(),
        Expr::Unary(UnaryExpr { op: UnaryOp::Minus, arg, .. }) => arg.is_lit(),
        Expr::Member(member) => member.obj.is_ident() || member.obj.is_member(),
        _ => false,
    }
}
