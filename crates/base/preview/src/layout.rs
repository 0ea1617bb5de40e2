//! Places entries on one line, on lines of their own, or in columns. The rules and their constants are Node's, and so
//! is the text.

use crate::Options;
use crate::piece::Piece;

/// What is put around the entries.
pub(crate) struct Frame<'p> {
    /// Stands before the opening bracket.
    pub(crate) base: &'p Piece,
    pub(crate) open: &'p Piece,
    pub(crate) close: &'static str,
    /// How many levels of objects lie below this one on the way to the one that was laid out last.
    pub(crate) inner_levels: usize,
    pub(crate) indentation: usize,
}

/// Writes the entries with brackets around. `columns` is given for lists, and says whether numbers are to be aligned.
pub(crate) fn arrange(entries: Vec<Piece>, frame: &Frame, columns: Option<Align>, options: &Options, out: &mut Piece) {
    let count = entries.len();
    let entries = match columns {
        Some(align) if count > 6 && options.compact >= 1 => in_columns(entries, frame.indentation, align, options),
        _ => entries,
    };
    if !frame.base.text.is_empty() {
        out.append(frame.base);
        out.push(" ");
    }
    out.append(frame.open);
    if frame.inner_levels < options.compact && entries.len() == count && fits(&entries, frame, options) {
        out.push(" ");
        separated(&entries, out, |out| out.push(", "));
        out.push(" ");
    } else {
        out.break_line(frame.indentation + 2);
        separated(&entries, out, |out| {
            out.push(",");
            out.break_line(frame.indentation + 2);
        });
        out.break_line(frame.indentation);
    }
    out.push(frame.close);
}

fn separated(entries: &[Piece], out: &mut Piece, separate: impl Fn(&mut Piece)) {
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            separate(out);
        }
        out.append(entry);
    }
}

fn fits(entries: &[Piece], frame: &Frame, options: &Options) -> bool {
    // Ten columns are kept free for whatever the reader's line begins with; each entry costs a separator and a space.
    let around = frame.indentation + frame.open.units + frame.base.units + 10;
    let separators = 2 * entries.len();
    let text: usize = entries.iter().map(|entry| entry.units).sum();
    separators + around + text <= options.break_length
        && separators + around + entries.len() <= options.break_length
        && !frame.base.multiline
        && !entries.iter().any(|entry| entry.multiline)
}

/// On which side entries that are shorter than their column are filled up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words: on the right.
    Left,
    /// Numbers: on the left.
    Right,
}

const SEPARATOR: usize = 2;

/// Joins short entries to rows of equally many, if they are enough alike for that to be readable.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
fn in_columns(entries: Vec<Piece>, indentation: usize, align: Align, options: &Options) -> Vec<Piece> {
    // The line that says how many are left out takes part in no column.
    let shown = if options.max_array_length < entries.len() { entries.len() - 1 } else { entries.len() };
    let widths: Vec<usize> = entries[..shown].iter().map(|entry| entry.columns).collect();
    let total: usize = widths.iter().map(|width| width + SEPARATOR).sum();
    let longest = widths.iter().copied().max().unwrap_or(0);
    let column = longest + SEPARATOR;
    if column * 3 + indentation >= options.break_length || (total as f64 / column as f64 <= 5.0 && longest > 6) {
        return entries;
    }
    // About a square, characters being two and a half times as high as wide; the bias makes rows of short entries
    // longer.
    let bias = (column as f64 - total as f64 / entries.len() as f64).sqrt();
    let biased = (column as f64 - 3.0 - bias).max(1.0);
    let square = ((2.5 * biased * shown as f64).sqrt() / biased + 0.5).floor() as usize;
    let room = options.break_length.saturating_sub(indentation) / column;
    let columns = square.min(room).min(options.compact * 4).min(15);
    if columns <= 1 {
        return entries;
    }
    rows(entries, &widths, columns, align)
}

fn rows(mut entries: Vec<Piece>, widths: &[usize], columns: usize, align: Align) -> Vec<Piece> {
    let column_width = |index: usize| widths.iter().skip(index).step_by(columns).copied().max().unwrap_or(0);
    let column_widths: Vec<usize> = (0..columns).map(column_width).collect();
    let rest = entries.split_off(widths.len());
    let mut rows: Vec<Piece> = entries
        .chunks(columns)
        .map(|chunk| {
            let mut row = Piece::default();
            for (index, entry) in chunk.iter().enumerate() {
                let is_last = index + 1 == chunk.len();
                let fill = column_widths[index].saturating_sub(entry.columns);
                if align == Align::Right {
                    row.spaces(fill);
                }
                row.append(entry);
                if !is_last {
                    row.push(", ");
                    if align == Align::Left {
                        row.spaces(fill);
                    }
                }
            }
            row
        })
        .collect();
    rows.extend(rest);
    rows
}
