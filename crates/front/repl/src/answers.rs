//! Answers that are typed in the prompt's line editor during a conversation.
//!
//! **No part of a paste with marks runs as code.** Its lines belong to the question. Lines without marks were typed
//! ahead: they wait for the next prompt, unless standard input is asked for, which takes them all.

use std::{
    future::pending,
    io::{self, Write},
    mem,
};

use rustyline::TypeAhead;

use crate::{
    answer_line::{AnswerEditor, AnswerLine, Draft, Ended, Reading},
    modes::Modes,
    person::{End, Heard, Paused},
    screen,
    tty::Terminal,
    type_ahead::{Ahead, MOST, PAUSE},
    typed_text::text,
    width::rows,
};

/// Ctrl-C.
const INTERRUPT: u8 = 3;

/// What is known of the question that is open, or was last.
#[derive(Debug)]
pub(crate) struct Answering {
    editor: AnswerEditor,
    reading: Option<Reading>,
    /// The line has ended, and nobody has heard of it.
    ended: Option<Ended>,
    /// A line of standard input, while others may come at once.
    at_once: Option<AtOnce>,
    /// Whether standard input is asked for.
    takes_lines: bool,
    draft: Draft,
    /// Was typed for standard input, which will be asked for again.
    kept_draft: Draft,
    /// Was typed before the question.
    earlier: Option<TypeAhead>,
}

impl Answering {
    pub(crate) fn new(editor: AnswerEditor) -> Self {
        Self {
            editor,
            reading: None,
            ended: None,
            at_once: None,
            takes_lines: false,
            draft: Draft::default(),
            kept_draft: Draft::default(),
            earlier: None,
        }
    }

    /// A question is on the screen. What was typed before is kept from it.
    pub(crate) fn begin(&mut self, ahead: &Ahead) {
        (self.ended, self.at_once, self.takes_lines) = (None, None, false);
        self.draft = Draft::default();
        self.earlier = Some(ahead.split_off());
    }

    /// The question asks for standard input.
    pub(crate) fn take_lines(&mut self) {
        self.takes_lines = true;
        self.draft = mem::take(&mut self.kept_draft);
    }

    /// Has the person type behind `before`, at whose end the cursor stands.
    pub(crate) fn edit(&mut self, before: &str, modes: &Modes) -> io::Result<()> {
        if self.ended.is_some() || self.at_once.is_some() {
            return Ok(());
        }
        // The editor draws all of the line.
        let above = rows(before, screen::size().columns) - 1;
        if above > 0 {
            let mut out = io::stdout();
            write!(out, "\x1b[{above}A")?;
            out.flush()?;
        }
        modes.edited(true);
        let draft = mem::take(&mut self.draft);
        let line = AnswerLine { prompt: before.to_owned(), draft, ends_at_eof: self.takes_lines };
        self.reading = Some(self.editor.read(line)?);
        Ok(())
    }

    /// Stops the editor.
    pub(crate) async fn pause(&mut self, modes: &Modes) -> Paused {
        let Some(reading) = self.reading.take() else { return Paused::Answered };
        let ended = self.editor.stop(reading).await;
        modes.edited(false);
        match ended {
            Ok(Ended::Stopped(draft)) => {
                self.draft = draft;
                Paused::OffScreen
            }
            ended => {
                self.ended = Some(ended.unwrap_or(Ended::Nothing));
                Paused::Answered
            }
        }
    }

    /// Waits until the line has ended. Cancel safe.
    async fn ended(&mut self, modes: &Modes) -> Ended {
        if let Some(ended) = self.ended.take() {
            return ended;
        }
        let Some(reading) = &mut self.reading else { return pending().await };
        let ended = reading.ended().await;
        self.reading = None;
        modes.edited(false);
        ended.unwrap_or(Ended::Nothing)
    }

    /// Nothing is asked any more. Puts what is no answer where the next line begins.
    pub(crate) async fn end(&mut self, end: End, interrupted: bool, ahead: &Ahead, modes: &Modes) {
        if self.reading.is_some() {
            self.pause(modes).await;
        }
        let mut typed = mem::take(&mut self.draft).text();
        // It came too late to be an answer.
        match (self.ended.take(), self.at_once.take()) {
            (Some(Ended::Line(text) | Ended::Half(text)), _) => typed = text,
            (_, Some(at_once)) => typed = at_once.line,
            _ => {}
        }
        let later = ahead.split_off();
        if let Some(earlier) = self.earlier.take() {
            ahead.put_before(&earlier);
        }
        match end {
            End::Answered => {}
            End::Interrupted if interrupted => {}
            End::Interrupted => ahead.set_aside(),
            End::Unanswered => ahead.give_back(&typed),
            End::Again => self.kept_draft = Draft { left: typed, right: String::new() },
        }
        later.put_before(&ahead.split_off());
        ahead.put_before(&later);
    }

    /// What was typed for standard input, and is not asked for any more.
    pub(crate) fn take_kept_draft(&mut self) -> String {
        mem::take(&mut self.kept_draft).text()
    }
}

