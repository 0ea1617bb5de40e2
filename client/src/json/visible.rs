//! JSON with visible strings: characters that are invisible, change the direction of text or have a meaning for a
//! terminal are written as `\uXXXX`. A parser gets the same strings.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

/// Writes `value` to `out` as JSON. Characters that are invisible, change the direction of text or have a meaning for a
/// terminal are written as `\uXXXX`, so that the JSON is safe to look at.
///
/// # Errors
/// When `out` cannot be written to, or `value` has no JSON.
pub fn write(out: impl Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Visible)).map_err(io::Error::from)
}

struct Visible;

impl Formatter for Visible {
    /// Writes text that needs no escape by the rules of JSON.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // All that is hidden in ASCII, but for DEL, the serializer has escaped.
        if fragment.bytes().all(|byte| byte < 0x7f) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((at, char)) = rest.char_indices().find(|(_, char)| is_hidden(*char)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + char.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

/// Whether a character is a control, a format character, a separator other than the space, ignorable by default or none
/// at all, as Unicode 16 has them.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || char.is_whitespace() && char != ' '
        || u32::from(char) & 0xfffe == 0xfffe
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::write;

    fn json(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, &text).unwrap();
        String::from_utf8(out).unwrap()
    }

    // threat D4
    #[test]
    fn what_cannot_be_seen_is_written_out_and_read_as_it_was() {
        let hidden = [
            // Controls: C0, DEL, C1.
            "\0\u{7}\u{1b}",
            "\u{7f}",
            "\u{80}\u{9b}\u{9d}\u{9f}",
            // Directions, joiners, separators, spaces.
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}",
            "\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}",
            "\u{85}\u{2028}\u{2029}\u{a0}\u{3000}\u{2009}",
            // Letters that show nothing, selectors, tags, annotations, no characters.
            "\u{3164}\u{115f}\u{1160}\u{ffa0}\u{34f}\u{180e}",
            "\u{fe0f}\u{e0100}\u{e0041}\u{e0001}",
            "\u{fff9}\u{fffb}\u{1d173}\u{110bd}\u{ffff}\u{1ffff}",
        ];
        for text in hidden {
            let text = format!("a{text}b\"é");
            let written = json(&text);
            assert!(written.chars().all(|char| char.is_ascii_graphic() || char == 'é'), "{written:?}");
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text, "{written}");
        }
        assert_eq!(json("\u{9b}2J\u{7f}\u{2028}\u{e0041}"), r#""\u009b2J\u007f\u2028\udb40\udc41""#);
        // Keys are strings, too.
        let mut out = Vec::new();
        write(&mut out, &BTreeMap::from([("\u{202e}k", 1)])).unwrap();
        assert_eq!(out, br#"{"\u202ek":1}"#);
    }

    #[test]
    fn what_can_be_seen_stays() {
        for text in ["", "plain", "日本語 é אב 👩🏽 §±", "\u{301}"] {
            assert_eq!(json(text), format!("\"{text}\""));
        }
    }
}
