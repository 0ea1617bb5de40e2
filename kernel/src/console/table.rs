//! `console.table`: rows and columns, drawn as Node draws them.

use crate::{peek, show};

/// Rows shown; the rest is counted.
const MAX_ROWS: usize = 1000;

/// Columns shown.
const MAX_COLUMNS: usize = 100;

const INDEX: &str = "(index)";
const ITERATION_INDEX: &str = "(iteration index)";
const KEY: &str = "Key";
const VALUES: &str = "Values";

/// The table of `data`, limited to `columns` if that is an array; `None` if `data` has no rows to show because it is no object.
pub(super) fn table<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    data: v8::Local<'s, v8::Value>,
    columns: Option<v8::Local<'s, v8::Value>>,
) -> Option<String> {
    peek::without_javascript(scope, |scope| {
        let data = data.try_cast::<v8::Object>().ok()?;
        let mut grid = Grid::default();
        let wanted = columns.and_then(|columns| columns.try_cast::<v8::Array>().ok()).map(|columns| strings(scope, columns));
        if let Ok(map) = data.try_cast::<v8::Map>() {
            grid.head = vec![ITERATION_INDEX.into(), KEY.into(), VALUES.into()];
            let flat = map.as_array(scope);
            for index in 0..flat.length() / 2 {
                let row = vec![index.to_string(), cell(scope, flat, index * 2), cell(scope, flat, index * 2 + 1)];
                grid.push(row);
            }
        } else if let Ok(set) = data.try_cast::<v8::Set>() {
            grid.head = vec![ITERATION_INDEX.into(), VALUES.into()];
            let flat = set.as_array(scope);
            for index in 0..flat.length() {
                let row = vec![index.to_string(), cell(scope, flat, index)];
                grid.push(row);
            }
        } else {
            rows(scope, data, wanted.as_deref(), &mut grid);
        }
        Some(grid.draw())
    })
}

/// Own enumerable properties are rows; theirs are columns; what is no object stands under `Values`.
fn rows<'s>(scope: &mut v8::PinScope<'s, '_>, data: v8::Local<'s, v8::Object>, wanted: Option<&[String]>, grid: &mut Grid) {
    let mut columns: Vec<String> = wanted.map(<[String]>::to_vec).unwrap_or_default();
    let mut rows = Vec::new();
    let mut any_value = false;
    for key in keys(scope, data) {
        v8::scope!(let scope, scope);
        let Some(value) = property(scope, data, &key) else { continue };
        let mut cells = Vec::new();
        let mut alone = None;
        match value.try_cast::<v8::Object>() {
            Ok(row) if !value.is_function() => {
                for column in keys(scope, row) {
                    if wanted.is_some_and(|wanted| !wanted.contains(&column)) {
                        continue;
                    }
                    if let Some(value) = property(scope, row, &column) {
                        cells.push((column.clone(), shown(scope, value)));
                        if !columns.contains(&column) && columns.len() < MAX_COLUMNS {
                            columns.push(column);
                        }
                    }
                }
            }
            _ => {
                any_value = true;
                alone = Some(shown(scope, value));
            }
        }
        rows.push((key, cells, alone));
        if rows.len() > MAX_ROWS {
            break;
        }
    }
    grid.head.push(INDEX.into());
    grid.head.extend(columns.iter().cloned());
    grid.head.extend(any_value.then(|| VALUES.into()));
    for (key, mut cells, alone) in rows {
        let mut row = vec![key];
        for column in &columns {
            let at = cells.iter().position(|(name, _)| name == column);
            row.push(at.map(|at| cells.swap_remove(at).1).unwrap_or_default());
        }
        row.extend(any_value.then(|| alone.unwrap_or_default()));
        grid.push(row);
    }
}

fn keys(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> Vec<String> {
    let args = v8::GetPropertyNamesArgs {
        mode: v8::KeyCollectionMode::OwnOnly,
        property_filter: v8::PropertyFilter::ONLY_ENUMERABLE | v8::PropertyFilter::SKIP_SYMBOLS,
        index_filter: v8::IndexFilter::IncludeIndices,
        key_conversion: v8::KeyConversionMode::ConvertToString,
    };
    v8::scope!(let scope, scope);
    let names = object.get_own_property_names(scope, args);
    names.map(|names| strings(scope, names)).unwrap_or_default()
}

fn strings(scope: &mut v8::PinScope, array: v8::Local<v8::Array>) -> Vec<String> {
    let count = array.length().min(u32::try_from(MAX_ROWS + 1).unwrap_or(u32::MAX));
    (0..count)
        .filter_map(|index| {
            v8::scope!(let scope, scope);
            array.get_index(scope, index).map(|item| super::format::raw(scope, item))
        })
        .collect()
}

fn property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    key: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    let key = v8::String::new(scope, key)?;
    object.get(scope, key.into())
}

fn cell<'s>(scope: &mut v8::PinScope<'s, '_>, array: v8::Local<'s, v8::Array>, index: u32) -> String {
    array.get_index(scope, index).map(|value| shown(scope, value)).unwrap_or_default()
}

/// A value in a cell: on one line, objects within it not opened.
fn shown(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    show::brief(scope, value)
}

#[derive(Default)]
struct Grid {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    left_out: usize,
}

impl Grid {
    fn push(&mut self, row: Vec<String>) {
        if self.rows.len() < MAX_ROWS { self.rows.push(row) } else { self.left_out += 1 }
    }

    fn draw(&self) -> String {
        let widths = (0..self.head.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.chain([&self.head[column]]).map(|cell| drupe_preview::display_width(cell)).max().unwrap_or(0) + 2
            })
            .collect::<Vec<_>>();
        let rule = |left, middle, right| {
            let lines = widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>();
            format!("{left}{}{right}", lines.join(middle))
        };
        let line = |cells: &[String]| {
            let padded = widths.iter().enumerate().map(|(column, width)| {
                let cell = cells.get(column).map_or("", String::as_str);
                format!(" {cell}{}", " ".repeat(width.saturating_sub(drupe_preview::display_width(cell) + 1)))
            });
            format!("│{}│", padded.collect::<Vec<_>>().join("│"))
        };
        let mut lines = vec![rule("┌", "┬", "┐"), line(&self.head), rule("├", "┼", "┤")];
        lines.extend(self.rows.iter().map(|row| line(row)));
        lines.push(rule("└", "┴", "┘"));
        if self.left_out > 0 {
            lines.push(format!("... {} more rows", self.left_out));
        }
        lines.join("\n")
    }
}
