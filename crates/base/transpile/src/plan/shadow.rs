//! Imports by the names of the environment's own globals, such as `setTimeout` or `Map`.
//!
//! A property of the global object would be visible everywhere: modules that know nothing of the import would find it
//! instead of the global. So such a name is held under another name, which differs in its last letter, and the chunks
//! of the session use that name.

use std::collections::HashSet;

use crate::decide::assigned;
use crate::decide::homes::{Homes, MARK};
use crate::decide::reads;
use crate::parse::Chunk;
use crate::source::edits::Edits;

/// Plans the other names of what a chunk says by names of such imports.
pub(crate) fn rename(chunk: &Chunk, homes: &Homes<'_>, edits: &mut Edits) {
    let mut renamed = HashSet::new();
    for read in reads::find(chunk, homes.meter, |name| homes.is_shadow(name)) {
        renamed.insert(read.end);
        if read.shorthand {
            edits.insert(read.end, format!(":{}{MARK}", read.name));
        } else {
            edits.insert(read.end, "ǃ");
        }
    }
    // One whose import failed is no constant.
    for target in assigned::find(chunk, homes.meter, |name| homes.is_shadow(name) && !homes.is_constant(name)) {
        if !renamed.insert(target.end) {
            continue;
        }
        if target.shorthand {
            edits.insert(target.at, format!("{}:", target.name));
        }
        edits.insert(target.end, "ǃ");
    }
}
