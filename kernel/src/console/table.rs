//! `console.table`: rows and columns, drawn as Node draws them.

use std::collections::{HashMap, HashSet};

use crate::{inspect, peek};

/// Rows shown; the rest is counted.
const MAX_ROWS: usize = 1000;

/// Columns shown.
const MAX_COLUMNS: usize = 100;

const INDEX: &str = "(index)";
const ITERATION_INDEX: &str = "(iteration index)";
const KEY: &str = "Key";
const VALUES: &str = "Values";
const GETTER: &str = "[Getter]";

/// How much of a value a cell shows: lists have a few items more.
const CELL: inspect::Options = inspect::Options {
    depth: 0,
    max_array_length: 3,
    max_string_length: 10_000,
    show_hidden: false,
    show_proxy: false,
    max_nodes: 100,
    max_bytes: 10_000,
};

/// An object with more properties is not opened in a cell.
const MAX_OPENED: usize = 2;

/// The table of `data`, limited to `columns` if that is an array; `None` if `data` has no rows to show because it is no object.
pub(super) fn table<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    data: v8::Local<'s, v8::Value>,
    columns: Option<v8::Local<'s, v8::Value>>,
) -> Option<String> {
    peek::without_javascript(scope, |scope| {
        let data = data.try_cast::<v8::Object>().ok().filter(|data| !data.is_function())?;
        let mut grid = Grid::default();
        let wanted = columns.and_then(|columns| columns.try_cast::<v8::Array>().ok()).map(|columns| strings(scope, columns));
        let entries = if data.is_map() || data.is_set() || data.is_map_iterator() || data.is_set_iterator() {
            data.preview_entries(scope)
        } else {
            (None, false)
        };
        // Entries of a set are twice the same.
        match entries {
            (Some(flat), true) if !data.is_set_iterator() => {
                grid.head = vec![ITERATION_INDEX.into(), KEY.into(), VALUES.into()];
                for index in 0..flat.length() / 2 {
                    let row = vec![index.to_string(), cell(scope, flat, index * 2), cell(scope, flat, index * 2 + 1)];
                    grid.push(row);
                }
            }
            (Some(flat), _) => {
                grid.head = vec![ITERATION_INDEX.into(), VALUES.into()];
                for index in 0..flat.length() {
                    let row = vec![index.to_string(), cell(scope, flat, index)];
                    grid.push(row);
                }
            }
            (None, _) => rows(scope, data, wanted.as_deref(), &mut grid),
        }
        Some(grid.draw())
    })
}

/// Own enumerable properties are rows; theirs are columns, or those that are `wanted`; what is no object stands under `Values`.
fn rows<'s>(scope: &mut v8::PinScope<'s, '_>, data: v8::Local<'s, v8::Object>, wanted: Option<&[String]>, grid: &mut Grid) {
    let mut columns = Columns::default();
    let mut rows = Vec::new();
    let mut any_value = false;
    for key in keys(scope, data) {
        v8::scope!(let scope, scope);
        let Some(value) = property(scope, data, &key) else { continue };
        let mut cells = HashMap::new();
        let mut alone = None;
        match (value.try_cast::<v8::Object>(), wanted) {
            (Ok(row), _) => {
                let own = keys(scope, row);
                let listed = wanted.unwrap_or(&own);
                for column in listed {
                    if !columns.take(column) {
                        continue;
                    }
                    if wanted.is_none() || is_own(scope, row, column) {
                        // What only a getter could tell is not asked.
                        let shown = property(scope, row, column).map_or_else(|| GETTER.to_owned(), |value| shown(scope, value));
                        cells.insert(column.clone(), shown);
                    }
                }
            }
            (Err(_), Some(wanted)) => wanted.iter().for_each(|column| {
                columns.take(column);
            }),
            (Err(_), None) => {
                any_value = true;
                alone = Some(shown(scope, value));
            }
        }
        rows.push((key, cells, alone));
        if rows.len() > MAX_ROWS {
            break;
        }
    }
    let columns = columns.in_order();
    grid.head.push(INDEX.into());
    grid.head.extend(columns.iter().cloned());
    grid.head.extend(any_value.then(|| VALUES.into()));
    for (key, mut cells, alone) in rows {
        let mut row = vec![key];
        row.extend(columns.iter().map(|column| cells.remove(column).unwrap_or_default()));
        row.extend(any_value.then(|| alone.unwrap_or_default()));
        grid.push(row);
    }
}

/// The names of columns, each once.
#[derive(Default)]
struct Columns {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Columns {
    /// Whether there is such a column; a new one is added while there is room.
    fn take(&mut self, name: &str) -> bool {
        if self.seen.contains(name) {
            return true;
        }
        let has_room = self.list.len() < MAX_COLUMNS;
        if has_room {
            self.list.push(name.to_owned());
            self.seen.insert(name.to_owned());
        }
        has_room
    }

    /// As the keys of an object: array indices first, by their numbers.
    fn in_order(self) -> Vec<String> {
        let (mut indices, names): (Vec<_>, Vec<_>) = self.list.into_iter().partition(|name| index(name).is_some());
        indices.sort_by_key(|name| index(name));
        indices.into_iter().chain(names).collect()
    }
}

/// The number of an array index.
fn index(name: &str) -> Option<u32> {
    name.parse::<u32>().ok().filter(|number| *number != u32::MAX && number.to_string() == name)
}

fn is_own(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, key: &str) -> bool {
    v8::String::new(scope, key).and_then(|key| object.has_own_property(scope, key.into())) == Some(true)
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
            array.get_index(scope, index).map(|item| super::raw::raw(scope, item))
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

/// A value in a cell: on one line, objects within it not opened, nor those that are wide.
fn shown(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    let opened = value.try_cast::<v8::Object>().ok().filter(|object| !object.is_array() && !object.is_function());
    let is_wide = opened.is_some_and(|object| keys(scope, object).len() > MAX_OPENED);
    let layout = drupe_preview::Options {
        max_array_length: CELL.max_array_length,
        break_length: usize::MAX,
        ..drupe_preview::Options::default()
    };
    inspect::text_in(scope, value, &CELL, None, &layout, !is_wide)
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
