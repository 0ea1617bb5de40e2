//! `import.meta` in chunks. To V8 a chunk is a script, which has none. So it becomes a global of the kernel that stands
//! for it.

use swc_core::ecma::ast::{Expr, Ident, MetaPropKind};
use swc_core::ecma::visit::{VisitMut, VisitMutWith};

use crate::parse::Chunk;
use crate::source::edits::Edits;

/// The global, in as many UTF-16 code units as `import.meta` has: `kernel/js/globals.js` defines it.
const GLOBAL: &str = "importmetaǃ";

/// How the words are written by nearly everybody.
const WRITTEN: &str = "import.meta";

/// Replaces each `import.meta` in the tree, and tells the edits that do the same to the text.
pub(crate) fn take(chunk: &mut Chunk, source: &str) -> Edits {
    let mut edits = Edits::default();
    if !source.contains("meta") {
        return edits;
    }
    let base = chunk.base;
    let mut taker = Taker { base, source, edits: &mut edits };
    chunk.program.visit_mut_with(&mut taker);
    edits
}

struct Taker<'a> {
    base: u32,
    source: &'a str,
    edits: &'a mut Edits,
}

impl VisitMut for Taker<'_> {
    fn visit_mut_expr(&mut self, expression: &mut Expr) {
        expression.visit_mut_children_with(self);
        let Expr::MetaProp(meta) = expression else { return };
        if meta.kind != MetaPropKind::ImportMeta {
            return;
        }
        let span = meta.span;
        let (from, to) = (span.lo.0.saturating_sub(self.base) as usize, span.hi.0.saturating_sub(self.base) as usize);
        if self.source.get(from..to) == Some(WRITTEN) {
            // No position moves.
            for (at, with) in GLOBAL.chars().enumerate() {
                self.edits.substitute(from + at, with);
            }
        } else {
            self.edits.blank(from, to);
            self.edits.insert(from, GLOBAL);
        }
        *expression = Ident::new_no_ctxt(GLOBAL.into(), span).into();
    }
}
