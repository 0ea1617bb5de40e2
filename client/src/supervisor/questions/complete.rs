//! Which names could stand where one is being typed.

use std::mem::take;

use drupe_protocol::{
    Control, Reply,
    introspection::{Complete, CompleteReply},
};

use super::{Ask, Read};
use crate::{site::Typed, supervisor::Supervisor};

#[derive(Debug)]
pub(crate) struct CompleteAt {
    pub(crate) typed: Typed,
}

impl Ask for CompleteAt {
    type Answer = CompleteReply;

    const NAME: &'static str = "complete";

    fn control(&mut self, id: u64) -> Control {
        let Typed { object, prefix, quote, offers, .. } = &mut self.typed;
        let (object, prefix, offers) = (take(object), take(prefix), take(offers));
        Control::Complete(Complete { id, object, prefix, quote: *quote, offers })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<CompleteReply>, Reply> {
        if let Reply::Complete(completions) = reply { Ok(Read::Now(Ok(completions))) } else { Err(reply) }
    }
}
