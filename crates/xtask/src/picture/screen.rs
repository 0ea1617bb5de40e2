//! The content of a terminal's screen, read from text with the escape sequences of colours.

/// Text of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) dim: bool,
    /// One of the 16 colours of terminals.
    pub(super) color: Option<u8>,
}

/// The lines of a screen, without empty ones at its end.
pub(super) fn read(captured: &str) -> Vec<Vec<Span>> {
    let mut style = Style::default();
    let mut lines = captured.lines().map(|line| read_line(line, &mut style)).collect::<Vec<_>>();
    while lines.last().is_some_and(|spans| spans.iter().all(|span| span.text.trim().is_empty())) {
        lines.pop();
    }
    lines
}

fn read_line(line: &str, style: &mut Style) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut parts = line.split("\x1b[");
    let mut add = |text: &str, style: Style| {
        if !text.is_empty() {
            spans.push(Span { text: text.to_owned(), style });
        }
    };
    add(parts.next().unwrap_or_default(), *style);
    for part in parts {
        // tmux writes no other sequence than this one.
        let (codes, text) = part.split_once('m').unwrap_or(("", part));
        apply(codes, style);
        add(text, *style);
    }
    spans
}

/// Changes a style as an SGR sequence says.
fn apply(codes: &str, style: &mut Style) {
    let mut codes = codes.split(';').map(|code| code.parse::<u8>().unwrap_or(0));
    while let Some(code) = codes.next() {
        match code {
            0 => *style = Style::default(),
            1 => style.bold = true,
            2 => style.dim = true,
            22 => (style.bold, style.dim) = (false, false),
            30..=37 => style.color = Some(code - 30),
            90..=97 => style.color = Some(code - 82),
            38 => {
                codes.next();
                style.color = codes.next().filter(|color| *color < 16);
            }
            39 => style.color = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, Style, read};

    #[test]
    fn colours_are_read_and_last_beyond_a_line() {
        let yellow = Style { color: Some(3), ..Style::default() };
        let span = |text: &str, style| Span { text: text.to_owned(), style };
        assert_eq!(
            read("a\x1b[33mb\nc\x1b[39md\x1b[1;90me\x1b[0m\n\n"),
            [
                vec![span("a", Style::default()), span("b", yellow)],
                vec![span("c", yellow), span("d", Style::default()), span("e", Style { bold: true, dim: false, color: Some(8) })],
            ]
        );
    }
}
