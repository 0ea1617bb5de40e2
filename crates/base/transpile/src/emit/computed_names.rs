//! The computed names of class fields that become assignments: each is evaluated once, where the class is defined, in
//! the order in which it is written.

use swc_core::common::{DUMMY_SP, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// The computed names of one class, in source order.
#[derive(Default)]
pub(crate) struct ComputedNames {
    /// The variables that hold names until an instance is made.
    variables: Vec<Ident>,
    /// The names that no member has evaluated so far.
    pending: Vec<Expr>,
}

impl ComputedNames {
    /// The property that a field is assigned to, with its value. A field without a value leaves only its name.
    pub(crate) fn target(&mut self, key: PropName, value: Option<Box<Expr>>) -> Option<(MemberProp, Box<Expr>)> {
        match (key, value) {
            (PropName::Computed(mut name), value) if !is_constant(&name.expr) => {
                let Some(value) = value else {
                    self.pending.push(*name.expr);
                    return None;
                };
                let variable = Ident::new_private("name".into(), DUMMY_SP);
                let evaluated = AssignExpr {
                    span: DUMMY_SP,
                    op: AssignOp::Assign,
                    left: AssignTarget::Simple(SimpleAssignTarget::Ident(variable.clone().into())),
                    right: name.expr.take(),
                };
                self.pending.push(evaluated.into());
                *name.expr = variable.clone().into();
                self.variables.push(variable);
                Some((MemberProp::Computed(name), value))
            }
            (key, value) => Some((member_of(key), value?)),
        }
    }

    /// Has a member that stays in the class evaluate the names before its own.
    pub(crate) fn put(&mut self, mut member: ClassMember) -> ClassMember {
        let key = match &mut member {
            ClassMember::Method(method) => Some(&mut method.key),
            ClassMember::ClassProp(field) if !field.declare && !field.is_abstract => Some(&mut field.key),
            ClassMember::AutoAccessor(AutoAccessor { key: Key::Public(key), .. }) => Some(key),
            _ => None,
        };
        if let Some(PropName::Computed(name)) = key
            && !self.pending.is_empty()
        {
            let mut exprs = self.pending.take();
            exprs.push(*name.expr.take());
            *name.expr = sequence(exprs);
        }
        member
    }

    /// Has the class evaluate the remaining names before its static fields, and returns the variables to declare.
    pub(crate) fn finish(self, class: &mut Class) -> Vec<Ident> {
        if self.pending.is_empty() {
            return self.variables;
        }
        let expr = Box::new(sequence(self.pending));
        let stmts = vec![ExprStmt { span: DUMMY_SP, expr }.into()];
        let body = BlockStmt { stmts, ..BlockStmt::default() };
        class.body.insert(0, StaticBlock { span: DUMMY_SP, body }.into());
        self.variables
    }
}

/// Whether a field of this name can become an assignment. In a static block, `this`, `arguments` and `await` have
/// another meaning.
pub(crate) fn can_move(key: &PropName) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_this_expr(&mut self, _: &ThisExpr) {
            self.0 = true;
        }
        fn visit_super(&mut self, _: &Super) {
            self.0 = true;
        }
        fn visit_meta_prop_expr(&mut self, meta: &MetaPropExpr) {
            self.0 |= meta.kind == MetaPropKind::NewTarget;
        }
        fn visit_await_expr(&mut self, _: &AwaitExpr) {
            self.0 = true;
        }
        fn visit_yield_expr(&mut self, _: &YieldExpr) {
            self.0 = true;
        }
        fn visit_ident(&mut self, name: &Ident) {
            self.0 |= name.sym == "arguments";
        }
        fn visit_function(&mut self, _: &Function) {}
    }
    let PropName::Computed(name) = key else { return true };
    let mut finder = Finder(false);
    name.visit_with(&mut finder);
    !finder.0
}

/// The only expression, or all with commas between them.
fn sequence(mut all: Vec<Expr>) -> Expr {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            let exprs = all.into_iter().chain(last).map(Box::new).collect();
            SeqExpr { span: DUMMY_SP, exprs }.into()
        }
    }
}

/// Whether a name is the same wherever it is evaluated.
fn is_constant(name: &Expr) -> bool {
    match name {
        Expr::Lit(_) => true,
        Expr::Tpl(template) => template.exprs.is_empty(),
        _ => false,
    }
}

fn member_of(key: PropName) -> MemberProp {
    match key {
        PropName::Ident(name) => MemberProp::Ident(name),
        PropName::Str(text) => computed(Expr::Lit(Lit::Str(text))),
        PropName::Num(number) => computed(Expr::Lit(Lit::Num(number))),
        PropName::BigInt(number) => computed(Expr::Lit(Lit::BigInt(number))),
        PropName::Computed(name) => MemberProp::Computed(name),
    }
}

fn computed(expr: Expr) -> MemberProp {
    MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: Box::new(expr) })
}
