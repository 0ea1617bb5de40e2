//! Texts in a bounded number of columns.

use drupe_preview::display_width;

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
