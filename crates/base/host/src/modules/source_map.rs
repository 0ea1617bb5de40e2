//! Reads source maps of version 3, as compilers write them beside JavaScript. Pure: it opens nothing.

use serde::Deserialize;

/// How many places a map may have. What has more is not read.
const MAX_SEGMENTS: usize = 4_000_000;

/// How many texts a map may lead to.
const MAX_SOURCES: usize = 100_000;

/// The source of a place that leads nowhere.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What a map says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SourceMap {
    pub(super) sources: Vec<Source>,
    /// Line and column in the compiled text; the number of the source, or [`NOWHERE`]; line and column there. All count
    /// from 0. In the order of the compiled text.
    pub(super) segments: Vec<[u32; 5]>,
}

/// A text that was compiled.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// As the map names it: a URL, or a path from where the map is.
    pub(super) name: String,
    pub(super) text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    source_root: Option<String>,
    #[serde(default)]
    sources: Vec<Option<String>>,
    #[serde(default)]
    sources_content: Option<Vec<Option<String>>>,
    #[serde(default)]
    mappings: String,
    #[serde(default)]
    sections: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    offset: Offset,
    map: Written,
}

#[derive(Deserialize)]
struct Offset {
    line: u32,
    column: u32,
}

/// Reads a map. `None`: it is none, or is too large.
pub(super) fn read(text: &str) -> Option<SourceMap> {
    // Some servers begin it so that it is no script.
    let text = match text.strip_prefix(")]}'") {
        Some(rest) => rest.split_once('\n')?.1,
        None => text,
    };
    // Of itself serde takes an array of the fields, too.
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let written: Written = serde_json::from_str(text).ok()?;
    let mut map = SourceMap::default();
    match written.sections.is_empty() {
        true => add(&mut map, written, [0, 0])?,
        false => {
            for Section { offset, map: part } in written.sections {
                add(&mut map, part, [offset.line, offset.column])?;
            }
        }
    }
    map.segments.sort_by_key(|segment| [segment[0], segment[1]]);
    Some(map)
}

/// Adds a map whose compiled text begins at `offset`.
fn add(map: &mut SourceMap, written: Written, offset: [u32; 2]) -> Option<()> {
    let first = u32::try_from(map.sources.len()).ok()?;
    if map.sources.len() + written.sources.len() > MAX_SOURCES {
        return None;
    }
    let root = written.source_root.unwrap_or_default();
    let root = if root.is_empty() || root.ends_with('/') { root } else { root + "/" };
    let mut texts = written.sources_content.unwrap_or_default().into_iter();
    for name in written.sources {
        let name = name.map(|name| root.clone() + &name).unwrap_or_default();
        map.sources.push(Source { name, text: texts.next().flatten() });
    }
    let count = map.sources.len() as i64;
    let (mut source, mut line, mut column) = (0_i64, 0_i64, 0_i64);
    for (down, mappings) in (0_u32..).zip(written.mappings.split(';')) {
        let mut at = 0_i64;
        for segment in mappings.split(',').filter(|segment| !segment.is_empty()) {
            let fields = Fields::read(segment)?;
            at += fields.values[0];
            let right = if down == 0 { offset[1] } else { 0 };
            let place = [offset[0].checked_add(down)?, u32::try_from(at).ok()?.checked_add(right)?];
            let from = if fields.count >= 4 {
                source += fields.values[1];
                line += fields.values[2];
                column += fields.values[3];
                if source < 0 || i64::from(first) + source >= count {
                    return None;
                }
                [first + u32::try_from(source).ok()?, u32::try_from(line).ok()?, u32::try_from(column).ok()?]
            } else {
                [NOWHERE, 0, 0]
            };
            if map.segments.len() == MAX_SEGMENTS {
                return None;
            }
            map.segments.push([place[0], place[1], from[0], from[1], from[2]]);
        }
    }
    Some(())
}

/// The numbers of one segment.
struct Fields {
    values: [i64; 5],
    count: usize,
}

