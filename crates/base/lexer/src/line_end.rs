//! The end of a line: whether the text goes on behind it.

use crate::is_name_part;

/// Whether the text ends in a backslash, perhaps with the line end that it escapes.
#[must_use]
pub fn ends_in_line_continuation(source: &str) -> bool {
    let line = source.strip_suffix('\n').unwrap_or(source);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let backslashes = line.bytes().rev().take_while(|&byte| byte == b'\\').count();
    backslashes % 2 == 1
}

/// The place of the first `<` that follows a name without a space, ends its line, and is not closed.
#[must_use]
pub fn open_angle_at_line_end(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut depth = 0_usize;
    let mut first: Option<(usize, usize)> = None;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => {
                depth += 1;
                let rest = bytes[at + 1..].iter().find(|next| !matches!(next, b' ' | b'\t' | b'\r'));
                if rest == Some(&b'\n') && source[..at].ends_with(is_name_part) {
                    first = first.or(Some((depth, at)));
                }
            }
            b'>' if at.checked_sub(1).map(|before| bytes[before]) != Some(b'=') => {
                depth = depth.saturating_sub(1);
                first = first.filter(|(level, _)| *level <= depth);
            }
            _ => {}
        }
    }
    first.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::{ends_in_line_continuation, open_angle_at_line_end};

    #[test]
    fn a_backslash_escapes_the_line_end() {
        let ends = ["'a\\", "'a\\\n", "'a\\\r\n", "'a\\\\", "a\n"].map(ends_in_line_continuation);
        assert_eq!(ends, [true, true, true, false, false]);
    }

    #[test]
    fn an_angle_that_ends_its_line_is_found() {
        let found = ["f<\n", "é<  \r\nA", "a <\nb", "f<\nA>", "f<A<\n", "f<\nA, (x) => B"].map(open_angle_at_line_end);
        assert_eq!(found, [Some(1), Some(2), None, None, Some(3), Some(1)]);
    }
}
