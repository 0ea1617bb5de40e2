//! Whether a string that is being typed is the specifier of a module.

use crate::pieces::{Piece, Pieces};

/// Whether the pieces before a string announce a specifier for `require`: `require(`, `require.resolve(`.
pub(crate) fn is_required(pieces: &Pieces) -> bool {
    match &pieces.list[..] {
        [before @ .., Piece::Name("require"), Piece::Sign("(")] => !is_member(before),
        [before @ .., Piece::Name("require"), Piece::Sign("."), Piece::Name("resolve"), Piece::Sign("(")] => !is_member(before),
        _ => false,
    }
}

/// Whether they announce one for `import`: `import`, `from`, `import(`, `import.meta.resolve(`.
pub(crate) fn is_imported(pieces: &Pieces) -> bool {
    match &pieces.list[..] {
        [before @ .., Piece::Name("import")] => !is_member(before),
        [before @ .., Piece::Name("from")] => ends_clause(before),
        [before @ .., Piece::Name("import"), Piece::Sign("(")] => !is_member(before),
        [
            before @ ..,
            Piece::Name("import"),
            Piece::Sign("."),
            Piece::Name("meta"),
            Piece::Sign("."),
            Piece::Name("resolve"),
            Piece::Sign("("),
        ] => !is_member(before),
        _ => false,
    }
}

fn is_member(before: &[Piece]) -> bool {
    matches!(before.last(), Some(Piece::Sign("." | "?." | "#")))
}

/// Whether `before` ends with the names of an import or export: only then `from` is no name.
fn ends_clause(before: &[Piece]) -> bool {
    if !matches!(before.last(), Some(Piece::Name(_) | Piece::Sign("}" | "*"))) {
        return false;
    }
    let is_part = |piece: &&Piece| matches!(piece, Piece::Name(_) | Piece::String(_) | Piece::Sign("{" | "}" | "," | "*"));
    before.iter().rev().take_while(is_part).any(|piece| matches!(piece, Piece::Name("import" | "export")))
}
