//! The user's text of a declaration: its signature with types, its doc comment, its source.

use drupe_lexer::comments::doc_before;
use drupe_protocol::Position;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::bindings::each_name;
use crate::parse;
use crate::source::nesting;
use crate::source::options::Options;
use crate::source::position::Lines;

/// A declaration as the user wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declaration {
    /// Its head: name, parameters and return type of a function, name and heritage of a class, keyword, name and type
    /// of a variable, all of a type alias.
    pub signature: String,
    /// The doc comment before it, without its stars.
    pub doc: Option<String>,
    /// Its text.
    pub source: String,
    /// Where it begins.
    pub position: Position,
    /// A class's constructor's parameters, in parentheses.
    pub constructor: Option<String>,
    /// A class's own instance fields as declared, without their values; the members of an interface.
    pub fields: Vec<String>,
    /// How many `#private` members a class has.
    pub private_members: u32,
}

/// The innermost function or class around `position` of a chunk, if the chunk is a program.
#[must_use]
pub fn declaration_at(source: &str, options: &Options, position: Position) -> Option<Declaration> {
    find(source, options, Target::At(Lines::new(source).offset(position)))
}

/// What a chunk declares last by a name at its top level, if the chunk is a program.
#[must_use]
pub fn declaration_of(source: &str, options: &Options, name: &str) -> Option<Declaration> {
    find(source, options, Target::Name(name))
}

fn find(source: &str, options: &Options, target: Target) -> Option<Declaration> {
    let found = nesting::guarded(source, options, |reading| {
        let chunk = parse::parse(source, options.language, reading).ok()?;
        let mut finder = Finder { chunk: &chunk, source, target, innermost: None, probes: false, pending: None, found: None };
        match target {
            Target::At(_) => {
                // Only the innermost is described: what is around it may be as long as the source, at each level.
                finder.probes = true;
                chunk.program.visit_with(&mut finder);
                (finder.probes, finder.pending) = (false, None);
                chunk.program.visit_with(&mut finder);
            }
            Target::Name(name) => {
                let mut statements = chunk.statements().rev();
                while finder.found.is_none()
                    && let Some(statement) = statements.next()
                {
                    finder.top_level(statement, name);
                }
            }
        }
        finder.found
    });
    found.ok().flatten()
}

/// How much of what is assigned to is a name, in bytes.
const MAX_NAME: usize = 256;

#[derive(Clone, Copy)]
enum Target<'a> {
    At(usize),
    Name(&'a str),
}

/// What a function or class expression is about to be called.
struct Pending {
    /// Where the expression begins.
    value: usize,
    /// Where the declaration begins.
    start: usize,
    name: String,
}

struct Finder<'a> {
    chunk: &'a parse::Chunk,
    source: &'a str,
    target: Target<'a>,
    /// The innermost function or class around the place.
    innermost: Option<Span>,
    /// It is being looked for.
    probes: bool,
    pending: Option<Pending>,
    found: Option<Declaration>,
}

