//! Class fields as assignments, as TypeScript compilers emitted them before JavaScript had fields, and still do if a
//! project asks for it (`useDefineForClassFields: false`). Fields without a value are removed; the others are assigned
//! in the constructor.

use swc_core::common::{DUMMY_SP, Span, util::take::Take};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

use crate::emit::class_names;
use crate::emit::computed_names::{ComputedNames, can_move};

/// Whether a program has fields that would become assignments.
pub(crate) fn are_there(program: &Program) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_class_prop(&mut self, field: &ClassProp) {
            self.0 |= !field.declare && !field.is_abstract;
            field.visit_children_with(self);
        }
    }
    let mut finder = Finder(false);
    program.visit_with(&mut finder);
    finder.0
}

/// Makes assignments of the fields in a program, whose names must have been resolved.
pub(crate) fn assign(program: &mut Program) {
    let named = class_names::note(program, false, has_computed_fields);
    program.visit_mut_with(&mut Assign::default());
    class_names::settle(program, named);
}

fn has_computed_fields(class: &Class) -> bool {
    class.body.iter().any(|member| matches!(member, ClassMember::ClassProp(field) if field.key.is_computed()))
}

/// Takes out the fields that parameters which are properties have left: they are assigned already.
pub(crate) fn drop_declared(program: &mut Program) {
    struct Drop;
    impl VisitMut for Drop {
        fn visit_mut_class(&mut self, class: &mut Class) {
            class.visit_mut_children_with(self);
            class.body.retain(|member| match member {
                ClassMember::ClassProp(field) => field.value.is_some() || field.key.is_computed(),
                _ => true,
            });
        }
    }
    program.visit_mut_with(&mut Drop);
}

#[derive(Default)]
struct Assign {
    /// The variables of computed names in the statement that is being visited.
    names: Vec<Ident>,
    /// What is being visited may be evaluated more often than the statement: a parameter, a field, a loop's head.
    repeats: bool,
}

