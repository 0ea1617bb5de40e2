//! Decorated classes without visible helpers: the declarations that swc's transform adds beside a class, and the
//! helpers that it calls, are hidden.
//!
//! The transform puts its temporary variables into the nearest statement list. For a top-level class that is the chunk,
//! where they would become globals. So each such class first moves into an arrow function of its own. Helpers become
//! expressions in place.

use std::collections::HashSet;

use swc_core::atoms::Atom;
use swc_core::common::{DUMMY_SP, Mark, SyntaxContext, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::{helpers::HELPERS, resolver};
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::decide::decorated::{is_constructor_decorated, is_method_decorated};

/// Moves every decorated class that no function encloses into an arrow function called on the spot.
pub(crate) fn isolate(program: &mut Program) {
    program.visit_mut_with(&mut Isolate);
}

/// The helpers that a program calls, taken out of it until every name in it is settled.
///
/// They must not take part in renaming: their names live in functions of their own, but a top-level name of the user's
/// that is spelled like one of them would be renamed, and so lost to the session.
pub(crate) struct Helpers(Vec<Stmt>);

/// What stands for a helper meanwhile: no name that a program can have.
const PLACEHOLDER: &str = "helper ";

/// Lets `inject` add the used helpers to the program, then takes them out again and leaves placeholders.
pub(crate) fn take_helpers(program: &mut Program, inject: impl FnOnce(&mut Program)) -> Helpers {
    let Some(script) = program.as_mut_script() else { return Helpers(Vec::new()) };
    let directives = script.body.iter().take_while(|statement| statement.can_precede_directive()).count();
    let before = script.body.len();
    inject(program);
    let Some(script) = program.as_mut_script() else { return Helpers(Vec::new()) };
    let added = script.body.len() - before;
    let mut helpers = script.body.drain(directives..directives + added).collect::<Vec<_>>();
    helpers.visit_mut_with(&mut HideMetadata);
    let mark = HELPERS.with(|helpers| helpers.mark());
    program.visit_mut_with(&mut TakeOut { context: SyntaxContext::empty().apply_mark(mark) });
    Helpers(helpers)
}

/// Puts the helpers back, each where it is called, as an expression that is the helper.
pub(crate) fn put_helpers(program: &mut Program, helpers: Helpers) {
    if !helpers.0.is_empty() {
        program.visit_mut_with(&mut PutBack { helpers });
    }
}

/// Lets `inject` add the used helpers to a module. **Their own names are resolved here**: `inject` takes the
/// use of a variable before its declaration for that of a global, and the pass that renames tells both apart then.
pub(crate) fn add_helpers(program: &mut Program, unresolved: Mark, inject: impl FnOnce(&mut Program)) {
    inject(program);
    let Some(module) = program.as_mut_module() else { return };
    let context = SyntaxContext::empty().apply_mark(HELPERS.with(|helpers| helpers.mark()));
    let is_helper = |item: &ModuleItem| matches!(item, ModuleItem::Stmt(Stmt::Decl(Decl::Fn(f))) if f.ident.ctxt == context);
    let (helpers, rest) = module.body.take().into_iter().partition::<Vec<_>, _>(is_helper);
    let names = helpers.iter().filter_map(|item| Some(item.as_stmt()?.as_decl()?.as_fn_decl()?.ident.sym.clone())).collect();
    let mut helpers = Program::Module(Module { body: helpers, ..Module::dummy() });
    helpers.visit_mut_with(&mut Unsettle { names });
    helpers.visit_mut_with(&mut HideMetadata);
    helpers.mutate(resolver(unresolved, Mark::new(), false));
    let directives = rest.iter().take_while(|item| item.as_stmt().is_some_and(Stmt::can_precede_directive)).count();
    module.body = rest;
    if let Program::Module(helpers) = helpers {
        module.body.splice(directives..directives, helpers.body);
    }
}

/// Takes their contexts from all names in helpers but those of the helpers.
struct Unsettle {
    names: HashSet<Atom>,
}

impl VisitMut for Unsettle {
    fn visit_mut_ident(&mut self, name: &mut Ident) {
        if !self.names.contains(&name.sym) {
            name.ctxt = SyntaxContext::empty();
        }
    }
}

/// The property of a class that holds its decorators' metadata is not enumerable, as the proposal for it says: a
/// console does not show it. In helpers nothing else is defined as enumerable.
struct HideMetadata;

impl VisitMut for HideMetadata {
    fn visit_mut_key_value_prop(&mut self, property: &mut KeyValueProp) {
        property.visit_mut_children_with(self);
        if let (PropName::Ident(key), Expr::Lit(Lit::Bool(value))) = (&property.key, &mut *property.value)
            && key.sym == "enumerable"
        {
            value.value = false;
        }
    }
}

struct TakeOut {
    context: SyntaxContext,
}

impl VisitMut for TakeOut {
    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Ident(name) if name.ctxt == self.context => {
                *expression = PrivateName { span: DUMMY_SP, name: format!("{PLACEHOLDER}{}", name.sym).into() }.into();
            }
            _ => expression.visit_mut_children_with(self),
        }
    }
}

