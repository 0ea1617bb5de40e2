//! Events that are shown otherwise than they came.

use std::io;

use drupe_client::{Event, RunId};
use drupe_repl::{Altering, Show};

/// The event that is shown in place of another; `None`: that one.
pub(crate) type Alter = Box<dyn Fn(&Event) -> io::Result<Option<Event>>>;

/// Shows events as another does, after a change.
pub(crate) struct Altered {
    pub(crate) show: Box<dyn Show>,
    pub(crate) alter: Alter,
}

impl Altering for Altered {
    fn shown(&self) -> &dyn Show {
        &*self.show
    }

    fn show(&mut self) -> &mut dyn Show {
        &mut *self.show
    }

    fn alter_event(&mut self, run: Option<RunId>, event: &Event) -> io::Result<()> {
        match (self.alter)(event)? {
            Some(altered) => self.show.event(run, &altered),
            None => self.show.event(run, event),
        }
    }
}
