//! Questions that a kernel answers while a run is busy. Each has an id of its own, because answers may overtake each
//! other.

use std::{collections::HashMap, sync::Arc};

use drupe_protocol::{
    Control, Reply,
    describe::Inspect,
    handles::{Handle, HandleStale, Properties, PropertiesListed, Release, Stale},
    help::{Complete, Completions, Globals, Preview, Previewed, Status, StatusTold},
};
use drupe_transpile::{Language, Options, Stop, transpile_in};
use tokio::sync::oneshot;

use super::{Supervisor, conduct::Violation};
use crate::{
    Begun, Death, Error, Global, Inspection,
    beside::beside,
    inspection::{Inspector, TypeInspector, only_name},
    sources::Sources,
    submission::SMALL_SOURCE,
};

/// How many bytes of code go with a question for completions; what is typed is far below.
const MAX_CODE: usize = 16 << 20;

/// How many bytes of code are previewed; what a person waits for is far below. **It is transpiled on the supervisor's task**, so no more
/// than is done there of a run.
const MAX_PREVIEWED: usize = SMALL_SOURCE;

/// Questions that may wait for their answers. A kernel owes one answer to each, also to those whose asker has gone.
pub(super) const MAX_WAITING: usize = 1024;

type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// What a handle asks, and whom to tell.
#[derive(Debug)]
pub(crate) enum Question {
    Complete {
        code: String,
        cursor: u32,
        answer: Answer<Completions>,
    },
    Globals(Answer<Vec<Global>>),
    Status(Answer<StatusTold>),
    /// Code as the user writes it.
    Preview {
        code: String,
        answer: Answer<Option<String>>,
    },
    Inspect {
        code: String,
        cursor: u32,
        /// Whether the function of a call is meant.
        call: bool,
        answer: Answer<Option<Inspection>>,
    },
    Properties {
        handle: Handle,
        start: u64,
        count: u32,
        answer: Answer<PropertiesListed>,
    },
}

/// The questions that were sent and have no answer.
#[derive(Debug, Default)]
pub(super) struct Pending {
    last_id: u64,
    waiting: HashMap<u64, Waiting>,
}

#[derive(Debug)]
enum Waiting {
    Complete(Answer<Completions>),
    Globals(Answer<Vec<Global>>),
    Status(Answer<StatusTold>),
    Preview(Answer<Option<String>>),
    Properties(Answer<PropertiesListed>),
    /// And the name that is all of the code.
    Inspect(Answer<Option<Inspection>>, Option<String>),
}

impl Pending {
    fn enter(&mut self, question: Question) -> Control {
        self.last_id += 1;
        let id = self.last_id;
        let (control, waiting) = match question {
            Question::Complete { code, cursor, answer } => {
                (Control::Complete(Complete { id, code, cursor }), Waiting::Complete(answer))
            }
            Question::Globals(answer) => (Control::Globals(Globals { id }), Waiting::Globals(answer)),
            Question::Status(answer) => (Control::Status(Status { id }), Waiting::Status(answer)),
            Question::Preview { code, answer } => (Control::Preview(Preview { id, code }), Waiting::Preview(answer)),
            Question::Inspect { code, cursor, call, answer } => {
                let name = if call { None } else { only_name(&code) };
                (Control::Inspect(Inspect { id, code, cursor, call }), Waiting::Inspect(answer, name))
            }
            Question::Properties { handle, start, count, answer } => {
                (Control::Properties(Properties { id, handle, start, count }), Waiting::Properties(answer))
            }
        };
        self.waiting.insert(id, waiting);
        control
    }

    /// The kernel has answered. An answer to a question that nobody asked, that was answered before, or of another kind, is a
    /// violation.
    pub(super) fn answered(&mut self, reply: Reply) -> Result<(), Violation> {
        let id = match &reply {
            Reply::Completions(Completions { id, .. })
            | Reply::StatusTold(StatusTold { id, .. })
            | Reply::Previewed(Previewed { id, .. })
            | Reply::HandleStale(HandleStale { id, .. }) => *id,
            Reply::PropertiesListed(page) => page.id,
            // These are taken apart by `reply`.
            Reply::Pong(_)
            | Reply::Interrupted(_)
            | Reply::Stuck(_)
            | Reply::GlobalsListed(_)
            | Reply::Inspected(_)
            | Reply::Unsupported(_)
            | Reply::Unknown(_) => return Ok(()),
        };
        // Whoever asked may have stopped waiting.
        match (self.waiting.remove(&id), reply) {
            (Some(Waiting::Complete(answer)), Reply::Completions(completions)) => drop(answer.send(Ok(completions))),
            (Some(Waiting::Status(answer)), Reply::StatusTold(told)) => drop(answer.send(Ok(told))),
            (Some(Waiting::Preview(answer)), Reply::Previewed(previewed)) => drop(answer.send(Ok(previewed.text))),
            (Some(Waiting::Properties(answer)), Reply::PropertiesListed(page)) => drop(answer.send(Ok(*page))),
            (Some(Waiting::Properties(answer)), Reply::HandleStale(stale)) => {
                drop(answer.send(Err(Error::StaleHandle(stale.reason))));
            }
            (_, reply) => return Err(Violation::Answer { id, name: reply.name().to_owned() }),
        }
        Ok(())
    }

