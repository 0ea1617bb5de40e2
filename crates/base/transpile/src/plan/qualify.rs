//! Values of an enum's members that name members of its other parts.

use std::collections::{BTreeSet, HashSet};

use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::decide::bindings::each_name;
use crate::decide::exports::member_name;

/// Writes `E.A` for `A` in the values of an enum's members, where another part has a member of this name.
pub(crate) fn qualify(declaration: &mut TsEnumDecl, members: &BTreeSet<String>) {
    let own: HashSet<String> = declaration.members.iter().filter_map(member_name).collect();
    let mut qualify = Qualify { owner: declaration.id.clone(), members, own, bound: HashSet::new() };
    if qualify.own.len() == members.len() {
        return;
    }
    for value in declaration.members.iter_mut().filter_map(|member| member.init.as_mut()) {
        let mut bound = Bound::default();
        value.visit_with(&mut bound);
        qualify.bound = bound.0;
        value.visit_mut_with(&mut qualify);
    }
}

/// The names that functions bind in a value of a member.
#[derive(Default)]
struct Bound(HashSet<Atom>);

impl Visit for Bound {
    fn visit_pat(&mut self, pattern: &Pat) {
        each_name(pattern, &mut |name| {
            self.0.insert(name.sym.clone());
        });
        pattern.visit_children_with(self);
    }
}

struct Qualify<'a> {
    owner: Ident,
    members: &'a BTreeSet<String>,
    own: HashSet<String>,
    bound: HashSet<Atom>,
}

impl Qualify<'_> {
    fn member(&self, name: &Ident) -> Option<Expr> {
        if !self.members.contains(&*name.sym) || self.own.contains(&*name.sym) || self.bound.contains(&name.sym) {
            return None;
        }
        let obj = Box::new(Expr::Ident(Ident { span: name.span, ..self.owner.clone() }));
        Some(Expr::Member(MemberExpr { span: name.span, obj, prop: MemberProp::Ident(name.clone().into()) }))
    }
}

impl VisitMut for Qualify<'_> {
    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Ident(name) => {
                if let Some(member) = self.member(name) {
                    *expression = member;
                }
            }
            expression => expression.visit_mut_children_with(self),
        }
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        if let Prop::Shorthand(name) = property
            && let Some(value) = self.member(name)
        {
            *property = Prop::KeyValue(KeyValueProp { key: PropName::Ident(name.clone().into()), value: Box::new(value) });
            return;
        }
        property.visit_mut_children_with(self);
    }
}