impl VisitMut for Assign {
    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        let place = Place::of(class);
        let mut names = ComputedNames::default();
        let mut assigned: Vec<Stmt> = Vec::new();
        let mut body = Vec::with_capacity(class.body.len());
        for member in class.body.take() {
            match member {
                ClassMember::ClassProp(field) if field.declare || field.is_abstract => {}
                ClassMember::ClassProp(field) if !can_move(&field.key) => body.push(names.put(field.into())),
                ClassMember::ClassProp(field) => {
                    let Some((target, value)) = names.target(field.key, field.value) else { continue };
                    let statement = assignment(target, value);
                    match field.is_static {
                        true => body.push(static_block(field.span, statement)),
                        false => assigned.push(statement),
                    }
                }
                // Values are computed in the order in which they are written.
                ClassMember::PrivateProp(mut field) if !field.is_static => {
                    if let Some(value) = field.value.take() {
                        assigned.push(assignment(MemberProp::PrivateName(field.key.clone()), value));
                    }
                    body.push(field.into());
                }
                member => body.push(names.put(member)),
            }
        }
        class.body = body;
        self.names.extend(names.finish(class));
        if !assigned.is_empty() {
            place.put(class, assigned);
        }
    }

    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        self.list(statements, Stmt::from);
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        self.list(items, |variables| ModuleItem::Stmt(variables.into()));
    }

    fn visit_mut_param(&mut self, parameter: &mut Param) {
        self.repeated(|assign| parameter.visit_mut_children_with(assign));
    }

    fn visit_mut_ts_param_prop(&mut self, parameter: &mut TsParamProp) {
        self.repeated(|assign| parameter.visit_mut_children_with(assign));
    }

    fn visit_mut_class_prop(&mut self, field: &mut ClassProp) {
        field.key.visit_mut_with(self);
        self.repeated(|assign| field.value.visit_mut_with(assign));
    }

    fn visit_mut_private_prop(&mut self, field: &mut PrivateProp) {
        self.repeated(|assign| field.value.visit_mut_with(assign));
    }

    fn visit_mut_auto_accessor(&mut self, field: &mut AutoAccessor) {
        field.key.visit_mut_with(self);
        self.repeated(|assign| field.value.visit_mut_with(assign));
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if !self.repeats || !expr.is_class() {
            return expr.visit_mut_children_with(self);
        }
        let outer = self.names.take();
        expr.visit_mut_children_with(self);
        let names = std::mem::replace(&mut self.names, outer);
        if suspends(expr) {
            return self.names.extend(names);
        }
        if let Some(variables) = variables(VarDeclKind::Let, names) {
            let body = returning(variables, Box::new(expr.take()));
            let arrow = ArrowExpr { body: Box::new(body), ..ArrowExpr::default() };
            let callee = ParenExpr { span: DUMMY_SP, expr: Box::new(arrow.into()) };
            *expr = CallExpr { callee: Callee::Expr(Box::new(callee.into())), ..CallExpr::default() }.into();
        }
    }

    fn visit_mut_arrow_expr(&mut self, arrow: &mut ArrowExpr) {
        self.repeated(|assign| arrow.params.visit_mut_with(assign));
        let (outer, repeats) = (self.names.take(), std::mem::take(&mut self.repeats));
        arrow.body.visit_mut_with(self);
        let names = std::mem::replace(&mut self.names, outer);
        self.repeats = repeats;
        if let ArrowFunctionBody::Expr(value) = &mut *arrow.body
            && let Some(variables) = variables(VarDeclKind::Let, names)
        {
            *arrow.body = returning(variables, value.take());
        }
    }

    fn visit_mut_if_stmt(&mut self, statement: &mut IfStmt) {
        statement.test.visit_mut_with(self);
        self.body(&mut statement.cons);
        statement.alt.iter_mut().for_each(|alternative| self.body(alternative));
    }

    fn visit_mut_for_stmt(&mut self, statement: &mut ForStmt) {
        statement.init.visit_mut_with(self);
        self.repeated(|assign| {
            statement.test.visit_mut_with(assign);
            statement.update.visit_mut_with(assign);
        });
        self.body(&mut statement.body);
    }

    fn visit_mut_for_in_stmt(&mut self, statement: &mut ForInStmt) {
        self.repeated(|assign| statement.left.visit_mut_with(assign));
        statement.right.visit_mut_with(self);
        self.body(&mut statement.body);
    }

    fn visit_mut_for_of_stmt(&mut self, statement: &mut ForOfStmt) {
        self.repeated(|assign| statement.left.visit_mut_with(assign));
        statement.right.visit_mut_with(self);
        self.body(&mut statement.body);
    }

    fn visit_mut_while_stmt(&mut self, statement: &mut WhileStmt) {
        self.repeated(|assign| statement.test.visit_mut_with(assign));
        self.body(&mut statement.body);
    }

    fn visit_mut_do_while_stmt(&mut self, statement: &mut DoWhileStmt) {
        self.body(&mut statement.body);
        self.repeated(|assign| statement.test.visit_mut_with(assign));
    }
}

impl Assign {
    /// Visits a list of statements, and declares the variables of each before it.
    fn list<T: VisitMutWith<Self>>(&mut self, items: &mut Vec<T>, declared: impl Fn(VarDecl) -> T) {
        let (outer, repeats) = (self.names.take(), std::mem::take(&mut self.repeats));
        let mut list = Vec::with_capacity(items.len());
        for mut item in items.drain(..) {
            item.visit_mut_with(self);
            list.extend(variables(VarDeclKind::Let, self.names.take()).map(&declared));
            list.push(item);
        }
        *items = list;
        (self.names, self.repeats) = (outer, repeats);
    }

