//! Programs, and the facts of the process that a session sees: the service `process`.

mod child;
mod confine;
mod facts;
mod find;
mod guard;
mod hold;
mod output;
mod places;
mod run;
mod running;
mod signal;
mod spec;
mod variables;

use std::sync::Arc;

use drupe_protocol::HostError;

pub use confine::landlock_version;
pub use hold::Hold;

use crate::{Answer, Answering, Call, Permissions, Service, Surroundings};

/// The service.
pub(crate) struct Processes {
    permissions: Permissions,
    surroundings: Arc<Surroundings>,
}

impl Processes {
    pub(crate) fn new(permissions: &Permissions, surroundings: &Surroundings) -> Arc<Self> {
        Arc::new(Self { permissions: permissions.clone(), surroundings: Arc::new(surroundings.clone()) })
    }
}

impl Service for Processes {
    fn call(&self, call: Call) -> Answering {
        let (permissions, surroundings) = (self.permissions.clone(), self.surroundings.clone());
        Box::pin(async move { answer(&permissions, &surroundings, &call).await })
    }
}

async fn answer(permissions: &Permissions, surroundings: &Surroundings, call: &Call) -> Result<Answer, HostError> {
    match &*call.op {
        "cwd" => Ok(facts::cwd(permissions, call).into()),
        "chdir" => facts::chdir(permissions, call).await.map(Into::into),
        "command" => Ok(facts::command(permissions, surroundings).into()),
        "self" => Ok(facts::own(surroundings).into()),
        "parent" => Ok(facts::parent(surroundings).into()),
        "ids" => Ok(facts::ids(surroundings).into()),
        "umask" => facts::umask(surroundings).await.map(Into::into),
        "memory" => Ok(facts::memory(call).await?.into()),
        "machine" => facts::machine(permissions, call).await.map(Into::into),
        "start" => child::start(permissions, call).await.map(Into::into),
        "follow" => child::follow_started(call),
        "write" => child::write(call).await.map(Into::into),
        "end" => child::end(call).await.map(Into::into),
        "output" => child::output(call),
        "kill" => signal::kill(permissions, call).map(Into::into),
        "stop" => signal::stop(permissions, surroundings, call).map(Into::into),
        "run" => run::run(permissions, call).await.map(Into::into),
        other => Err(HostError::new("Error", format!("this host's processes know no {other:?}")).with_code("ERR_NOT_SUPPORTED")),
    }
}
