//! Positions in the user's coordinates: which scripts were emitted from other text, and the mapping back.

use std::collections::HashMap;

use drupe_protocol::{NOWHERE, Position, SourceMap, event::Location, marks::MARK};

/// Scripts with this prefix are the kernel's own; their frames are not shown.
const INTERNAL: &str = "drupe:";

/// What the names of functions begin with that the transpiler adds where a chunk becomes a block. A number follows.
const HAND_OUT: &str = "$ǃ";

/// The source maps of the session's scripts, by name. Scripts that run as they were typed have none.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    maps: HashMap<String, SourceMap>,
}

impl Scripts {
    /// Remembers how to lead back from `script`; a newer script of the same name replaces the older.
    pub(crate) fn insert(&mut self, script: &str, map: Option<SourceMap>) {
        match map {
            Some(map) => self.maps.insert(script.to_owned(), map),
            None => self.maps.remove(script),
        };
    }

    /// Whether any script needs mapping.
    pub(crate) fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// The user's position for an emitted one; that itself where nobody wrote the code.
    pub(crate) fn position(&self, script: &str, emitted: Position) -> Position {
        self.written(script, emitted).unwrap_or(emitted)
    }

    /// The user's position for an emitted one, if somebody wrote the code there.
    pub(crate) fn written(&self, script: &str, emitted: Position) -> Option<Position> {
        let position = self.maps.get(script).map_or(emitted, |map| map.source_position(emitted));
        (position.line != NOWHERE).then_some(position)
    }

    /// A location for V8's one-based line and column; `None` for the kernel's own scripts, and for code that nobody
    /// wrote.
    pub(crate) fn location(&self, script: String, line: usize, column: usize) -> Option<Location> {
        if is_internal(&script) {
            return None;
        }
        let zero_based = |number: usize| u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
        let position = self.written(&script, Position { line: zero_based(line), column: zero_based(column) })?;
        Some(Location::new(script, position))
    }
}

/// Whether `script` is one of the kernel's own.
pub(crate) fn is_internal(script: &str) -> bool {
    script.starts_with(INTERNAL)
}

/// Whether the transpiler added this function to guard a constant. Its frame is left out; the caller's frame gets its
/// position. The name may be that of a call site, up to the parenthesis before its place.
pub(crate) fn is_guard(function: &str) -> bool {
    let function = function.trim_end_matches(['(', ' ']);
    let whole = function.split(" [as ").next().unwrap_or(function);
    let (before, name) = whole.rsplit_once(' ').unwrap_or(("", whole));
    let accessor = before.rsplit('.').next().is_some_and(|word| matches!(word, "get" | "set"));
    let handed_out = name.strip_prefix(HAND_OUT);
    (accessor && name.ends_with(MARK))
        || handed_out.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_guard;

    #[test]
    fn only_what_the_transpiler_adds_is_a_guard() {
        for name in ["set cǃ", "get cǃ", "set cǃ (", "Object.set cǃ [as cǃ] (", "$ǃ0", "$ǃ10 ("] {
            assert!(is_guard(name), "{name}");
        }
        for name in ["ǃx", "ǃx (", "xǃ (", "Object.ǃx (", "a.xǃ [as y] (", "set c (", "$ǃx", "$ǃ", "new cǃ (", ""] {
            assert!(!is_guard(name), "{name}");
        }
    }
}
