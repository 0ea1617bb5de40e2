//! The fourth stage: the changes to a chunk. It takes the chunk and what was decided about its names. It gives edits of
//! the source where blanks and short insertions suffice, and says otherwise which constructs need new code.

pub(crate) mod blank;
pub(crate) mod blank_class;
pub(crate) mod blank_expr;
pub(crate) mod constants;
pub(crate) mod openings;
pub(crate) mod planner;
pub(crate) mod redeclare;
pub(crate) mod shadow;
pub(crate) mod using;
pub(crate) mod variables;

use std::collections::HashSet;

use swc_core::common::Spanned as _;

use self::blank::{Erasure, Needs};
use crate::decide::Decided;
use crate::parse::{self, Chunk};
use crate::source::edits::Edits;

/// The changes that make a script of a chunk.
pub(crate) enum Changes {
    /// The source is edited in place.
    Edits(Edits),
    /// The program is transformed and printed.
    Print {
        needs: Needs,
        /// Functions that must come first.
        hoist: HashSet<String>,
    },
}

/// Plans the changes. Imports that are written in place are taken out of `decided`.
pub(crate) fn plan(chunk: &Chunk, source: &str, decided: &mut Decided<'_>) -> Changes {
    let homes = decided.homes.as_ref();
    let declarations = homes.map(|homes| redeclare::plan(chunk, source, homes)).unwrap_or_default();
    let erasure = match parse::is_plain(chunk, source) {
        true => Erasure::default(),
        false => blank::erase(chunk, source, |_| false),
    };
    if erasure.needs.any() || !declarations.hoist.is_empty() {
        return Changes::Print { needs: erasure.needs, hoist: declarations.hoist };
    }
    let mut edits = std::mem::take(&mut decided.imports).write(chunk, homes);
    edits.append(erasure.edits);
    edits.append(declarations.edits);
    parenthesize(chunk, source, &mut edits);
    Changes::Edits(edits)
}

/// Puts parentheses around an expression that was read as if it had some.
fn parenthesize(chunk: &Chunk, source: &str, edits: &mut Edits) {
    let Some(expression) = parse::ends::inner_expression(chunk) else { return };
    let span = expression.span();
    let (from, to) = (chunk.offset(span.lo), chunk.offset(span.hi));
    match from.checked_sub(1).map(|before| source.as_bytes()[before]) {
        Some(b' ' | b'\t') => edits.substitute(from - 1, '('),
        _ => edits.insert(from, "("),
    }
    edits.insert(to, ")");
}
