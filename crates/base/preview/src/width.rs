//! The number of terminal columns of a text.

use unicode_width::UnicodeWidthStr;

/// Columns of a text: control characters, combining marks and joiners take none, East Asian wide characters and emoji
/// two.
#[must_use]
pub fn display_width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, 0x20..0x7f)) {
        return text.len();
    }
    text.split(char::is_control).map(UnicodeWidthStr::width).sum()
}

#[cfg(test)]
mod tests {
    use super::display_width;

    #[test]
    fn columns_of_text() {
        assert_eq!(display_width("abc"), 3);
        assert_eq!(display_width("漢字"), 4);
        assert_eq!(display_width("e\u{301}\u{200d}"), 1);
        assert_eq!(display_width("🎉\n"), 2);
        assert_eq!(display_width("👩🏽‍💻"), 2);
        assert_eq!(display_width("\u{1b}[1m\t"), 3);
    }
}
