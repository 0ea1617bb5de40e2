//! A page of an object's contents.

use drupe_protocol::{
    Control, Reply,
    handles::{Handle, Properties, Stale},
};

use super::{Ask, Prepared, Read};
use crate::{Error, Page, supervisor::Supervisor};

#[derive(Debug)]
pub(crate) struct PropertiesOf {
    pub(crate) handle: Handle,
    pub(crate) start: u64,
    pub(crate) count: u32,
}

impl Ask for PropertiesOf {
    type Answer = Page;

    const NAME: &'static str = "properties";

    /// No kernel is launched for a handle that it could not know.
    fn prepare(self, supervisor: &Supervisor) -> Prepared<Self> {
        if supervisor.link.is_none() || self.handle.generation != supervisor.info.generation {
            return Prepared::Answer(Err(Error::StaleHandle(Stale::Session)));
        }
        Prepared::Send(self)
    }

    fn control(&mut self, id: u64) -> Control {
        let Self { handle, start, count } = *self;
        Control::Properties(Properties { id, handle, start, count })
    }

    fn read(self, reply: Reply, _: &Supervisor) -> Result<Read<Page>, Reply> {
        if let Reply::Stale(stale) = &reply {
            return Ok(Read::Now(Err(Error::StaleHandle(stale.reason))));
        }
        if let Reply::Properties(page) = reply { Ok(Read::Now(Ok((*page).into()))) } else { Err(reply) }
    }
}
