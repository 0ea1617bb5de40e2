//! Finds a chunk's assignments to names of its session: every form of assignment, of update and of loop head.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::free_names::{self, FreeNames};
use crate::parse::Chunk;

/// The free names that the chunk assigns to and that are `wanted`, in source order.
pub(crate) fn find(chunk: &Chunk, meter: &Meter<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Target> {
    let mut targets = free_names::find(chunk, meter, |program, free| {
        let mut targets = Targets { chunk, wanted: &wanted, free, found: Vec::new() };
        program.visit_with(&mut targets);
        targets.found
    });
    // Patterns in patterns may be met twice.
    targets.sort_unstable_by_key(|target| target.at);
    targets.dedup_by_key(|target| target.at);
    targets
}

/// A name that is assigned to.
pub(crate) struct Target {
    /// Where it begins and ends, in bytes of the source.
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
    /// `{c}` or `{c = 1}` in a pattern.
    pub(crate) shorthand: bool,
}

struct Targets<'a, W> {
    chunk: &'a Chunk,
    wanted: &'a W,
    free: FreeNames,
    found: Vec<Target>,
}

impl<W: Fn(&str) -> bool> Targets<'_, W> {
    fn name(&mut self, name: &Ident, shorthand: bool) {
        if self.free.has(name) && (self.wanted)(&name.sym) {
            let (at, end) = (self.chunk.offset(name.span.lo), self.chunk.offset(name.span.hi));
            self.found.push(Target { at, end, name: name.sym.to_string(), shorthand });
        }
    }

    fn expression(&mut self, target: &Expr) {
        match target {
            Expr::Ident(name) => self.name(name, false),
            Expr::Paren(paren) => self.expression(&paren.expr),
            Expr::TsAs(cast) => self.expression(&cast.expr),
            Expr::TsSatisfies(cast) => self.expression(&cast.expr),
            Expr::TsNonNull(assertion) => self.expression(&assertion.expr),
            Expr::TsTypeAssertion(cast) => self.expression(&cast.expr),
            Expr::TsConstAssertion(cast) => self.expression(&cast.expr),
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Ident(name) => self.name(&name.id, false),
            Pat::Expr(target) => self.expression(target),
            Pat::Array(array) => array.elems.iter().flatten().for_each(|element| self.pattern(element)),
            Pat::Rest(rest) => self.pattern(&rest.arg),
            Pat::Assign(assign) => self.pattern(&assign.left),
            Pat::Object(object) => self.object(object),
            Pat::Invalid(_) => {}
        }
    }

    fn object(&mut self, object: &ObjectPat) {
        for property in &object.props {
            match property {
                ObjectPatProp::KeyValue(pair) => self.pattern(&pair.value),
                ObjectPatProp::Assign(assign) => self.name(&assign.key.id, true),
                ObjectPatProp::Rest(rest) => self.pattern(&rest.arg),
            }
        }
    }
}

impl<W: Fn(&str) -> bool> Visit for Targets<'_, W> {
    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        match &assignment.left {
            AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => self.name(&name.id, false),
            AssignTarget::Simple(SimpleAssignTarget::Paren(paren)) => self.expression(&paren.expr),
            AssignTarget::Simple(SimpleAssignTarget::TsAs(cast)) => self.expression(&cast.expr),
            AssignTarget::Simple(SimpleAssignTarget::TsSatisfies(cast)) => self.expression(&cast.expr),
            AssignTarget::Simple(SimpleAssignTarget::TsNonNull(assertion)) => self.expression(&assertion.expr),
            AssignTarget::Simple(SimpleAssignTarget::TsTypeAssertion(cast)) => self.expression(&cast.expr),
            AssignTarget::Pat(AssignTargetPat::Array(array)) => {
                array.elems.iter().flatten().for_each(|element| self.pattern(element));
            }
            AssignTarget::Pat(AssignTargetPat::Object(object)) => self.object(object),
            AssignTarget::Simple(_) | AssignTarget::Pat(_) => {}
        }
        assignment.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        self.expression(&update.arg);
        update.visit_children_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        if let ForHead::Pat(pattern) = head {
            self.pattern(pattern);
        }
        head.visit_children_with(self);
    }
}
