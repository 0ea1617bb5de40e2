//! Code frames of text that was evaluated: `eval` and `new Function` gave it to V8, and nobody else has it.

use drupe_protocol::{CodeFrame, event::Location};

/// How much of a line is shown, in characters, and how much of that before the place.
const WIDTH: usize = 100;
const LEAD: usize = 40;

/// How many lines are shown before that of the place.
const CONTEXT: usize = 2;

/// How long a text may be that is looked at, in UTF-16 code units.
const MAX_TEXT: usize = 1 << 20;

/// A text that V8 has, if it is not too long.
pub(super) fn text(scope: &v8::PinScope, text: v8::Local<v8::String>) -> Option<String> {
    (text.length() <= MAX_TEXT).then(|| text.to_rust_string_lossy(scope))
}

/// The frame of a place in `text`, whose first line has the number `first`.
pub(super) fn frame(text: &str, first: u32, at: &Location) -> Option<CodeFrame> {
    let text = text.replace("\r\n", "\n");
    let index = at.position.line.checked_sub(first)? as usize;
    let lines: Vec<&str> = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).take(index + 1).collect();
    let last = lines.get(index)?;
    let mut units = 0;
    let column = at.position.column as usize;
    let before = last.chars().take_while(|character| {
        units += character.len_utf16();
        units <= column
    });
    let before = before.count();
    let mut shown: Vec<String> = lines[index.saturating_sub(CONTEXT)..index].iter().map(|line| window(line, 0)).collect();
    let from = if before < WIDTH - LEAD / 2 { 0 } else { before - LEAD };
    shown.push(window(last, from));
    let mark = u32::try_from(before - from + usize::from(from > 0)).ok()?;
    Some(CodeFrame::new(at.clone(), shown, mark, 1))
}

/// What is shown of a line, from a character on.
fn window(line: &str, from: usize) -> String {
    let mut rest = line.chars().skip(from);
    let mut shown = String::from(if from > 0 { "…" } else { "" });
    shown.extend(rest.by_ref().take(WIDTH).map(|character| if character.is_control() { ' ' } else { character }));
    if rest.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use drupe_protocol::{Position, event::Location};

    use super::frame;

    fn shown(text: &str, first: u32, line: u32, column: u32) -> Option<String> {
        let at = Location::new("eval", Position { line, column });
        frame(text, first, &at).map(|frame| frame.to_string())
    }

    #[test]
    fn the_place_and_the_lines_before_it() {
        assert_eq!(shown("a\r\nb\nc\n\u{1f34e}\td", 0, 3, 3).as_deref(), Some("2 | b\n3 | c\n4 | \u{1f34e} d\n  |   ^"));
        assert_eq!(shown("let x = ;", 6, 6, 8).as_deref(), Some("7 | let x = ;\n  |         ^"));
        assert_eq!(shown("a", 0, 1, 0), None);
        assert_eq!(shown("a", 2, 1, 0), None);
        let long = shown(&"x".repeat(1_000), 0, 0, 500).unwrap();
        assert!(long.starts_with("1 | …x") && long.contains("x…\n") && long.ends_with(&format!("{}^", " ".repeat(41))), "{long}");
    }
}
