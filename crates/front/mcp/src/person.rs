//! A person, as the client library asks one for permissions and answers of dialogs.

use std::sync::Arc;

use drupe_client::{
    RunId,
    host::{
        Dialogs, Pending,
        permissions::{Decision, PermissionRequest, Prompt},
    },
};

use crate::{
    asked::{Asked, Said},
    questions::Questions,
};

/// The questions of a session, as the client library asks them.
#[derive(Debug)]
pub(crate) struct Asking(pub(crate) Arc<Questions>);

impl Prompt for Asking {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        let asked = Asked::Permission { permission: request.kind.name(), resource: request.resource, api: request.api };
        let said = self.0.ask(request.run, asked);
        Box::pin(async move {
            match said.await {
                Said::Permission(decision) => decision,
                Said::Declined => Decision::Deny,
                Said::Wrong(_) | Said::Confirm(_) | Said::Prompt(_) | Said::Dismissed | Said::Nothing => Decision::Failed,
            }
        })
    }

    fn is_there(&self, request: &PermissionRequest) -> bool {
        self.0.may_ask(request)
    }
}

/// Answers `confirm` and `prompt`, and passes on what `alert` says.
pub(crate) struct Answering {
    pub(crate) questions: Arc<Questions>,
    /// Prints the text of an `alert`.
    pub(crate) print: Print,
}

/// Prints text of a run.
pub(crate) type Print = Box<dyn Fn(Option<RunId>, &str) + Send + Sync>;

impl Dialogs for Answering {
    fn alert(&self, message: String, run: Option<RunId>) -> Pending<()> {
        (self.print)(run, &message);
        Box::pin(async {})
    }

    fn confirm(&self, message: String, run: Option<RunId>) -> Pending<bool> {
        let said = self.questions.ask(run, Asked::Confirm { message });
        Box::pin(async move { said.await == Said::Confirm(true) })
    }

    fn prompt(&self, message: String, otherwise: Option<String>, run: Option<RunId>) -> Pending<Option<String>> {
        let said = self.questions.ask(run, Asked::Prompt { message, otherwise });
        Box::pin(async move {
            match said.await {
                Said::Prompt(text) => text,
                Said::Permission(_) | Said::Confirm(_) => None,
                Said::Declined | Said::Dismissed | Said::Nothing | Said::Wrong(_) => None,
            }
        })
    }
}
