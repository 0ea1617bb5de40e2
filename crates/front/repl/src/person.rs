//! Who answers questions, as seen by who asks them.

use std::io;

/// Who answers: a terminal, or a test.
pub(crate) trait Person {
    /// A question is about to be put on the screen: waits until a paste that is arriving has arrived. Cancel safe.
    fn wait_for_paste(&mut self) -> impl Future<Output = ()>;

    /// A question is on the screen: what was typed so far is no answer.
    fn begin(&mut self) -> io::Result<()>;

    /// The question asks for standard input: it takes all lines that come at once, and half a line.
    fn take_lines(&mut self) {}

    /// Has the person type behind `before`: the text on the screen from the beginning of the line to the cursor.
    fn edit(&mut self, _before: &str) -> io::Result<()> {
        Ok(())
    }

    /// Makes room for something else on the screen, until the person [edits](Self::edit) again. What they have typed is
    /// kept.
    fn pause(&mut self) -> impl Future<Output = Paused> {
        std::future::ready(Paused::OnScreen)
    }

    /// What comes next. Cancel safe.
    fn hear(&mut self) -> impl Future<Output = io::Result<Heard>>;

    /// These lines are no answer, and no code either: the person can have them again.
    fn set_aside(&mut self, lines: Vec<String>);

    /// Nothing is asked any more.
    fn end(&mut self, end: End) -> impl Future<Output = io::Result<()>>;
}

/// What comes from the person.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A line, without its end.
    Line(String),
    /// The beginning of a line, which Ctrl-D has ended.
    Half(String),
    /// A line, and further lines of the same paste.
    Pasted(String, Vec<String>),
    /// There will be no line (Ctrl-D).
    Nothing,
    /// This job was stopped and goes on: the question is not on the screen any more, nor is what was typed.
    Back,
}

/// What has become of the line that the person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paused {
    /// It is off the screen, with the text before it.
    OffScreen,
    /// The terminal itself shows it.
    OnScreen,
    /// It has ended just now: hear it.
    Answered,
}

/// How a question ended, for the person who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Answered,
    /// It was taken back, or nobody will answer: what was typed is for the next line.
    Unanswered,
    /// It will be asked again, after another.
    Again,
    /// By Ctrl-C: what was typed before the question is not run either.
    Interrupted,
}
