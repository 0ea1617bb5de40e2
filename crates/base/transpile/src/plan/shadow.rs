//! Imports by the names of the environment's own globals, such as `setTimeout` or `Map`.
//!
//! A property of the global object would be visible everywhere: modules that know nothing of the import would find it
//! instead of the global. So such a name is held under another name, which differs in its last letter, and the chunks
//! of the session use that name.

use std::collections::HashSet;

use drupe_protocol::marks::MARK;

use crate::decide::assigned::Target;
use crate::decide::reads::Read;
use crate::source::edits::Edits;

/// Plans the other names of what a chunk says by names of such imports.
pub(crate) fn rename(reads: Vec<Read>, targets: Vec<Target>, edits: &mut Edits) {
    let mut renamed = HashSet::new();
    for read in reads {
        renamed.insert(read.end);
        if read.shorthand {
            edits.insert(read.end, format!(":{}{MARK}", read.name));
        } else {
            edits.insert(read.end, "ǃ");
        }
    }
    for target in targets {
        if !renamed.insert(target.end) {
            continue;
        }
        if target.shorthand {
            edits.insert(target.at, format!("{}:", target.name));
        }
        edits.insert(target.end, "ǃ");
    }
}