impl Finder<'_> {
    fn text(&self, from: usize, to: usize) -> &str {
        self.source.get(from..to).unwrap_or_default()
    }

    fn bounds(&self, span: Span) -> (usize, usize) {
        (self.chunk.offset(span.lo), self.chunk.offset(span.hi))
    }

    /// Whether `span` is what is looked for.
    fn wants(&mut self, span: Span) -> bool {
        if !self.probes {
            return self.innermost == Some(span);
        }
        let (from, to) = self.bounds(span);
        if matches!(self.target, Target::At(offset) if (from..to).contains(&offset)) {
            self.innermost = Some(span);
        }
        false
    }

    fn declaration(&self, span: Span, signature: String) -> Declaration {
        let (from, to) = self.bounds(span);
        let pending = self.pending.as_ref().filter(|pending| pending.value == from);
        Declaration {
            signature,
            doc: doc_before(self.source, pending.map_or(from, |pending| pending.start)),
            source: self.text(from, to).to_owned(),
            position: Lines::new(self.source).position(from),
            ..Declaration::default()
        }
    }

    fn named(&self, span: Span) -> Option<&str> {
        let from = self.chunk.offset(span.lo);
        self.pending.as_ref().filter(|pending| pending.value == from).map(|pending| &*pending.name)
    }

    /// A function that is written with its body: the head is what stands before that.
    fn with_body(&mut self, span: Span, body: Option<Span>) {
        if self.wants(span) {
            let (from, to) = self.bounds(span);
            let head = self.text(from, body.map_or(to, |body| self.chunk.offset(body.lo)));
            self.found = Some(self.declaration(span, one_line(head)));
        }
    }

    fn function(&mut self, name: Option<&str>, function: &Function, span: Span) {
        if function.body.is_none() {
            return;
        }
        let (from, _) = self.bounds(span);
        let body = function.body.as_ref().map_or(span.hi, |body| body.span.lo);
        let head = one_line(self.text(from, self.chunk.offset(body)));
        let signature = match (name, self.named(span)) {
            // `function (a)` that is called by what it was given to.
            (None, Some(given)) => with_name(&head, given),
            _ => head,
        };
        self.found = Some(self.declaration(span, signature));
    }

    fn class(&mut self, name: Option<&Ident>, class: &Class) {
        let (from, _) = self.bounds(class.span);
        let heritage = [
            name.map(|name| name.span.hi),
            class.type_params.as_ref().map(|params| params.span.hi),
            class.super_class.as_ref().map(|parent| parent.span().hi),
            class.super_type_params.as_ref().map(|params| params.span.hi),
            class.implements.last().map(|last| last.span.hi),
        ];
        let end = heritage.into_iter().flatten().max().map(|end| self.chunk.offset(end));
        let mut signature = end.map_or_else(|| "class".to_owned(), |end| one_line(self.text(from, end)));
        if let (None, Some(given)) = (name, self.named(class.span)) {
            signature = signature.replacen("class", &format!("class {given}"), 1);
        }
        let mut found = self.declaration(class.span, signature);
        for member in &class.body {
            match member {
                ClassMember::Constructor(constructor) => {
                    let body = constructor.body.as_ref().map_or(constructor.span.hi, |body| body.span.lo);
                    let params = self.text(self.chunk.offset(constructor.key.span().hi), self.chunk.offset(body));
                    found.constructor = Some(one_line(params.trim_end_matches(';')));
                }
                ClassMember::ClassProp(field) if !field.is_static && !field.declare => {
                    let end = field.type_ann.as_ref().map_or(field.key.span().hi, |annotation| annotation.span.hi);
                    found.fields.push(one_line(self.text(self.chunk.offset(field.key.span().lo), self.chunk.offset(end))));
                }
                ClassMember::PrivateMethod(_) | ClassMember::PrivateProp(_) => found.private_members += 1,
                _ => {}
            }
        }
        self.found = Some(found);
    }

    fn top_level(&mut self, statement: &Stmt, wanted: &str) {
        let Stmt::Decl(declaration) = statement else { return };
        match declaration {
            Decl::Fn(function) if &*function.ident.sym == wanted => {
                self.function(Some(wanted), &function.function, function.function.span);
            }
            Decl::Class(class) if &*class.ident.sym == wanted => self.class(Some(&class.ident), &class.class),
            Decl::Var(variables) => {
                let keyword = match variables.kind {
                    VarDeclKind::Var => "var",
                    VarDeclKind::Let => "let",
                    VarDeclKind::Const => "const",
                };
                self.variables(keyword, variables.span, &variables.decls, wanted);
            }
            Decl::Using(using) => {
                let keyword = if using.is_await { "await using" } else { "using" };
                self.variables(keyword, using.span, &using.decls, wanted);
            }
            Decl::TsEnum(declaration) if &*declaration.id.sym == wanted => {
                let (from, _) = self.bounds(declaration.span);
                let head = one_line(self.text(from, self.chunk.offset(declaration.id.span.hi)));
                self.found = Some(self.declaration(declaration.span, head));
            }
            Decl::TsInterface(declaration) if &*declaration.id.sym == wanted => {
                let (from, body) = (self.bounds(declaration.span).0, self.chunk.offset(declaration.body.span.lo));
                let mut found = self.declaration(declaration.span, one_line(self.text(from, body)));
                let member = |member: &TsTypeElement| {
                    let (from, to) = self.bounds(member.span());
                    one_line(self.text(from, to).trim_end_matches([';', ',']))
                };
                found.fields = declaration.body.body.iter().map(member).collect();
                self.found = Some(found);
            }
            Decl::TsTypeAlias(alias) if &*alias.id.sym == wanted => {
                let (from, to) = self.bounds(alias.span);
                let text = one_line(self.text(from, to).trim_end_matches(';'));
                self.found = Some(self.declaration(alias.span, text));
            }
            Decl::TsModule(module) if matches!(&module.id, TsModuleName::Ident(name) if &*name.sym == wanted) => {
                self.found = Some(self.declaration(module.span, format!("namespace {wanted}")));
            }
            _ => {}
        }
    }

    fn variables(&mut self, keyword: &str, span: Span, declarators: &[VarDeclarator], wanted: &str) {
        for declarator in declarators.iter().rev() {
            let mut is_meant = false;
            each_name(&declarator.name, &mut |name| is_meant |= &*name.sym == wanted);
            if is_meant {
                let (from, to) = self.bounds(declarator.name.span());
                let name = if declarator.name.is_ident() { self.text(from, to) } else { wanted };
                let signature = one_line(&format!("{keyword} {name}"));
                self.found = Some(self.declaration(span, signature));
                return;
            }
        }
    }

    fn expect(&mut self, value: &Expr, start: Span, name: &str) {
        let (value, start) = (self.chunk.offset(value.span().lo), self.chunk.offset(start.lo));
        self.pending = Some(Pending { value, start, name: name.to_owned() });
    }
}

