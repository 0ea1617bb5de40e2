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
    /// Of scripts that somebody else has compiled.
    originals: HashMap<String, Originals>,
}

/// Where a script came from that was compiled before it was loaded.
#[derive(Debug)]
pub(crate) struct Originals {
    /// The names of the originals.
    pub(crate) names: Vec<String>,
    /// Line and column in the script, the number of the original or [`NOWHERE`], line and column there; in the order of
    /// the script.
    pub(crate) segments: Vec<[u32; 5]>,
}

impl Originals {
    /// The place that a position in the script came from.
    fn place(&self, at: Position) -> Option<Location> {
        let after = self.segments.partition_point(|segment| (segment[0], segment[1]) <= (at.line, at.column));
        let [line, _, name, from_line, from_column] = *self.segments.get(after.checked_sub(1)?)?;
        let name = self.names.get(name as usize).filter(|_| line == at.line)?;
        Some(Location::new(&**name, Position { line: from_line, column: from_column }))
    }
}

impl Scripts {
    /// Remembers how to lead back from `script`; a newer script of the same name replaces the older.
    pub(crate) fn insert(&mut self, script: &str, map: Option<SourceMap>) {
        match map {
            Some(map) => self.maps.insert(script.to_owned(), map),
            None => self.maps.remove(script),
        };
    }

    /// Remembers where a script came from, or that it came from nowhere else.
    pub(crate) fn set_originals(&mut self, script: &str, originals: Option<Originals>) {
        match originals {
            Some(originals) => self.originals.insert(script.to_owned(), originals),
            None => self.originals.remove(script),
        };
    }

    /// Whether any script needs mapping.
    pub(crate) fn is_empty(&self) -> bool {
        self.maps.is_empty() && self.originals.is_empty()
    }

    /// The user's place for an emitted one, if somebody wrote the code there.
    pub(crate) fn place(&self, script: &str, emitted: Position) -> Option<Location> {
        let position = self.written(script, emitted)?;
        let original = self.originals.get(script).and_then(|originals| originals.place(position));
        Some(original.unwrap_or_else(|| Location::new(script, position)))
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
        self.place(&script, Position { line: zero_based(line), column: zero_based(column) })
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
    use drupe_protocol::Position;

    use super::{NOWHERE, Originals, Scripts, is_guard};

    #[test]
    fn a_place_leads_to_the_original() {
        let mut scripts = Scripts::default();
        let originals =
            Originals { names: vec!["a.ts".into()], segments: vec![[0, 4, 0, 7, 2], [1, 0, NOWHERE, 0, 0], [2, 0, 0, 9, 1]] };
        scripts.set_originals("a.js", Some(originals));
        let place = |script: &str, line, column| {
            let at = scripts.place(script, Position { line, column }).unwrap();
            (at.script.to_string(), at.position.line, at.position.column)
        };
        assert_eq!(place("a.js", 0, 6), ("a.ts".into(), 7, 2));
        assert_eq!(place("a.js", 2, 0), ("a.ts".into(), 9, 1));
        for (line, column) in [(0, 0), (1, 5), (3, 0)] {
            assert_eq!(place("a.js", line, column), ("a.js".into(), line, column));
        }
        assert_eq!(place("b.js", 0, 6), ("b.js".into(), 0, 6));
    }

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
