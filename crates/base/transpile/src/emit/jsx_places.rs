//! Places of statements, values and parentheses that begin by evaluating an element of JSX. V8 blames them for what
//! their first step does: there it is the call that the element becomes, whose function may be missing.

use std::collections::{HashMap, HashSet};

use swc_core::atoms::Atom;
use swc_core::common::{BytePos, Spanned as _};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// Where statements, values and parentheses begin, each with the beginning of the element that it evaluates first.
#[derive(Default)]
pub(crate) struct Blamed {
    elements: HashMap<BytePos, BytePos>,
    declared: Declared,
}

impl Blamed {
    /// Those of a program that still has its elements.
    pub(crate) fn find(program: &Program) -> Self {
        let mut blamed = Self::default();
        program.visit_with(&mut blamed.declared);
        program.visit_with(&mut blamed);
        blamed
    }

    /// The element that stands for `position`.
    pub(crate) fn instead(&self, position: BytePos) -> Option<BytePos> {
        self.elements.get(&position).copied()
    }

    fn note(&mut self, begin: BytePos, expression: &Expr) {
        self.elements.extend(self.declared.first(expression, begin).map(|element| (begin, element)));
    }
}

/// The names that a program declares or assigns to. V8 may read such a variable without a step of its own.
#[derive(Default)]
struct Declared(HashSet<Atom>);

impl Visit for Declared {
    fn visit_binding_ident(&mut self, name: &BindingIdent) {
        self.0.insert(name.sym.clone());
    }

    fn visit_assign_pat_prop(&mut self, property: &AssignPatProp) {
        self.0.insert(property.key.sym.clone());
        property.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, declaration: &FnDecl) {
        self.0.insert(declaration.ident.sym.clone());
        declaration.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, declaration: &ClassDecl) {
        self.0.insert(declaration.ident.sym.clone());
        declaration.visit_children_with(self);
    }
}

impl Visit for Blamed {
    fn visit_expr_stmt(&mut self, statement: &ExprStmt) {
        self.note(statement.span.lo, &statement.expr);
        statement.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declaration: &VarDeclarator) {
        if let Some(value) = &declaration.init {
            self.note(value.span_lo(), value);
        }
        declaration.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        if let ArrowFunctionBody::Expr(value) = &*arrow.body {
            self.note(value.span_lo(), value);
        }
        arrow.visit_children_with(self);
    }

    fn visit_paren_expr(&mut self, inner: &ParenExpr) {
        self.note(inner.span.lo, &inner.expr);
        inner.visit_children_with(self);
    }

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

impl Declared {
    /// The element that an expression evaluates first, of what begins at `begin`. **V8 has the beginning of a call for
    /// the call itself, too: that leads nowhere else.**
    fn first(&self, expression: &Expr, begin: BytePos) -> Option<BytePos> {
        let first = |inner: &Expr| self.first(inner, begin);
        match expression {
            Expr::JSXElement(_) | Expr::JSXFragment(_) => Some(expression.span_lo()),
            Expr::Paren(inner) => first(&inner.expr),
            Expr::Seq(list) => first(list.exprs.first()?),
            Expr::Bin(operation) => self.first_of([&*operation.left, &*operation.right], begin),
            Expr::Cond(choice) => first(&choice.test),
            Expr::Assign(assignment) if assignment.op == AssignOp::Assign && self.is_simple(&assignment.left) => {
                first(&assignment.right)
            }
            Expr::Call(call) if call.span.lo != begin || is_await(call) => {
                self.first_of_call(call.callee.as_expr()?, &call.args, begin)
            }
            Expr::New(call) if call.span.lo != begin => self.first_of_call(&call.callee, call.args.as_deref()?, begin),
            Expr::Member(member) => first(&member.obj),
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

    /// The element that the first step of these expressions, one after the other, evaluates.
    fn first_of<'e>(&self, expressions: impl IntoIterator<Item = &'e Expr>, begin: BytePos) -> Option<BytePos> {
        self.first(expressions.into_iter().find(|expression| !self.is_silent(expression))?, begin)
    }

    fn first_of_call(&self, callee: &Expr, args: &[ExprOrSpread], begin: BytePos) -> Option<BytePos> {
        let args = args.iter().take_while(|arg| arg.spread.is_none()).map(|arg| &*arg.expr);
        self.first_of(std::iter::once(callee).chain(args), begin)
    }

    /// Whether reading it may be no step.
    fn is_silent(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Ident(name) => self.0.contains(&name.sym) || name.sym == *AWAIT,
            Expr::This(_) => true,
            Expr::Paren(inner) => self.is_silent(&inner.expr),
            _ => false,
        }
    }

    /// Whether nothing is evaluated of the target of an assignment before its value.
    fn is_simple(&self, target: &AssignTarget) -> bool {
        match target {
            AssignTarget::Simple(SimpleAssignTarget::Ident(_)) => true,
            AssignTarget::Simple(SimpleAssignTarget::Member(member)) => self.is_silent(&member.obj) && !member.prop.is_computed(),
            AssignTarget::Pat(_) => true,
            AssignTarget::Simple(_) => false,
        }
    }
}

/// What the parser may take for a function.
const AWAIT: &str = "await";

/// Whether the parser took `await (` for a call.
fn is_await(call: &CallExpr) -> bool {
    call.callee.as_expr().and_then(|callee| callee.as_ident()).is_some_and(|name| name.sym == *AWAIT)
}
