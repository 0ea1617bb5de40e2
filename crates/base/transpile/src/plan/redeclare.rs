//! Redeclaration of any name as anything: declarations are written for the home of their names ([`Home`](crate::Home)).
//!
//! Mostly a keyword changes in place. This file decides about whole chunks, classes and functions; `variables` has the
//! forms of variable declarations. A chunk that declares a name twice where the language forbids it is left unchanged:
//! V8 refuses it.

use drupe_lexer::Text;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::VisitWith;

use crate::decide::homes::Homes;
use crate::decide::uses::Uses;
use crate::parse::Chunk;
use crate::plan::constants;
use crate::plan::openings;
use crate::plan::planner::{Block, Plan, Planner};
use crate::plan::shadow;

/// Plans the changes to a chunk's declarations, and to its `uses` of names that the session holds.
pub(crate) fn plan(chunk: &Chunk, source: &str, homes: &Homes<'_>, uses: Uses) -> Plan {
    let mut plan = Plan::default();
    if let Some(declared) = uses.declared {
        let block = homes.disposes.then(Block::default);
        let mut planner = Planner { chunk, text: Text(source), homes, declared, plan, globals: Vec::new(), block };
        for statement in chunk.statements() {
            planner.top_level(statement);
        }
        plan = planner.finish();
    }
    constants::guard(uses.constants, homes, &mut plan.edits);
    shadow::rename(uses.shadow_reads, uses.shadow_targets, &mut plan.edits);
    openings::plan(chunk, homes, &uses.hidden, &mut plan.edits);
    plan
}

impl Planner<'_> {
    fn finish(mut self) -> Plan {
        self.enclose();
        if !self.globals.is_empty() {
            let first = self.chunk.statements().find(|statement| !statement.can_precede_directive());
            let at = first.map_or(0, |statement| self.chunk.offset(statement.span_lo()));
            self.plan.edits.insert_first(at, format!("var {};", self.globals.join(",")));
        }
        self.plan
    }

    fn top_level(&mut self, statement: &Stmt) {
        if self.in_block(statement) {
            return;
        }
        match statement {
            Stmt::Decl(Decl::Class(class)) => {
                if !class.declare && self.homes.is_conflict(&class.ident.sym) && self.homes.is_global(&class.ident.sym) {
                    self.plan.edits.insert(self.chunk.offset(class.class.span.lo), format!("var {}=", class.ident.sym));
                    self.plan.edits.insert(self.chunk.offset(class.class.span.hi), ";");
                }
            }
            Stmt::Decl(Decl::Fn(function)) => self.function(function),
            Stmt::Decl(Decl::Var(variables)) if variables.declare => {}
            Stmt::Decl(Decl::Var(variables)) => self.variables(variables),
            Stmt::Decl(_) => {}
            _ => statement.visit_with(self),
        }
    }

    /// A function where V8 holds a `let`. It has no name of its own then, so that it calls itself by what the name
    /// means today.
    fn function(&mut self, function: &FnDecl) {
        let name = &function.ident;
        if function.declare
            || function.function.body.is_none()
            || !self.homes.is_conflict(&name.sym)
            || self.homes.is_global(&name.sym)
        {
            return;
        }
        let (from, to) = (self.chunk.offset(function.function.span.lo), self.chunk.offset(function.function.span.hi));
        let own = self.chunk.offset(name.span.lo);
        if self.declared.is_mentioned_before(&name.sym, from, own) {
            self.plan.hoist.insert(name.sym.to_string());
        }
        let count = self.declared.counts.entry(name.sym.to_string()).or_default();
        if count.functions > 1 {
            // A later one takes its place from the beginning.
            count.functions -= 1;
            self.plan.edits.blank(from, to);
            self.plan.edits.substitute(from, ';');
        } else {
            self.plan.edits.insert(from, format!("let {}=", name.sym));
            self.plan.edits.blank(own, self.chunk.offset(name.span.hi));
            self.plan.edits.insert(to, ";");
        }
    }
}
