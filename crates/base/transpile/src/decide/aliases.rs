//! The constants that aliases of a namespace's members (`import A = B.C`) compile to.

use swc_core::common::{DUMMY_SP, Spanned};
use swc_core::ecma::ast::*;

/// `const A = B.C`, for `import A = B.C`; if it is perhaps a type, `const A = typeof B == "undefined" ? void 0 : B?.C`.
pub(crate) fn constant(alias: &TsImportEqualsDecl, target: &TsEntityName, is_perhaps: bool) -> VarDecl {
    let value = if is_perhaps { perhaps(target) } else { value(target, false) };
    let name = Pat::Ident(alias.id.clone().into());
    let declarator = VarDeclarator { span: alias.id.span.to(target.span()), name, init: Some(Box::new(value)), definite: false };
    VarDecl { span: alias.span, kind: VarDeclKind::Const, decls: vec![declarator], ..VarDecl::default() }
}

fn perhaps(name: &TsEntityName) -> Expr {
    let type_of = Expr::Unary(UnaryExpr { span: DUMMY_SP, op: UnaryOp::TypeOf, arg: Box::new(root(name).clone().into()) });
    let undefined = Box::new(Expr::Lit(Lit::Str("undefined".into())));
    let test = BinExpr { span: DUMMY_SP, op: BinaryOp::EqEq, left: Box::new(type_of), right: undefined };
    let alt = Box::new(value(name, true));
    Expr::Cond(CondExpr { span: DUMMY_SP, test: Box::new(test.into()), cons: Expr::undefined(DUMMY_SP), alt })
}

fn value(name: &TsEntityName, optional: bool) -> Expr {
    match name {
        TsEntityName::Ident(name) => Expr::Ident(name.clone()),
        TsEntityName::TsQualifiedName(qualified) => {
            let (span, prop) = (qualified.span, MemberProp::Ident(qualified.right.clone()));
            let member = MemberExpr { span, obj: Box::new(value(&qualified.left, optional)), prop };
            match optional {
                true => Expr::OptChain(OptChainExpr { span, optional, base: Box::new(OptChainBase::Member(member)) }),
                false => Expr::Member(member),
            }
        }
    }
}

pub(crate) fn root(name: &TsEntityName) -> &Ident {
    let mut name = name;
    loop {
        match name {
            TsEntityName::Ident(name) => return name,
            TsEntityName::TsQualifiedName(qualified) => name = &qualified.left,
        }
    }
}