    fn repeated(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.repeats, true);
        visit(self);
        self.repeats = outer;
    }

    /// The body of a loop or of a condition, which becomes a block if it needs variables.
    fn body(&mut self, body: &mut Box<Stmt>) {
        let outer = self.names.take();
        body.visit_mut_with(self);
        let names = std::mem::replace(&mut self.names, outer);
        if let Some(variables) = variables(VarDeclKind::Let, names) {
            let stmts = vec![variables.into(), *body.take()];
            **body = BlockStmt { stmts, ..BlockStmt::default() }.into();
        }
    }
}

/// `{ variables; return value; }`.
fn returning(variables: VarDecl, value: Box<Expr>) -> ArrowFunctionBody {
    let value = ReturnStmt { span: DUMMY_SP, arg: Some(value) };
    ArrowFunctionBody::FunctionBody(FunctionBody { span: DUMMY_SP, stmts: vec![variables.into(), value.into()] })
}

/// Whether an expression awaits or yields while it is evaluated.
fn suspends(expr: &Expr) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_await_expr(&mut self, _: &AwaitExpr) {
            self.0 = true;
        }
        fn visit_yield_expr(&mut self, _: &YieldExpr) {
            self.0 = true;
        }
        fn visit_function(&mut self, _: &Function) {}
        fn visit_arrow_expr(&mut self, _: &ArrowExpr) {}
    }
    let mut finder = Finder(false);
    expr.visit_with(&mut finder);
    finder.0
}

/// The declaration of variables, if there are any.
fn variables(kind: VarDeclKind, names: Vec<Ident>) -> Option<VarDecl> {
    let declared = |name: Ident| VarDeclarator { span: DUMMY_SP, name: name.into(), init: None, definite: false };
    let decls: Vec<_> = names.into_iter().map(declared).collect();
    if decls.is_empty() { None } else { Some(VarDecl { kind, decls, ..VarDecl::default() }) }
}

fn static_block(span: Span, statement: Stmt) -> ClassMember {
    StaticBlock { span, body: BlockStmt { stmts: vec![statement], ..BlockStmt::default() } }.into()
}

/// Where in its constructor a class assigns its fields.
enum Place {
    /// Before this statement of the constructor.
    At(usize),
    /// There is no constructor.
    New,
    /// Behind each call of `super`: some are within something else.
    Within,
}

impl Place {
    fn of(class: &Class) -> Self {
        let constructor = class.body.iter().find_map(|member| match member {
            ClassMember::Constructor(constructor) => constructor.body.as_ref(),
            _ => None,
        });
        let Some(body) = constructor else { return Self::New };
        let is_super = |statement: &Stmt| {
            let call = statement.as_expr().and_then(|statement| statement.expr.as_call());
            call.is_some_and(|call| call.callee.is_super_())
        };
        match body.stmts.iter().position(is_super) {
            None if class.super_class.is_none() => Self::At(directives(body)),
            Some(at) if !body.stmts[..at].iter().any(calls_super) => Self::At(at + 1),
            _ => Self::Within,
        }
    }

    fn put(self, class: &mut Class, statements: Vec<Stmt>) {
        match self {
            Self::At(at) => {
                let body = class.body.iter_mut().find_map(|member| match member {
                    ClassMember::Constructor(constructor) => constructor.body.as_mut(),
                    _ => None,
                });
                if let Some(body) = body {
                    body.stmts.splice(at..at, statements);
                }
            }
            Self::Within => {
                let body = class.body.iter_mut().find_map(|member| match member {
                    ClassMember::Constructor(constructor) => constructor.body.as_mut(),
                    _ => None,
                });
                if let Some(body) = body {
                    let function = Ident::new_private("assign".into(), DUMMY_SP);
                    body.stmts.visit_mut_with(&mut Follow(function.clone()));
                    body.stmts.insert(directives(body), declared(function, statements));
                }
            }
            Self::New => {
                let is_derived = class.super_class.is_some();
                class.body.insert(0, constructor(is_derived, statements).into());
            }
        }
    }
}

