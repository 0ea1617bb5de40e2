//! What is typed while nobody reads a line: it waits for the next prompt, in order, unless Ctrl-C follows it.

use rustyline::TypeAhead;

/// More than this waits in the terminal, not here.
const MOST: usize = 16 << 20;
/// Ctrl-C, where the terminal made no signal of it: it was typed while the editor had the terminal.
const INTERRUPT: u8 = 3;
/// Ctrl-Z.
const SUSPEND: u8 = 26;

/// What is typed ahead.
#[derive(Debug)]
pub(crate) struct Ahead(TypeAhead);

impl Ahead {
    pub(crate) fn new(ahead: TypeAhead) -> Self {
        Self(ahead)
    }

    pub(crate) fn push(&self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    /// Whether there is a Ctrl-C in it.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.0.contains(INTERRUPT)
    }

    /// Removes a Ctrl-Z, if there is one.
    pub(crate) fn take_suspend(&self) -> bool {
        self.0.remove(SUSPEND)
    }

    /// Removes what was typed before Ctrl-C, which is all if there is none in it. The lines of it.
    pub(crate) fn set_aside(&self) -> Vec<String> {
        let all = self.0.take();
        let end = all.iter().position(|byte| *byte == INTERRUPT).unwrap_or(all.len());
        self.0.push(all.get(end + 1..).unwrap_or_default());
        lines(&String::from_utf8_lossy(&all[..end]))
    }
}

/// The lines of what was typed, without keys that are no text.
fn lines(typed: &str) -> Vec<String> {
    let lines = typed.split(['\r', '\n']).map(text);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// The text of a line that was typed: escape sequences are keys, and the backspace key takes a character back.
fn text(line: &str) -> String {
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

#[cfg(test)]
mod tests {
    use rustyline::TypeAhead;

    use super::Ahead;

    #[test]
    fn what_was_typed_before_ctrl_c_is_set_aside() {
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push("1+1\r\u{1b}[200~a\nb\u{1b}[201~\rxy\x7f\x7fz日".as_bytes());
        assert!(!ahead.is_interrupted());
        assert_eq!(ahead.set_aside(), ["1+1", "a", "b", "z日"]);
        ahead.push(b"one\r\x03two\r");
        assert!(ahead.is_interrupted());
        assert_eq!(ahead.set_aside(), ["one"]);
        assert!(!ahead.is_interrupted());
        assert_eq!(ahead.set_aside(), ["two"]);
        assert_eq!(ahead.set_aside(), Vec::<String>::new());
    }
}
