//! The changes to the program of a chunk that is going to be transformed and printed.

use std::collections::HashSet;

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::VisitMutWith as _;
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::Decided;
use crate::decide::cost;
use crate::decide::placed::Place;
use crate::parse::types_only::{is_type_only, leaves_nothing};
use crate::parse::{self, Chunk};
use crate::plan::namespaces;
use crate::source::diagnostic::Diagnostic;
use crate::source::options::Options;

/// Writes the imports into a program, moves the functions of `hoist`, and lets the parts of namespaces see each other.
///
/// # Errors
///
/// When it would take too long to transform.
pub(super) fn change(
    chunk: &mut Chunk,
    options: &Options,
    decided: &Decided<'_>,
    hoist: &HashSet<String>,
    meter: &Meter<'_>,
) -> Result<(), Diagnostic> {
    let homes = decided.homes.as_ref();
    let program = &mut chunk.program;
    put_first(program, imports(decided, meter));
    move_first(program, hoist);
    if !cost::may_transform(program, meter) {
        return Err(cost::too_costly(options));
    }
    namespaces::join(program, |name| homes.and_then(|homes| homes.exports(name)));
    Ok(())
}

/// The statements that make the imports. They are parsed, because they are written as text.
fn imports(decided: &Decided<'_>, meter: &Meter<'_>) -> Vec<Stmt> {
    let mut statements = Vec::new();
    for (statement, span) in decided.imports.statements(decided.homes.as_ref()) {
        let Some(mut parsed) = parse::printed(&statement, meter) else { continue };
        parsed.program.visit_mut_with(&mut Place(span));
        statements.extend(parsed.statements().cloned());
    }
    statements
}

/// Puts statements before all others, but for directives.
fn put_first(program: &mut Program, statements: Vec<Stmt>) {
    match program {
        Program::Script(script) => {
            let at = script.body.iter().take_while(|statement| may_lead(statement)).count();
            script.body.splice(at..at, statements);
        }
        Program::Module(module) => {
            let at = module.body.iter().take_while(leads).count();
            module.body.splice(at..at, statements.into_iter().map(ModuleItem::Stmt));
        }
    }
}

/// Moves the functions that `names` has before all other statements, where their hoisting would have put them.
fn move_first(program: &mut Program, names: &HashSet<String>) {
    let stays = |statement: &Stmt| !matches!(statement, Stmt::Decl(Decl::Fn(function)) if names.contains(&*function.ident.sym));
    match program {
        Program::Script(script) => {
            let directives = script.body.iter().take_while(|statement| may_lead(statement)).count();
            script.body[directives..].sort_by_key(stays);
        }
        Program::Module(module) => {
            let directives = module.body.iter().take_while(leads).count();
            module.body[directives..].sort_by_key(|item| item.as_stmt().is_none_or(stays));
        }
    }
}

/// Whether a directive may stand behind an item: it is one, or leaves nothing behind.
fn leads(item: &&ModuleItem) -> bool {
    match item {
        ModuleItem::Stmt(statement) => may_lead(statement),
        ModuleItem::ModuleDecl(declaration) => is_type_only(declaration),
    }
}

fn may_lead(statement: &Stmt) -> bool {
    statement.can_precede_directive() || statement.as_decl().is_some_and(leaves_nothing)
}
