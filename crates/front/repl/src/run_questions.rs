//! Asks the person questions of running code: on a line of its own, or for standard input while the code goes on.

use std::io::stdout;

use drupe_client::Run;

use crate::{
    Follower, Look, ReplError,
    asking::{self, Asked},
    input_question::{Meanwhile, Typed, ask_for_input},
    prompt_queue::Question,
    settled_output::show_said,
    show::Show,
    tty::Terminal,
};

/// What was noted of a run that is followed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Noted {
    /// Whether something was thrown and not caught.
    pub(crate) uncaught: bool,
    /// Whether the run has begun.
    pub(crate) begun: bool,
}

/// Asks a question while `run` is followed.
pub(crate) async fn ask_in_run(
    question: Question,
    run: &mut Run,
    follower: &mut Follower,
    show: &mut dyn Show,
    noted: &mut Noted,
) -> Result<Asked, ReplError> {
    noted.uncaught |= show_said(run, show).await?;
    if !question.is_input() {
        return follower.ask(question, show).await;
    }
    match follower.ask_for_input(question, Some(run), show, noted).await? {
        Typed::Done => {}
        Typed::Interrupted(question) => return Ok(Asked::Interrupted(question)),
        // What reads goes on without the run.
        Typed::Over(question) => {
            if let Some(questions) = &mut follower.questions {
                questions.put_back(question, false);
            }
        }
        Typed::Aside(input, other) => follower.ask_first(other, input, false),
    }
    Ok(Asked::Done)
}

/// The terminal to ask at: the one that is kept, or one that is opened for the question.
fn terminal<'t>(kept: &'t mut Option<Terminal>, opened: &'t mut Option<Terminal>) -> Option<&'t mut Terminal> {
    match kept {
        Some(kept) if kept.keeps() => Some(kept),
        _ => {
            *opened = Terminal::open().ok();
            opened.as_mut()
        }
    }
}

impl Follower {
    /// Asks the person at the terminal, on a line of its own.
    pub(crate) async fn ask(&mut self, question: Question, show: &mut dyn Show) -> Result<Asked, ReplError> {
        show.make_room().map_err(ReplError::Output)?;
        let mut opened = None;
        let Some(terminal) = terminal(&mut self.terminal, &mut opened) else {
            question.refuse();
            return Ok(Asked::Done);
        };
        let look = Look::of(&stdout());
        asking::ask(question, terminal, &mut self.interrupts, &mut stdout(), look).await.map_err(ReplError::Output)
    }

    /// Has `first` asked before `input`, and both before all others. `told`: the person was told of them.
    pub(crate) fn ask_first(&mut self, first: Question, input: Question, told: bool) {
        if let Some(questions) = &mut self.questions {
            questions.put_first(input, told);
            questions.put_first(first, told);
        }
    }

    /// Has the person type standard input, and shows what `run` and others do meanwhile.
    pub(crate) async fn ask_for_input(
        &mut self,
        question: Question,
        run: Option<&mut Run>,
        show: &mut dyn Show,
        noted: &mut Noted,
    ) -> Result<Typed, ReplError> {
        let mut opened = None;
        // Dropping the question is the error that nobody types.
        let Some(terminal) = terminal(&mut self.terminal, &mut opened) else { return Ok(Typed::Done) };
        let mut meanwhile = Meanwhile { run, late: &mut self.late, questions: &mut self.questions, show, noted };
        ask_for_input(question, terminal, &mut self.interrupts, &mut meanwhile).await.map_err(ReplError::Output)
    }
}
