//! What the kernel is doing.

use drupe_protocol::{
    Control, Reply,
    help::{Status, StatusTold},
};

use super::{Ask, Read};
use crate::supervisor::Supervisor;

#[derive(Debug)]
pub(crate) struct GetStatus;

impl Ask for GetStatus {
    type Answer = StatusTold;

    const NAME: &'static str = "status";

    fn control(&mut self, id: u64) -> Control {
        Control::Status(Status { id })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<StatusTold>, Reply> {
        if let Reply::StatusTold(told) = reply { Ok(Read::Now(Ok(told))) } else { Err(reply) }
    }
}
