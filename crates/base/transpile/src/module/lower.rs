//! ES modules as CommonJS, for files that are CommonJS by their name (`.cts`) and written with `import` and `export`,
//! as compilers of TypeScript take them. Imports are read where they are used and exports are getters, so that both are
//! live.

use std::collections::HashMap;

use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Span};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith};
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::bindings::each_name;
use crate::decide::placed::Place;
use crate::parse;

/// What is called of what `require` gives: the default export of a module that was none of ES, and all of its exports.
const HELPERS: &str = "function defaultǃ(all){return all&&all.__esModule?all:{default:all}}\
    function allǃ(all){return all&&all.__esModule?all:Object.assign(Object.create(null),all,{default:all})}\
    function __exportStar(all){for(const name of Object.keys(all))if(name!=='default'&&!Object.hasOwn(exports,name))\
    Object.defineProperty(exports,name,{enumerable:true,get:function(){return all[name]}})}";

/// What compilers of TypeScript call it: readers of exports know it by that.
const STAR: &str = "__exportStar";

/// Makes a script of a module whose names are resolved and that has no types any more.
pub(super) fn lower(program: &mut Program, meter: &Meter<'_>) {
    let Program::Module(module) = program else { return };
    let mut lowered = Lowered::default();
    for item in module.body.take() {
        match item {
            ModuleItem::Stmt(statement) => lowered.body.push(statement),
            ModuleItem::ModuleDecl(declaration) => lowered.declaration(declaration),
        }
    }
    let Lowered { mut body, exports: mut first, mut required, imported } = lowered;
    first.append(&mut required);
    body.visit_mut_with(&mut Read(&imported));
    first.visit_mut_with(&mut Read(&imported));
    let directives = body.iter().take_while(|statement| statement.can_precede_directive()).count();
    let mark = call(
        member(ident("Object"), "defineProperty"),
        vec![ident("exports"), text("__esModule"), object(vec![("value", yes())])],
        DUMMY_SP,
    );
    body.splice(directives..directives, [statement(mark, DUMMY_SP)].into_iter().chain(first));
    if let Some(mut helpers) = parse::printed(HELPERS, meter) {
        helpers.program.visit_mut_with(&mut Place(DUMMY_SP));
        body.extend(helpers.statements().cloned());
    }
    *program = Program::Script(Script { span: module.span, body, shebang: module.shebang.take() });
}

#[derive(Default)]
struct Lowered {
    body: Vec<Stmt>,
    /// What stands before all else: exports, then what is required.
    exports: Vec<Stmt>,
    required: Vec<Stmt>,
    /// What the names of imports are read from.
    imported: HashMap<Id, Expr>,
}

impl Lowered {
    fn declaration(&mut self, declaration: ModuleDecl) {
        match declaration {
            ModuleDecl::Import(import) => {
                let module = self.require(&import.src, import.span);
                for specifier in import.specifiers {
                    let (local, value) = match specifier {
                        ImportSpecifier::Default(default) => (default.local, member(helped("defaultǃ", &module), "default")),
                        ImportSpecifier::Namespace(all) => (all.local, helped("allǃ", &module)),
                        ImportSpecifier::Named(named) => {
                            let name = named.imported.as_ref().map_or(named.local.sym.clone(), |name| name.atom().into_owned());
                            (named.local, exported(&module, &name))
                        }
                    };
                    self.imported.insert(local.to_id(), value);
                }
            }
            ModuleDecl::ExportDecl(export) => {
                match &export.decl {
                    Decl::Class(class) => self.export(&class.ident.sym, class.ident.clone().into()),
                    Decl::Fn(function) => self.export(&function.ident.sym, function.ident.clone().into()),
                    Decl::Var(variables) => {
                        for variable in &variables.decls {
                            each_name(&variable.name, &mut |name| self.export(&name.sym, name.clone().into()));
                        }
                    }
                    _ => {}
                }
                self.body.push(Stmt::Decl(export.decl));
            }
            ModuleDecl::ExportNamed(export) => {
                let module = export.src.as_ref().map(|src| self.require(src, export.span));
                for specifier in export.specifiers {
                    match (specifier, &module) {
                        (ExportSpecifier::Named(named), module) => {
                            let name = named.exported.as_ref().unwrap_or(&named.orig).atom().into_owned();
                            match (module, named.orig) {
                                (Some(module), orig) => self.export(&name, exported(module, &orig.atom())),
                                (None, ModuleExportName::Ident(orig)) => self.export(&name, orig.into()),
                                (None, ModuleExportName::Str(_)) => {}
                            }
                        }
                        (ExportSpecifier::Namespace(all), Some(module)) => self.export(&all.name.atom(), helped("allǃ", module)),
                        _ => {}
                    }
                }
            }
            ModuleDecl::ExportAll(export) => {
                let module = self.require(&export.src, export.span);
                let all = call(ident(STAR), vec![module, ident("exports")], export.span);
                self.required.push(statement(all, export.span));
            }
            ModuleDecl::ExportDefaultDecl(export) => {
                let (name, declaration) = match export.decl {
                    DefaultDecl::Class(class) => {
                        let ident = class.ident.unwrap_or_else(|| Ident::new_private("default_1".into(), DUMMY_SP));
                        (ident.clone(), Decl::Class(ClassDecl { ident, declare: false, class: class.class }))
                    }
                    DefaultDecl::Fn(function) => {
                        let ident = function.ident.unwrap_or_else(|| Ident::new_private("default_1".into(), DUMMY_SP));
                        (ident.clone(), Decl::Fn(FnDecl { ident, declare: false, function: function.function }))
                    }
                    DefaultDecl::TsInterfaceDecl(_) => return,
                };
                self.export("default", name.into());
                self.body.push(Stmt::Decl(declaration));
            }
            ModuleDecl::ExportDefaultExpr(export) => {
                let prop = MemberProp::Ident(IdentName { span: DUMMY_SP, sym: "default".into() });
                let left = MemberExpr { span: DUMMY_SP, obj: Box::new(ident("exports")), prop };
                let left = AssignTarget::Simple(SimpleAssignTarget::Member(left));
                let assignment = AssignExpr { span: export.span, op: AssignOp::Assign, left, right: export.expr };
                self.body.push(statement(assignment.into(), export.span));
            }
            // Types, and what the transform has written already.
            ModuleDecl::TsImportEquals(_) | ModuleDecl::TsExportAssignment(_) | ModuleDecl::TsNamespaceExport(_) => {}
        }
    }

