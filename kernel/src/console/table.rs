//! `console.table`: rows and columns, drawn as in Node.

use std::collections::{HashMap, HashSet};

use drupe_inspect as inspect;

use crate::{
    format::hooks::{Asking, Customs},
    isolate::{
        attempt::{Failure, attempt},
        peek,
        realm::Realm,
    },
};

use super::keys::{Keys, keys, strings};

/// Rows shown; the rest is counted.
const MAX_ROWS: usize = 1000;

/// Rows shown where the host has standard streams.
const MAX_ROWS_OF_STREAMS: usize = 200_000;

/// Columns shown.
const MAX_COLUMNS: usize = 100;

/// Bytes of all cells as they are drawn, about. Rows beyond are counted only.
const MAX_BYTES: usize = 16 << 20;

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
    coloured: false,
};

/// An object with more properties is not opened in a cell.
const MAX_OPENED: usize = 2;

/// The table of `data`, limited to `columns` if that is an array; `None` if `data` has no rows to show because it is no
/// object. Getters and hooks run where the run lets objects speak for themselves. A failure is left with the realm.
pub(super) fn table<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    data: v8::Local<'s, v8::Value>,
    columns: Option<v8::Local<'s, v8::Value>>,
) -> Option<String> {
    let data = data.try_cast::<v8::Object>().ok().filter(|data| !data.is_function())?;
    let look = Look::new(scope);
    let mut grid = Grid::default();
    let wanted = columns.and_then(|columns| columns.try_cast::<v8::Array>().ok());
    let wanted = wanted.map(|columns| strings(scope, columns, MAX_COLUMNS));
    let entries = if data.is_map() || data.is_set() || data.is_map_iterator() || data.is_set_iterator() {
        peek::without_javascript(scope, |scope| data.preview_entries(scope))
    } else {
        (None, false)
    };
    // Entries of a set are twice the same.
    match entries {
        (Some(flat), true) if !data.is_set_iterator() => {
            grid.head = vec![ITERATION_INDEX.into(), KEY.into(), VALUES.into()];
            grid.fill(scope, flat.length() / 2, look.most_rows, |scope, index| {
                vec![index.to_string(), cell(scope, flat, index * 2, look), cell(scope, flat, index * 2 + 1, look)]
            });
        }
        (Some(flat), _) => {
            grid.head = vec![ITERATION_INDEX.into(), VALUES.into()];
            grid.fill(scope, flat.length(), look.most_rows, |scope, index| {
                vec![index.to_string(), cell(scope, flat, index, look)]
            });
        }
        (None, _) => rows(scope, data, wanted.as_deref(), look, &mut grid),
    }
    if is_over(scope) {
        // What was stopped says nothing. A hook's failure is there already.
        Realm::of(scope).state::<Customs>().fail(Failure::Stopped);
        return Some(String::new());
    }
    Some(grid.draw())
}

/// Whether the rest of the table is of no use: the stretch was stopped, or a getter or a hook has failed.
fn is_over(scope: &v8::Isolate) -> bool {
    let realm = Realm::of(scope);
    realm.guard.is_stopped() || realm.state::<Customs>().failed()
}

/// How values are looked at.
#[derive(Clone, Copy)]
struct Look {
    /// Whether getters and hooks run.
    asks: bool,
    coloured: bool,
    most_rows: usize,
}

impl Look {
    fn new(scope: &v8::Isolate) -> Self {
        let realm = Realm::of(scope);
        let wishes = realm.wishes.get();
        Self {
            asks: wishes.inspect_hooks && !realm.state::<Customs>().failed(),
            coloured: realm.coloring.get(),
            most_rows: if wishes.streams { MAX_ROWS_OF_STREAMS } else { MAX_ROWS },
        }
    }

    /// The property of an object; `None` where only a getter could tell, and is not asked.
    fn property<'s>(
        self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        key: &str,
    ) -> Option<v8::Local<'s, v8::Value>> {
        let key = v8::String::new(scope, key)?;
        let value = peek::without_javascript(scope, |scope| object.get(scope, key.into()));
        if value.is_some() || !self.asks || is_over(scope) {
            return value;
        }
        let asked = attempt(scope, |scope| object.get(scope, key.into()));
        asked.map_err(|failure| Realm::of(scope).state::<Customs>().fail(failure)).ok()
    }

    /// A value in a cell: on one line, objects within it not opened, nor those that are wide.
    fn shown(self, scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
        let opened = value.try_cast::<v8::Object>().ok().filter(|object| !is_list(*object) && !object.is_function());
        let is_wide = opened.is_some_and(|object| keys(scope, object, MAX_OPENED).more > 0);
        let layout = drupe_preview::Options {
            max_array_length: CELL.max_array_length,
            break_length: usize::MAX,
            styles: self.coloured.then_some(&drupe_preview::Styles::NODE),
            ..drupe_preview::Options::default()
        };
        let options = inspect::Options { coloured: self.coloured, ..CELL };
        if !self.asks || !value.is_object() {
            return inspect::text_in(scope, value, &options, None, &layout, !is_wide);
        }
        let mut asking = Asking::default();
        let text = inspect::text_in(scope, value, &options, Some(&mut asking), &layout, !is_wide);
        if let Some(failure) = asking.failure {
            Realm::of(scope).state::<Customs>().fail(failure);
        }
        text
    }
}

