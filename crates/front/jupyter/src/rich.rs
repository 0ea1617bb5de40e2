//! Values in richer formats than text, where a front end can show them: tables of records and maps, images, charts.
//!
//! A value that says itself how it is shown is not looked at here. **Every bundle has a `text/plain` that stands
//! alone.**

#![expect(clippy::wildcard_enum_match_arm, reason = "a value of another kind has no richer format")]

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use drupe_client::{
    Value,
    preview::{Entry, Key, Kind, Node, Object},
    value::TypedArrayKind,
};
use drupe_preview::number_text;
use serde_json::{Map, Value as Json};

/// How many rows and columns of a table are shown.
const MAX_ROWS: usize = 50;
const MAX_COLUMNS: usize = 50;

/// How many characters of a cell of a table are shown.
const MAX_CELL: usize = 200;

/// Contents by their formats.
pub(crate) type Bundle = Map<String, Json>;

/// The formats of a value: of the value itself, where it came as data, or of its tree. `text` is its text.
pub(crate) fn rich(value: Option<&Value>, tree: Option<&Node>, text: &str) -> Bundle {
    let mut bundle = Bundle::new();
    let chart = value.and_then(chart);
    if let Some((mime, spec)) = chart {
        bundle.insert(mime, spec);
    } else if let Some((mime, bytes)) = value.and_then(image) {
        bundle.insert(mime.to_owned(), STANDARD.encode(bytes).into());
    } else if let Some(table) = value.and_then(Table::of_value).or_else(|| tree.and_then(Table::of_tree)) {
        bundle.insert("text/html".to_owned(), table.html().into());
    }
    bundle.insert("text/plain".to_owned(), text.into());
    bundle
}

/// The bytes of a value that has any.
pub(crate) fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::ArrayBuffer(bytes) | Value::TypedArray(_, bytes) => Some(bytes),
        _ => None,
    }
}

/// The format of an image, by its first bytes.
fn image(value: &Value) -> Option<(&'static str, &[u8])> {
    let bytes: &[u8] = match value {
        Value::ArrayBuffer(bytes) | Value::TypedArray(TypedArrayKind::Uint8 | TypedArrayKind::Uint8Clamped, bytes) => bytes,
        _ => return None,
    };
    let mime = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        "image/jpeg"
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        "image/gif"
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        "image/webp"
    } else {
        return None;
    };
    Some((mime, bytes))
}

/// A specification of Vega or Vega-Lite, by its schema.
fn chart(value: &Value) -> Option<(String, Json)> {
    let Value::Object(entries) = value else { return None };
    let schema = entries.iter().find(|(key, _)| key == "$schema")?.1.as_str()?;
    let rest = schema.split_once("vega.github.io/schema/")?.1;
    let (library, version) = rest.split_once("/v")?;
    let name = match library {
        "vega-lite" => "vegalite",
        "vega" => "vega",
        _ => return None,
    };
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    let spec = serde_json::to_value(value).ok()?;
    (!major.is_empty()).then(|| (format!("application/vnd.{name}.v{major}+json"), spec))
}

/// A table.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    columns: Vec<String>,
    /// A cell is `None` where a record has no such key.
    rows: Vec<Vec<Option<String>>>,
    /// How many rows there are.
    total: u64,
    /// What a row is called.
    unit: &'static str,
}