fn directives(body: &FunctionBody) -> usize {
    body.stmts.iter().take_while(|statement| statement.can_precede_directive()).count()
}

/// Whether a statement calls `super` for the class whose constructor it is in.
fn calls_super(statement: &Stmt) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_super(&mut self, _: &Super) {
            self.0 = true;
        }

        fn visit_super_prop_expr(&mut self, property: &SuperPropExpr) {
            property.prop.visit_with(self);
        }

        fn visit_function(&mut self, _: &Function) {}
        fn visit_constructor(&mut self, _: &Constructor) {}
    }
    let mut finder = Finder(false);
    statement.visit_with(&mut finder);
    finder.0
}

/// Has a function called behind each call of `super`: `(super(...), assign(), this)`.
struct Follow(Ident);

impl VisitMut for Follow {
    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        if expr.as_call().is_some_and(|call| call.callee.is_super_()) {
            let call = CallExpr { callee: Callee::Expr(Box::new(self.0.clone().into())), ..CallExpr::default() };
            let this = ThisExpr { span: DUMMY_SP };
            let exprs = vec![Box::new(expr.take()), Box::new(call.into()), Box::new(this.into())];
            *expr = ParenExpr { span: DUMMY_SP, expr: Box::new(SeqExpr { span: DUMMY_SP, exprs }.into()) }.into();
        }
    }

    // Those of other classes.
    fn visit_mut_function(&mut self, _: &mut Function) {}
    fn visit_mut_constructor(&mut self, _: &mut Constructor) {}
}

/// `const name = () => { statements };`
fn declared(name: Ident, statements: Vec<Stmt>) -> Stmt {
    let body = ArrowFunctionBody::FunctionBody(FunctionBody { span: DUMMY_SP, stmts: statements });
    let arrow = ArrowExpr { body: Box::new(body), ..ArrowExpr::default() };
    let declarator = VarDeclarator { span: DUMMY_SP, name: name.into(), init: Some(Box::new(arrow.into())), definite: false };
    VarDecl { kind: VarDeclKind::Const, decls: vec![declarator], ..VarDecl::default() }.into()
}

/// `constructor(...args) { super(...args); statements }`.
fn constructor(is_derived: bool, statements: Vec<Stmt>) -> Constructor {
    let mut params = Vec::new();
    let mut stmts = Vec::new();
    if is_derived {
        let args = Ident::new_private("args".into(), DUMMY_SP);
        let rest = RestPat { span: DUMMY_SP, dot3_token: DUMMY_SP, arg: Box::new(args.clone().into()), type_ann: None };
        params.push(ParamOrTsParamProp::Param(Param { span: DUMMY_SP, decorators: Vec::new(), pat: rest.into() }));
        let spread = ExprOrSpread { spread: Some(DUMMY_SP), expr: Box::new(args.into()) };
        let call = CallExpr { callee: Callee::Super(Super { span: DUMMY_SP }), args: vec![spread], ..CallExpr::default() };
        stmts.push(ExprStmt { span: DUMMY_SP, expr: Box::new(call.into()) }.into());
    }
    stmts.extend(statements);
    Constructor {
        key: PropName::Ident(IdentName::new("constructor".into(), DUMMY_SP)),
        params,
        body: Some(FunctionBody { span: DUMMY_SP, stmts }),
        ..Constructor::default()
    }
}

fn assignment(prop: MemberProp, value: Box<Expr>) -> Stmt {
    let this = Box::new(ThisExpr { span: DUMMY_SP }.into());
    let target = MemberExpr { span: DUMMY_SP, obj: this, prop };
    let assignment = AssignExpr { span: DUMMY_SP, op: AssignOp::Assign, left: target.into(), right: value };
    ExprStmt { span: DUMMY_SP, expr: Box::new(assignment.into()) }.into()
}