impl Fields {
    fn read(text: &str) -> Option<Self> {
        let mut fields = Self { values: [0; 5], count: 0 };
        let (mut value, mut shift) = (0_i64, 0);
        for byte in text.bytes() {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            if shift > 30 {
                return None;
            }
            value |= i64::from(digit & 31) << shift;
            shift += 5;
            if digit & 32 == 0 {
                *fields.values.get_mut(fields.count)? = if value & 1 == 1 { -(value >> 1) } else { value >> 1 };
                fields.count += 1;
                (value, shift) = (0, 0);
            }
        }
        // What goes on ends here.
        (shift == 0 && matches!(fields.count, 1 | 4 | 5)).then_some(fields)
    }
}

/// What the last comment of a text says of its map: a URL, or a path from where the text is.
pub(super) fn mentioned(text: &str) -> Option<&str> {
    text.rsplit('\n').take_while(|line| is_end(line)).find_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("//# ").or_else(|| line.strip_prefix("//@ "))?;
        let url = rest.trim_start().strip_prefix("sourceMappingURL=")?.trim();
        (!url.is_empty() && !url.contains(|char: char| char.is_whitespace() || matches!(char, '\'' | '"'))).then_some(url)
    })
}

/// Whether a line may stand behind the end of a program.
fn is_end(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("//")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{NOWHERE, mentioned, read};

    #[test]
    fn maps_are_read() {
        let map = read(
            r#"{"version":3,"sourceRoot":"/src","sources":["a.ts","b.ts"],"sourcesContent":["let a",null],"mappings":"AAAA,IAAI;;ACCJ,E"}"#,
        )
        .unwrap();
        assert_eq!(map.segments, [[0, 0, 0, 0, 0], [0, 4, 0, 0, 4], [2, 0, 1, 1, 0], [2, 2, NOWHERE, 0, 0]]);
        let sources: Vec<_> = map.sources.iter().map(|source| (&*source.name, source.text.as_deref())).collect();
        assert_eq!(sources, [("/src/a.ts", Some("let a")), ("/src/b.ts", None)]);
        // Sections, and the beginning that keeps it from being a script.
        let part = r#"{"version":3,"sources":["x.ts"],"mappings":"AAAA;AACA"}"#;
        let text = format!(
            ")]}}'\n{{\"version\":3,\"sections\":[{{\"offset\":{{\"line\":0,\"column\":0}},\"map\":{part}}},{{\"offset\":{{\"line\":5,\"column\":7}},\"map\":{part}}}]}}"
        );
        let map = read(&text).unwrap();
        assert_eq!(map.segments, [[0, 0, 0, 0, 0], [1, 0, 0, 1, 0], [5, 7, 1, 0, 0], [6, 0, 1, 1, 0]]);
    }

    #[test]
    fn what_is_no_map_is_none() {
        for text in [
            "",
            "[]",
            "{\"mappings\": 1}",
            r#"{"sources":["a"],"mappings":"A!"}"#,
            r#"{"sources":["a"],"mappings":"AA"}"#,
            r#"{"sources":["a"],"mappings":"ACAA"}"#,
            r#"{"sources":["a"],"mappings":"ADAA"}"#,
            r#"{"sources":["a"],"mappings":"AADA"}"#,
            r#"{"sources":["a"],"mappings":"g"}"#,
            r#"{"sources":["a"],"mappings":"ggggggggggggggA"}"#,
            r#"{"sources":["a"],"mappings":"D"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_mentions_its_map_at_its_end() {
        for (text, expected) in [
            ("x\n//# sourceMappingURL=a.js.map", Some("a.js.map")),
            ("x\n//# sourceMappingURL=a.js.map\n\n// end\n", Some("a.js.map")),
            ("x\r\n//@ sourceMappingURL=data:application/json;base64,e30=\r\n", Some("data:application/json;base64,e30=")),
            ("//# sourceMappingURL=old.map\nx()\n", None),
            ("x //# sourceMappingURL=a.map", None),
            ("//# sourceMappingURL=a b", None),
            ("//# sourceMappingURL=", None),
            ("", None),
        ] {
            assert_eq!(mentioned(text), expected, "{text:?}");
        }
    }
}
