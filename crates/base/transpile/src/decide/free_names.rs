//! The names in a chunk that no inner scope declares, and that therefore belong to the session.

use swc_core::common::{GLOBALS, Globals, Mark, SyntaxContext};
use swc_core::ecma::ast::{Ident, Program};
use swc_core::ecma::transforms::base::resolver;
use swc_ecma_parser_metered::metered::Meter;

use crate::decide::cost;
use crate::parse::Chunk;

/// Knows the names of a program that no inner scope declares.
#[derive(Clone, Copy, Default)]
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
    let candidates = look(&chunk.program, FreeNames::default());
    if candidates.is_empty() {
        return candidates;
    }
    resolved(&chunk.program, meter, look).unwrap_or(candidates)
}

/// What `look` finds in a program where it is known which names are free. `None`: that is too costly to know.
pub(crate) fn resolved<T>(program: &Program, meter: &Meter<'_>, look: impl FnOnce(&Program, FreeNames) -> T) -> Option<T> {
    if !cost::may_resolve(program, meter) {
        return None;
    }
    GLOBALS.set(&Globals::new(), || {
        let (unresolved, top_level) = (Mark::new(), Mark::new());
        let mut program = program.clone();
        program.mutate(resolver(unresolved, top_level, true));
        let empty = SyntaxContext::empty();
        let contexts = Some([empty, empty.apply_mark(unresolved), empty.apply_mark(top_level)]);
        Some(look(&program, FreeNames { contexts }))
    })
}
