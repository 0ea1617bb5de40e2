//! Who answers questions, as seen by who asks them.

use std::io;

/// Who answers: a terminal, or a test.
pub(crate) trait Person {
    /// A question is about to be put on the screen: waits until a paste that is arriving has arrived. Cancel safe.
    fn wait_for_paste(&mut self) -> impl Future<Output = ()>;

    /// A question is on the screen: what was typed so far is no answer.
    fn begin(&mut self) -> io::Result<()>;

    /// Whether the question takes all lines that come at once. It does not, unless that is said.
    fn take_lines(&mut self, _takes: bool) {}

    /// What comes next. Cancel safe.
    fn hear(&mut self) -> impl Future<Output = io::Result<Heard>>;

    /// These lines are no answer, and no code either: the person can have them again.
    fn set_aside(&mut self, lines: Vec<String>);

    /// Nothing is asked any more. Unless the question was answered, what was typed since is thrown away.
    fn end(&mut self, end: End) -> io::Result<()>;
}

/// What comes from the person.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A line, without its end.
    Line(String),
    /// The same, and further lines of the same paste.
    Pasted(String, Vec<String>),
    /// There will be no line (Ctrl-D).
    Nothing,
    /// This job was stopped and goes on: the question is not on the screen any more, nor is what was typed.
    Back,
}

/// How a question ended, for the person who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Answered,
    /// It was taken back, or nobody will answer.
    Unanswered,
    /// By Ctrl-C: what was typed before the question is not run either.
    Interrupted,
}
