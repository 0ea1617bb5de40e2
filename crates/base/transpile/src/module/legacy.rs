//! What TypeScript's decorators before version 5 need besides the transform: fields with `accessor` become what they
//! are short for, and what is static is decorated after what is not.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

/// Writes fields with `accessor` as a private field, a getter and a setter. The getter has the decorators; with
/// `only_plain`, fields that have some stay as they are.
pub(super) fn expand_accessors(program: &mut Program, only_plain: bool) {
    let mut accessors = Accessors { class: None, keys: Vec::new(), only_plain };
    program.visit_mut_with(&mut accessors);
    if accessors.keys.is_empty() {
        return;
    }
    let keys = VarDecl { kind: VarDeclKind::Var, decls: accessors.keys, ..VarDecl::default() };
    match program {
        Program::Script(script) => script.body.push(keys.into()),
        Program::Module(module) => module.body.push(ModuleItem::Stmt(keys.into())),
    }
}

struct Accessors {
    /// The name of the class around, for what is static.
    class: Option<Ident>,
    /// The variables that hold computed keys: each is computed once, for the getter, and read for the setter.
    keys: Vec<VarDeclarator>,
    only_plain: bool,
}

impl VisitMut for Accessors {
    fn visit_mut_class_decl(&mut self, class: &mut ClassDecl) {
        let outer = self.class.replace(class.ident.clone());
        class.visit_mut_children_with(self);
        self.class = outer;
    }

    fn visit_mut_class_expr(&mut self, class: &mut ClassExpr) {
        let outer = std::mem::replace(&mut self.class, class.ident.clone());
        class.visit_mut_children_with(self);
        self.class = outer;
    }

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        if !class.body.iter().any(ClassMember::is_auto_accessor) {
            return;
        }
        let mut count = 0;
        class.body = class
            .body
            .take()
            .into_iter()
            .flat_map(|member| match member {
                ClassMember::AutoAccessor(field) if self.only_plain && !field.decorators.is_empty() => vec![field.into()],
                ClassMember::AutoAccessor(field) if field.is_abstract => abstract_accessor(field),
                ClassMember::AutoAccessor(field) => {
                    count += 1;
                    self.expand(field, count)
                }
                member => vec![member],
            })
            .collect();
    }
}

impl Accessors {
    fn expand(&mut self, field: AutoAccessor, index: usize) -> Vec<ClassMember> {
        let AutoAccessor { span, mut key, value, is_static, decorators, .. } = field;
        let name = match &key {
            Key::Public(PropName::Ident(name)) => &*name.sym,
            Key::Private(name) => &*name.name,
            Key::Public(_) => "",
        };
        // Others of the class may have the same name: static ones, private ones, and the same again.
        let name = format!("{name}_{index}_accessor_storage");
        let setter_key = self.hold(&mut key);
        let storage = PrivateName { span: DUMMY_SP, name: Atom::from(name) };
        let field = PrivateProp { span, key: storage.clone(), value, is_static, ..PrivateProp::default() };
        let receiver = match &self.class {
            Some(class) if is_static => Expr::Ident(class.clone().without_loc()),
            _ => Expr::This(ThisExpr { span: DUMMY_SP }),
        };
        let stored = MemberExpr { span: DUMMY_SP, obj: Box::new(receiver), prop: MemberProp::PrivateName(storage) };
        let read = Stmt::Return(ReturnStmt { span: DUMMY_SP, arg: Some(Box::new(stored.clone().into())) });
        let parameter = Ident::new_private("value".into(), DUMMY_SP);
        let write = AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: AssignTarget::Simple(SimpleAssignTarget::Member(stored)),
            right: Box::new(parameter.clone().into()),
        };
        let write = Stmt::Expr(ExprStmt { span: DUMMY_SP, expr: Box::new(write.into()) });
        let parameter = Param { span: DUMMY_SP, decorators: Vec::new(), pat: Pat::Ident(parameter.into()) };
        let method = |key, kind, params, statement, decorators| {
            let body = Some(FunctionBody { span: DUMMY_SP, stmts: vec![statement] });
            let function = Box::new(Function { params, body, decorators, ..Function::default() });
            match key {
                Key::Public(key) => {
                    ClassMember::Method(ClassMethod { span, key, function, kind, is_static, ..ClassMethod::default() })
                }
                Key::Private(key) => {
                    ClassMember::PrivateMethod(PrivateMethod { span, key, function, kind, is_static, ..PrivateMethod::default() })
                }
            }
        };
        vec![
            ClassMember::PrivateProp(field),
            method(key, MethodKind::Getter, Vec::new(), read, decorators),
            method(setter_key, MethodKind::Setter, vec![parameter], write, Vec::new()),
        ]
    }
}

/// A decorated accessor without a value is decorated like a field that is declared only.
fn abstract_accessor(field: AutoAccessor) -> Vec<ClassMember> {
    let AutoAccessor { span, key: Key::Public(key), decorators, is_static, .. } = field else { return Vec::new() };
    if decorators.is_empty() {
        return Vec::new();
    }
    vec![ClassProp { span, key, decorators, is_static, is_abstract: true, ..ClassProp::default() }.into()]
}

