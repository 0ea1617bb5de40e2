//! The names in a chunk that no inner scope declares, and that therefore belong to the session.

use swc_core::common::{GLOBALS, Globals, Mark, SyntaxContext};
use swc_core::ecma::ast::{Ident, Program};
use swc_core::ecma::transforms::base::resolver;
use swc_ecma_parser_metered::metered::Meter;

use crate::parse::Chunk;
use crate::parse::cost;

/// Knows the names of a program that no inner scope declares.
#[derive(Clone, Copy)]
pub(crate) struct FreeNames {
    /// The contexts of such names; `None`: not known yet, so all names count.
    contexts: Option<[SyntaxContext; 3]>,
}

impl FreeNames {
    pub(crate) fn has(self, name: &Ident) -> bool {
        self.contexts.is_none_or(|contexts| contexts.contains(&name.ctxt))
    }
}

/// What `look` finds in a chunk among its free names.
///
/// It looks twice: which names inner scopes have of their own is worth knowing only where there is anything to find at
/// all.
pub(crate) fn find<T>(chunk: &Chunk, meter: &Meter<'_>, look: impl Fn(&Program, FreeNames) -> Vec<T>) -> Vec<T> {
    let candidates = look(&chunk.program, FreeNames { contexts: None });
    if candidates.is_empty() || !cost::may_resolve(&chunk.program, meter) {
        return candidates;
    }
    GLOBALS.set(&Globals::new(), || {
        let (unresolved, top_level) = (Mark::new(), Mark::new());
        let mut program = chunk.program.clone();
        program.mutate(resolver(unresolved, top_level, true));
        let empty = SyntaxContext::empty();
        let contexts = Some([empty, empty.apply_mark(unresolved), empty.apply_mark(top_level)]);
        look(&program, FreeNames { contexts })
    })
}
