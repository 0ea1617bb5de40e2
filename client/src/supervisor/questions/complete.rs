//! Which names could stand at a cursor.

use std::mem::take;

use drupe_protocol::{
    Control, Reply,
    introspection::{Complete, CompleteReply},
};

use super::{Ask, Prepared, Read, too_long};
use crate::supervisor::Supervisor;

#[derive(Debug)]
pub(crate) struct CompleteAt {
    pub(crate) code: String,
    pub(crate) cursor: u32,
}

impl Ask for CompleteAt {
    type Answer = CompleteReply;

    const NAME: &'static str = "complete";

    fn prepare(self, _: &Supervisor) -> Prepared<Self> {
        too_long(&self.code).map_or(Prepared::Send(self), |error| Prepared::Answer(Err(error)))
    }

    fn control(&mut self, id: u64) -> Control {
        Control::Complete(Complete { id, code: take(&mut self.code), cursor: self.cursor })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<CompleteReply>, Reply> {
        if let Reply::Complete(completions) = reply { Ok(Read::Now(Ok(completions))) } else { Err(reply) }
    }
}
