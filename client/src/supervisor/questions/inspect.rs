//! What a name or a member is, or the function of the call that is being typed.

use std::mem::take;

use drupe_protocol::{Control, Reply, describe::Inspect};
use drupe_transpile::Stop;

use super::{Ask, Prepared, Read, too_long};
use crate::{
    Inspection,
    beside::beside,
    inspection::{Inspector, TypeInspector, only_name},
    supervisor::Supervisor,
};

#[derive(Debug)]
pub(crate) struct InspectAt {
    code: String,
    cursor: u32,
    /// Whether the function of a call is meant.
    call: bool,
    /// The name that is all of the code.
    name: Option<String>,
}

impl InspectAt {
    pub(crate) fn new(code: String, cursor: u32, call: bool) -> Self {
        Self { code, cursor, call, name: None }
    }
}

impl Ask for InspectAt {
    type Answer = Option<Inspection>;

    const NAME: &'static str = "inspect";

    fn prepare(self, _: &Supervisor) -> Prepared<Self> {
        too_long(&self.code).map_or(Prepared::Send(self), |error| Prepared::Answer(Err(error)))
    }

    fn control(&mut self, id: u64) -> Control {
        let code = take(&mut self.code);
        // The name may be that of a type, of which the kernel knows nothing.
        self.name = if self.call { None } else { only_name(&code) };
        Control::Inspect(Inspect { id, code, cursor: self.cursor, call: self.call })
    }

    /// The session's sources know more than the kernel: text, types, comments. Long ones are read on another thread.
    fn read(self, reply: Reply, supervisor: &Supervisor) -> Result<Read<Option<Inspection>>, Reply> {
        let Reply::Inspect(inspected) = reply else { return Err(reply) };
        let session = &supervisor.session;
        let Some(subject) = inspected.subject else {
            return Ok(match self.name.and_then(|name| TypeInspector::new(name, &session.sources)) {
                None => Read::Now(Ok(None)),
                Some(inspector) if inspector.is_small() => Read::Now(Ok(inspector.finish(Stop::default()))),
                Some(inspector) => {
                    let finished = beside(move |stop| inspector.finish(stop));
                    Read::Later(Box::pin(async move { Ok(finished.await.ok().flatten()) }))
                }
            });
        };
        let declared_in = session.declared_in(&subject.name);
        let inspector = Inspector::new(subject, &session.bindings, &session.sources, declared_in);
        if inspector.is_small() {
            return Ok(Read::Now(Ok(Some(inspector.finish(Stop::default())))));
        }
        let finished = beside(move |stop| inspector.finish(stop));
        Ok(Read::Later(Box::pin(async move { Ok(finished.await.ok()) })))
    }
}