impl Visit for Finder<'_> {
    fn visit_fn_decl(&mut self, function: &FnDecl) {
        if self.wants(function.function.span) {
            self.function(Some(&function.ident.sym), &function.function, function.function.span);
        }
        function.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, function: &FnExpr) {
        if self.wants(function.function.span) {
            let name = function.ident.as_ref().map(|name| name.sym.to_string());
            self.function(name.as_deref(), &function.function, function.function.span);
        }
        function.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        if self.wants(arrow.span) {
            let (from, _) = self.bounds(arrow.span);
            let head = one_line(self.text(from, self.chunk.offset(arrow.body.span().lo)));
            // A body in parentheses begins inside of them.
            let head = head.trim_end_matches('(').trim_end().trim_end_matches("=>").trim_end();
            let (keyword, params) = match head.strip_prefix("async") {
                Some(params) if arrow.is_async => ("async ", params.trim_start()),
                _ => ("", head),
            };
            let params = if params.contains('(') { params.to_owned() } else { format!("({params})") };
            let signature = format!("{keyword}{}{params}", self.named(arrow.span).unwrap_or_default());
            self.found = Some(self.declaration(arrow.span, signature));
        }
        arrow.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        if self.wants(class.class.span) {
            self.class(Some(&class.ident), &class.class);
        }
        class.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, class: &ClassExpr) {
        if self.wants(class.class.span) {
            self.class(class.ident.as_ref(), &class.class);
        }
        class.visit_children_with(self);
    }

    fn visit_class_method(&mut self, method: &ClassMethod) {
        self.with_body(method.span, method.function.body.as_ref().map(|body| body.span));
        method.visit_children_with(self);
    }

    fn visit_private_method(&mut self, method: &PrivateMethod) {
        self.with_body(method.span, method.function.body.as_ref().map(|body| body.span));
        method.visit_children_with(self);
    }

    // A constructor is its class: what it leads to is found already.

    fn visit_method_prop(&mut self, method: &MethodProp) {
        self.with_body(method.span(), method.function.body.as_ref().map(|body| body.span));
        method.visit_children_with(self);
    }

    fn visit_getter_prop(&mut self, getter: &GetterProp) {
        self.with_body(getter.span, getter.function.body.as_ref().map(|body| body.span));
        getter.visit_children_with(self);
    }

    fn visit_setter_prop(&mut self, setter: &SetterProp) {
        self.with_body(setter.span, setter.function.body.as_ref().map(|body| body.span));
        setter.visit_children_with(self);
    }

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        for declarator in &variables.decls {
            if let (Some(init), Pat::Ident(name)) = (&declarator.init, &declarator.name) {
                self.expect(init, variables.span, &name.sym);
            }
            declarator.visit_with(self);
        }
    }

    fn visit_key_value_prop(&mut self, pair: &KeyValueProp) {
        if let PropName::Ident(name) = &pair.key {
            self.expect(&pair.value, name.span, &name.sym);
        }
        pair.visit_children_with(self);
    }

    fn visit_class_prop(&mut self, field: &ClassProp) {
        if let (Some(value), PropName::Ident(name)) = (&field.value, &field.key) {
            self.expect(value, field.span, &name.sym);
        }
        field.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        let (from, to) = self.bounds(assign.left.span());
        let target = self.text(from, to);
        let target = &target[target.ceil_char_boundary(target.len().saturating_sub(MAX_NAME))..];
        let name = target.rsplit('.').next().unwrap_or(target).trim().to_owned();
        self.expect(&assign.right, assign.span, &name);
        assign.visit_children_with(self);
    }
}

/// `function (a)`, `async function* <T>(a)` and the like, with a name.
fn with_name(head: &str, name: &str) -> String {
    const KEYWORD: &str = "function";
    let Some(at) = head.find(KEYWORD) else { return head.to_owned() };
    let (keyword, rest) = head.split_at(at + KEYWORD.len());
    let (star, rest) = rest.trim_start().strip_prefix('*').map_or(("", rest), |rest| ("*", rest));
    format!("{keyword}{star} {name}{}", rest.trim_start())
}

/// White space, as it was, made into single blanks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
