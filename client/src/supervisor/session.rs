//! What the parent knows of the session: its names, its sources, and which runs may not call every function.

use std::{collections::HashMap, sync::Arc};

use drupe_protocol::{RunId, event::End};
use drupe_transpile::{Binding, SessionBindings};

use crate::{
    grants::Limited,
    preload::{PRELOAD_RUN, Preload},
    sources::Sources,
};

/// **It is replaced whole** when the kernel's session is.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The names that its runs declare, once these were sent.
    pub(super) bindings: Arc<SessionBindings>,
    /// The sources of its runs, once these have begun.
    pub(super) sources: Sources,
    /// The scripts that declared its names last. **No more than there are names.**
    declared_in: HashMap<String, String>,
    /// Its runs that may not call every function.
    pub(super) limited: Limited,
}

impl Session {
    /// A new session, in which nothing has run but what sessions begin with. If that fails, its names are missing as
    /// those of a failed chunk are.
    pub(super) fn new(preload: Option<&Preload>) -> Self {
        let mut session = Self::default();
        if let Some(Preload { request, bindings, source }) = preload {
            session.declare(PRELOAD_RUN, bindings, &request.name);
            Arc::make_mut(&mut session.bindings).settle(PRELOAD_RUN, bindings, true);
            session.sources.insert(request.name.clone(), source.clone());
        }
        session
    }

    /// The run of `script` declares names; it was sent.
    pub(super) fn declare(&mut self, run: RunId, bindings: &[Binding], script: &str) {
        self.declared_in.extend(bindings.iter().map(|binding| (binding.name.clone(), script.to_owned())));
        Arc::make_mut(&mut self.bindings).declare(run, bindings);
    }

    /// A run has ended. One that never started, or is no program to V8, bound nothing.
    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever did not come to its end has declared a part")]
    pub(super) fn ended(&mut self, run: RunId, bindings: &[Binding], started: bool, end: &End) {
        let table = Arc::make_mut(&mut self.bindings);
        match end {
            End::SyntaxError(_) => table.settle(run, bindings, false),
            End::Value(_) => table.settle(run, bindings, started),
            _ if started => table.settle_failed(run, bindings),
            _ => table.settle(run, bindings, false),
        }
    }

    /// The script that declared a name last.
    pub(super) fn declared_in(&self, name: &str) -> Option<&str> {
        self.declared_in.get(name).map(String::as_str)
    }
}
