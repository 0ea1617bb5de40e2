//! Tables as data, for front ends that sort and filter them: `application/vnd.dataresource+json`, a Tabular Data
//! Resource with the rows that are shown. Zed shows no other format of a table as one; VS Code and nteract know it too.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value as Json, json};

/// The format.
pub(crate) const MIME: &str = "application/vnd.dataresource+json";

/// The field with what the rows are called.
const LABELS: &str = "index";

/// Whole numbers beyond this are written as JavaScript writes them, in a `number`.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// What a cell of a table is as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `null`, or no value.
    Nothing,
    Boolean,
    /// One that is finite.
    Number,
    Date,
    Text,
}

/// A cell of a table: its text, and what that is as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

impl Cell {
    fn number(&self) -> Option<f64> {
        self.text.parse().ok().filter(|_| self.kind == Kind::Number)
    }

    #[expect(clippy::cast_possible_truncation, reason = "bounded where it is used")]
    fn data(&self) -> Json {
        match self.kind {
            Kind::Nothing => Json::Null,
            Kind::Boolean => (self.text == "true").into(),
            Kind::Number => match self.number() {
                Some(number) if is_integer(number) => (number as i64).into(),
                number => number.and_then(Number::from_f64).map_or(Json::Null, Json::Number),
            },
            Kind::Date | Kind::Text => self.text.clone().into(),
        }
    }
}

fn is_integer(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() <= MAX_INTEGER
}

/// The type of a field that holds these cells.
fn type_of<'c>(cells: impl Iterator<Item = &'c Cell> + Clone) -> &'static str {
    let mut cells = cells.filter(|cell| cell.kind != Kind::Nothing);
    let mut rest = cells.clone();
    let Some(first) = cells.next() else { return "any" };
    if cells.any(|cell| cell.kind != first.kind) {
        return "any";
    }
    match first.kind {
        Kind::Number if rest.all(|cell| cell.number().is_some_and(is_integer)) => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Date => "datetime",
        Kind::Nothing | Kind::Text => "string",
    }
}

/// The resource of a table. `None`: two of its columns have one name, so its rows are no records.
pub(crate) fn resource(columns: &[String], rows: &[Vec<Option<Cell>>], labels: Option<&[String]>) -> Option<Json> {
    if columns.iter().collect::<BTreeSet<_>>().len() < columns.len() {
        return None;
    }
    let labels = labels.filter(|_| !columns.iter().any(|column| column == LABELS));
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at)?.as_ref());
    let field = |(at, name): (usize, &String)| json!({ "name": name, "type": type_of(cells(at)) });
    let label = labels.map(|_| json!({ "name": LABELS, "type": "string" }));
    let fields: Vec<Json> = label.into_iter().chain(columns.iter().enumerate().map(field)).collect();
    let record = |(at, row): (usize, &Vec<Option<Cell>>)| {
        let label = labels.and_then(|labels| labels.get(at)).map(|label| (LABELS.to_owned(), Json::from(label.as_str())));
        let cells = columns.iter().zip(row);
        // What a record does not have is left out.
        let cells = cells.filter_map(|(column, cell)| Some((column.clone(), cell.as_ref()?.data())));
        Json::Object(label.into_iter().chain(cells).collect::<Map<_, _>>())
    };
    let data: Vec<Json> = rows.iter().enumerate().map(record).collect();
    let mut schema = json!({ "fields": fields });
    if labels.is_some() {
        schema["primaryKey"] = json!([LABELS]);
    }
    Some(json!({ "schema": schema, "data": data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, Kind)]) -> Vec<Option<Cell>> {
        cells.iter().map(|(text, kind)| Some(Cell { text: (*text).to_owned(), kind: *kind })).collect()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn fields_have_the_types_of_their_cells() {
        let columns = names(&["n", "x", "is", "at", "text", "mixed", "none"]);
        let kinds = [Kind::Number, Kind::Number, Kind::Boolean, Kind::Date, Kind::Text, Kind::Number, Kind::Nothing];
        let first = ["1", "2.5", "true", "2020-01-01T00:00:00.000Z", "1", "1e+21", "null"];
        let mut rows = vec![row(&first.into_iter().zip(kinds).collect::<Vec<_>>())];
        rows.push(vec![Some(Cell { text: "-0".into(), kind: Kind::Number }), None, None, None, None, None, None]);
        rows[1][5] = Some(Cell { text: "false".into(), kind: Kind::Boolean });
        let resource = resource(&columns, &rows, None).unwrap_or_default();
        let types: Vec<_> = (0..7).map(|at| resource["schema"]["fields"][at]["type"].clone()).collect();
        assert_eq!(types, ["integer", "number", "boolean", "datetime", "string", "any", "any"]);
        assert_eq!(
            resource["data"],
            json!([
                { "n": 1, "x": 2.5, "is": true, "at": "2020-01-01T00:00:00.000Z", "text": "1", "mixed": 1e21, "none": null },
                { "n": 0, "mixed": false },
            ])
        );
        assert_eq!(resource["schema"].get("primaryKey"), None);
    }

    #[test]
    fn labels_are_a_field_and_rows_are_records() {
        let rows = [row(&[("1", Kind::Number)])];
        let labelled = resource(&names(&["a"]), &rows, Some(&names(&["first"]))).unwrap_or_default();
        assert_eq!(labelled["data"], json!([{ "index": "first", "a": 1 }]));
        let fields = json!([{ "name": "index", "type": "string" }, { "name": "a", "type": "integer" }]);
        assert_eq!(labelled["schema"], json!({ "fields": fields, "primaryKey": ["index"] }));
        // A column may be called so.
        let taken = resource(&names(&["index"]), &rows, Some(&names(&["first"]))).unwrap_or_default();
        assert_eq!(taken["data"], json!([{ "index": 1 }]));
        assert_eq!(resource(&names(&["a", "a"]), &[], None), None);
    }
}
