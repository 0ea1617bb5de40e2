//! Decides which enums and namespaces add to the present value of their name, and which begin anew.
//!
//! Chunks relate to each other as the parts of one file do in TypeScript: an enum adds to an enum or a namespace, a
//! namespace also to a function or a class. A member that is declared again gets its new value, and its old value has
//! no reverse mapping to it any more. If the name holds anything else, the declaration begins anew.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;

use crate::emit::enums;

/// Makes the first enum or namespace of each name in the program start from an empty object, unless it `extends` what
/// an earlier chunk declared. That is asked with the name, and whether it is a namespace.
pub(crate) fn start_anew(program: &mut Program, extends: impl Fn(&str, bool) -> bool) {
    let Some(script) = program.as_mut_script() else { return };
    let mut started: HashSet<Atom> = script.body.iter().filter_map(function_or_class).collect();
    for statement in &mut script.body {
        let expression = match statement {
            Stmt::Decl(Decl::Var(variables)) => match variables.decls.as_mut_slice() {
                [VarDeclarator { init: Some(init), .. }] => init,
                _ => continue,
            },
            Stmt::Expr(statement) => &mut statement.expr,
            _ => continue,
        };
        let Some(argument) = merge_argument(expression) else { continue };
        let Expr::Bin(BinExpr { op: BinaryOp::LogicalOr, left, right, .. }) = argument else { continue };
        let Expr::Ident(name) = &**left else { continue };
        let is_namespace = right.unwrap_parens().is_assign();
        if started.insert(name.sym.clone()) && !extends(&name.sym, is_namespace) {
            *argument = right.take().unwrap_parens_mut().take();
        } else if !is_namespace {
            forget_values(expression);
        }
    }
}

/// Makes an enum forget what its members were before they get their values.
fn forget_values(expression: &mut Expr) {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) = expression else { return };
    let Expr::Fn(function) = callee.unwrap_parens_mut() else { return };
    let Some(body) = &mut function.function.body else { return };
    let statements = std::mem::take(&mut body.stmts);
    body.stmts = statements.into_iter().flat_map(|mut it| [enums::forget_value(&mut it), Some(it)]).flatten().collect();
}

fn function_or_class(statement: &Stmt) -> Option<Atom> {
    match statement {
        Stmt::Decl(Decl::Fn(function)) => Some(function.ident.sym.clone()),
        Stmt::Decl(Decl::Class(class)) => Some(class.ident.sym.clone()),
        // A decorated class, by now the value of a variable.
        Stmt::Decl(Decl::Var(variables)) => match variables.decls.as_slice() {
            [VarDeclarator { name: Pat::Ident(name), init: Some(init), .. }] if !is_enum(init) => Some(name.id.sym.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn is_enum(init: &Expr) -> bool {
    matches!(init, Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. })
        if callee.unwrap_parens().is_fn_expr() && args.len() == 1)
}

/// The argument of `(function (N) { … })(N || …)`, the shape that the transform prints.
fn merge_argument(expression: &mut Expr) -> Option<&mut Expr> {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. }) = expression else { return None };
    let Expr::Fn(function) = callee.unwrap_parens() else { return None };
    let [argument] = args.as_mut_slice() else { return None };
    let [Param { pat: Pat::Ident(parameter), .. }] = function.function.params.as_slice() else { return None };
    let merges = matches!(&*argument.expr, Expr::Bin(BinExpr { op: BinaryOp::LogicalOr, left, right, span })
        // Only what the transform made has no place in the source.
        if span.is_dummy()
            && left.as_ident().is_some_and(|name| name.sym == parameter.id.sym)
            && matches!(right.unwrap_parens(), Expr::Object(_) | Expr::Assign(_)));
    merges.then_some(&mut *argument.expr)
}