impl Table {
    /// A list of records, or a map.
    pub(crate) fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let records = items.iter().take(MAX_ROWS).map(|item| match item {
                    Value::Object(entries) => Some(entries.iter().map(|(key, value)| (key.clone(), cell(value))).collect()),
                    _ => None,
                });
                let rest_fits = items.iter().skip(MAX_ROWS).all(|item| matches!(item, Value::Object(_)));
                Self::of_records(records.collect::<Option<_>>().filter(|_| rest_fits)?, items.len() as u64)
            }
            Value::Map(entries) if !entries.is_empty() => {
                let rows = entries.iter().take(MAX_ROWS).map(|(key, value)| vec![Some(cell(key)), Some(cell(value))]);
                Some(Self::of_entries(rows.collect(), entries.len() as u64))
            }
            _ => None,
        }
    }

    /// The same of a tree, which is there for what is too large to come as data.
    pub(crate) fn of_tree(node: &Node) -> Option<Self> {
        let Node::Object(object) = node else { return None };
        let size = object.size.unwrap_or(0);
        match object.kind {
            Kind::Array if size > 0 => {
                let records = object.entries.iter().take_while(|entry| entry.key == Key::Item).filter_map(record).take(MAX_ROWS);
                Self::of_records(records.collect::<Option<_>>()?, size)
            }
            Kind::Map if size > 0 => {
                let rows = object.entries.iter().take(MAX_ROWS).filter_map(|entry| match &entry.key {
                    Key::Value(key) => Some(vec![Some(text(key)), Some(text(&entry.value))]),
                    _ => None,
                });
                Some(Self::of_entries(rows.collect(), size))
            }
            _ => None,
        }
    }

    fn of_records(records: Vec<Vec<(String, String)>>, total: u64) -> Option<Self> {
        let mut columns = Vec::<String>::new();
        for (key, _) in records.iter().flatten() {
            if columns.len() < MAX_COLUMNS && !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        let row = |mut record: Vec<(String, String)>| {
            let take = |column| record.iter().position(|(key, _)| key == column).map(|at| record.swap_remove(at).1);
            columns.iter().map(take).collect()
        };
        let rows = records.into_iter().map(row).collect();
        (!columns.is_empty()).then_some(Self { columns, rows, total, unit: "row" })
    }

    fn of_entries(rows: Vec<Vec<Option<String>>>, total: u64) -> Self {
        Self { columns: vec!["key".to_owned(), "value".to_owned()], rows, total, unit: "entry" }
    }

    /// The table as a page shows it. **All text is escaped.**
    fn html(&self) -> String {
        let mut html = "<table>\n<thead><tr><th></th>".to_owned();
        // A string takes all that is written.
        let _ = self.columns.iter().try_for_each(|column| write!(html, "<th>{}</th>", escape(column)));
        html.push_str("</tr></thead>\n<tbody>\n");
        for (index, row) in self.rows.iter().enumerate() {
            let _ = write!(html, "<tr><th>{index}</th>");
            for cell in row {
                let _ = write!(html, "<td>{}</td>", cell.as_deref().map(escape).unwrap_or_default());
            }
            html.push_str("</tr>\n");
        }
        let (total, shown, unit) = (self.total, self.rows.len() as u64, self.unit);
        let units = if unit == "row" { "rows" } else { "entries" };
        let count = if total == 1 { format!("1 {unit}") } else { format!("{total} {units}") };
        let count = if shown < total { format!("{count}, the first {shown} are shown") } else { count };
        let columns = if unit == "row" { format!(" × {} columns", self.columns.len()) } else { String::new() };
        let _ = write!(html, "</tbody>\n</table>\n<p>{count}{columns}</p>");
        html
    }
}

/// The keys and values of an element that is a record. `None` within: it is something else.
fn record(entry: &Entry) -> Option<Option<Vec<(String, String)>>> {
    let (object, is_plain) = match &entry.value {
        Node::MoreItems(_) => return None,
        Node::Object(object) => (object, object.kind == Kind::Plain && !object.cut),
        _ => return Some(None),
    };
    let entries = object.entries.iter().filter_map(|entry| match &entry.key {
        Key::Name(name) => Some((name.as_str().to_owned(), text(&entry.value))),
        _ => None,
    });
    Some(is_plain.then(|| entries.collect()))
}

/// The text of a value in a table.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Undefined | Value::Hole => String::new(),
        Value::Number(number) => number_text(*number),
        Value::Opaque(opaque) => opaque.text.clone(),
        // Without a text of its own it is shown as JSON.
        other => match serde_json::to_value(other) {
            Ok(Json::String(text)) => text,
            Ok(json) => json.to_string(),
            Err(_) => "…".to_owned(),
        },
    };
    cut(text)
}

/// The text of a node in a table.
fn text(node: &Node) -> String {
    match node {
        Node::String(excerpt) => {
            let text = excerpt.text.as_str();
            if excerpt.more > 0 { format!("{text}…") } else { cut(text.to_owned()) }
        }
        Node::Undefined => String::new(),
        Node::Object(object) => cut(of_object(object)),
        other => cut(drupe_preview::render(other, &drupe_preview::Options::default())),
    }
}

