//! `??` beside `&&` or `||` with a cast between them: `a || b as T ?? c`.
//!
//! The language requires parentheses there. In TypeScript the cast separates the operators. When it is removed,
//! parentheses take its place.

use swc_core::ecma::ast::{BinExpr, BinaryOp, Expr, Program};
use swc_core::ecma::visit::{Visit, VisitWith};

/// The operands of an expression that would need parentheses, without those.
pub(crate) fn mixed(expression: &BinExpr) -> impl Iterator<Item = &BinExpr> {
    let mixes = |operand: &BinExpr| match expression.op {
        BinaryOp::NullishCoalescing => matches!(operand.op, BinaryOp::LogicalAnd | BinaryOp::LogicalOr),
        BinaryOp::LogicalAnd | BinaryOp::LogicalOr => operand.op == BinaryOp::NullishCoalescing,
        _ => false,
    };
    [&expression.left, &expression.right].into_iter().filter_map(|operand| operand.as_bin()).filter(move |operand| mixes(operand))
}

/// Whether all expressions of a program that mix have a cast in between.
pub(crate) fn is_cast_everywhere(program: &Program) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_bin_expr(&mut self, expression: &BinExpr) {
            self.0 &= mixed(expression).all(|operand| has_cast(expression) || has_cast(operand));
            expression.visit_children_with(self);
        }
    }
    let mut finder = Finder(true);
    program.visit_with(&mut finder);
    finder.0
}

fn has_cast(expression: &BinExpr) -> bool {
    [&expression.left, &expression.right]
        .iter()
        .any(|operand| matches!(***operand, Expr::TsAs(_) | Expr::TsSatisfies(_) | Expr::TsConstAssertion(_)))
}
