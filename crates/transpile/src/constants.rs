//! Constants that are none to V8: what assigns to one throws, as it would if it were.
//!
//! `const` is emitted as `let`, for V8 lets nothing take the place of a real one. So an assignment whose target is a constant of the
//! session gets another target: a property `c` of a throw-away object whose setter throws V8's own TypeError. That holds for every form
//! of assignment alike, operands are evaluated as ever, and the name stays where it was. What `eval` assigns is not seen, nor is a
//! function of an earlier chunk that assigned to the name before it became a constant.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::edits::Edits;
use crate::free_names::{self, FreeNames};
use crate::homes::Homes;
use crate::parse::Chunk;

/// Plans new targets for the assignments to constants.
pub(crate) fn guard(chunk: &Chunk, homes: &Homes<'_>, edits: &mut Edits) {
    if !homes.has_constants() {
        return;
    }
    let mut targets = free_names::find(chunk, homes.meter, |program, free| {
        let mut targets = Targets { homes, free, found: Vec::new() };
        program.visit_with(&mut targets);
        targets.found
    });
    // Patterns in patterns may be met twice.
    targets.sort_unstable_by_key(|target| target.at);
    targets.dedup_by_key(|target| target.at);
    for Target { at, name, shorthand } in targets {
        let at = at as usize - chunk.base as usize;
        if shorthand {
            edits.insert(at, format!("{name}:"));
        }
        edits.insert(at, format!("new class{{get {name}(){{return {name}}}set {name}(_){{const $=0;$"));
        // An insertion of its own, so that the place where it throws, the `=`, leads back to the target.
        edits.insert(at, "=_}}().");
    }
}

struct Target {
    at: u32,
    name: String,
    /// `{c}` or `{c = 1}` in a pattern.
    shorthand: bool,
}

struct Targets<'a> {
    homes: &'a Homes<'a>,
    free: FreeNames,
    found: Vec<Target>,
}

impl Targets<'_> {
    fn name(&mut self, name: &Ident, shorthand: bool) {
        if self.free.has(name) && self.homes.is_constant(&name.sym) {
            self.found.push(Target { at: name.span.lo.0, name: name.sym.to_string(), shorthand });
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

impl Visit for Targets<'_> {
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
