//! The output of a pipe: tags events with the id of their chunk, and remembers what the last result left out.

use std::io;

use drupe_client::{Error, Event, Report, RunId};

use crate::{left_out::LeftOut, show::Show};

/// Shows what happens, tells whose it is, and remembers what the last result left out.
pub(crate) struct Watched<'a> {
    show: &'a mut dyn Show,
    /// What the run that is followed came with.
    id: Option<serde_json::Value>,
    pub(crate) left_out: LeftOut,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(show: &'a mut dyn Show) -> Self {
        Self { show, id: None, left_out: LeftOut::default() }
    }

    /// What the run that is followed next came with.
    pub(crate) fn belongs_to(&mut self, id: Option<serde_json::Value>) {
        self.id = id;
    }

    /// The first that is told of a run says whose it is.
    fn tag(&mut self, run: Option<RunId>) {
        if let Some(run) = run
            && let Some(id) = self.id.take()
        {
            self.show.tag(run, &id);
        }
    }
}

impl Show for Watched<'_> {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        self.tag(run);
        if let Event::Result(result) = event {
            self.left_out = LeftOut::of(result);
        }
        self.show.event(run, event)
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.tag(Some(report.run));
        self.show.report(report)
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.tag(run);
        self.show.error(run, error)
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.show.notice(text)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.show.answer(text)
    }

    fn toggle_costs(&mut self) -> bool {
        self.show.toggle_costs()
    }

    fn hide_undefined(&mut self, is_hidden: bool) {
        self.show.hide_undefined(is_hidden);
    }

    fn bad_line(&mut self, line: u64, id: Option<&serde_json::Value>, message: &str) -> io::Result<()> {
        self.show.bad_line(line, id, message)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.show.interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.show.still_there()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.show.flush()
    }
}
