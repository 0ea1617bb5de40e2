//! Expressions with types that would mean something else without them.

use swc_core::common::Spanned;
use swc_core::ecma::ast::*;

use super::Checker;

impl Checker<'_> {
    /// `x as T = 1`.
    pub(super) fn assignment(&mut self, assignment: &AssignExpr) {
        let AssignTarget::Simple(target @ (SimpleAssignTarget::TsAs(_) | SimpleAssignTarget::TsSatisfies(_))) = &assignment.left
        else {
            return;
        };
        self.report_at(target.span(), "Put parentheses around what is assigned to: (value as Type) = …");
    }

    /// `f<T>.x`.
    pub(super) fn instantiated(&mut self, object: &Expr) {
        if object.is_ts_instantiation() {
            self.report_at(object.span(), "No property can follow type arguments: put parentheses around them");
        }
    }

    /// `<T>x ** 2`.
    pub(super) fn power(&mut self, expression: &BinExpr) {
        let is_cast = expression.left.is_ts_type_assertion() || expression.left.is_ts_const_assertion();
        let starts = self.offset(expression.left.span_lo());
        if expression.op == BinaryOp::Exp && is_cast && self.text.byte(starts) == Some(b'<') {
            self.report_at(expression.left.span(), "The left side of '**' needs parentheses: (<Type>x) ** y");
        }
    }
}
