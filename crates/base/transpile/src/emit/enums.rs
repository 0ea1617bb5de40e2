//! Enum members whose values are known at run time only: constants of earlier chunks, calls.
//!
//! The transform treats such a value as a number, and stops counting after it. TypeScript, which sees all declarations,
//! gives a string no reverse mapping and counts on from a number. So the emitted code decides both when the enum is
//! made.

use swc_core::atoms::Wtf8Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Completes the members of all enums that the transform has written.
pub(crate) fn complete(program: &mut Program) {
    program.visit_mut_with(&mut Members);
}

struct Members;

impl VisitMut for Members {
    /// A variable that a namespace exports is a member of it.
    fn visit_mut_assign_expr(&mut self, assignment: &mut AssignExpr) {
        assignment.visit_mut_children_with(self);
        if let AssignTarget::Simple(SimpleAssignTarget::Member(left)) = &mut assignment.left
            && left.span.is_dummy()
        {
            left.span = assignment.right.span().shrink_to_lo();
        }
    }

    fn visit_mut_function_body(&mut self, body: &mut FunctionBody) {
        body.visit_mut_children_with(self);
        let mut before: Option<(Ident, Wtf8Atom)> = None;
        for statement in &mut body.stmts {
            let Stmt::Expr(statement) = statement else { continue };
            let Expr::Assign(assignment) = &mut *statement.expr else { continue };
            let Some((owner, name)) = member(assignment) else { continue };
            let at = place(assignment).shrink_to_lo();
            let mut replaced = None;
            if let Some(inner) = mapped(assignment) {
                if is_void(&inner.right)
                    && let Some((_, previous)) = before.as_ref().filter(|(before, _)| before.sym == owner.sym)
                {
                    *inner.right = next(&owner, previous);
                }
                if !matches!(&*inner.right, Expr::Lit(Lit::Num(_))) {
                    replaced = Some(unless_string(&owner, &name, inner.take()));
                }
            }
            // Where a name that is called is not defined, V8 says that the error is at the beginning of the statement.
            match (replaced, &mut assignment.left) {
                (Some(Expr::Bin(replaced)), _) => *statement.expr = Expr::Bin(BinExpr { span: at, ..replaced }),
                (_, AssignTarget::Simple(SimpleAssignTarget::Member(left))) => left.span = at,
                _ => {}
            }
            before = Some((owner, name));
        }
    }
}

/// `typeof E["A"] == "number" && E[E["A"]] == "A" && delete E[E["A"]]`, for a statement that gives the member a value:
/// an older value leads to it no more.
pub(crate) fn forget_value(statement: &mut Stmt) -> Option<Stmt> {
    let Stmt::Expr(ExprStmt { expr, .. }) = statement else { return None };
    let Expr::Assign(assignment) = &mut **expr else { return None };
    let (owner, name) = member(assignment)?;
    let value = || Expr::Member(property(&owner, &name));
    let reverse = || Expr::Member(reverse(&owner, &name));
    let is_number = binary(BinaryOp::EqEq, type_of(value()), string("number"));
    let leads_back = binary(BinaryOp::EqEq, reverse(), literal(&name));
    let is_mapped = binary(BinaryOp::LogicalAnd, is_number, Box::new(leads_back));
    let delete = Expr::Unary(UnaryExpr { span: DUMMY_SP, op: UnaryOp::Delete, arg: Box::new(reverse()) });
    let expr = Box::new(binary(BinaryOp::LogicalAnd, is_mapped, Box::new(delete)));
    Some(Stmt::Expr(ExprStmt { span: DUMMY_SP, expr }))
}

/// The enum and the name of a member, of `E["A"] = value` or `E[E["A"] = value] = "A"` as the transform writes them.
fn member(assignment: &mut AssignExpr) -> Option<(Ident, Wtf8Atom)> {
    if let Some(inner) = mapped(assignment) {
        return target(inner);
    }
    target(assignment)
}