impl Accessors {
    /// Has a computed key be kept in a variable, and gives the key that reads it.
    fn hold(&mut self, key: &mut Key) -> Key {
        let Key::Public(PropName::Computed(computed)) = key else { return key.clone() };
        if computed.expr.is_lit() {
            return key.clone();
        }
        let held = Ident::new_private("key".into(), DUMMY_SP);
        let variable = VarDeclarator { span: DUMMY_SP, name: held.clone().into(), init: None, definite: false };
        self.keys.push(variable);
        let assignment = AssignExpr {
            span: DUMMY_SP,
            op: AssignOp::Assign,
            left: AssignTarget::Simple(SimpleAssignTarget::Ident(held.clone().into())),
            right: computed.expr.take(),
        };
        *computed.expr = assignment.into();
        Key::Public(PropName::Computed(ComputedPropName { span: DUMMY_SP, expr: Box::new(held.into()) }))
    }
}

/// Has decorated fields that are declared only take part in the transform, and returns their places.
pub(super) fn take_declared(program: &mut Program) -> HashSet<Span> {
    struct Declared(HashSet<Span>);
    impl VisitMut for Declared {
        fn visit_mut_class_prop(&mut self, field: &mut ClassProp) {
            field.visit_mut_children_with(self);
            if (field.declare || field.is_abstract) && !field.decorators.is_empty() {
                (field.declare, field.is_abstract) = (false, false);
                self.0.insert(field.span);
            }
        }
    }
    let mut declared = Declared(HashSet::new());
    program.visit_mut_with(&mut declared);
    declared.0
}

/// Takes out the fields that are declared only, once they are decorated.
pub(super) fn drop_declared(program: &mut Program, declared: &HashSet<Span>) {
    struct Drop<'a>(&'a HashSet<Span>);
    impl VisitMut for Drop<'_> {
        fn visit_mut_class(&mut self, class: &mut Class) {
            class.visit_mut_children_with(self);
            class.body.retain(|member| !member.as_class_prop().is_some_and(|field| self.0.contains(&field.span)));
        }
    }
    if !declared.is_empty() {
        program.visit_mut_with(&mut Drop(declared));
    }
}

/// Has the transform keep the places of decorators: it takes those of names, members and calls, but not what is in
/// parentheses.
pub(super) fn keep_places(program: &mut Program) {
    struct Keep;
    impl VisitMut for Keep {
        fn visit_mut_decorator(&mut self, decorator: &mut Decorator) {
            decorator.visit_mut_children_with(self);
            keep_place(&mut decorator.expr);
        }
    }
    program.visit_mut_with(&mut Keep);
}

fn keep_place(expr: &mut Box<Expr>) {
    // The transform looks for private members, which only the class can read, in chains of members.
    let mut chain = &**expr;
    while let Expr::Member(member) = chain {
        if member.prop.is_private_name() {
            return expr.as_mut_member().map_or((), |member| keep_place(&mut member.obj));
        }
        chain = &member.obj;
    }
    let span = expr.span();
    if span.is_dummy() {
        return;
    }
    // V8 points at what is evaluated before a call if the called name is missing. As an expression a name has a place.
    if let Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) = &mut **expr
        && callee.is_ident()
    {
        let exprs = vec![Box::new(Expr::Lit(Lit::Num(0.0.into()))), callee.take()];
        **callee = ParenExpr { span: DUMMY_SP, expr: Box::new(SeqExpr { span: DUMMY_SP, exprs }.into()) }.into();
    }
    **expr = ParenExpr { span, expr: expr.take() }.into();
}

/// Puts the calls that decorate what is static behind those of their class that decorate what is not.
pub(super) fn order_statics(program: &mut Program) {
    program.visit_mut_with(&mut Statics);
}

struct Statics;

impl VisitMut for Statics {
    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        statements.visit_mut_children_with(self);
        order(statements, |statement| called(statement.as_expr().map(|statement| &*statement.expr)));
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.visit_mut_children_with(self);
        order(items, |item| called(item.as_stmt().and_then(Stmt::as_expr).map(|statement| &*statement.expr)));
    }

    fn visit_mut_seq_expr(&mut self, sequence: &mut SeqExpr) {
        sequence.visit_mut_children_with(self);
        order(&mut sequence.exprs, |expr| called(Some(expr)));
    }
}

/// Orders each run of calls that decorate members of one class.
fn order<T>(items: &mut [T], called: impl Fn(&T) -> Option<(Id, bool)>) {
    let mut from = 0;
    while from < items.len() {
        let Some((class, _)) = called(&items[from]) else {
            from += 1;
            continue;
        };
        let length = items[from..].iter().take_while(|item| called(item).is_some_and(|(other, _)| other == class)).count();
        items[from..from + length].sort_by_key(|item| called(item).is_some_and(|(_, is_static)| is_static));
        from += length;
    }
}

/// The class whose member a call of the transform decorates, and whether that is static.
fn called(expression: Option<&Expr>) -> Option<(Id, bool)> {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), args, span, .. }) = expression? else { return None };
    if !span.is_dummy() || args.len() != 4 || callee.as_ident()?.sym != "_ts_decorate" {
        return None;
    }
    match &*args.get(1)?.expr {
        Expr::Ident(class) => Some((class.to_id(), true)),
        Expr::Member(member) => Some((member.obj.as_ident()?.to_id(), false)),
        _ => None,
    }
}
