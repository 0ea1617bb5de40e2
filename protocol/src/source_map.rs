//! The source map: the one table that maps positions in emitted code back to the user's text.

use serde::{Deserialize, Serialize};

/// A zero-based place in a text: `line`, and `column` in UTF-16 code units, as V8 and the Chrome DevTools Protocol
/// count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Zero-based line.
    pub line: u32,
    /// Zero-based column in UTF-16 code units.
    pub column: u32,
}

/// Maps places in emitted code to places in the user's source.
///
/// Each segment is `[line, column, source_line, source_column]`, all zero-based, columns in UTF-16 code units. Segments
/// are **sorted by their first two numbers**. A place between two segments belongs to the earlier one, as in the source
/// map standard; the distance to it is added to the source column, so that blanked or shifted code maps exactly. A
/// segment whose source line is [`NOWHERE`] marks code that the transpiler added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceMap {
    /// The segments, sorted by emitted line, then emitted column.
    pub segments: Vec<[u32; 4]>,
}

/// The source line of code that was made by the compiler alone.
pub const NOWHERE: u32 = u32::MAX;

impl SourceMap {
    /// The source position of an emitted position, whose line is [`NOWHERE`] where there is none; without a segment on
    /// or before it on its line, the position itself.
    #[must_use]
    pub fn source_position(&self, emitted: Position) -> Position {
        let after = self.segments.partition_point(|s| (s[0], s[1]) <= (emitted.line, emitted.column));
        match after.checked_sub(1).map(|index| self.segments[index]) {
            Some([line, _, NOWHERE, _]) if line == emitted.line => Position { line: NOWHERE, column: 0 },
            Some([line, column, source_line, source_column]) if line == emitted.line => {
                Position { line: source_line, column: source_column + (emitted.column - column) }
            }
            _ => emitted,
        }
    }
}