fn is_list(object: v8::Local<v8::Object>) -> bool {
    object.is_array() || object.is_typed_array()
}

/// Own enumerable properties are rows; theirs are columns, or those that are `wanted`; what is no object stands under
/// `Values`.
fn rows<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    data: v8::Local<'s, v8::Object>,
    wanted: Option<&[String]>,
    look: Look,
    grid: &mut Grid,
) {
    let mut columns = Columns::default();
    let mut rows = Vec::new();
    let mut any_value = false;
    let mut bytes = 0;
    let Keys { list, more } = keys(scope, data, look.most_rows);
    grid.left_out = more;
    for key in list {
        v8::scope!(let scope, scope);
        if is_over(scope) {
            return;
        }
        if bytes > MAX_BYTES {
            grid.left_out += 1;
            continue;
        }
        let value = look.property(scope, data, &key);
        let mut cells = HashMap::new();
        let mut alone = None;
        match (value.map(|value| value.try_cast::<v8::Object>().map_err(|_| value)), wanted) {
            (Some(Ok(row)), _) => {
                let own = if wanted.is_none() { keys(scope, row, MAX_COLUMNS).list } else { Vec::new() };
                for column in wanted.unwrap_or(&own) {
                    if !columns.take(column) || is_over(scope) {
                        continue;
                    }
                    if wanted.is_none() || is_own(scope, row, column) {
                        let value = look.property(scope, row, column);
                        let shown = value.map_or_else(|| GETTER.to_owned(), |value| look.shown(scope, value));
                        bytes += shown.len();
                        cells.insert(column.clone(), shown);
                    }
                }
            }
            (_, Some(wanted)) => wanted.iter().for_each(|column| {
                columns.take(column);
            }),
            (value, None) => {
                any_value = true;
                let shown = value.and_then(Result::err).map_or_else(|| GETTER.to_owned(), |value| look.shown(scope, value));
                bytes += shown.len();
                alone = Some(shown);
            }
        }
        rows.push((key, cells, alone));
    }
    let columns = columns.in_order();
    grid.head.push(INDEX.into());
    grid.head.extend(columns.iter().cloned());
    grid.head.extend(any_value.then(|| VALUES.into()));
    for (key, mut cells, alone) in rows {
        let mut row = vec![key];
        row.extend(columns.iter().map(|column| cells.remove(column).unwrap_or_default()));
        row.extend(any_value.then(|| alone.unwrap_or_default()));
        grid.rows.push(row);
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
    let Some(key) = v8::String::new(scope, key) else { return false };
    peek::without_javascript(scope, |scope| object.has_own_property(scope, key.into())) == Some(true)
}

fn cell<'s>(scope: &mut v8::PinScope<'s, '_>, array: v8::Local<'s, v8::Array>, index: u32, look: Look) -> String {
    v8::scope!(let scope, scope);
    array.get_index(scope, index).map(|value| look.shown(scope, value)).unwrap_or_default()
}

#[derive(Default)]
struct Grid {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    left_out: usize,
}

impl Grid {
    /// Adds so many rows, or the `most` that are shown.
    fn fill<'s>(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        count: u32,
        most: usize,
        row: impl Fn(&mut v8::PinScope<'s, '_>, u32) -> Vec<String>,
    ) {
        let mut bytes = 0;
        for index in 0..count {
            if is_over(scope) || bytes > MAX_BYTES || self.rows.len() >= most {
                break;
            }
            let row = row(scope, index);
            bytes += row.iter().map(String::len).sum::<usize>();
            self.rows.push(row);
        }
        self.left_out = count as usize - self.rows.len();
    }

    fn draw(mut self) -> String {
        let widths = (0..self.head.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.chain([&self.head[column]]).map(|cell| width(cell)).max().unwrap_or(0) + 2
            })
            .collect::<Vec<_>>();
        // A cell is padded to the widest of its column.
        let drawn = self.rows.len().min(MAX_BYTES / widths.iter().sum::<usize>().max(1));
        self.left_out += self.rows.len() - drawn;
        self.rows.truncate(drawn);
        let rule = |left, middle, right| {
            let lines = widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>();
            format!("{left}{}{right}", lines.join(middle))
        };
        let line = |cells: &[String]| {
            let padded = widths.iter().enumerate().map(|(column, padded)| {
                let cell = cells.get(column).map_or("", String::as_str);
                format!(" {cell}{}", " ".repeat(padded.saturating_sub(width(cell) + 1)))
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

/// Columns of a cell: colours, its own and those in a hook's text, take none.
fn width(cell: &str) -> usize {
    let mut parts = cell.split("\u{1b}[");
    let first = parts.next().map_or(0, drupe_preview::display_width);
    first + parts.map(|part| drupe_preview::display_width(part.split_once('m').map_or(part, |(_, text)| text))).sum::<usize>()
}
