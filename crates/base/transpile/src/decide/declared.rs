//! Counts how often a chunk declares each name, and finds uses of names that V8 holds elsewhere.

use std::collections::HashMap;

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::decide::bindings::each_name;
use crate::decide::homes::Homes;
use crate::parse::Chunk;

/// How often a chunk declares a name.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) lexical: u32,
    pub(crate) variables: u32,
    pub(crate) functions: u32,
}

/// What a chunk declares at its top level, and where it mentions the names in conflict.
#[derive(Default)]
pub(crate) struct Declared {
    pub(crate) counts: HashMap<String, Count>,
    mentions: HashMap<String, Vec<usize>>,
}

impl Declared {
    pub(crate) fn of(chunk: &Chunk, homes: &Homes<'_>) -> Self {
        let mut declared = Self::default();
        declared.count(chunk, homes);
        declared
    }

    fn count(&mut self, chunk: &Chunk, homes: &Homes<'_>) {
        for statement in chunk.statements() {
            match statement {
                Stmt::Decl(Decl::Class(class)) if !class.declare => self.entry(&class.ident).lexical += 1,
                Stmt::Decl(Decl::Fn(function)) if !function.declare && function.function.body.is_some() => {
                    self.entry(&function.ident).functions += 1;
                }
                Stmt::Decl(Decl::Var(variables)) if !variables.declare && variables.kind != VarDeclKind::Var => {
                    let declarators = variables.decls.iter();
                    declarators.for_each(|declarator| each_name(&declarator.name, &mut |name| self.entry(name).lexical += 1));
                }
                Stmt::Decl(Decl::Using(using)) => {
                    let declarators = using.decls.iter();
                    declarators.for_each(|declarator| each_name(&declarator.name, &mut |name| self.entry(name).lexical += 1));
                }
                _ => {}
            }
        }
        // What is hoisted from anywhere, and all mentions.
        let mut walk = Walk { chunk, homes, declared: self, depth: 0 };
        chunk.program.visit_with(&mut walk);
    }

    fn entry(&mut self, name: &Ident) -> &mut Count {
        self.counts.entry(name.sym.to_string()).or_default()
    }

    /// Whether V8 refuses the chunk in every session.
    pub(crate) fn has_clash(&self) -> bool {
        self.counts.values().any(|count| count.lexical > 1 || (count.lexical > 0 && count.variables + count.functions > 0))
    }

    /// Whether all names of a pattern are declared nowhere else in the chunk and not mentioned before byte `end`.
    pub(crate) fn are_first(&self, chunk: &Chunk, pattern: &Pat, end: usize) -> bool {
        let mut first = true;
        each_name(pattern, &mut |name| {
            let own = chunk.offset(name.span.lo);
            let count = self.counts.get(&*name.sym).copied().unwrap_or_default();
            first &= count.variables + count.functions == 1 && !self.is_mentioned_before(&name.sym, end, own);
        });
        first
    }

    pub(crate) fn is_mentioned_before(&self, name: &str, end: usize, except: usize) -> bool {
        self.mentions.get(name).is_some_and(|places| places.iter().any(|&at| at < end && at != except))
    }
}

struct Walk<'a> {
    chunk: &'a Chunk,
    homes: &'a Homes<'a>,
    declared: &'a mut Declared,
    /// How many functions and classes enclose the place.
    depth: u32,
}

impl Walk<'_> {
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.depth += 1;
        visit(self);
        self.depth -= 1;
    }
}

impl Visit for Walk<'_> {
    fn visit_ident(&mut self, name: &Ident) {
        if self.homes.is_conflict(&name.sym) {
            let at = self.chunk.offset(name.span.lo);
            self.declared.mentions.entry(name.sym.to_string()).or_default().push(at);
        }
    }

    fn visit_var_decl(&mut self, variables: &VarDecl) {
        if self.depth == 0 && variables.kind == VarDeclKind::Var && !variables.declare {
            for declarator in &variables.decls {
                each_name(&declarator.name, &mut |name| self.declared.entry(name).variables += 1);
            }
        }
        variables.visit_children_with(self);
    }

    fn visit_function(&mut self, function: &Function) {
        self.inside(|walk| function.visit_children_with(walk));
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        self.inside(|walk| arrow.visit_children_with(walk));
    }

    fn visit_class(&mut self, class: &Class) {
        self.inside(|walk| class.visit_children_with(walk));
    }

    fn visit_object_lit(&mut self, object: &ObjectLit) {
        // Getters and setters are no `Function` to the parser.
        self.inside(|walk| object.visit_children_with(walk));
    }

    fn visit_ts_module_decl(&mut self, module: &TsModuleDecl) {
        self.inside(|walk| module.visit_children_with(walk));
    }
}