fn target(assignment: &AssignExpr) -> Option<(Ident, Wtf8Atom)> {
    // Only what the transform made has no place in the source.
    if !assignment.span.is_dummy() {
        return None;
    }
    let AssignTarget::Simple(SimpleAssignTarget::Member(MemberExpr { obj, prop: MemberProp::Computed(key), .. })) =
        &assignment.left
    else {
        return None;
    };
    let (Expr::Ident(owner), Expr::Lit(Lit::Str(name))) = (&**obj, &*key.expr) else { return None };
    Some((owner.clone(), name.value.clone()))
}

/// The inner assignment of one with a reverse mapping.
fn mapped(assignment: &mut AssignExpr) -> Option<&mut AssignExpr> {
    if !assignment.span().is_dummy() || !assignment.right.is_lit() {
        return None;
    }
    let AssignTarget::Simple(SimpleAssignTarget::Member(MemberExpr { prop: MemberProp::Computed(key), .. })) =
        &mut assignment.left
    else {
        return None;
    };
    let Expr::Assign(inner) = &mut *key.expr else { return None };
    target(inner).is_some().then_some(inner)
}

/// Where the value of a member was written.
fn place(assignment: &mut AssignExpr) -> Span {
    let inner = mapped(assignment).map(|inner| inner.right.span());
    inner.unwrap_or_else(|| assignment.right.span())
}

fn is_void(value: &Expr) -> bool {
    matches!(value, Expr::Unary(UnaryExpr { op: UnaryOp::Void, span, .. }) if span.is_dummy())
}

fn property(owner: &Ident, name: &Wtf8Atom) -> MemberExpr {
    at_key(owner, literal(name))
}

/// `E[E["A"]]`
fn reverse(owner: &Ident, name: &Wtf8Atom) -> MemberExpr {
    at_key(owner, Box::new(Expr::Member(property(owner, name))))
}

fn at_key(owner: &Ident, expr: Box<Expr>) -> MemberExpr {
    let prop = MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr });
    MemberExpr { span: DUMMY_SP, obj: Box::new(Expr::Ident(owner.clone())), prop }
}

fn literal(name: &Wtf8Atom) -> Box<Expr> {
    Box::new(Expr::Lit(Lit::Str(Str { span: DUMMY_SP, value: name.clone(), raw: None })))
}

fn string(text: &str) -> Box<Expr> {
    Box::new(Expr::Lit(Lit::Str(text.into())))
}

fn binary(op: BinaryOp, left: Expr, right: Box<Expr>) -> Expr {
    Expr::Bin(BinExpr { span: DUMMY_SP, op, left: Box::new(left), right })
}

fn type_of(value: Expr) -> Expr {
    Expr::Unary(UnaryExpr { span: DUMMY_SP, op: UnaryOp::TypeOf, arg: Box::new(value) })
}

/// `typeof E["A"] == "number" ? E["A"] + 1 : void 0`
fn next(owner: &Ident, previous: &Wtf8Atom) -> Expr {
    let value = || Expr::Member(property(owner, previous));
    let test = Box::new(binary(BinaryOp::EqEq, type_of(value()), string("number")));
    let cons = Box::new(binary(BinaryOp::Add, value(), Box::new(Expr::Lit(Lit::Num(1.0.into())))));
    Expr::Cond(CondExpr { span: DUMMY_SP, test, cons, alt: Expr::undefined(DUMMY_SP) })
}

/// `typeof (E["A"] = value) == "string" || (E[E["A"]] = "A")`
fn unless_string(owner: &Ident, name: &Wtf8Atom, assignment: AssignExpr) -> Expr {
    let reverse = AssignExpr {
        span: DUMMY_SP,
        op: AssignOp::Assign,
        left: AssignTarget::Simple(SimpleAssignTarget::Member(reverse(owner, name))),
        right: literal(name),
    };
    let is_string = binary(BinaryOp::EqEq, type_of(Expr::Assign(assignment)), string("string"));
    binary(BinaryOp::LogicalOr, is_string, Box::new(Expr::Assign(reverse)))
}