    /// The kernel has said what a name is.
    pub(super) fn inspected(&mut self, id: u64, inspector: Option<Inspector>, sources: &Sources) -> Result<(), Violation> {
        let Some(Waiting::Inspect(answer, name)) = self.waiting.remove(&id) else {
            return Err(Violation::Answer { id, name: "inspected".to_owned() });
        };
        if inspector.is_none()
            && let Some(inspector) = name.and_then(|name| TypeInspector::new(name, sources))
        {
            if inspector.is_small() {
                drop(answer.send(Ok(inspector.finish(Stop::default()))));
            } else {
                let finished = beside(move |stop| inspector.finish(stop));
                tokio::spawn(async move { drop(answer.send(Ok(finished.await.ok().flatten()))) });
            }
            return Ok(());
        }
        // Whoever asked may have stopped waiting.
        match inspector {
            Some(inspector) if !inspector.is_small() => {
                let finished = beside(move |stop| inspector.finish(stop));
                tokio::spawn(async move { drop(answer.send(Ok(finished.await.ok()))) });
            }
            inspector => drop(answer.send(Ok(inspector.map(|inspector| inspector.finish(Stop::default()))))),
        }
        Ok(())
    }

    /// The kernel is older than this client, and does not know a question of that name: the first that waits fails.
    pub(super) fn unsupported(&mut self, name: &str) -> Result<(), Violation> {
        let first = self.waiting.iter().filter(|(_, waiting)| waiting.name() == name).map(|(id, _)| *id).min();
        match first.and_then(|id| self.waiting.remove(&id)) {
            Some(waiting) => waiting.fail(Error::Unsupported(name.to_owned())),
            None => return Err(Violation::Unasked("unsupported")),
        }
        Ok(())
    }

    /// The kernel has listed the session's names.
    pub(super) fn globals_listed(&mut self, id: u64, names: Vec<Global>) -> Result<(), Violation> {
        match self.waiting.remove(&id) {
            // Whoever asked may have stopped waiting.
            Some(Waiting::Globals(answer)) => drop(answer.send(Ok(names))),
            _ => return Err(Violation::Answer { id, name: "globals_listed".to_owned() }),
        }
        Ok(())
    }

    /// The process is gone.
    pub(super) fn fail(&mut self, death: &Arc<Death>) {
        for (_, waiting) in self.waiting.drain() {
            waiting.fail(Error::Died { death: death.clone(), started: Begun::No });
        }
    }
}

impl Waiting {
    /// The question's name on the wire.
    fn name(&self) -> &'static str {
        match self {
            Self::Complete(_) => "complete",
            Self::Globals(_) => "globals",
            Self::Status(_) => "status",
            Self::Preview(_) => "preview",
            Self::Properties(_) => "properties",
            Self::Inspect(..) => "inspect",
        }
    }

    fn fail(self, error: Error) {
        // Whoever asked may have stopped waiting.
        match self {
            Self::Complete(answer) => drop(answer.send(Err(error))),
            Self::Globals(answer) => drop(answer.send(Err(error))),
            Self::Status(answer) => drop(answer.send(Err(error))),
            Self::Preview(answer) => drop(answer.send(Err(error))),
            Self::Properties(answer) => drop(answer.send(Err(error))),
            Self::Inspect(answer, _) => drop(answer.send(Err(error))),
        }
    }
}

impl Question {
    pub(super) fn fail(self, error: Error) {
        // Whoever asked may have stopped waiting.
        match self {
            Self::Complete { answer, .. } => drop(answer.send(Err(error))),
            Self::Globals(answer) => drop(answer.send(Err(error))),
            Self::Status(answer) => drop(answer.send(Err(error))),
            Self::Preview { answer, .. } => drop(answer.send(Err(error))),
            Self::Inspect { answer, .. } => drop(answer.send(Err(error))),
            Self::Properties { answer, .. } => drop(answer.send(Err(error))),
        }
    }
}

impl Supervisor {
    /// Sends a question. A kernel that has died is launched again for it, if it would be for a run.
    pub(super) fn ask_for_help(&mut self, question: Question) {
        let question = match question {
            Question::Preview { code, answer } => match self.without_declarations(&code) {
                Some(code) => Question::Preview { code, answer },
                // Whoever asked may have stopped waiting.
                None => return drop(answer.send(Ok(None))),
            },
            other @ (Question::Complete { .. }
            | Question::Globals(_)
            | Question::Status(_)
            | Question::Inspect { .. }
            | Question::Properties { .. }) => other,
        };
        if let Question::Complete { code, .. } | Question::Inspect { code, .. } = &question
            && code.len() > MAX_CODE
        {
            return question.fail(Error::Encode(format!("the code is larger than {} MiB", MAX_CODE >> 20)));
        }
        if let Question::Properties { handle, .. } = &question
            && (self.link.is_none() || handle.generation != self.info.generation)
        {
            // No kernel is launched for what it could not know.
            return question.fail(Error::StaleHandle(Stale::Session));
        }
        if self.link.is_none() {
            return self.respawn_for(question);
        }
        if self.help.waiting.len() >= MAX_WAITING {
            return question.fail(Error::Busy { questions: MAX_WAITING });
        }
        let control = self.help.enter(question);
        if let Some(link) = &mut self.link {
            link.control(&control);
        }
    }

    /// `code` for a preview: transpiled for the session, whose table of names stays as it is. `None` where no preview is worth asking
    /// for: it is no program, is long, or declares something; or there is no idle kernel.
    fn without_declarations(&self, code: &str) -> Option<String> {
        let idle = self.link.is_some() && self.reset.is_none() && self.sent.is_empty() && self.waiting.is_empty();
        if !idle || code.len() > MAX_PREVIEWED {
            return None;
        }
        let options = Options { language: Language::Auto, jsx: self.config.jsx.clone(), ..Options::default() };
        let script = transpile_in(code, &options, &self.bindings).ok()?;
        (script.bindings.is_empty() && script.ends_in_expression).then(|| script.code.into_owned())
    }

    /// Lets go of handles, if their session is still there.
    pub(super) fn release(&mut self, handles: Vec<Handle>) {
        if let Some(link) = &mut self.link {
            link.control(&Control::Release(Release { handles }));
        }
    }
}
