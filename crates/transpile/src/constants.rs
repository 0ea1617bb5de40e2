//! Constants, which V8 holds as `let`: an assignment to one throws, as for a real constant.
//!
//! `const` is emitted as `let`, because V8 lets no declaration replace a real one. So an assignment whose target is a
//! constant of the session gets another target: a property `c` of a temporary object, whose setter throws V8's own
//! TypeError. That holds for every form of assignment, operands are evaluated as usual, and the name stays where it
//! was. A constant of a chunk that failed may hold nothing, because its declaration was not reached: then the setter
//! sets it. Assignments in `eval` are not seen, nor those in a function of an earlier chunk that assigned to the name
//! before it became a constant.

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
    let guarded = |name: &str| homes.is_constant(name) || homes.is_perhaps_constant(name);
    for Target { at, end, name, shorthand } in assigned::find(chunk, homes.meter, guarded) {
        if shorthand {
            edits.insert(at, format!("{name}:"));
        }
        let is_perhaps = homes.is_perhaps_constant(&name);
        let test = if is_perhaps { format!("if({name}===void 0){name}=_;else{{") } else { String::new() };
        edits.insert(at, format!("new class{{get {name}{MARK}(){{return {name}}}set {name}{MARK}(_){{{test}const $=0;$"));
        // An insertion of its own, so that the place where it throws, the `=`, leads back to the target.
        edits.insert(at, if is_perhaps { "=_}}}()." } else { "=_}}()." });
        // A name that no other setter has: stacks leave its frame out.
        edits.insert(end, "ǃ");
    }
}