struct PutBack {
    helpers: Helpers,
}

impl VisitMut for PutBack {
    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        match expression {
            Expr::PrivateName(name) if name.name.starts_with(PLACEHOLDER) => {
                let helper = Ident::new_no_ctxt(name.name[PLACEHOLDER.len()..].into(), DUMMY_SP);
                let mut body = self.helpers.0.clone();
                body.push(return_statement(helper.into()));
                *expression = call_arrow(body, false);
            }
            _ => expression.visit_mut_children_with(self),
        }
    }
}

struct Isolate;

impl VisitMut for Isolate {
    fn visit_mut_stmt(&mut self, statement: &mut Stmt) {
        let Stmt::Decl(Decl::Class(declaration)) = statement else { return statement.visit_mut_children_with(self) };
        if !is_decorated(&declaration.class) {
            return statement.visit_mut_children_with(self);
        }
        let name = declaration.ident.clone();
        let awaits = awaits(&declaration.class);
        let class = statement.take();
        let value = call_arrow(vec![class, return_statement(name.clone().into())], awaits);
        *statement = variable(VarDeclKind::Let, name, value);
    }

    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        if let Expr::Class(class) = expression
            && is_decorated(&class.class)
        {
            let awaits = awaits(&class.class);
            let class = expression.take();
            *expression = call_arrow(vec![return_statement(class)], awaits);
            return;
        }
        expression.visit_mut_children_with(self);
    }

    /// A function is a statement list of its own already.
    fn visit_mut_function(&mut self, _: &mut Function) {}

    fn visit_mut_constructor(&mut self, _: &mut Constructor) {}
}

/// Whether the transform of decorators changes a class.
pub(crate) fn is_decorated(class: &Class) -> bool {
    let is_decorated_member = |member: &ClassMember| match member {
        ClassMember::Method(method) => is_method_decorated(&method.function),
        ClassMember::PrivateMethod(method) => is_method_decorated(&method.function),
        ClassMember::Constructor(constructor) => is_constructor_decorated(&class.decorators, &constructor.params),
        ClassMember::ClassProp(field) => !field.decorators.is_empty(),
        ClassMember::PrivateProp(field) => !field.decorators.is_empty(),
        ClassMember::AutoAccessor(_) => true,
        ClassMember::TsIndexSignature(_) | ClassMember::Empty(_) | ClassMember::StaticBlock(_) => false,
    };
    !class.decorators.is_empty() || class.body.iter().any(is_decorated_member)
}

/// Whether a class awaits while it is being defined.
fn awaits(class: &Class) -> bool {
    struct Awaits(bool);
    impl Visit for Awaits {
        fn visit_await_expr(&mut self, _: &AwaitExpr) {
            self.0 = true;
        }
        fn visit_function(&mut self, _: &Function) {}
        fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
    }
    let mut visitor = Awaits(false);
    class.visit_with(&mut visitor);
    visitor.0
}

fn variable(kind: VarDeclKind, name: Ident, init: Expr) -> Stmt {
    let declarator = VarDeclarator { span: DUMMY_SP, name: Pat::Ident(name.into()), init: Some(Box::new(init)), definite: false };
    VarDecl { kind, decls: vec![declarator], ..VarDecl::default() }.into()
}

fn return_statement(value: Expr) -> Stmt {
    Stmt::Return(ReturnStmt { span: DUMMY_SP, arg: Some(Box::new(value)) })
}

/// `(() => { body })()`, or `await (async () => { body })()`.
fn call_arrow(stmts: Vec<Stmt>, is_async: bool) -> Expr {
    let body = Box::new(ArrowFunctionBody::FunctionBody(FunctionBody { span: DUMMY_SP, stmts }));
    let arrow = ArrowExpr { body, is_async, ..ArrowExpr::default() };
    let callee = Expr::Paren(ParenExpr { span: DUMMY_SP, expr: Box::new(arrow.into()) });
    let call = Expr::Call(CallExpr { callee: Callee::Expr(Box::new(callee)), ..CallExpr::default() });
    if is_async { Expr::Await(AwaitExpr { span: DUMMY_SP, arg: Box::new(call) }) } else { call }
}
