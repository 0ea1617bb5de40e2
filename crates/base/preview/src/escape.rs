//! Makes user text safe to show: quotes and escapes.

use std::borrow::Cow;
use std::fmt::Write;

use drupe_protocol::preview::Text;

/// A string literal that reads back as the text: in single quotes, or in those that need no escape.
#[must_use]
pub fn quote(text: &Text) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_slice(text, 0..text.len(), &mut out);
    out
}

/// The same for the part of a text that lies between two byte offsets.
pub(crate) fn quote_slice(text: &Text, range: std::ops::Range<usize>, out: &mut String) {
    let part = text.as_str().get(range.clone()).unwrap_or_default();
    let quote = choose_quote(part);
    out.push(quote);
    escape_into(part, range.start, text.lone_surrogates(), Some(quote), out);
    out.push(quote);
}

/// Text that stands without quotes (names, messages, stacks): line breaks stay, everything else that a terminal would
/// act upon is written as an escape.
#[must_use]
pub fn sanitize(text: &Text) -> Cow<'_, str> {
    let harmless = |char: char| char == '\n' || char == '\t' || !must_escape(char);
    if text.lone_surrogates().is_empty() && text.as_str().chars().all(harmless) {
        return Cow::Borrowed(text.as_str());
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut from = 0;
    for (at, _) in text.as_str().match_indices(['\n', '\t']) {
        escape_into(&text.as_str()[from..at], from, text.lone_surrogates(), None, &mut out);
        out.push_str(&text.as_str()[at..=at]);
        from = at + 1;
    }
    escape_into(&text.as_str()[from..], from, text.lone_surrogates(), None, &mut out);
    Cow::Owned(out)
}

/// Escapes without quotes around: the descriptions of symbols, the names of hidden properties.
pub(crate) fn escape_name(text: &Text, out: &mut String) {
    escape_into(text.as_str(), 0, text.lone_surrogates(), Some('\''), out);
}

fn choose_quote(text: &str) -> char {
    if !text.contains('\'') {
        '\''
    } else if !text.contains('"') {
        '"'
    } else if !text.contains('`') && !text.contains("${") {
        '`'
    } else {
        '\''
    }
}

/// `start` is where `part` lies in the text that the positions of half pairs refer to. With a `quote`, the text is a
/// literal's inside: backslashes are doubled, and single quotes escaped if they would end it.
fn escape_into(part: &str, start: usize, lone: &[(u32, u16)], quote: Option<char>, out: &mut String) {
    let mut lone = lone.get(lone.partition_point(|half| (half.0 as usize) < start)..).unwrap_or_default().iter().peekable();
    let mut done = 0;
    for (at, char) in part.char_indices() {
        let half = lone.next_if(|half| half.0 as usize == start + at);
        let escaped = match quote {
            _ if half.is_some() => true,
            Some(quote) => char == '\\' || (char == '\'' && quote == '\'') || must_escape(char),
            None => must_escape(char),
        };
        if !escaped {
            continue;
        }
        out.push_str(&part[done..at]);
        done = at + char.len_utf8();
        match half {
            Some((_, unit)) => _ = write!(out, "\\u{unit:x}"),
            None => escape_char(char, out),
        }
    }
    out.push_str(&part[done..]);
}

fn escape_char(char: char, out: &mut String) {
    match char {
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        '\'' => out.push_str("\\'"),
        '\\' => out.push_str("\\\\"),
        _ if u32::from(char) < 0x100 => _ = write!(out, "\\x{:02X}", u32::from(char)),
        _ => _ = write!(out, "\\u{:04x}", u32::from(char)),
    }
}

/// Control characters, and those that change the direction of writing (they can make code look like other code).
fn must_escape(char: char) -> bool {
    match char {
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        '\u{a0}'..='\u{61b}' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}
