//! Asks the person for standard input. Code may go on meanwhile, so what it says is shown.

use std::{
    future::ready,
    io::{self, Write},
};

use drupe_client::{Event, LateEvents, Run};
use tokio::sync::mpsc;

use crate::{
    Questions,
    follow::question as next_question,
    person::{End, Heard, Paused, Person},
    prompt_queue::Question,
    run_questions::Noted,
    sanitize::MARK,
    settled_output::{SAID_BEFORE, is_uncaught},
    show::Show,
};

/// How asking for input ended.
#[derive(Debug)]
pub(crate) enum Typed {
    /// With lines, with the end of the input, or with nobody to give it to.
    Done,
    /// With Ctrl-C. Dropping the question is an error of the program that reads.
    Interrupted(Question),
    /// The run that was followed has ended.
    Over(Question),
    /// Code asks something else (the second), which is to be answered first.
    Aside(Question, Question),
}

/// What goes on while the person types.
pub(crate) struct Meanwhile<'a> {
    /// The run that is followed, if one is.
    pub(crate) run: Option<&'a mut Run>,
    pub(crate) late: &'a mut LateEvents,
    /// What code asks meanwhile.
    pub(crate) questions: &'a mut Option<Questions>,
    pub(crate) show: &'a mut dyn Show,
    pub(crate) noted: &'a mut Noted,
}

enum Next {
    /// Code asks something else.
    Question(Question),
    /// Whether it is of the run. `None`: the run has ended.
    Event(Option<(bool, Event)>),
}

/// Cancel safe.
async fn next_event(run: &mut Option<&mut Run>, late: &mut LateEvents) -> Option<(bool, Event)> {
    let Some(run) = run else {
        return match late.next_event().await {
            Some(event) => Some((false, event)),
            None => std::future::pending().await,
        };
    };
    tokio::select! {
        biased;
        event = run.next_event() => event.map(|event| (true, event)),
        Some(event) = late.next_event() => Some((false, event)),
    }
}

impl Meanwhile<'_> {
    /// What happens next. Cancel safe.
    async fn next(&mut self) -> Next {
        let Self { run, late, questions, .. } = self;
        tokio::select! {
            biased;
            other = next_question(questions, false) => Next::Question(other),
            event = next_event(run, late) => Next::Event(event),
        }
    }

    fn show(&mut self, of_run: bool, event: &Event) -> io::Result<()> {
        self.noted.begun |= of_run && matches!(event, Event::Started(_));
        self.noted.uncaught |= is_uncaught(event);
        let id = self.run.as_ref().filter(|_| of_run).map(|run| run.id());
        self.show.event(id, event)
    }

    /// Shows `first`, and what else is known by now. Whether the run has ended.
    async fn show_all(&mut self, first: Option<(bool, Event)>) -> io::Result<bool> {
        let mut next = first;
        for _ in 0..SAID_BEFORE {
            let Some((of_run, event)) = next else { return Ok(true) };
            self.show(of_run, &event)?;
            next = tokio::select! {
                biased;
                next = next_event(&mut self.run, self.late) => next,
                () = ready(()) => break,
            };
        }
        self.show.flush()?;
        Ok(false)
    }

    /// Shows where the person types: after the program's own question, if it has written one.
    fn label(&mut self) -> io::Result<Before> {
        self.show.flush()?;
        if let Some(begun) = self.show.line_begun() {
            return Ok(Before { text: begun.to_owned(), is_label: false });
        }
        let text = format!("{MARK} standard input (Ctrl-D ends it): ");
        // A line that is too long to be drawn again stays.
        let begins = if self.show.is_mid_line() { "\n" } else { "\r\x1b[K" };
        self.show.line_ended();
        write(&format!("{begins}{text}"))?;
        Ok(Before { text, is_label: true })
    }
}

/// The text before the cursor in the line where the person types.
#[derive(Debug)]
struct Before {
    text: String,
    /// Whether it is the front end's: it goes when code writes something.
    is_label: bool,
}

impl Before {
    /// Leaves the screen as if nothing had been asked.
    fn take_off(&self, paused: Paused) -> io::Result<()> {
        match (paused, self.is_label) {
            (Paused::OffScreen, false) => write(&self.text),
            (Paused::OnScreen, true) => write("\r\x1b[K"),
            (Paused::OffScreen, true) | (Paused::OnScreen, false) | (Paused::Answered, _) => Ok(()),
        }
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Asks for standard input.
pub(crate) async fn ask_for_input(
    question: Question,
    person: &mut impl Person,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    meanwhile: &mut Meanwhile<'_>,
) -> io::Result<Typed> {
    let mut answered = false;
    let typed = ask_until(question, person, interrupts, meanwhile, &mut answered).await;
    let end = match &typed {
        Ok(Typed::Interrupted(_)) => End::Interrupted,
        Ok(Typed::Aside(..)) => End::Again,
        Ok(Typed::Done | Typed::Over(_)) | Err(_) if answered => End::Answered,
        Ok(Typed::Done | Typed::Over(_)) | Err(_) => End::Unanswered,
    };
    // A terminal that is gone has no mode.
    drop(person.end(end).await);
    typed
}

async fn ask_until(
    mut question: Question,
    person: &mut impl Person,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
    meanwhile: &mut Meanwhile<'_>,
    answered: &mut bool,
) -> io::Result<Typed> {
    person.wait_for_paste().await;
    let mut before = meanwhile.label()?;
    if person.begin().is_err() {
        // Dropping it is the error that nobody types.
        return Ok(Typed::Done);
    }
    person.take_lines();
    person.edit(&before.text)?;
    loop {
        tokio::select! {
            biased;
            Some(()) = interrupts.recv() => return Ok(Typed::Interrupted(question)),
            () = question.withdrawn() => {
                before.take_off(person.pause().await)?;
                return Ok(Typed::Done);
            }
            // Before the output: a program that prints without end can be stopped by its input.
            heard = person.hear() => {
                if let Ok(Heard::Back) = heard {
                    before = meanwhile.label()?;
                    continue;
                }
                let text = typed_text(heard);
                *answered = text.is_some();
                match text {
                    Some(text) => drop(question.answer(&text)),
                    None => {
                        write("\n")?;
                        question.refuse();
                    }
                }
                // The terminal has shown the line break.
                meanwhile.show.line_ended();
                return Ok(Typed::Done);
            }
            next = meanwhile.next() => {
                let paused = person.pause().await;
                before.take_off(paused)?;
                if paused == Paused::Answered {
                    meanwhile.show.line_ended();
                }
                match next {
                    Next::Question(other) => return Ok(Typed::Aside(question, other)),
                    Next::Event(first) => {
                        if meanwhile.show_all(first).await? {
                            return Ok(Typed::Over(question));
                        }
                    }
                }
                if paused != Paused::Answered {
                    before = meanwhile.label()?;
                    person.edit(&before.text)?;
                }
            }
        }
    }
}

/// The text that was typed: all of a paste is input. `None`: the input ends.
fn typed_text(heard: io::Result<Heard>) -> Option<String> {
    match heard {
        Ok(Heard::Line(line)) => Some(line + "\n"),
        Ok(Heard::Half(text)) => Some(text),
        Ok(Heard::Pasted(line, pasted)) => Some([&[line], &pasted[..]].concat().join("\n") + "\n"),
        // If the terminal cannot be read, no person is there.
        Ok(Heard::Nothing | Heard::Back) | Err(_) => None,
    }
}