impl Terminal {
    /// The next thing that the person does at the editor. Cancel safe.
    pub(crate) async fn hear_edited(&mut self) -> io::Result<Heard> {
        loop {
            let (Some((ahead, modes)), Some(answering)) = (&self.kept, &mut self.answering) else { return Ok(Heard::Nothing) };
            if answering.at_once.is_some() {
                return self.lines_at_once().await;
            }
            match answering.ended(modes).await {
                Ended::Line(line) if answering.takes_lines => {
                    let mut at_once = AtOnce { line, ..AtOnce::default() };
                    at_once.push(&ahead.take());
                    answering.at_once = Some(at_once);
                }
                Ended::Line(line) => return Ok(answer(&line)),
                Ended::Half(text) => return Ok(Heard::Half(text)),
                // All of the job is to know.
                Ended::Interrupted => Modes::interrupt(),
                Ended::Nothing => return Ok(Heard::Nothing),
                Ended::Stopped(draft) => answering.draft = draft,
            }
        }
    }

    /// A line of standard input has come. Waits for those that come at once with it. Cancel safe.
    async fn lines_at_once(&mut self) -> io::Result<Heard> {
        let (Some((ahead, _)), Some(answering)) = (&self.kept, &mut self.answering) else { return Ok(Heard::Nothing) };
        let Some(at_once) = &mut answering.at_once else { return Ok(Heard::Nothing) };
        loop {
            let mut bytes = [0; 4096];
            if at_once.rest.len() < MOST
                && let Ok(read @ 1..) = rustix::io::read(self.input.get_ref(), &mut bytes)
            {
                at_once.push(&bytes[..read]);
                continue;
            }
            if !at_once.is_input() {
                break;
            }
            let Ok(Ok(mut ready)) = tokio::time::timeout(PAUSE, self.input.readable()).await else { break };
            ready.clear_ready();
        }
        let Some(at_once) = answering.at_once.take() else { return Ok(Heard::Nothing) };
        let InputLines { lines, half, typed } = at_once.end();
        answering.kept_draft = Draft { left: half, right: String::new() };
        ahead.push(&typed);
        Ok(Heard::Line(lines))
    }
}

/// The answer to a dialog: a line, and those that were pasted with it.
fn answer(typed: &str) -> Heard {
    let mut lines = typed.split('\n').map(text);
    let line = lines.next().unwrap_or_default();
    let pasted: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
    if pasted.is_empty() { Heard::Line(line) } else { Heard::Pasted(line, pasted) }
}

/// A line of standard input, and the bytes that came at once behind it.
#[derive(Debug, Default)]
struct AtOnce {
    line: String,
    rest: TypeAhead,
    has_break: bool,
}

/// The same, told from what is no input.
#[derive(Debug, Default, PartialEq)]
struct InputLines {
    lines: String,
    /// The beginning of a line.
    half: String,
    typed: Vec<u8>,
}

impl AtOnce {
    /// Adds bytes. Each is looked at once.
    fn push(&mut self, bytes: &[u8]) {
        self.has_break |= bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        self.rest.push(bytes);
    }

    /// Ctrl-C is handled where typed text is.
    fn is_input(&self) -> bool {
        self.has_break && self.rest.position(INTERRUPT).is_none()
    }

    /// All came that was to come.
    fn end(self) -> InputLines {
        if !self.is_input() {
            return InputLines { lines: self.line, half: String::new(), typed: self.rest.take() };
        }
        let rest = String::from_utf8_lossy(&self.rest.take()).replace("\r\n", "\n").replace('\r', "\n");
        let (whole, half) = rest.rsplit_once('\n').unwrap_or(("", &rest));
        let lines = std::iter::once(self.line).chain(whole.split('\n').map(text)).collect::<Vec<_>>();
        InputLines { lines: lines.join("\n"), half: text(half), typed: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::{AtOnce, InputLines, answer};
    use crate::person::Heard;

    #[test]
    fn lines_of_one_paste_belong_to_the_answer() {
        assert!(matches!(answer("Ada"), Heard::Line(line) if line == "Ada"));
        assert!(matches!(answer("Ada\n"), Heard::Line(line) if line == "Ada"));
        let Heard::Pasted(line, pasted) = answer("Ada\n1+1\n\n\u{1b}[A2") else { panic!() };
        assert_eq!((&*line, &*pasted), ("Ada", &["1+1".to_owned(), "2".to_owned()][..]));
    }

    #[test]
    fn standard_input_takes_all_lines_that_come_at_once() {
        for (rest, is_input, lines, half, typed) in [
            (&b""[..], false, "Ada", "", &b""[..]),
            (b"1+", false, "Ada", "", b"1+"),
            (b"1+1\n2", true, "Ada\n1+1", "2", b""),
            (b"1+1\r\n\r\n2\r", true, "Ada\n1+1\n\n2", "", b""),
            (b"1+1\n\x032", false, "Ada", "", b"1+1\n\x032"),
            // In a paste with marks it is no key.
            (b"1+\x1b[200~1\n\x032\x1b[201~\n", true, "Ada\n1+1\n2", "", b""),
        ] {
            let mut at_once = AtOnce { line: "Ada".to_owned(), ..AtOnce::default() };
            rest.chunks(2).for_each(|bytes| at_once.push(bytes));
            assert_eq!(at_once.is_input(), is_input, "{at_once:?}");
            let told = InputLines { lines: lines.to_owned(), half: half.to_owned(), typed: typed.to_vec() };
            assert_eq!(at_once.end(), told);
        }
    }
    // threat B11
    #[test]
    fn input_that_comes_at_once_is_scanned_once() {
        let mut at_once = AtOnce::default();
        let paste = ["\x1b[200~", &"y\x03\n".repeat(400_000), "\x1b[201~"].concat();
        for part in paste.as_bytes().chunks(4096) {
            at_once.push(part);
            assert!(at_once.is_input() || !at_once.has_break);
        }
        assert_eq!(at_once.rest.scanned(), u64::try_from(paste.len()).unwrap());
    }
}
