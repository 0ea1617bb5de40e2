//! The heads of functions and methods: an overload has a head only, and its implementation follows it.

use std::borrow::Cow;

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;

/// What is said of a function whose implementation is missing.
pub(crate) const NO_BODY: &str = "The function has no body, and no implementation follows it directly";

/// The head of a function or method.
pub(crate) struct Head<'program> {
    /// Empty for the default export without a name, and for a key that is computed.
    pub(crate) name: Cow<'program, str>,
    /// The name, or the whole function where it has none.
    pub(crate) at: Span,
    pub(crate) has_body: bool,
    /// `None`: it is no member of a class.
    pub(crate) is_static: Option<bool>,
}

impl<'program> Head<'program> {
    /// The function that an item declares, unless it is declared only.
    pub(crate) fn of_item(item: &'program ModuleItem) -> Option<Self> {
        match item {
            ModuleItem::Stmt(statement) => Self::of_statement(statement),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => Self::of_declaration(&export.decl),
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(export)) => {
                let function = export.decl.as_fn_expr()?;
                Some(Self {
                    name: function.ident.as_ref().map_or("".into(), |name| name.sym.as_str().into()),
                    at: function.ident.as_ref().map_or(function.function.span, |name| name.span),
                    has_body: function.function.body.is_some(),
                    is_static: None,
                })
            }
            ModuleItem::ModuleDecl(_) => None,
        }
    }

    /// The same of a statement.
    pub(crate) fn of_statement(statement: &'program Stmt) -> Option<Self> {
        Self::of_declaration(statement.as_decl()?)
    }

    fn of_declaration(declaration: &'program Decl) -> Option<Self> {
        let function = declaration.as_fn_decl().filter(|function| !function.declare)?;
        Some(Self {
            name: function.ident.sym.as_str().into(),
            at: function.ident.span,
            has_body: function.function.body.is_some(),
            is_static: None,
        })
    }

    /// The method or constructor that a member is, if it needs an implementation.
    pub(crate) fn of_member(member: &'program ClassMember) -> Option<Self> {
        match member {
            ClassMember::Constructor(constructor) => Some(Self {
                name: "constructor".into(),
                at: constructor.key.span(),
                has_body: constructor.body.is_some(),
                is_static: Some(false),
            }),
            ClassMember::Method(method) if !method.is_abstract && !method.is_optional && method.kind == MethodKind::Method => {
                Some(Self {
                    name: key(&method.key),
                    at: method.key.span(),
                    has_body: method.function.body.is_some(),
                    is_static: Some(method.is_static),
                })
            }
            ClassMember::PrivateMethod(method) if method.kind == MethodKind::Method => Some(Self {
                name: format!("#{}", method.key.name).into(),
                at: method.key.span,
                has_body: method.function.body.is_some(),
                is_static: Some(method.is_static),
            }),
            _ => None,
        }
    }
}

/// A key as it is compared with others.
fn key(key: &PropName) -> Cow<'_, str> {
    match key {
        PropName::Ident(name) => name.sym.as_str().into(),
        PropName::Str(name) => name.value.to_string_lossy(),
        PropName::Num(number) => number.value.to_string().into(),
        PropName::BigInt(number) => number.value.to_string().into(),
        PropName::Computed(_) => "".into(),
    }
}
