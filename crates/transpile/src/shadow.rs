//! Imports by the names of the environment's own globals, such as `setTimeout` or `Map`.
//!
//! A property of the global object would be everybody's: modules that know nothing of the import would find it instead of what they
//! mean. So such a name is held under another one, which differs in its last letter, and the chunks of the session say that.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::edits::Edits;
use crate::free_names::{self, FreeNames};
use crate::homes::Homes;
use crate::parse::Chunk;
use crate::types_only;

/// What the other name ends in. Unlikely enough to be nobody's name.
pub(crate) const MARK: char = 'ǃ';

/// Plans the other names of what a chunk says by names of such imports.
pub(crate) fn rename(chunk: &Chunk, homes: &Homes<'_>, edits: &mut Edits) {
    let mut uses = free_names::find(chunk, homes.meter, |program, free| {
        let mut uses = Uses { homes, free, found: Vec::new() };
        program.visit_with(&mut uses);
        uses.found
    });
    uses.sort_unstable();
    uses.dedup();
    for (end, shorthand) in uses {
        let at = end as usize - chunk.base as usize;
        match shorthand {
            Some(name) => edits.insert(at, format!(":{name}{MARK}")),
            None => edits.insert(at, "ǃ"),
        }
    }
}

struct Uses<'a> {
    homes: &'a Homes<'a>,
    free: FreeNames,
    /// Where each ends, and its name if it is a property, too.
    found: Vec<(u32, Option<String>)>,
}

impl Uses<'_> {
    fn name(&mut self, name: &Ident, shorthand: bool) {
        if self.free.has(name) && self.homes.is_shadow(&name.sym) {
            self.found.push((name.span.hi.0, shorthand.then(|| name.sym.to_string())));
        }
    }
}

impl Visit for Uses<'_> {
    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Ident(name) => self.name(name, false),
            // An assignment to it throws already.
            Expr::Update(update) if update.arg.is_ident() => {}
            _ => expr.visit_children_with(self),
        }
    }

    fn visit_prop(&mut self, property: &Prop) {
        match property {
            Prop::Shorthand(name) => self.name(name, true),
            _ => property.visit_children_with(self),
        }
    }

    fn visit_decl(&mut self, declaration: &Decl) {
        if !types_only::leaves_nothing(declaration) {
            declaration.visit_children_with(self);
        }
    }

    fn visit_ts_type(&mut self, _: &TsType) {}
    fn visit_ts_expr_with_type_args(&mut self, _: &TsExprWithTypeArgs) {}
}
