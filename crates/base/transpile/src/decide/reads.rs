//! Finds a chunk's reads of names of its session.

use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::free_names::{self, FreeNames};
use crate::parse::Chunk;
use crate::parse::types_only;

/// A name that is read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Read {
    /// Where it begins and ends, in bytes of the source.
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
    /// It is a property, too: `{ name }`.
    pub(crate) shorthand: bool,
}

/// The free names that the chunk reads and that are `wanted`, in source order.
pub(crate) fn find(chunk: &Chunk, meter: &Meter<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Read> {
    let mut reads = free_names::find(chunk, meter, |program, free| {
        let mut reads = Reads { chunk, wanted: &wanted, free, found: Vec::new() };
        program.visit_with(&mut reads);
        reads.found
    });
    reads.sort_unstable();
    reads.dedup();
    reads
}

struct Reads<'a, W> {
    chunk: &'a Chunk,
    wanted: &'a W,
    free: FreeNames,
    found: Vec<Read>,
}

impl<W: Fn(&str) -> bool> Reads<'_, W> {
    fn name(&mut self, name: &Ident, shorthand: bool) {
        if self.free.has(name) && (self.wanted)(&name.sym) {
            let (at, end) = (self.chunk.offset(name.span.lo), self.chunk.offset(name.span.hi));
            self.found.push(Read { at, end, name: name.sym.to_string(), shorthand });
        }
    }
}

impl<W: Fn(&str) -> bool> Visit for Reads<'_, W> {
    fn visit_expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Ident(name) => self.name(name, false),
            // A target, as those of assignments are.
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
