//! The names that a CommonJS module exports, as far as its text tells. It finds the patterns of compilers and of
//! people, at any place in the text.
//!
//! Nothing is evaluated and no scope is examined. A name too many does no harm (its value is `undefined`). A missed
//! name can still be read from the default export.

use std::collections::{HashMap, HashSet};

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// The names a program exports, and what it exports all names of.
pub(super) fn exports(program: &Program) -> (Vec<String>, Vec<String>) {
    let mut finder = Finder::default();
    program.visit_with(&mut finder);
    (finder.names.list, finder.reexports.list)
}

#[derive(Default)]
struct Unique {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Unique {
    fn add(&mut self, name: &str) {
        if self.seen.insert(name.to_owned()) {
            self.list.push(name.to_owned());
        }
    }
}

#[derive(Default)]
struct Finder {
    names: Unique,
    reexports: Unique,
    /// What variables hold that are initialised by a `require`.
    required: HashMap<Atom, String>,
}

impl Visit for Finder {
    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let (Pat::Ident(name), Some(init)) = (&declarator.name, &declarator.init)
            && let Some(specifier) = required(init)
        {
            self.required.insert(name.id.sym.clone(), specifier);
        }
        declarator.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
        if assignment.op == AssignOp::Assign
            && let AssignTarget::Simple(SimpleAssignTarget::Member(target)) = &assignment.left
        {
            if is_module_exports(target) {
                self.whole(&assignment.right);
            } else if is_exports(&target.obj)
                && let Some(name) = member_name(&target.prop)
            {
                self.names.add(&name);
            }
        }
        assignment.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee {
            match callee_name(callee) {
                // What TypeScript compiles `export *` to.
                Some("__exportStar" | "__export") => {
                    if let Some(specifier) = call.args.first().and_then(|argument| self.source(&argument.expr)) {
                        self.reexports.add(&specifier);
                    }
                }
                Some("defineProperty") if is_object_method(callee) => self.defined(&call.args),
                // What Babel compiles it to: `Object.keys(_a).forEach(function (key) { exports[key] = …; })`.
                Some("forEach") => self.each_key(callee, &call.args),
                _ => {}
            }
        }
        call.visit_children_with(self);
    }
}

impl Finder {
    /// `module.exports = value`.
    fn whole(&mut self, value: &Expr) {
        match value.unwrap_parens() {
            Expr::Object(object) => {
                for property in &object.props {
                    match property {
                        PropOrSpread::Prop(property) => {
                            if let Some(name) = property_name(property) {
                                self.names.add(&name);
                            }
                        }
                        PropOrSpread::Spread(spread) => {
                            if let Some(specifier) = self.source(&spread.expr) {
                                self.reexports.add(&specifier);
                            }
                        }
                    }
                }
            }
            Expr::Assign(inner) => self.whole(&inner.right),
            // A whole module stands for this one; only the last such assignment can hold.
            value => {
                if let Some(specifier) = self.source(value) {
                    self.reexports.list.clear();
                    self.reexports.seen.clear();
                    self.reexports.add(&specifier);
                }
            }
        }
    }

    fn defined(&mut self, arguments: &[ExprOrSpread]) {
        let [target, name, ..] = arguments else { return };
        if is_exports(&target.expr)
            && let Expr::Lit(Lit::Str(name)) = &*name.expr
            && let Some(name) = name.value.as_str()
        {
            self.names.add(name);
        }
    }

    fn each_key(&mut self, callee: &Expr, arguments: &[ExprOrSpread]) {
        let Some(MemberExpr { obj, .. }) = callee.as_member() else { return };
        let Expr::Call(CallExpr { callee: Callee::Expr(keys), args: of, .. }) = &**obj else { return };
        let ([of], [body]) = (of.as_slice(), arguments) else { return };
        if callee_name(keys) != Some("keys") || !is_object_method(keys) {
            return;
        }
        if let Some(specifier) = self.source(&of.expr)
            && copies_keys(&body.expr)
        {
            self.reexports.add(&specifier);
        }
    }

