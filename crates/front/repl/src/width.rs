//! Texts in a bounded number of columns.

use drupe_preview::display_width;

/// How many rows of `columns` a line takes whose escape sequences are colours; one if it is empty. A tab ends at the
/// last column at most, and does nothing there.
#[cfg(unix)]
pub(crate) fn rows(line: &str, columns: usize) -> usize {
    let (columns, mut row, mut column) = (columns.max(1), 1, 0);
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        let width = match char {
            '\x1b' => {
                chars.by_ref().find(char::is_ascii_alphabetic);
                0
            }
            '\t' => (8 - column % 8).min((columns - 1).saturating_sub(column)),
            char => display_width(char.encode_utf8(&mut [0; 4])),
        };
        if column + width > columns {
            (row, column) = (row + 1, 0);
        }
        column += width;
    }
    row
}

/// The beginning of a text that is wider than `columns`, with room for a mark of one column behind it. `None`: all of
/// it fits.
pub(crate) fn beginning(text: &str, columns: usize) -> Option<&str> {
    if display_width(text) <= columns {
        return None;
    }
    let mut width = 1;
    let end = text.char_indices().find_map(|(at, char)| {
        width += display_width(char.encode_utf8(&mut [0; 4]));
        (width > columns).then_some(at)
    });
    Some(&text[..end.unwrap_or(text.len())])
}

#[cfg(all(test, unix))]
mod tests {
    use super::rows;

    #[test]
    fn a_line_takes_rows() {
        for (line, taken) in [("", 1), ("1234", 1), ("12345", 2), ("\x1b[1m1234\x1b[0m", 1), ("123日", 2)] {
            assert_eq!(rows(line, 4), taken, "{line:?}");
        }
        for (line, taken) in [("\t1", 1), ("\t12", 2), ("1\t\t\t2", 1), ("1234\t", 1), ("1234\t5", 2)] {
            assert_eq!(rows(line, 4), taken, "{line:?}");
        }
    }
}
