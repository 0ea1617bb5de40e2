//! A line that was typed into a question, and what came at once with it.
//!
//! **No part of a paste with marks runs as code.** Its lines belong to the question. Lines without marks were typed
//! ahead: they wait for the next prompt, unless standard input is asked for, which takes them all.

#[cfg(unix)]
use std::io::{self, Write};

use crate::type_ahead::{PASTE_BEGINS, PASTE_ENDS, lines, text};
#[cfg(unix)]
use crate::{
    person::Heard,
    tty::Terminal,
    type_ahead::{LONG_PAUSE, MOST, PAUSE},
};

/// Ctrl-C.
const INTERRUPT: u8 = 3;

/// The bytes of an answer.
#[derive(Debug, Default)]
pub(crate) struct AnswerBytes {
    /// Up to the line break.
    pub(crate) line: Vec<u8>,
    /// What came after it.
    pub(crate) rest: Vec<u8>,
    /// Whether all lines that came at once are the answer: standard input is asked for.
    pub(crate) takes_lines: bool,
}

/// An answer, told from what is none of it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct AnswerLines {
    pub(crate) line: String,
    /// Lines of the same paste.
    pub(crate) pasted: Vec<String>,
    /// What was typed afterwards.
    pub(crate) typed: Vec<u8>,
}

/// Whether more belongs to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GoesOn {
    No,
    /// More lines may come at once.
    Perhaps,
    /// The mark that ends the paste is to come.
    Surely,
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn rfind(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).rposition(|window| window == mark)
}

impl AnswerBytes {
    /// Whether the line is the beginning of a paste with marks.
    fn is_marked(&self) -> bool {
        rfind(&self.line, PASTE_BEGINS).is_some_and(|begins| rfind(&self.line, PASTE_ENDS).is_none_or(|ends| ends < begins))
    }

    pub(crate) fn goes_on(&self) -> GoesOn {
        match self.is_marked() {
            true if find(&self.rest, PASTE_ENDS).is_none() => GoesOn::Surely,
            false if self.takes_rest() => GoesOn::Perhaps,
            _ => GoesOn::No,
        }
    }

    /// Whether lines without marks are part of the answer. Ctrl-C is handled where typed text is.
    fn takes_rest(&self) -> bool {
        let has_line = || self.rest.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        self.takes_lines && has_line() && !self.rest.contains(&INTERRUPT)
    }

    /// All came that was to come.
    pub(crate) fn end(self) -> AnswerLines {
        let is_marked = self.is_marked();
        let takes_rest = self.takes_rest();
        let Self { line, rest, .. } = self;
        let (pasted, typed) = match find(&rest, PASTE_ENDS) {
            Some(end) if is_marked => (&rest[..end], &rest[end + PASTE_ENDS.len()..]),
            None if is_marked => (&rest[..], &[][..]),
            _ if takes_rest => (&rest[..], &[][..]),
            _ => (&[][..], &rest[..]),
        };
        AnswerLines {
            // The marks of a paste, and keys that are no text, are no part of an answer.
            line: text(&String::from_utf8_lossy(&line)),
            pasted: lines(&String::from_utf8_lossy(pasted)),
            typed: typed.to_vec(),
        }
    }
}

#[cfg(unix)]
impl Terminal {
    /// A line has come. Where pastes are told from typing, it waits for the rest of its paste. Cancel safe.
    pub(crate) async fn whole_answer(&mut self) -> io::Result<Heard> {
        let Some(answer) = &mut self.answer else { return Ok(Heard::Nothing) };
        if let Some((_, modes)) = &self.kept {
            // What is no whole line can be read then, too.
            if !std::mem::replace(&mut self.is_quiet, true) {
                modes.quiet()?;
            }
            loop {
                let mut bytes = [0; 4096];
                if let Ok(read @ 1..) = rustix::io::read(self.input.get_ref(), &mut bytes)
                    && answer.rest.len() < MOST
                {
                    answer.rest.extend_from_slice(&bytes[..read]);
                    continue;
                }
                let wait = match answer.goes_on() {
                    GoesOn::No => break,
                    GoesOn::Perhaps => PAUSE,
                    GoesOn::Surely => LONG_PAUSE,
                };
                let Ok(Ok(mut ready)) = tokio::time::timeout(wait, self.input.readable()).await else { break };
                ready.clear_ready();
            }
        }
        let AnswerLines { line, pasted, typed } = self.answer.take().unwrap_or_default().end();
        if !typed.is_empty() {
            // The terminal has shown it behind the answer, and the next line shows it again.
            let mut out = io::stdout();
            out.write_all(b"\r\x1b[K")?;
            out.flush()?;
        }
        if let Some((ahead, _)) = &self.kept {
            ahead.push(&typed);
        }
        Ok(if pasted.is_empty() { Heard::Line(line) } else { Heard::Pasted(line, pasted) })
    }
}

#[cfg(test)]
mod tests {
    use super::{AnswerBytes, GoesOn};

    #[test]
    fn lines_of_one_paste_belong_to_the_answer() {
        let answer = |line: &[u8], rest: &[u8]| AnswerBytes { line: line.to_vec(), rest: rest.to_vec(), takes_lines: false };
        for (line, rest, goes_on, pasted, typed) in [
            (&b"Ada"[..], &b""[..], GoesOn::No, &[][..], &b""[..]),
            (b"Ada", b"1+", GoesOn::No, &[], b"1+"),
            (b"Ada", b"1+1\n2", GoesOn::No, &[], b"1+1\n2"),
            (b"Ada", b"1+1\n\x032", GoesOn::No, &[], b"1+1\n\x032"),
            (b"\x1b[200~Ada", b"\x1b[201~x\r", GoesOn::No, &[], b"x\r"),
            (b"\x1b[200~Ada", b"1+1\r2\x1b[201~x", GoesOn::No, &["1+1", "2"], b"x"),
            (b"\x1b[200~Ada", b"1+1", GoesOn::Surely, &["1+1"], b""),
            (b"\x1b[200~Ada\x1b[201~", b"x", GoesOn::No, &[], b"x"),
        ] {
            let bytes = answer(line, rest);
            assert_eq!(bytes.goes_on(), goes_on, "{bytes:?}");
            let told = bytes.end();
            assert_eq!(
                (&*told.line, &*told.pasted, &*told.typed),
                ("Ada", &*pasted.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), typed)
            );
        }
    }

    #[test]
    fn standard_input_takes_all_lines_that_come_at_once() {
        let answer = |rest: &[u8]| AnswerBytes { line: b"Ada".to_vec(), rest: rest.to_vec(), takes_lines: true };
        assert_eq!(answer(b"1+1\n2").goes_on(), GoesOn::Perhaps);
        assert_eq!(answer(b"1+1\n2").end().pasted, ["1+1", "2"]);
        assert_eq!(answer(b"1+1\n\x032").end().typed, b"1+1\n\x032");
        assert_eq!(answer(b"1+").end().typed, b"1+");
    }
}