    /// The module that an expression is, required on the spot or before.
    fn source(&self, expression: &Expr) -> Option<String> {
        match expression.unwrap_parens() {
            Expr::Ident(name) => self.required.get(&name.sym).cloned(),
            expression => required(expression),
        }
    }
}

/// The module of `require("a")`, or of that through a helper such as `_interopRequireWildcard`.
fn required(expression: &Expr) -> Option<String> {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), args, .. }) = expression.unwrap_parens() else { return None };
    let argument = args.first()?;
    match (callee_name(callee)?, &*argument.expr) {
        ("require", Expr::Lit(Lit::Str(specifier))) if callee.is_ident() => specifier.value.as_str().map(str::to_owned),
        ("_interopRequireWildcard" | "__importStar" | "__toESM", inner) => required(inner),
        _ => None,
    }
}

/// The name of a function as it is called: `a`, or `x.a`.
fn callee_name(callee: &Expr) -> Option<&str> {
    match callee.unwrap_parens() {
        Expr::Ident(name) => Some(&name.sym),
        Expr::Member(MemberExpr { prop: MemberProp::Ident(name), .. }) => Some(&name.sym),
        // `(0, tslib.__exportStar)(…)`
        Expr::Seq(sequence) => callee_name(sequence.exprs.last()?),
        _ => None,
    }
}

fn is_object_method(callee: &Expr) -> bool {
    matches!(callee, Expr::Member(MemberExpr { obj, .. }) if obj.as_ident().is_some_and(|name| name.sym == "Object"))
}

fn is_exports(expression: &Expr) -> bool {
    match expression.unwrap_parens() {
        Expr::Ident(name) => name.sym == "exports",
        Expr::Member(member) => is_module_exports(member),
        _ => false,
    }
}

fn is_module_exports(member: &MemberExpr) -> bool {
    member.obj.as_ident().is_some_and(|name| name.sym == "module") && member_name(&member.prop).as_deref() == Some("exports")
}

fn member_name(property: &MemberProp) -> Option<String> {
    match property {
        MemberProp::Ident(name) => Some(name.sym.to_string()),
        MemberProp::Computed(ComputedPropName { expr, .. }) => match &**expr {
            Expr::Lit(Lit::Str(name)) => name.value.as_str().map(str::to_owned),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

fn property_name(property: &Prop) -> Option<String> {
    let key = match property {
        Prop::Shorthand(name) => return Some(name.sym.to_string()),
        Prop::KeyValue(KeyValueProp { key, .. })
        | Prop::Getter(GetterProp { key, .. })
        | Prop::Method(MethodProp { key, .. }) => key,
        Prop::Assign(_) | Prop::Setter(_) => return None,
    };
    match key {
        PropName::Ident(name) => Some(name.sym.to_string()),
        PropName::Str(name) => name.value.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Whether a function writes `exports[key]`, or defines it.
fn copies_keys(function: &Expr) -> bool {
    struct Copies(bool);
    impl Visit for Copies {
        fn visit_assign_expr(&mut self, assignment: &AssignExpr) {
            if let AssignTarget::Simple(SimpleAssignTarget::Member(target)) = &assignment.left {
                self.0 |= is_exports(&target.obj) && target.prop.is_computed();
            }
            assignment.visit_children_with(self);
        }
        fn visit_call_expr(&mut self, call: &CallExpr) {
            if let Callee::Expr(callee) = &call.callee {
                let defines = callee_name(callee) == Some("defineProperty") && is_object_method(callee);
                self.0 |= defines && call.args.first().is_some_and(|target| is_exports(&target.expr));
            }
            call.visit_children_with(self);
        }
    }
    let mut copies = Copies(false);
    function.visit_with(&mut copies);
    copies.0
}
