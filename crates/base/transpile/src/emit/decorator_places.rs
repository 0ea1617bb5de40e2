//! Places for the calls that the transform of decorators makes: an error in a decorator, or in an initializer that one
//! has added, passes through such a call, and its frame names what the user wrote.

use swc_core::common::{DUMMY_SP, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Gives the calls without a place that of a decorator, of the member around them, or of the class.
pub(crate) fn place(program: &mut Program) {
    program.visit_mut_with(&mut Places { owner: DUMMY_SP });
}

struct Places {
    /// The name of the member or class around.
    owner: Span,
}

impl Places {
    fn within(&mut self, owner: Span, visit: impl FnOnce(&mut Self)) {
        let outer = self.owner;
        if !owner.is_dummy() {
            self.owner = owner;
        }
        visit(self);
        self.owner = outer;
    }
}

impl VisitMut for Places {
    fn visit_mut_class_decl(&mut self, class: &mut ClassDecl) {
        self.within(class.ident.span, |places| class.visit_mut_children_with(places));
    }

    fn visit_mut_class_expr(&mut self, class: &mut ClassExpr) {
        let name = class.ident.as_ref().map_or(DUMMY_SP, |name| name.span);
        let place = if name.is_dummy() { class.class.span } else { name };
        self.within(place, |places| class.visit_mut_children_with(places));
    }

    fn visit_mut_class_prop(&mut self, field: &mut ClassProp) {
        field.key.visit_mut_with(self);
        self.within(field.key.span(), |places| field.value.visit_mut_with(places));
    }

    fn visit_mut_private_prop(&mut self, field: &mut PrivateProp) {
        self.within(field.key.span, |places| field.value.visit_mut_with(places));
    }

    fn visit_mut_class_method(&mut self, method: &mut ClassMethod) {
        method.key.visit_mut_with(self);
        self.within(method.key.span(), |places| method.function.visit_mut_with(places));
    }

    fn visit_mut_private_method(&mut self, method: &mut PrivateMethod) {
        self.within(method.key.span, |places| method.function.visit_mut_with(places));
    }

    fn visit_mut_call_expr(&mut self, call: &mut CallExpr) {
        call.visit_mut_children_with(self);
        let place = decorated(call).unwrap_or(self.owner);
        match &mut call.callee {
            Callee::Super(callee) if callee.span.is_dummy() => callee.span = place,
            Callee::Expr(callee) => {
                if let Expr::Ident(name) = &mut **callee
                    && name.span.is_dummy()
                {
                    name.span = place;
                }
            }
            _ => {}
        }
    }
}

/// The place of the decorator that a call applies, if it applies only one.
fn decorated(call: &CallExpr) -> Option<Span> {
    let name = call.callee.as_expr()?.as_ident()?;
    let lists = match &*name.sym {
        "_apply_decs_2311" => call.args.get(1..3)?,
        "_ts_decorate" => return listed_parts(call.args.first()?).map(of_parameter).next(),
        _ => return None,
    };
    let of_members = listed_parts(&lists[0]).filter_map(|member| Some(member.as_array()?.elems.first()?.as_ref()?.expr.span()));
    let mut all = of_members.chain(listed(&lists[1])).chain(listed(&lists[0]));
    let only = all.find(|span| !span.is_dummy());
    if all.any(|span| !span.is_dummy()) { None } else { only }
}

/// The place of a decorator, also of one that the transform has put into a call because it is a parameter's.
fn of_parameter(part: &Expr) -> Span {
    let part = part.unwrap_parens();
    match part.as_call().and_then(|call| call.args.get(1)) {
        Some(decorator) if part.span().is_dummy() => decorator.expr.unwrap_parens().span(),
        _ => part.span(),
    }
}

fn listed_parts(list: &ExprOrSpread) -> impl Iterator<Item = &Expr> {
    let elems = list.expr.as_array().map(|array| array.elems.as_slice()).unwrap_or_default();
    elems.iter().flatten().map(|elem| &*elem.expr)
}

fn listed(list: &ExprOrSpread) -> impl Iterator<Item = Span> {
    listed_parts(list).map(|part| part.unwrap_parens()).filter(|part| !part.is_array()).map(Spanned::span)
}
