//! The names that the session has.

use drupe_protocol::{Control, Reply, RunId, introspection::Globals};

use super::{Ask, Read};
use crate::{Global, supervisor::Supervisor};

#[derive(Debug)]
pub(crate) struct ListGlobals;

impl Ask for ListGlobals {
    type Answer = Vec<Global>;

    const NAME: &'static str = "globals";

    fn control(&mut self, id: u64) -> Control {
        Control::Globals(Globals { id })
    }

    fn read(self, reply: Reply, supervisor: &Supervisor) -> Result<Read<Vec<Global>>, Reply> {
        let Reply::Globals(listed) = reply else { return Err(reply) };
        // A run that has not begun has declared nothing yet.
        let waits = supervisor.sent.values().find(|job| job.started.is_none());
        let unstarted = waits.map_or(RunId::MAX, |job| job.run);
        let names = listed.names.into_iter().map(|name| Global::new(name, &supervisor.session.bindings, unstarted)).collect();
        Ok(Read::Now(Ok(names)))
    }
}