    /// Requires a module, and gives the name for it.
    fn require(&mut self, source: &Str, span: Span) -> Expr {
        let name = Ident::new_private("required".into(), DUMMY_SP);
        let required = call(ident("require"), vec![Expr::Lit(Lit::Str(source.clone()))], span);
        let init = Some(Box::new(required));
        let variable = VarDeclarator { span, name: Pat::Ident(name.clone().into()), init, definite: false };
        self.required.push(VarDecl { span, kind: VarDeclKind::Const, decls: vec![variable], ..VarDecl::default() }.into());
        name.into()
    }

    /// Exports what an expression is whenever somebody asks.
    fn export(&mut self, name: &str, value: Expr) {
        let returned = Stmt::Return(ReturnStmt { span: DUMMY_SP, arg: Some(Box::new(value)) });
        let body = Some(FunctionBody { span: DUMMY_SP, stmts: vec![returned] });
        let getter = FnExpr { ident: None, function: Box::new(Function { body, ..Function::default() }) };
        let descriptor = object(vec![("enumerable", yes()), ("get", getter.into())]);
        let export = call(member(ident("Object"), "defineProperty"), vec![ident("exports"), text(name), descriptor], DUMMY_SP);
        self.exports.push(statement(export, DUMMY_SP));
    }
}

fn ident(name: &str) -> Expr {
    Expr::Ident(Ident::new_no_ctxt(name.into(), DUMMY_SP))
}

fn text(text: &str) -> Expr {
    Expr::Lit(Lit::Str(text.into()))
}

fn yes() -> Expr {
    Expr::Lit(Lit::Bool(true.into()))
}

fn statement(expression: Expr, span: Span) -> Stmt {
    Stmt::Expr(ExprStmt { span, expr: Box::new(expression) })
}

fn call(callee: Expr, args: Vec<Expr>, span: Span) -> Expr {
    let args = args.into_iter().map(Into::into).collect();
    Expr::Call(CallExpr { span, callee: Callee::Expr(Box::new(callee)), args, ..CallExpr::default() })
}

fn member(object: Expr, name: &str) -> Expr {
    let prop = MemberProp::Ident(IdentName { span: DUMMY_SP, sym: name.into() });
    Expr::Member(MemberExpr { span: DUMMY_SP, obj: Box::new(object), prop })
}

/// An export of what is required, whose name may be any string.
fn exported(module: &Expr, name: &Atom) -> Expr {
    if &**name == "default" {
        return member(helped("defaultǃ", module), name);
    }
    let prop = MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: Box::new(text(name)) });
    Expr::Member(MemberExpr { span: DUMMY_SP, obj: Box::new(module.clone()), prop })
}

fn helped(helper: &str, module: &Expr) -> Expr {
    call(ident(helper), vec![module.clone()], DUMMY_SP)
}

fn object(properties: Vec<(&str, Expr)>) -> Expr {
    let property = |(name, value): (&str, Expr)| {
        let key = PropName::Ident(IdentName { span: DUMMY_SP, sym: name.into() });
        PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp { key, value: Box::new(value) })))
    };
    Expr::Object(ObjectLit { span: DUMMY_SP, props: properties.into_iter().map(property).collect() })
}

/// Reads imports where they are used.
struct Read<'a>(&'a HashMap<Id, Expr>);

impl Read<'_> {
    /// Who is called is no method of its module.
    fn called(&mut self, called: &mut Box<Expr>) {
        let is_import = called.unwrap_parens().as_ident().is_some_and(|name| self.0.contains_key(&name.to_id()));
        called.visit_mut_with(self);
        if is_import {
            let exprs = vec![Box::new(Expr::Lit(Lit::Num(0.0.into()))), called.take()];
            **called = Expr::Paren(ParenExpr { span: DUMMY_SP, expr: Box::new(SeqExpr { span: DUMMY_SP, exprs }.into()) });
        }
    }
}

impl VisitMut for Read<'_> {
    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Ident(name) => {
                if let Some(value) = self.0.get(&name.to_id()) {
                    *expression = value.clone();
                }
            }
            expression => expression.visit_mut_children_with(self),
        }
    }

    fn visit_mut_callee(&mut self, callee: &mut Callee) {
        match callee {
            Callee::Expr(called) => self.called(called),
            callee => callee.visit_mut_children_with(self),
        }
    }

    fn visit_mut_opt_call(&mut self, call: &mut OptCall) {
        self.called(&mut call.callee);
        call.args.visit_mut_with(self);
    }

    fn visit_mut_tagged_tpl(&mut self, template: &mut TaggedTpl) {
        self.called(&mut template.tag);
        template.tpl.visit_mut_with(self);
    }

    fn visit_mut_prop(&mut self, property: &mut Prop) {
        if let Prop::Shorthand(name) = property
            && let Some(value) = self.0.get(&name.to_id())
        {
            let key = PropName::Ident(name.clone().into());
            *property = Prop::KeyValue(KeyValueProp { key, value: Box::new(value.clone()) });
            return;
        }
        property.visit_mut_children_with(self);
    }
}
