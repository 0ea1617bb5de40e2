//! The forms of variable declarations in a home that is not their own.
//!
//! Where V8 holds a `let`, a `var` becomes an assignment (`void` keeps it without a value), because `let x` would make
//! the earlier value unreachable. Only the first declaration of the name in the chunk becomes `let`, which repairs a
//! binding that was never initialised. Where V8 holds a property of the global object, `let` and `const` become `var`.
//! A declaration with declarators of several homes is split.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::bindings::each_name;
use crate::plan::planner::Planner;

/// The length of `var` and `let`; neither can be written with escapes.
const KEYWORD: usize = 3;

/// What a declarator becomes.
#[derive(PartialEq)]
enum Form {
    /// A declarator of this keyword.
    Keyword(&'static str),
    /// Nothing.
    Dropped,
    /// An expression or declaration of other shape, around it.
    Wrapped(String, String),
}

/// Where a `var` stands that is not at the top level.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Statement,
    /// The first part of `for (;;)`.
    ForInit,
    /// Before `in` or `of`.
    ForHead,
}

impl Planner<'_> {
    /// A declaration that is a statement of the chunk.
    pub(crate) fn variables(&mut self, variables: &VarDecl) {
        if variables.kind == VarDeclKind::Var && !self.concerns(variables) {
            return;
        }
        let last = variables.decls.len().saturating_sub(1);
        let forms: Vec<Form> = variables
            .decls
            .iter()
            .enumerate()
            .map(|(index, declarator)| match variables.kind {
                VarDeclKind::Var => self.form_of_var(declarator),
                VarDeclKind::Let | VarDeclKind::Const => self.form_of_lexical(declarator, index == last),
            })
            .collect();
        self.write(variables, &forms);
    }

    fn form_of_lexical(&mut self, declarator: &VarDeclarator, is_last: bool) -> Form {
        let (globals, lexicals) = self.names_by_home(&declarator.name);
        let in_block = self.block.is_some();
        match globals.first() {
            None if in_block => self.assigned_in_block(declarator, lexicals),
            None => Form::Keyword("let"),
            Some(global) if !lexicals.is_empty() => {
                // Both homes in one pattern: the lexical names are declared before, and the pattern is assigned.
                let declared = if in_block { String::new() } else { format!("let {};", lexicals.join(",")) };
                self.declare_before_block(lexicals);
                Form::Wrapped(format!("{declared}var {global}=("), format!(",{global})"))
            }
            Some(_) => {
                if declarator.init.is_none() {
                    // `var x;` alone would keep the value.
                    let end = self.chunk.offset(declarator.span.hi);
                    self.plan.edits.insert(end, if is_last { "=void 0;" } else { "=void 0" });
                }
                Form::Keyword("var")
            }
        }
    }

    /// What is declared before the block that the chunk becomes, and assigned here.
    fn assigned_in_block(&mut self, declarator: &VarDeclarator, names: Vec<String>) -> Form {
        self.declare_before_block(names);
        let after = if declarator.init.is_none() { "=void 0)" } else { ")" };
        Form::Wrapped("void(".into(), after.into())
    }

    fn declare_before_block(&mut self, names: Vec<String>) {
        if let Some(block) = &mut self.block {
            block.lexicals.extend(names);
        }
    }

    fn form_of_var(&mut self, declarator: &VarDeclarator) -> Form {
        let (globals, lexicals) = self.names_by_home(&declarator.name);
        if lexicals.is_empty() {
            return Form::Keyword("var");
        }
        if declarator.init.is_none() {
            return Form::Dropped;
        }
        if !globals.is_empty() {
            return Form::Wrapped(format!("var {};void(", globals.join(",")), ")".into());
        }
        let opened = lexicals.iter().any(|name| self.homes.is_opened(name));
        if !opened && self.declared.are_first(self.chunk, &declarator.name, self.chunk.offset(declarator.span.hi)) {
            if self.block.is_none() {
                return Form::Keyword("let");
            }
            self.declare_before_block(lexicals);
        }
        Form::Wrapped("void(".into(), ")".into())
    }

    fn write(&mut self, variables: &VarDecl, forms: &[Form]) {
        let keyword = self.chunk.offset(variables.span.lo);
        let length = if variables.kind == VarDeclKind::Const { "const".len() } else { KEYWORD };
        let edits = &mut self.plan.edits;
        let mut previous: Option<(&Form, usize)> = None;
        for (declarator, form) in variables.decls.iter().zip(forms) {
            let (from, to) = (self.chunk.offset(declarator.span.lo), self.chunk.offset(declarator.span.hi));
            match (previous, form) {
                (Some((Form::Keyword(before), _)), Form::Keyword(word)) if before == word => {}
                (None, Form::Keyword(word)) => {
                    edits.blank(keyword, keyword + length);
                    word.chars().enumerate().for_each(|(index, letter)| edits.substitute(keyword + index, letter));
                }
                (None, Form::Dropped) => {
                    edits.blank(keyword, to);
                    edits.substitute(keyword, ';');
                }
                (None, Form::Wrapped(..)) => edits.blank(keyword, keyword + length),
                (Some((_, end)), _) => {
                    if let Some(comma) = self.text.expect(end, b',') {
                        edits.substitute(comma, ';');
                    }
                    match form {
                        Form::Keyword(word) => edits.insert(from, format!("{word} ")),
                        Form::Dropped => edits.blank(from, to),
                        Form::Wrapped(..) => {}
                    }
                }
            }
            if let Form::Wrapped(before, after) = form {
                edits.insert(from, before.clone());
                edits.insert(to, after.clone());
            }
            previous = Some((form, to));
        }
    }

    /// A `var` inside a statement becomes assignments.
    fn nested(&mut self, variables: &VarDecl, place: Place) {
        if variables.kind != VarDeclKind::Var || variables.declare || !self.concerns(variables) {
            return;
        }
        for declarator in &variables.decls {
            let (globals, _) = self.names_by_home(&declarator.name);
            self.globals.extend(globals);
        }
        let (Some(first), Some(last)) = (variables.decls.first(), variables.decls.last()) else { return };
        let (keyword, end) = (self.chunk.offset(variables.span.lo), self.chunk.offset(last.span.hi));
        let edits = &mut self.plan.edits;
        if place != Place::ForHead && variables.decls.iter().all(|declarator| declarator.init.is_none()) {
            edits.blank(keyword, end);
            if place == Place::Statement {
                edits.substitute(keyword, ';');
            }
            return;
        }
        edits.blank(keyword, keyword + KEYWORD);
        if place == Place::Statement {
            edits.insert(self.chunk.offset(first.span.lo), "void(");
            edits.insert(end, ")");
        }
    }

    /// Whether a declaration has a name that V8 would not take where it lives.
    fn concerns(&self, variables: &VarDecl) -> bool {
        let mut concerns = false;
        for declarator in &variables.decls {
            each_name(&declarator.name, &mut |name| concerns |= self.homes.is_conflict(&name.sym));
        }
        concerns
    }

    /// The names of a pattern: those of the global object, and the lexical ones.
    fn names_by_home(&self, pattern: &Pat) -> (Vec<String>, Vec<String>) {
        let mut names = Vec::new();
        each_name(pattern, &mut |name| names.push(name.sym.to_string()));
        names.into_iter().partition(|name| self.homes.is_global(name))
    }
}

/// Finds what is hoisted out of statements; expressions, functions and classes declare nothing outside themselves.
impl Visit for Planner<'_> {
    fn visit_var_decl(&mut self, variables: &VarDecl) {
        self.nested(variables, Place::Statement);
    }

    fn visit_for_stmt(&mut self, statement: &ForStmt) {
        if let Some(VarDeclOrExpr::VarDecl(variables)) = &statement.init {
            self.nested(variables, Place::ForInit);
        }
        statement.body.visit_with(self);
    }

    fn visit_for_head(&mut self, head: &ForHead) {
        if let ForHead::VarDecl(variables) = head {
            self.nested(variables, Place::ForHead);
        }
    }

    fn visit_expr(&mut self, _: &Expr) {}
    fn visit_function(&mut self, _: &Function) {}
    fn visit_class(&mut self, _: &Class) {}
    fn visit_ts_module_decl(&mut self, _: &TsModuleDecl) {}
}
