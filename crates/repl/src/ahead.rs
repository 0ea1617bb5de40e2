//! What is typed while nobody reads a line: it waits for the next prompt, in order, unless Ctrl-C follows it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustyline::TypeAhead;

/// More than this waits in the terminal, not here.
const MOST: usize = 16 << 20;
/// Ctrl-C.
const INTERRUPT: u8 = 3;
/// Ctrl-Z.
const SUSPEND: u8 = 26;

/// What is typed ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    typed: TypeAhead,
    /// Lines that were typed before Ctrl-C: they are not run.
    aside: Mutex<Vec<String>>,
}

/// A key that is not for the next line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Interrupt,
    Suspend,
}

impl Ahead {
    pub(crate) fn new(typed: TypeAhead) -> Self {
        Self { typed, aside: Mutex::default() }
    }

    pub(crate) fn push(&self, bytes: &[u8]) {
        self.typed.push(bytes);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.typed.len() >= MOST
    }

    /// Takes a key out that is not for the next line. What was typed before Ctrl-C is set aside.
    pub(crate) fn take_key(&self) -> Option<Key> {
        if self.typed.contains(INTERRUPT) {
            let all = self.typed.take();
            let end = all.iter().position(|byte| *byte == INTERRUPT).unwrap_or(all.len());
            self.typed.push(all.get(end + 1..).unwrap_or_default());
            self.lock().extend(lines(&String::from_utf8_lossy(&all[..end])));
            return Some(Key::Interrupt);
        }
        self.typed.remove(SUSPEND).then_some(Key::Suspend)
    }

    /// The lines that were set aside.
    pub(crate) fn take_aside(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
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

    use super::{Ahead, Key};

    #[test]
    fn what_was_typed_before_ctrl_c_is_set_aside() {
        let ahead = Ahead::new(TypeAhead::default());
        ahead.push("1+1\r\u{1b}[200~a\nb\u{1b}[201~\rxy\x7f\x7fz日".as_bytes());
        assert_eq!((ahead.take_key(), ahead.take_aside()), (None, Vec::new()));
        ahead.push(b"\x03two\r\x1a");
        assert_eq!(ahead.take_key(), Some(Key::Interrupt));
        assert_eq!(ahead.take_aside(), ["1+1", "a", "b", "z日"]);
        assert_eq!(ahead.take_key(), Some(Key::Suspend));
        assert_eq!((ahead.take_key(), ahead.typed.take()), (None, b"two\r".to_vec()));
    }
}
