//! `using` and `await using` at the top level: disposed of at the end of their chunk.
//!
//! V8's REPL mode treats such a declaration as a `const` and disposes of nothing. So the chunk becomes a block, which
//! disposes as the language defines it, after errors and awaits, too; the names of the resources live as long as the
//! resources. All other declarations of the chunk must outlive the block. `let`, `const` and classes are declared
//! before it and assigned in place. Variables leave blocks by themselves. Functions, which exist from the block's
//! beginning, are handed out there.

use swc_core::common::Spanned;
use swc_core::ecma::ast::*;

use crate::plan::planner::Planner;

/// Hands a function out of the block. Unlikely enough to be nobody's name.
const HAND_OUT: &str = "$ǃ";

impl Planner<'_> {
    /// A statement of a chunk that becomes a block: whether it is done with.
    pub(crate) fn in_block(&mut self, statement: &Stmt) -> bool {
        let Some(block) = &mut self.block else { return false };
        match statement {
            Stmt::Decl(Decl::Class(class)) if !class.declare && !self.homes.is_global(&class.ident.sym) => {
                let name = class.ident.sym.to_string();
                self.plan.edits.insert(self.chunk.offset(class.class.span.lo), format!("void({name}="));
                self.plan.edits.insert(self.chunk.offset(class.class.span.hi), ");");
                block.lexicals.push(name);
                true
            }
            Stmt::Decl(Decl::Fn(function)) => {
                let name = function.ident.sym.to_string();
                if !function.declare && function.function.body.is_some() && block.seen.insert(name.clone()) {
                    let declared = if self.homes.is_global(&name) { &mut block.globals } else { &mut block.lexicals };
                    declared.push(name.clone());
                    block.functions.push(name);
                }
                true
            }
            _ => false,
        }
    }

    /// Puts the block around the chunk's statements, but for directives.
    pub(crate) fn enclose(&mut self) {
        let Some(block) = self.block.take() else { return };
        let mut statements = self.chunk.statements().filter(|statement| !statement.can_precede_directive());
        let Some(first) = statements.next() else { return };
        let last = statements.next_back().unwrap_or(first);
        let mut before = String::new();
        for (keyword, names) in [("let", &block.lexicals), ("var", &block.globals)] {
            if !names.is_empty() {
                before += &format!("{keyword} {};", names.join(","));
            }
        }
        before.push('{');
        let functions = || block.functions.iter().enumerate();
        functions().for_each(|(index, name)| before += &format!("const {HAND_OUT}{index}=_=>{name}=_;"));
        before.push('{');
        functions().for_each(|(index, name)| before += &format!("{HAND_OUT}{index}({name});"));
        self.plan.edits.insert_first(self.chunk.offset(first.span_lo()), before);
        self.plan.edits.insert(self.chunk.offset(last.span_hi()), "}}");
    }
}
