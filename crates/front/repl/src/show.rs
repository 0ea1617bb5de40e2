//! The destination of the events of a run: the trait that front ends implement.

use std::io;

use drupe_client::{Error, Event, Report, RunId};

use crate::status::Busy;

/// A [`Show`] that shows as another does, but for some events and reports.
pub trait Altering {
    /// The [`Show`] that events and reports go to, to be read.
    fn shown(&self) -> &dyn Show;

    /// The [`Show`] that events and reports go to, to be written to.
    fn show(&mut self) -> &mut dyn Show;

    /// Something happened; as [`Show::event`].
    ///
    /// # Errors
    /// When it cannot be written.
    fn alter_event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()>;

    /// The run has ended; as [`Show::report`].
    ///
    /// # Errors
    /// When it cannot be written.
    fn alter_report(&mut self, report: &Report) -> io::Result<()> {
        self.show().report(report)
    }
}

impl<S: Altering> Show for S {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        self.alter_event(run, event)
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.alter_report(report)
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.show().error(run, error)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.show().interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.show().still_there()
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.show().notice(text)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.show().answer(text)
    }

    fn long_answer(&mut self, title: &str, text: &str) -> io::Result<()> {
        self.show().long_answer(title, text)
    }

    fn brief_answer(&mut self, text: &str) -> io::Result<()> {
        self.show().brief_answer(text)
    }

    fn toggle_costs(&mut self) -> bool {
        self.show().toggle_costs()
    }

    fn hide_undefined(&mut self, is_hidden: bool) {
        self.show().hide_undefined(is_hidden);
    }

    fn colors(&self) -> bool {
        self.shown().colors()
    }

    fn tag(&mut self, run: RunId, id: &serde_json::Value) {
        self.show().tag(run, id);
    }

    fn bad_line(&mut self, line: u64, id: Option<&serde_json::Value>, message: &str) -> io::Result<()> {
        self.show().bad_line(line, id, message)
    }

    fn wants_status(&self) -> bool {
        self.shown().wants_status()
    }

    fn status(&mut self, busy: &Busy) -> io::Result<()> {
        self.show().status(busy)
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.show().make_room()
    }

    fn is_mid_line(&self) -> bool {
        self.shown().is_mid_line()
    }

    fn line_begun(&self) -> Option<&str> {
        self.shown().line_begun()
    }

    fn line_ended(&mut self) {
        self.show().line_ended();
    }

    fn flush(&mut self) -> io::Result<()> {
        self.show().flush()
    }
}

/// Shows what happens, in the order in which it happens.
pub trait Show {
    /// Something happened. `run` is the run that is followed, if one is: events that belong to another name it
    /// themselves.
    ///
    /// # Errors
    /// When it cannot be written.
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()>;

    /// The run has ended.
    ///
    /// # Errors
    /// When it cannot be written.
    fn report(&mut self, report: &Report) -> io::Result<()>;

    /// The run failed for reasons that are not the user's code.
    ///
    /// # Errors
    /// When it cannot be written.
    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()>;

    /// The run was asked to stop by Ctrl-C.
    ///
    /// # Errors
    /// When it cannot be written.
    fn interrupting(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The run was asked to stop a while ago, and has not.
    ///
    /// # Errors
    /// When it cannot be written.
    fn still_there(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The front end says something in its own name.
    ///
    /// # Errors
    /// When it cannot be written.
    fn notice(&mut self, text: &str) -> io::Result<()>;

    /// A command answers.
    ///
    /// # Errors
    /// When it cannot be written.
    fn answer(&mut self, text: &str) -> io::Result<()>;

    /// A command answers at length: a person sees a page of it at once. `title` is what it is.
    ///
    /// # Errors
    /// When it cannot be written.
    fn long_answer(&mut self, title: &str, text: &str) -> io::Result<()> {
        self.answer(&format!("{title}{text}"))
    }

    /// A command answers in few words, but some answers are long: a person sees the beginning.
    ///
    /// # Errors
    /// When it cannot be written.
    fn brief_answer(&mut self, text: &str) -> io::Result<()> {
        self.answer(text)
    }

    /// Shows from now on what each run costs, or does so no longer; says which.
    fn toggle_costs(&mut self) -> bool {
        false
    }

    /// Says to a person nothing of results that are `undefined`, or does so again. Programs are told of every result.
    fn hide_undefined(&mut self, _is_hidden: bool) {}

    /// Whether values are shown in colours.
    fn colors(&self) -> bool {
        false
    }

    /// What is told of this run belongs to what came in with this `id`.
    fn tag(&mut self, _run: RunId, _id: &serde_json::Value) {}

    /// What came in as the `line`-th line is no chunk; `id` is what it came with, if that can be told.
    ///
    /// # Errors
    /// When it cannot be written.
    fn bad_line(&mut self, line: u64, _id: Option<&serde_json::Value>, message: &str) -> io::Result<()> {
        self.notice(&format!("line {line}: {message}"))
    }

    /// Whether to be told of runs that take long.
    fn wants_status(&self) -> bool {
        false
    }

    /// The run takes long.
    ///
    /// # Errors
    /// When it cannot be written.
    fn status(&mut self, _: &Busy) -> io::Result<()> {
        Ok(())
    }

    /// The person is asked something by somebody else, at the beginning of a line.
    ///
    /// # Errors
    /// When it cannot be written.
    fn make_room(&mut self) -> io::Result<()> {
        self.flush()
    }

    /// Whether what code has written last has no line break at its end.
    fn is_mid_line(&self) -> bool {
        false
    }

    /// That line, where it can be drawn again.
    fn line_begun(&self) -> Option<&str> {
        None
    }

    /// The person has ended that line.
    fn line_ended(&mut self) {}

    /// Nothing more is known at the moment: what was held back must become visible.
    ///
    /// # Errors
    /// When it cannot be written.
    fn flush(&mut self) -> io::Result<()>;
}
