//! Asks the person for standard input. Code may go on meanwhile, so what it says is shown.

use std::io::{self, Write};

use drupe_client::{Event, LateEvents, Run};
use tokio::sync::mpsc;

use crate::{
    person::{End, Heard, Person},
    prompt_queue::Question,
    run_questions::Noted,
    sanitize::MARK,
    settled_output::is_uncaught,
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
}

/// What goes on while the person types.
pub(crate) struct Meanwhile<'a> {
    /// The run that is followed, if one is.
    pub(crate) run: Option<&'a mut Run>,
    pub(crate) late: &'a mut LateEvents,
    pub(crate) show: &'a mut dyn Show,
    pub(crate) noted: &'a mut Noted,
}

impl Meanwhile<'_> {
    /// The next event; `None`: the run has ended. Cancel safe.
    async fn next(&mut self) -> Option<(bool, Event)> {
        let Some(run) = &mut self.run else {
            return match self.late.next_event().await {
                Some(event) => Some((false, event)),
                None => std::future::pending().await,
            };
        };
        tokio::select! {
            biased;
            event = run.next_event() => event.map(|event| (true, event)),
            Some(event) = self.late.next_event() => Some((false, event)),
        }
    }

    fn show(&mut self, of_run: bool, event: &Event) -> io::Result<()> {
        self.noted.begun |= of_run && matches!(event, Event::Started(_));
        self.noted.uncaught |= is_uncaught(event);
        let id = self.run.as_ref().filter(|_| of_run).map(|run| run.id());
        self.show.event(id, event)?;
        self.show.flush()
    }

    /// Shows where the person types: after the program's own question, if it has written one.
    fn label(&mut self) -> io::Result<bool> {
        self.show.flush()?;
        if self.show.is_mid_line() {
            return Ok(false);
        }
        write(&format!("\r\x1b[K{MARK} standard input (Ctrl-D ends it): "))?;
        Ok(true)
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
        Ok(Typed::Done | Typed::Over(_)) | Err(_) if answered => End::Answered,
        Ok(Typed::Done | Typed::Over(_)) | Err(_) => End::Unanswered,
    };
    // A terminal that is gone has no mode.
    drop(person.end(end));
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
    let mut labelled = meanwhile.label()?;
    if person.begin().is_err() {
        // Dropping it is the error that nobody types.
        return Ok(Typed::Done);
    }
    person.take_lines(true);
    loop {
        let erase = if labelled { "\r\x1b[K" } else { "" };
        tokio::select! {
            biased;
            Some(()) = interrupts.recv() => return Ok(Typed::Interrupted(question)),
            () = question.withdrawn() => {
                write(erase)?;
                return Ok(Typed::Done);
            }
            // Before the output: a program that prints without end can be stopped by its input.
            heard = person.hear() => {
                if let Ok(Heard::Back) = heard {
                    labelled = meanwhile.label()?;
                    continue;
                }
                let lines = typed_lines(heard);
                *answered = lines.is_some();
                match lines {
                    Some(lines) => drop(question.answer(&lines)),
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
                write(erase)?;
                let Some((of_run, event)) = next else { return Ok(Typed::Over(question)) };
                meanwhile.show(of_run, &event)?;
                labelled = meanwhile.label()?;
            }
        }
    }
}

/// The lines that were typed: all of a paste is input. `None`: the input ends.
fn typed_lines(heard: io::Result<Heard>) -> Option<String> {
    match heard {
        Ok(Heard::Line(line)) => Some(line),
        Ok(Heard::Pasted(line, pasted)) => Some([&[line], &pasted[..]].concat().join("\n")),
        // If the terminal cannot be read, no person is there.
        Ok(Heard::Nothing | Heard::Back) | Err(_) => None,
    }
}
