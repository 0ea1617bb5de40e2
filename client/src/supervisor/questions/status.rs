//! What the kernel is doing.

use drupe_protocol::{Control, Reply, introspection};

use super::{Ask, Read};
use crate::{Status, supervisor::Supervisor};

#[derive(Debug)]
pub(crate) struct GetStatus;

impl Ask for GetStatus {
    type Answer = Status;

    const NAME: &'static str = "status";

    fn control(&mut self, id: u64) -> Control {
        Control::Status(introspection::Status { id })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<Status>, Reply> {
        if let Reply::Status(told) = reply { Ok(Read::Now(Ok(told.into()))) } else { Err(reply) }
    }
}
