//! The text of bytes that were typed: lines, and pastes with marks.

/// What a terminal sends before and behind what is pasted.
pub(crate) const MARK_BEGINS: &str = "\x1b[200~";
pub(crate) const MARK_ENDS: &str = "\x1b[201~";

/// The lines of what was typed, without keys that are no text.
pub(crate) fn lines(typed: &str) -> Vec<String> {
    let lines = typed.split(['\r', '\n']).map(text);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// The same, where the lines of a paste with marks are one text.
pub(crate) fn entries(typed: &str) -> Vec<String> {
    let (mut entries, mut entry, mut rest) = (Vec::new(), String::new(), typed);
    while !rest.is_empty() {
        let (before, after) = rest.split_once(MARK_BEGINS).unwrap_or((rest, ""));
        for (number, line) in before.split(['\r', '\n']).enumerate() {
            if number > 0 {
                entries.push(std::mem::take(&mut entry));
            }
            entry.push_str(&text(line));
        }
        let (pasted, after) = after.split_once(MARK_ENDS).unwrap_or((after, ""));
        let pasted = pasted.replace("\r\n", "\n").replace('\r', "\n");
        entry.extend(pasted.chars().filter(|char| !char.is_control() || matches!(char, '\n' | '\t')));
        rest = after;
    }
    entries.push(entry);
    entries.retain(|entry| !entry.trim().is_empty());
    entries
}

/// The text of a line that was typed: escape sequences are keys, and the backspace key takes a character back.
pub(crate) fn text(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\x1b' => {
                if chars.next_if(|next| matches!(next, '[' | 'O')).is_some() {
                    while chars.next().is_some_and(|next| !('\x40'..='\x7e').contains(&next)) {}
                }
            }
            '\x7f' | '\x08' => drop(text.pop()),
            '\t' => text.push(char),
            char if char.is_control() => {}
            char => text.push(char),
        }
    }
    text
}
