//! Tables: of lists of records, maps, and of what packages of the user have. The first rows are shown, and a count.

#![expect(clippy::wildcard_enum_match_arm, reason = "a value of another kind is no table")]

use std::fmt::Write as _;

use drupe_client::{
    Value,
    preview::{Entry, Key, Kind, Node, Object},
};
use drupe_preview::{display_width, number_text, sanitize};
use serde_json::Value as Json;

use crate::resource::{self, Cell, Kind as Data};

/// How many rows and columns of a table are shown.
const MAX_ROWS: usize = 50;
const MAX_COLUMNS: usize = 50;

/// How many columns of a table are shown as text.
const MAX_TEXT_COLUMNS: usize = 20;

/// How many characters of a cell of a table are shown, on a page and as text.
const MAX_CELL: usize = 200;
const MAX_TEXT_CELL: usize = 30;

/// The format of a table that `packages.js` has made: `{ columns, rows, total: { rows, columns }, labels }`.
pub(crate) const TABLE: &str = "application/vnd.drupe.table";

/// A table.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    columns: Vec<String>,
    /// A cell is `None` where a record has no such key.
    rows: Vec<Vec<Option<Cell>>>,
    /// What the rows are called, rather than their numbers.
    labels: Option<Vec<String>>,
    /// How many rows there are.
    total: u64,
    /// How many columns there are.
    width: u64,
    /// Whether a row is an entry of a map.
    is_map: bool,
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
                    Key::Value(key) => Some(vec![Some(cell_of(key)), Some(cell_of(&entry.value))]),
                    _ => None,
                });
                Some(Self::of_entries(rows.collect(), size))
            }
            _ => None,
        }
    }

    fn of_records(records: Vec<Vec<(String, Cell)>>, total: u64) -> Option<Self> {
        let mut columns = Vec::<String>::new();
        for (key, _) in records.iter().flatten() {
            if columns.len() < MAX_COLUMNS && !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        let row = |mut record: Vec<(String, Cell)>| {
            let take = |column| record.iter().position(|(key, _)| key == column).map(|at| record.swap_remove(at).1);
            columns.iter().map(take).collect()
        };
        let rows = records.into_iter().map(row).collect();
        let width = columns.len() as u64;
        (!columns.is_empty()).then_some(Self { columns, rows, total, width, ..Self::default() })
    }

    fn of_entries(rows: Vec<Vec<Option<Cell>>>, total: u64) -> Self {
        Self { columns: vec!["key".to_owned(), "value".to_owned()], rows, total, is_map: true, ..Self::default() }
    }

    /// A table that comes as [`TABLE`].
    pub(crate) fn of_part(part: &Value) -> Option<Self> {
        let list = |value: &Value| match value {
            Value::Array(items) => Some(items.iter().map(cell).collect::<Vec<_>>()),
            _ => None,
        };
        let count = |key: &str| field(field(part, "total")?, key)?.as_f64();
        let texts = |value: &Value| Some(list(value)?.into_iter().map(|cell| cell.text).collect::<Vec<_>>());
        let columns = texts(field(part, "columns")?)?;
        let Value::Array(rows) = field(part, "rows")? else { return None };
        let rows = rows.iter().map(|row| Some(list(row)?.into_iter().map(Some).collect())).collect::<Option<_>>()?;
        let labels = field(part, "labels").and_then(texts);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript counts so")]
        let [total, width] = [count("rows")? as u64, count("columns")? as u64];
        Some(Self { columns, rows, labels, total, width, is_map: false })
    }

    /// What a row is called.
    fn label(&self, row: usize) -> String {
        self.labels.as_ref().and_then(|labels| labels.get(row).cloned()).unwrap_or_else(|| row.to_string())
    }

    /// How much there is, and how much of it is shown.
    fn count(&self) -> String {
        let count = |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
        let (shown, columns) = (self.rows.len() as u64, self.columns.len() as u64);
        let mut text = if self.is_map {
            count(self.total, "entry", "entries")
        } else {
            format!("{} × {}", count(self.total, "row", "rows"), count(self.width, "column", "columns"))
        };
        if shown < self.total {
            text += &format!(", the first {shown} are shown");
        }
        if columns < self.width {
            text += &format!(", the first {columns} columns are shown");
        }
        text
    }

    /// The table in all formats but text.
    pub(crate) fn formats(&self) -> impl Iterator<Item = (String, Json)> {
        let data = resource::resource(&self.columns, &self.rows, self.labels.as_deref());
        let html = ("text/html".to_owned(), self.html().into());
        std::iter::once(html).chain(data.map(|data| (resource::MIME.to_owned(), data)))
    }

    /// The table as a page shows it. **All text is escaped.**
    fn html(&self) -> String {
        let mut html = "<table>\n<thead><tr><th></th>".to_owned();
        // A string takes all that is written.
        let _ = self.columns.iter().try_for_each(|column| write!(html, "<th>{}</th>", escape(column)));
        html.push_str("</tr></thead>\n<tbody>\n");
        for (index, row) in self.rows.iter().enumerate() {
            let _ = write!(html, "<tr><th>{}</th>", escape(&self.label(index)));
            for cell in row {
                let _ = write!(html, "<td>{}</td>", cell.as_ref().map(|cell| escape(&cell.text)).unwrap_or_default());
            }
            html.push_str("</tr>\n");
        }
        let _ = write!(html, "</tbody>\n</table>\n<p>{}</p>", self.count());
        html
    }

    /// The table as text: columns of equal width, and how much there is.
    pub(crate) fn text(&self) -> String {
        let shown = |text: &str| {
            let text = sanitize(&text.into()).replace(['\n', '\t'], " ");
            if text.chars().count() > MAX_TEXT_CELL {
                text.chars().take(MAX_TEXT_CELL - 1).chain(['…']).collect()
            } else {
                text
            }
        };
        let columns = self.columns.len().min(MAX_TEXT_COLUMNS);
        let head = std::iter::once(String::new()).chain(self.columns.iter().take(columns).map(|column| shown(column)));
        let mut lines = vec![head.collect::<Vec<_>>()];
        for (index, row) in self.rows.iter().enumerate() {
            let cells = row.iter().take(columns).map(|cell| cell.as_ref().map_or_else(String::new, |cell| shown(&cell.text)));
            lines.push(std::iter::once(shown(&self.label(index))).chain(cells).collect());
        }
        let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| display_width(cell)).max();
        let widths: Vec<usize> = (0..=columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for line in &lines {
            let mut row = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                row.push_str(cell);
                row.extend(std::iter::repeat_n(' ', width - display_width(cell) + 2));
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        if columns < self.columns.len() {
            text += &format!("the first {columns} columns are shown\n");
        }
        text + &self.count()
    }
}

/// The keys and values of an element that is a record. `None` within: it is something else.
fn record(entry: &Entry) -> Option<Option<Vec<(String, Cell)>>> {
    let (object, is_plain) = match &entry.value {
        Node::MoreItems(_) => return None,
        Node::Object(object) => (object, object.kind == Kind::Plain && !object.cut),
        _ => return Some(None),
    };
    let entries = object.entries.iter().filter_map(|entry| match &entry.key {
        Key::Name(name) => Some((name.as_str().to_owned(), cell_of(&entry.value))),
        _ => None,
    });
    Some(is_plain.then(|| entries.collect()))
}

/// A value in a table.
fn cell(value: &Value) -> Cell {
    let kind = match value {
        Value::Undefined | Value::Hole | Value::Null => Data::Nothing,
        Value::Number(number) => of_number(*number),
        Value::Bool(_) => Data::Boolean,
        Value::Date(_) => Data::Date,
        _ => Data::Text,
    };
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
    Cell { text: cut(text), kind }
}

/// JSON has no number for what is not finite.
fn of_number(number: f64) -> Data {
    if number.is_finite() { Data::Number } else { Data::Nothing }
}

/// A node in a table.
fn cell_of(node: &Node) -> Cell {
    let kind = match node {
        Node::Undefined | Node::Null => Data::Nothing,
        Node::Number(number) => of_number(*number),
        Node::Boolean(_) => Data::Boolean,
        Node::Object(object) if object.kind == Kind::Date => Data::Date,
        _ => Data::Text,
    };
    Cell { text: text(node), kind }
}

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

/// A property of an object.
pub(crate) fn field<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let Value::Object(entries) = value else { return None };
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
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

    use super::*;

    fn object(entries: &[(&str, Value)]) -> Value {
        Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn html(value: &Value) -> String {
        Table::of_value(value).map(|table| table.html()).unwrap_or_default()
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
        assert!(html_of_many.ends_with("<p>1000 rows × 1 column, the first 50 are shown</p>"), "{html_of_many}");
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
    fn a_table_of_a_package_has_labels_and_more_than_is_shown() {
        let list = |items: &[&str]| Value::Array(items.iter().map(|item| (*item).into()).collect());
        let total = object(&[("rows", 7.into()), ("columns", 3.into())]);
        let rows = vec![list(&["Ada <b>", "1815"]), Value::Array(vec!["a\nline \u{1b}[1m".into(), Value::Undefined])];
        let part = object(&[
            ("columns", list(&["name", "born"])),
            ("rows", Value::Array(rows)),
            ("total", total),
            ("labels", list(&["first", "second"])),
        ]);
        let table = Table::of_part(&part).unwrap();
        let html = table.html();
        assert!(html.contains("<tr><th>first</th><td>Ada &lt;b&gt;</td><td>1815</td></tr>"), "{html}");
        let count = "7 rows × 3 columns, the first 2 are shown, the first 2 columns are shown";
        assert!(html.ends_with(&format!("<p>{count}</p>")), "{html}");
        assert_eq!(
            table.text(),
            format!("        name            born\nfirst   Ada <b>         1815\nsecond  a line \\x1B[1m\n{count}")
        );
        assert_eq!(Table::of_part(&object(&[("columns", list(&[]))])), None);
    }
}
