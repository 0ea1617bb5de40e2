//! Finds what a text says of names that the session holds, and that has to be written otherwise.

use crate::decide::assigned::{self, Target};
use crate::decide::declared::Declared;
use crate::decide::homes::Homes;
use crate::decide::reads::{self, Read};
use crate::parse::Chunk;

/// What a text says of such names.
pub(crate) struct Uses {
    /// The declarations, if some may have to change.
    pub(crate) declared: Option<Declared>,
    /// Assignments to names that are constants, or may be.
    pub(crate) constants: Vec<Target>,
    /// Reads of imports that are held under another name.
    pub(crate) shadow_reads: Vec<Read>,
    /// Assignments to such imports that are no constants: what they import failed.
    pub(crate) shadow_targets: Vec<Target>,
    /// Reads of `_` and `_error` where a failed declaration hides them.
    pub(crate) hidden: Vec<Read>,
}

impl Uses {
    /// Finds them in a chunk. `None`: nothing has to change, or V8 refuses the chunk in every session.
    pub(crate) fn find(chunk: &Chunk, homes: &Homes<'_>) -> Option<Self> {
        if !homes.matter() {
            return None;
        }
        let declared = homes.changes_declarations().then(|| Declared::of(chunk, homes));
        if declared.as_ref().is_some_and(Declared::has_clash) {
            return None;
        }
        let meter = homes.meter;
        let is_constant = |name: &str| homes.is_constant(name) || homes.is_perhaps_constant(name);
        let is_failed_shadow = |name: &str| homes.is_shadow(name) && !homes.is_constant(name);
        Some(Self {
            declared,
            constants: if homes.has_constants() { assigned::find(chunk, meter, is_constant) } else { Vec::new() },
            shadow_reads: reads::find(chunk, meter, |name| homes.is_shadow(name)),
            shadow_targets: assigned::find(chunk, meter, is_failed_shadow),
            hidden: reads::find(chunk, meter, |name| is_last_value(name) && homes.is_hidden(name)),
        })
    }
}

/// The names that the environment changes with every run.
fn is_last_value(name: &str) -> bool {
    matches!(name, "_" | "_error")
}
