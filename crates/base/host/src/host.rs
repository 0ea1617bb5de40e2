//! Services by their names, and the dispatch of a call to one of them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use drupe_protocol::HostError;

use crate::{Answering, Call, Functions, Permissions, Session};

/// Answers the calls of one kind, such as those for files.
pub trait Service: Send + Sync {
    /// Answers `call`, whose `op` is the name of the operation alone.
    fn call(&self, call: Call) -> Answering;
}

/// What a kernel is told that was given no standard streams.
pub(crate) const NO_STDIO: &str = "this kernel has no standard input; whoever embeds it gives it one with Builder::stdio";

/// The error of a program that reads standard input where there is none.
pub(crate) fn no_stdin(reason: &str) -> HostError {
    HostError::new("Error", reason).with_code("ERR_NO_STDIN")
}

/// Everything a kernel can ask for.
#[derive(Clone, Default)]
pub struct Host {
    services: BTreeMap<&'static str, Arc<dyn Service>>,
    functions: Arc<Functions>,
    permissions: Permissions,
    /// Whether the kernel's program has standard streams.
    pub(crate) has_streams: bool,
    /// Give each session what it begins with.
    prepare: Vec<Prepare>,
}

/// Is called with the session of each call.
type Prepare = Arc<dyn Fn(&Session) + Send + Sync>;

impl Host {
    /// A host that answers nothing but the functions that are registered with it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service: calls for `name.op` go there as `op`.
    #[must_use]
    pub fn service(mut self, name: &'static str, service: Arc<dyn Service>) -> Self {
        self.services.insert(name, service);
        self
    }

    /// The service of this name.
    pub(crate) fn service_named(&self, name: &str) -> Option<Arc<dyn Service>> {
        self.services.get(name).cloned()
    }

    /// Decides by these permissions. **Services that are added hold clones of the same.**
    #[must_use]
    pub(crate) fn with_permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = permissions;
        self
    }

    /// Calls `prepare` with a session, before its calls are answered.
    #[must_use]
    pub(crate) fn preparing(mut self, prepare: impl Fn(&Session) + Send + Sync + 'static) -> Self {
        self.prepare.push(Arc::new(prepare));
        self
    }

    /// Gives a session what it begins with. It may be called several times.
    pub fn prepare(&self, session: &Session) {
        self.prepare.iter().for_each(|prepare| prepare(session));
    }

    /// Whether the kernel's program has standard streams.
    #[must_use]
    pub fn has_streams(&self) -> bool {
        self.has_streams
    }

    /// The permissions that its services decide by.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// The functions of the embedder.
    #[must_use]
    pub fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }

    /// Answers a call.
    #[must_use]
    pub fn call(&self, mut call: Call) -> Answering {
        let (service, op) = call.op.split_once('.').unwrap_or((&call.op, ""));
        if service == "fn" {
            call.op = op.to_owned();
            return self.functions.call(call);
        }
        match self.services.get(service).cloned() {
            Some(service) => {
                call.op = op.to_owned();
                self.prepare(&call.session);
                service.call(call)
            }
            None if service == "stdio" => Box::pin(async move { Err(no_stdin(NO_STDIO)) }),
            None => {
                let message = format!("this host answers no {:?}", call.op);
                Box::pin(async move { Err(HostError::new("Error", message).with_code("ERR_NOT_SUPPORTED")) })
            }
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Host")
            .field("services", &self.services.keys().collect::<Vec<_>>())
            .field("functions", &self.functions)
            .finish()
    }
}
