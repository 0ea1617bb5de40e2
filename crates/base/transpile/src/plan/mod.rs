//! The fourth stage: the changes to a chunk. It takes the chunk and what was decided about its names. It gives edits of
//! the source where blanks and short insertions suffice. Otherwise it changes the program, and says which constructs
//! need new code.

pub(crate) mod blank;
pub(crate) mod blank_class;
pub(crate) mod blank_expr;
pub(crate) mod constants;
pub(crate) mod namespaces;
pub(crate) mod openings;
pub(crate) mod planner;
pub(crate) mod program;
pub(crate) mod qualify;
pub(crate) mod redeclare;
pub(crate) mod shadow;
pub(crate) mod using;
pub(crate) mod variables;

use swc_ecma_parser_metered::metered::Meter;

use self::blank::{Erasure, Needs};
use self::planner::Plan;
use crate::decide::Decided;
use crate::decide::homes::Homes;
use crate::decide::uses::Uses;
use crate::parse::Chunk;
use crate::source::diagnostic::Diagnostic;
use crate::source::edits::Edits;
use crate::source::options::Options;

/// The changes that make a script of a chunk.
pub(crate) enum Changes {
    /// The source is edited in place.
    Edits(Edits),
    /// The program, which has changed, is transformed for what it has, and printed.
    Print(Needs),
}

/// Plans the changes. Takes their parts out of `decided`.
pub(crate) fn plan(
    chunk: &mut Chunk,
    source: &str,
    options: &Options,
    decided: &mut Decided<'_>,
    meter: &Meter<'_>,
) -> Result<Changes, Diagnostic> {
    let homes = decided.homes.as_ref();
    let declarations = match (homes, decided.uses.take()) {
        (Some(homes), Some(uses)) => redeclare::plan(chunk, source, homes, uses),
        _ => Plan::default(),
    };
    let erasure = match chunk.is_plain(source) {
        true => Erasure::default(),
        false => blank::erase(chunk, source, |_| false),
    };
    if erasure.needs.any() || !declarations.hoist.is_empty() {
        program::change(chunk, options, decided, &declarations.hoist, meter)?;
        return Ok(Changes::Print(erasure.needs));
    }
    let mut edits = std::mem::take(&mut decided.imports).write(chunk, homes);
    edits.append(erasure.edits);
    edits.append(declarations.edits);
    parenthesize(chunk, source, &mut edits);
    Ok(Changes::Edits(edits))
}

/// The edits of printed text: its declarations are written for where their names live.
pub(crate) fn of_printed(printed: &Chunk, text: &str, homes: &Homes<'_>, uses: Uses) -> Edits {
    redeclare::plan(printed, text, homes, uses).edits
}

/// Puts parentheses around an expression that was read as if it had some.
fn parenthesize(chunk: &Chunk, source: &str, edits: &mut Edits) {
    let Some(inner) = &chunk.parenthesized else { return };
    match inner.start.checked_sub(1).map(|before| source.as_bytes()[before]) {
        Some(b' ' | b'\t') => edits.substitute(inner.start - 1, '('),
        _ => edits.insert(inner.start, "("),
    }
    edits.insert(inner.end, ")");
}
