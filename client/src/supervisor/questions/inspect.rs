//! What a name or a member is, or the function of the call that is being typed.

use std::mem::take;

use drupe_protocol::{Control, Reply, describe::Inspect};
use drupe_transpile::Stop;

use super::{Ask, Read};
use crate::{
    Inspection,
    beside::beside,
    inspection::{Inspector, TypeInspector},
    site::Named,
    supervisor::Supervisor,
};

#[derive(Debug)]
pub(crate) struct InspectAt {
    pub(crate) named: Named,
    /// Whether the name is all of the code: then it may be that of a type, of which the kernel knows nothing.
    pub(crate) alone: bool,
}

impl Ask for InspectAt {
    type Answer = Option<Inspection>;

    const NAME: &'static str = "inspect";

    fn control(&mut self, id: u64) -> Control {
        let Named { object, name, argument, .. } = &mut self.named;
        Control::Inspect(Inspect { id, name: name.clone(), object: take(object), call: argument.is_some() })
    }

    /// The session's sources know more than the kernel: text, types, comments. Long ones are read on another thread.
    fn read(self, reply: Reply, supervisor: &Supervisor) -> Result<Read<Option<Inspection>>, Reply> {
        let Reply::Inspect(inspected) = reply else { return Err(reply) };
        let session = &supervisor.session;
        let Some(subject) = inspected.subject else {
            let name = Some(self.named.name).filter(|_| self.alone);
            return Ok(match name.and_then(|name| TypeInspector::new(name, &session.sources)) {
                None => Read::Now(Ok(None)),
                Some(inspector) if inspector.is_small() => Read::Now(Ok(inspector.finish(Stop::default()))),
                Some(inspector) => {
                    let finished = beside(move |stop| inspector.finish(stop));
                    Read::Later(Box::pin(async move { Ok(finished.await.ok().flatten()) }))
                }
            });
        };
        let declared_in = session.declared_in(&self.named.name);
        let inspector = Inspector::new(self.named, subject, &session.bindings, &session.sources, declared_in);
        if inspector.is_small() {
            return Ok(Read::Now(Ok(Some(inspector.finish(Stop::default())))));
        }
        let finished = beside(move |stop| inspector.finish(stop));
        Ok(Read::Later(Box::pin(async move { Ok(finished.await.ok()) })))
    }
}