fn of_object(object: &Object) -> String {
    let options = drupe_preview::Options { break_length: usize::MAX, ..drupe_preview::Options::default() };
    drupe_preview::render(&Node::Object(Box::new(object.clone())), &options).trim().to_owned()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Text as HTML shows it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn html(value: &Value) -> String {
        let bundle = rich(Some(value), None, "text");
        assert_eq!(bundle["text/plain"], "text");
        bundle.get("text/html").and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    #[test]
    fn records_are_a_table_with_all_their_columns() {
        let rows = vec![object(&[("a", 1.into()), ("b", "<x> & 'y'".into())]), object(&[("c", Value::Null), ("a", 2.5.into())])];
        assert_eq!(
            html(&Value::Array(rows)),
            "<table>\n<thead><tr><th></th><th>a</th><th>b</th><th>c</th></tr></thead>\n<tbody>\n\
             <tr><th>0</th><td>1</td><td>&lt;x&gt; &amp; &#39;y&#39;</td><td></td></tr>\n\
             <tr><th>1</th><td>2.5</td><td></td><td>null</td></tr>\n</tbody>\n</table>\n<p>2 rows × 3 columns</p>"
        );
        let many = Value::Array((0..1000).map(|number| object(&[("n", number.into())])).collect());
        let html_of_many = html(&many);
        assert!(html_of_many.ends_with("<p>1000 rows, the first 50 are shown × 1 columns</p>"), "{html_of_many}");
        assert_eq!(html_of_many.matches("<tr>").count(), 51);
        for none in
            [Value::Array(Vec::new()), Value::Array(vec![object(&[]), 1.into()]), Value::Array(vec![object(&[])]), object(&[])]
        {
            assert_eq!(html(&none), "", "{none:?}");
        }
    }

    #[test]
    fn maps_are_tables() {
        let map = Value::Map(vec![("<k>".into(), object(&[("deep", vec![1].into())]))]);
        let table = html(&map);
        assert!(
            table.contains("<td>&lt;k&gt;</td><td>{&quot;deep&quot;:[1]}</td>") && table.contains("<p>1 entry</p>"),
            "{table}"
        );
    }

    #[test]
    fn a_tree_stands_for_what_is_too_large() {
        let record = |number: f64| {
            let entries = vec![
                Entry { key: Key::Name("n".into()), value: Node::Number(number) },
                Entry {
                    key: Key::Name("at".into()),
                    value: Node::Object(Box::new(Object { kind: Kind::Date, text: "2020".into(), ..Object::default() })),
                },
            ];
            Entry::from(Node::Object(Box::new(Object { entries, ..Object::default() })))
        };
        let mut entries: Vec<_> = (0..3).map(|number| record(f64::from(number))).collect();
        entries.push(Entry::from(Node::MoreItems(997)));
        let list = |entries| Node::Object(Box::new(Object { kind: Kind::Array, size: Some(1000), entries, ..Object::default() }));
        let bundle = rich(None, Some(&list(entries.clone())), "text");
        let html = bundle["text/html"].as_str().unwrap();
        assert!(html.contains("<tr><th>2</th><td>2</td><td>2020</td></tr>") && html.contains("1000 rows, the first 3"), "{html}");
        entries.insert(1, Entry::from(Node::Null));
        assert!(!rich(None, Some(&list(entries)), "text").contains_key("text/html"));
    }

    #[test]
    fn charts_and_images_are_told_by_what_they_are() {
        let spec = |schema: &str| object(&[("$schema", schema.into()), ("mark", "bar".into())]);
        let lite = rich(Some(&spec("https://vega.github.io/schema/vega-lite/v5.8.0.json")), None, "text");
        assert_eq!(lite["application/vnd.vegalite.v5+json"]["mark"], json!("bar"));
        assert!(
            rich(Some(&spec("https://vega.github.io/schema/vega/v6.json")), None, "")
                .contains_key("application/vnd.vega.v6+json")
        );
        assert_eq!(rich(Some(&spec("https://json-schema.org/x")), None, "").len(), 1);
        let png = Value::TypedArray(TypedArrayKind::Uint8, b"\x89PNG\r\n\x1a\n..".to_vec().into());
        assert_eq!(rich(Some(&png), None, "")["image/png"], json!("iVBORw0KGgouLg=="));
        assert_eq!(rich(Some(&Value::ArrayBuffer(b"GIF8".to_vec().into())), None, "").len(), 1);
    }
}
