//! Names of anonymous classes that transforms move: JavaScript names a class after the variable, property or parameter
//! whose value it is, but only where it is the whole value.
//!
//! [`note`] runs before the names of the program are resolved. It writes the value as `{ [key]: class {} }[key]`, which
//! the transforms of decorators leave around whatever they make of the class. [`settle`] then puts the same around the
//! class alone.

use std::collections::{HashMap, HashSet};

use swc_core::common::{DUMMY_SP, Span, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Classes by their places.
#[derive(Debug, Default)]
pub(crate) struct Noted(HashSet<Span>);

/// Notes the names of the anonymous classes that are `moved`. `all`: those that have none get the empty name.
pub(crate) fn note(program: &mut Program, all: bool, moved: fn(&Class) -> bool) -> Noted {
    let mut notes = Notes { all, moved, noted: Noted::default() };
    program.visit_mut_with(&mut notes);
    notes.noted
}

/// Gives the classes their names. A class that [`note`] has noted loses the name that a transform gave it.
pub(crate) fn settle(program: &mut Program, noted: Noted) {
    if !noted.0.is_empty() {
        program.visit_mut_with(&mut Settle { noted: noted.0, keys: HashMap::new() });
    }
}

/// `{ [key]: class {} }[key]`: the class, named by a key.
pub(crate) fn named(key: Expr, class: Expr, span: Span) -> Expr {
    let property =
        KeyValueProp { key: PropName::Computed(ComputedPropName { span, expr: Box::new(key.clone()) }), value: Box::new(class) };
    let props = vec![PropOrSpread::Prop(Box::new(Prop::KeyValue(property)))];
    let obj = Box::new(ParenExpr { span: DUMMY_SP, expr: Box::new(ObjectLit { span: DUMMY_SP, props }.into()) }.into());
    let prop = MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: Box::new(key) });
    MemberExpr { span: DUMMY_SP, obj, prop }.into()
}

/// Finds the values that a name is given to.
pub(crate) trait Named {
    /// A value, and the key that JavaScript would name an anonymous class after.
    fn value(&mut self, value: &mut Expr, key: Expr);
}

/// Visits the value of a declaration, if it has a name.
pub(crate) fn of_declarator(declarator: &mut VarDeclarator, visitor: &mut impl Named) {
    if let (Pat::Ident(name), Some(init)) = (&declarator.name, &mut declarator.init) {
        visitor.value(init, text(&name.id.sym));
    }
}

/// Visits the value of an assignment to a variable.
pub(crate) fn of_assignment(assignment: &mut AssignExpr, visitor: &mut impl Named) {
    let names = matches!(assignment.op, AssignOp::Assign | AssignOp::AndAssign | AssignOp::OrAssign | AssignOp::NullishAssign);
    if let (true, AssignTarget::Simple(SimpleAssignTarget::Ident(name))) = (names, &assignment.left) {
        visitor.value(&mut assignment.right, text(&name.id.sym));
    }
}

/// Visits the default of a name in a pattern, or of a parameter.
pub(crate) fn of_default(pattern: &mut AssignPat, visitor: &mut impl Named) {
    if let Pat::Ident(name) = &*pattern.left {
        visitor.value(&mut pattern.right, text(&name.id.sym));
    }
}

/// Visits the default of a property in a pattern.
pub(crate) fn of_shorthand(property: &mut AssignPatProp, visitor: &mut impl Named) {
    if let Some(value) = &mut property.value {
        visitor.value(value, text(&property.key.id.sym));
    }
}

/// Visits the value of an object's property or of a field.
pub(crate) fn of_key(key: &PropName, value: &mut Expr, visitor: &mut impl Named) {
    let key = match key {
        PropName::Ident(name) => text(&name.sym),
        PropName::Str(name) => Expr::Lit(Lit::Str(name.clone())),
        PropName::Num(number) => Expr::Lit(Lit::Num(number.clone())),
        PropName::BigInt(number) => Expr::Lit(Lit::BigInt(number.clone())),
        PropName::Computed(name) if is_repeatable(&name.expr) => (*name.expr).clone(),
        PropName::Computed(_) => return,
    };
    visitor.value(value, key);
}

/// Visits the value of a private field.
pub(crate) fn of_private(name: &PrivateName, value: &mut Expr, visitor: &mut impl Named) {
    visitor.value(value, text(&format!("#{}", name.name)));
}

pub(crate) fn text(text: &str) -> Expr {
    Expr::Lit(Lit::Str(text.into()))
}

/// The anonymous class that an expression is. JavaScript looks through parentheses, and types are no part of it.
pub(crate) fn anonymous(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Class(class) if class.ident.is_none() => Some(expr),
        Expr::Paren(inner) => anonymous(&mut inner.expr),
        Expr::TsAs(inner) => anonymous(&mut inner.expr),
        Expr::TsNonNull(inner) => anonymous(&mut inner.expr),
        Expr::TsSatisfies(inner) => anonymous(&mut inner.expr),
        Expr::TsConstAssertion(inner) => anonymous(&mut inner.expr),
        Expr::TsTypeAssertion(inner) => anonymous(&mut inner.expr),
        _ => None,
    }
}

