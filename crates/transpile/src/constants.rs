//! Constants that are none to V8: what assigns to one throws, as it would if it were.
//!
//! `const` is emitted as `let`, for V8 lets nothing take the place of a real one. So an assignment whose target is a constant of the
//! session gets another target: a property `c` of a throw-away object whose setter throws V8's own TypeError. That holds for every form
//! of assignment alike, operands are evaluated as ever, and the name stays where it was. What `eval` assigns is not seen, nor is a
//! function of an earlier chunk that assigned to the name before it became a constant.

use crate::assigned::{self, Target};
use crate::edits::Edits;
use crate::homes::Homes;
use crate::parse::Chunk;
use crate::shadow::MARK;

/// Plans new targets for the assignments to constants.
pub(crate) fn guard(chunk: &Chunk, homes: &Homes<'_>, edits: &mut Edits) {
    if !homes.has_constants() {
        return;
    }
    for Target { at, end, name, shorthand } in assigned::find(chunk, homes.meter, |name| homes.is_constant(name)) {
        if shorthand {
            edits.insert(at, format!("{name}:"));
        }
        edits.insert(at, format!("new class{{get {name}{MARK}(){{return {name}}}set {name}{MARK}(_){{const $=0;$"));
        // An insertion of its own, so that the place where it throws, the `=`, leads back to the target.
        edits.insert(at, "=_}}().");
        // A name that no other setter has: stacks leave its frame out.
        edits.insert(end, "ǃ");
    }
}
