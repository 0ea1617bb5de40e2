//! Places of statements that begin by evaluating an element of JSX. V8 blames such a statement for what its first step
//! does: there it is the call that the element becomes, whose function may be missing.

use std::collections::HashMap;

use swc_core::common::{BytePos, Spanned as _};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// Where statements begin, each with the beginning of the element that it evaluates first.
#[derive(Default)]
pub(crate) struct Blamed(HashMap<BytePos, BytePos>);

impl Blamed {
    /// Those of a program that still has its elements.
    pub(crate) fn find(program: &Program) -> Self {
        let mut blamed = Self::default();
        program.visit_with(&mut blamed);
        blamed
    }

    /// The place that stands for `position`.
    pub(crate) fn instead(&self, position: BytePos) -> BytePos {
        self.0.get(&position).copied().unwrap_or(position)
    }

    fn note(&mut self, statement: BytePos, expression: &Expr) {
        self.0.extend(first(expression).map(|element| (statement, element)));
    }
}

impl Visit for Blamed {
    fn visit_return_stmt(&mut self, statement: &ReturnStmt) {
        if let Some(value) = &statement.arg {
            self.note(statement.span.lo, value);
        }
        statement.visit_children_with(self);
    }

    fn visit_throw_stmt(&mut self, statement: &ThrowStmt) {
        self.note(statement.span.lo, &statement.arg);
        statement.visit_children_with(self);
    }

    fn visit_if_stmt(&mut self, statement: &IfStmt) {
        self.note(statement.span.lo, &statement.test);
        statement.visit_children_with(self);
    }

    fn visit_switch_stmt(&mut self, statement: &SwitchStmt) {
        self.note(statement.span.lo, &statement.discriminant);
        statement.visit_children_with(self);
    }
}

/// The element that an expression evaluates first.
fn first(expression: &Expr) -> Option<BytePos> {
    match expression {
        Expr::JSXElement(_) | Expr::JSXFragment(_) => Some(expression.span_lo()),
        Expr::Paren(inner) => first(&inner.expr),
        Expr::Seq(list) => first(list.exprs.first()?),
        Expr::Bin(operation) => first(&operation.left),
        Expr::Cond(choice) => first(&choice.test),
        Expr::Await(waiting) => first(&waiting.arg),
        Expr::Unary(operation) => first(&operation.arg),
        Expr::Yield(yielded) => first(yielded.arg.as_ref()?),
        Expr::TsAs(cast) => first(&cast.expr),
        Expr::TsSatisfies(cast) => first(&cast.expr),
        Expr::TsConstAssertion(cast) => first(&cast.expr),
        Expr::TsTypeAssertion(cast) => first(&cast.expr),
        Expr::TsNonNull(cast) => first(&cast.expr),
        _ => None,
    }
}
