//! Converts positions in a text from and to JavaScript's, which count UTF-16 code units.

/// The UTF-16 offset of byte `byte` of `text`. For a byte within a character it is the offset of the character's
/// beginning, beyond the end that of the end.
///
/// ```
/// assert_eq!(drupe_client::utf16_offset("é😀.", "é😀".len()), 3);
/// ```
#[must_use]
pub fn utf16_offset(text: &str, byte: usize) -> u32 {
    let units = text[..text.floor_char_boundary(byte)].chars().map(char::len_utf16).sum::<usize>();
    units.try_into().unwrap_or(u32::MAX)
}

/// The UTF-16 offset of the code point `point` of `text`, as Python and Jupyter count; beyond the end that of the end.
///
/// ```
/// assert_eq!(drupe_client::utf16_offset_of_point("é😀.", 2), 3);
/// ```
#[must_use]
pub fn utf16_offset_of_point(text: &str, point: usize) -> u32 {
    let units = text.chars().take(point).map(char::len_utf16).sum::<usize>();
    units.try_into().unwrap_or(u32::MAX)
}

/// The byte offset of the UTF-16 offset `units` in `text`. For an offset within a character it is that of the
/// character's beginning, beyond the end that of the end.
///
/// ```
/// assert_eq!(drupe_client::byte_offset("é😀.", 3), "é😀".len());
/// ```
#[must_use]
pub fn byte_offset(text: &str, units: u32) -> usize {
    offset(text, units, char::len_utf8)
}

/// The index of the code point at the UTF-16 offset `units` in `text`, with the same rules as [`byte_offset`].
///
/// ```
/// assert_eq!(drupe_client::point_offset("é😀.", 3), 2);
/// ```
#[must_use]
pub fn point_offset(text: &str, units: u32) -> usize {
    offset(text, units, |_| 1)
}

fn offset(text: &str, units: u32, length: impl Fn(char) -> usize) -> usize {
    let mut left = units as usize;
    let before = text.chars().take_while(|char| {
        let rest = left.checked_sub(char.len_utf16());
        left = rest.unwrap_or(0);
        rest.is_some()
    });
    before.map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::{byte_offset, point_offset, utf16_offset, utf16_offset_of_point};

    #[test]
    fn offsets_lead_to_each_other() {
        let text = "aé漢😀\u{301}\r\n𝓐z";
        let mut units = 0;
        for (point, (byte, char)) in text.char_indices().enumerate() {
            assert_eq!((utf16_offset(text, byte), utf16_offset_of_point(text, point)), (units, units));
            assert_eq!((byte_offset(text, units), point_offset(text, units)), (byte, point));
            // In the middle of a character.
            assert_eq!(utf16_offset(text, byte + char.len_utf8() - 1), units);
            let next = units + u32::try_from(char.len_utf16()).unwrap();
            assert_eq!((byte_offset(text, next - 1), point_offset(text, next - 1)), (byte, point));
            units = next;
        }
        assert_eq!((utf16_offset(text, 1000), utf16_offset_of_point(text, 1000)), (units, units));
        assert_eq!((byte_offset(text, units), byte_offset(text, u32::MAX)), (text.len(), text.len()));
        assert_eq!((point_offset(text, 1000), point_offset("", 0)), (text.chars().count(), 0));
    }
}
