//! Events that are shown otherwise than they came.

use std::io;

use drupe_client::{Error, Event, Report, RunId};
use drupe_repl::{Busy, Show};

/// The event that is shown in place of another; `None`: that one.
pub(crate) type Alter = Box<dyn Fn(&Event) -> io::Result<Option<Event>>>;

/// Shows events as another does, after a change.
pub(crate) struct Altered {
    pub(crate) show: Box<dyn Show>,
    pub(crate) alter: Alter,
}

impl Show for Altered {
    fn event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        match (self.alter)(event)? {
            Some(altered) => self.show.event(run, &altered),
            None => self.show.event(run, event),
        }
    }

    fn report(&mut self, report: &Report) -> io::Result<()> {
        self.show.report(report)
    }

    fn error(&mut self, run: Option<RunId>, error: &Error) -> io::Result<()> {
        self.show.error(run, error)
    }

    fn notice(&mut self, text: &str) -> io::Result<()> {
        self.show.notice(text)
    }

    fn answer(&mut self, text: &str) -> io::Result<()> {
        self.show.answer(text)
    }

    fn interrupting(&mut self) -> io::Result<()> {
        self.show.interrupting()
    }

    fn still_there(&mut self) -> io::Result<()> {
        self.show.still_there()
    }

    fn wants_status(&self) -> bool {
        self.show.wants_status()
    }

    fn status(&mut self, busy: &Busy) -> io::Result<()> {
        self.show.status(busy)
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.show.make_room()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.show.flush()
    }
}
