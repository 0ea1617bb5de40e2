//! Types in expressions: casts, assertions, and the arrow functions whose line breaks need care.

use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::{ArrowExpr, Expr};
use swc_core::ecma::visit::VisitWith;

use crate::plan::blank::Eraser;

impl Eraser<'_> {
    /// `expression as T`, `expression satisfies T`.
    pub(crate) fn postfix_cast(&mut self, expression: &Expr, span: Span) {
        let (_, from) = self.bytes(expression.span());
        let (_, to) = self.bytes(span);
        self.blank(from, to);
        // A cast ends its statement where a call, an index or a template on the next line would otherwise go on.
        if matches!(self.text.next_byte(to), Some(b'(' | b'[' | b'`')) {
            self.found.edits.substitute(self.text.skip_trivia(from), ';');
        }
    }

    /// `<T>expression`. Where the operand would be taken for a block or a declaration, or a line break would end the
    /// statement, parentheses take the place of the cast.
    pub(crate) fn prefix_cast(&mut self, expression: &Expr, span: Span) {
        let (from, _) = self.bytes(span);
        let (operand, end) = self.bytes(expression.span());
        self.blank(from, operand);
        let starts_badly =
            self.text.byte(operand) == Some(b'{') || matches!(self.text.word(operand), "function" | "class" | "let" | "async");
        if starts_badly || self.text.has_line_break(from, operand) {
            self.found.edits.substitute(from, '(');
            self.found.edits.insert(end, ")");
        }
    }

    /// `expression!`, `expression<T>`.
    pub(crate) fn suffix(&mut self, expression: &Expr, span: Span) {
        let (_, from) = self.bytes(expression.span());
        let (_, to) = self.bytes(span);
        self.blank(from, to);
    }

    /// An arrow function. No line break may come before its `=>`, nor between `async` and its parameters, nor may the
    /// type parameters of `return <T>(x) => …` leave one behind `return`: then a parenthesis moves into the blanked
    /// text.
    pub(crate) fn arrow(&mut self, arrow: &ArrowExpr) {
        if let Some(parameters) = &arrow.type_params {
            let (from, to) = self.bytes(parameters.span);
            self.blank(from, to);
            if let Some(parenthesis) = self.text.expect(to, b'(').filter(|&at| self.text.has_line_break(from, at)) {
                self.found.edits.substitute(from, '(');
                self.blank(parenthesis, parenthesis + 1);
            }
        }
        arrow.params.visit_with(self);
        if let Some(annotation) = &arrow.return_type {
            let (from, to) = self.bytes(annotation.span);
            self.blank(from, to);
            let parenthesis = self.text.last_before(from).filter(|&at| self.text.byte(at) == Some(b')'));
            let last = self.text.last_before(to).filter(|&at| at >= from);
            if let (Some(parenthesis), Some(last)) = (parenthesis, last)
                && self.text.has_line_break(parenthesis, last)
            {
                self.blank(parenthesis, parenthesis + 1);
                self.found.edits.substitute(last, ')');
            }
        }
        arrow.body.visit_with(self);
    }
}