/// Whether an expression may be evaluated again: it reads names and members, and calls nothing.
fn is_repeatable(key: &Expr) -> bool {
    match key {
        Expr::Lit(_) | Expr::Ident(_) | Expr::This(_) => true,
        Expr::Member(member) => {
            let is_plain = match &member.prop {
                MemberProp::Computed(name) => is_repeatable(&name.expr),
                MemberProp::Ident(_) | MemberProp::PrivateName(_) => true,
            };
            is_plain && is_repeatable(&member.obj)
        }
        Expr::Tpl(template) => template.exprs.iter().all(|part| is_repeatable(part)),
        Expr::Bin(binary) => is_repeatable(&binary.left) && is_repeatable(&binary.right),
        Expr::Paren(inner) => is_repeatable(&inner.expr),
        _ => false,
    }
}

struct Notes {
    all: bool,
    moved: fn(&Class) -> bool,
    noted: Noted,
}

impl Notes {
    fn is_moved(&self, expr: &Expr) -> bool {
        expr.as_class().is_some_and(|class| class.ident.is_none() && !class.class.span.is_dummy() && (self.moved)(&class.class))
    }
}

impl Named for Notes {
    fn value(&mut self, value: &mut Expr, key: Expr) {
        let Some(class) = anonymous(value) else { return };
        if let Expr::Class(found) = &*class
            && !self.noted.0.contains(&found.class.span)
            && self.is_moved(class)
        {
            let span = found.class.span;
            self.noted.0.insert(span);
            *class = named(key, class.take(), span);
        }
    }
}

impl VisitMut for Notes {
    fn visit_mut_var_declarator(&mut self, declarator: &mut VarDeclarator) {
        of_declarator(declarator, self);
        declarator.visit_mut_children_with(self);
    }

    fn visit_mut_assign_expr(&mut self, assignment: &mut AssignExpr) {
        of_assignment(assignment, self);
        assignment.visit_mut_children_with(self);
    }

    fn visit_mut_assign_pat(&mut self, pattern: &mut AssignPat) {
        of_default(pattern, self);
        pattern.visit_mut_children_with(self);
    }

    fn visit_mut_assign_pat_prop(&mut self, property: &mut AssignPatProp) {
        of_shorthand(property, self);
        property.visit_mut_children_with(self);
    }

    fn visit_mut_key_value_prop(&mut self, property: &mut KeyValueProp) {
        of_key(&property.key, &mut property.value, self);
        property.visit_mut_children_with(self);
    }

    fn visit_mut_class_prop(&mut self, field: &mut ClassProp) {
        if let Some(value) = &mut field.value {
            of_key(&field.key, value, self);
        }
        field.visit_mut_children_with(self);
    }

    fn visit_mut_private_prop(&mut self, field: &mut PrivateProp) {
        if let Some(value) = &mut field.value {
            of_private(&field.key, value, self);
        }
        field.visit_mut_children_with(self);
    }

    fn visit_mut_auto_accessor(&mut self, field: &mut AutoAccessor) {
        match (&field.key, &mut field.value) {
            (Key::Public(key), Some(value)) => of_key(key, value, self),
            (Key::Private(key), Some(value)) => of_private(key, value, self),
            (_, None) => {}
        }
        field.visit_mut_children_with(self);
    }

    fn visit_mut_export_default_expr(&mut self, export: &mut ExportDefaultExpr) {
        self.value(&mut export.expr, text("default"));
        export.visit_mut_children_with(self);
    }

    /// An anonymous class that is exported becomes an expression.
    fn visit_mut_module_decl(&mut self, declaration: &mut ModuleDecl) {
        if let ModuleDecl::ExportDefaultDecl(export) = declaration
            && let DefaultDecl::Class(class) = &mut export.decl
            && class.ident.is_none()
            && (self.moved)(&class.class)
        {
            let expr = Box::new(Expr::Class(class.take()));
            *declaration = ExportDefaultExpr { span: export.span, expr }.into();
        }
        declaration.visit_mut_children_with(self);
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if self.all {
            self.value(expr, text(""));
        }
        expr.visit_mut_children_with(self);
    }
}

struct Settle {
    noted: HashSet<Span>,
    keys: HashMap<Span, Expr>,
}

impl Settle {
    /// The key of what [`note`] put around a value, and the value.
    fn take_noted(&self, expr: &mut Expr) -> Option<(Span, Expr, Expr)> {
        let object = expr.as_mut_member()?.obj.as_mut_paren()?.expr.as_mut_object()?;
        let [PropOrSpread::Prop(property)] = &mut *object.props else { return None };
        let KeyValueProp { key: PropName::Computed(key), value } = property.as_mut_key_value()? else { return None };
        self.noted.contains(&key.span).then(|| (key.span, *key.expr.take(), *value.take()))
    }
}

impl VisitMut for Settle {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Some((span, key, value)) = self.take_noted(expr) {
            self.keys.insert(span, key);
            *expr = value;
        }
        expr.visit_mut_children_with(self);
        if let Expr::Class(class) = expr
            && let Some(key) = self.keys.remove(&class.class.span)
        {
            let span = class.class.span;
            class.ident = None;
            *expr = named(key, expr.take(), span);
        }
    }
}
