//! Constants, which V8 holds as `let`: an assignment to one throws, as for a real constant.
//!
//! `const` is emitted as `let`, because V8 lets no declaration replace a real one. So an assignment whose target is a
//! constant of the session gets another target: a property `c` of a temporary object, whose setter throws V8's own
//! TypeError. That holds for every form of assignment, operands are evaluated as usual, and the name stays where it
//! was. Assignments in `eval` are not seen, nor those in a function of an earlier chunk that assigned to the name
//! before it became a constant.
//!
//! A constant of a chunk that failed may hold nothing, because its declaration was not reached. The next chunk that
//! assigns to it finds that out at its beginning, once for the session: one that holds nothing, or `undefined`, is a
//! variable from then on, and the setter sets it. Only to functions of the failed chunk itself it stays a constant.

use drupe_protocol::marks;

use crate::decide::assigned::Target;
use crate::decide::homes::Homes;
use crate::source::edits::Edits;

/// The statement that finds it out, unless an earlier chunk did.
pub(crate) fn decide(name: &str) -> String {
    let free = marks::free(name);
    format!("let {free}=(()=>{{try{{return {free}}}catch{{try{{return {name}===void 0}}catch{{return true}}}}}})();")
}

/// Plans new targets for the assignments to constants.
pub(crate) fn guard(assigned: Vec<Target>, homes: &Homes<'_>, edits: &mut Edits) {
    for Target { at, end, name, shorthand } in assigned {
        if shorthand {
            edits.insert(at, format!("{name}:"));
        }
        let free = homes.is_perhaps_constant(&name).then(|| marks::free(&name));
        let [head, tail] = marks::guard(&name, free.as_deref());
        edits.insert(at, head);
        // An insertion of its own, so that the place where it throws, the `=`, leads back to the target.
        edits.insert(at, tail);
        // A name that no other setter has: stacks leave its frame out.
        edits.insert(end, marks::MARK.to_string());
    }
}
