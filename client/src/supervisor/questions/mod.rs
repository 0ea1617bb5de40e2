//! The table of questions: what was asked of a kernel, also while a run is busy, and has no answer yet.
//!
//! Each question has an id of its own, because answers may overtake each other. Each kind of question is a type in a
//! file beside this one, which implements [`Ask`]. Nothing else in the client names a kind, except the method of
//! [`Kernel`](crate::Kernel) that asks it.

mod complete;
mod globals;
mod inspect;
mod preview;
mod properties;
mod status;

use std::{collections::HashMap, fmt::Debug, pin::Pin, sync::Arc};

use drupe_protocol::{Control, Reply, handles::Release};
use tokio::sync::oneshot;

pub(crate) use self::{
    complete::CompleteAt, globals::ListGlobals, inspect::InspectAt, preview::PreviewOf, properties::PropertiesOf,
    status::GetStatus,
};
use super::{Supervisor, protocol_state::Violation};
use crate::{Begun, Death, Error, Handle};

/// Questions that may wait for their answers. A kernel owes one answer to each, also to those whose asker has gone.
pub(super) const MAX_WAITING: usize = 1024;

/// A kind of question.
pub(crate) trait Ask: Debug + Send + Sized + 'static {
    /// The type of its answer.
    type Answer: Debug + Send + 'static;

    /// Its name on the wire.
    const NAME: &'static str;

    /// Looks at it before it is sent. It may change, or be answered without the kernel.
    fn prepare(self, _: &Supervisor) -> Prepared<Self> {
        Prepared::Send(self)
    }

    /// The message that asks it. It takes what is long: **a question that waits for its answer keeps no code**.
    fn control(&mut self, id: u64) -> Control;

    /// Makes the answer of the kernel's reply. A reply to another kind of question is given back.
    fn read(self, reply: Reply, supervisor: &Supervisor) -> Result<Read<Self::Answer>, Reply>;
}

/// What becomes of a question before it is sent.
pub(crate) enum Prepared<A: Ask> {
    /// It is sent.
    Send(A),
    /// It has an answer already.
    Answer(Result<A::Answer, Error>),
}

/// What a reply comes to.
pub(crate) enum Read<T> {
    /// The answer.
    Now(Result<T, Error>),
    /// The answer, after work on another thread.
    Later(Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>),
}

/// A question, and where its answer goes.
#[derive(Debug)]
pub(crate) struct Question(Box<dyn Erased>);

#[derive(Debug)]
struct Asked<A: Ask> {
    ask: A,
    answer: oneshot::Sender<Result<A::Answer, Error>>,
}

/// [`Asked`] of any kind.
trait Erased: Debug + Send {
    fn name(&self) -> &'static str;
    fn prepare(self: Box<Self>, supervisor: &Supervisor) -> Option<Question>;
    fn control(&mut self, id: u64) -> Control;
    fn read(self: Box<Self>, reply: Reply, supervisor: &Supervisor) -> Result<(), Reply>;
    fn fail(self: Box<Self>, error: Error);
}

// A receiver that is gone does not want the answer any more.
impl<A: Ask> Erased for Asked<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn prepare(self: Box<Self>, supervisor: &Supervisor) -> Option<Question> {
        let Self { ask, answer } = *self;
        match ask.prepare(supervisor) {
            Prepared::Send(ask) => Some(Question(Box::new(Self { ask, answer }))),
            Prepared::Answer(known) => {
                drop(answer.send(known));
                None
            }
        }
    }

    fn control(&mut self, id: u64) -> Control {
        self.ask.control(id)
    }

    fn read(self: Box<Self>, reply: Reply, supervisor: &Supervisor) -> Result<(), Reply> {
        let Self { ask, answer } = *self;
        match ask.read(reply, supervisor)? {
            Read::Now(read) => drop(answer.send(read)),
            Read::Later(read) => drop(tokio::spawn(async move { drop(answer.send(read.await)) })),
        }
        Ok(())
    }

    fn fail(self: Box<Self>, error: Error) {
        drop(self.answer.send(Err(error)));
    }
}

impl Question {
    pub(crate) fn new<A: Ask>(ask: A, answer: oneshot::Sender<Result<A::Answer, Error>>) -> Self {
        Self(Box::new(Asked { ask, answer }))
    }

    pub(super) fn fail(self, error: Error) {
        self.0.fail(error);
    }
}

/// The questions that were sent and have no answer.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last_id: u64,
    waiting: HashMap<u64, Question>,
}

impl Questions {
    fn enter(&mut self, mut question: Question) -> Control {
        self.last_id += 1;
        let control = question.0.control(self.last_id);
        self.waiting.insert(self.last_id, question);
        control
    }

    /// The kernel is older than this client, and does not know a question of that name: the first that waits fails.
    pub(super) fn unsupported(&mut self, name: &str) -> Result<(), Violation> {
        let first = self.waiting.iter().filter(|(_, waiting)| waiting.0.name() == name).map(|(id, _)| *id).min();
        match first.and_then(|id| self.waiting.remove(&id)) {
            Some(waiting) => waiting.fail(Error::Unsupported(name.to_owned())),
            None => return Err(Violation::Unasked("unsupported")),
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

impl Supervisor {
    /// Sends a question. A kernel that has died is launched again for it, if it would be for a run.
    pub(super) fn ask(&mut self, question: Question) {
        let Some(question) = question.0.prepare(self) else { return };
        if self.link.is_none() {
            return self.respawn_for(question);
        }
        if self.questions.waiting.len() >= MAX_WAITING {
            return question.fail(Error::Busy { questions: MAX_WAITING });
        }
        let control = self.questions.enter(question);
        if let Some(link) = &mut self.link {
            link.control(&control);
        }
    }

    /// The kernel has answered. An answer to a question that was not asked, that was answered before, or of another
    /// kind, is a violation.
    pub(super) fn answered(&mut self, id: u64, reply: Reply) -> Result<(), Violation> {
        let violation = |reply: &Reply| Violation::Answer { id, name: reply.name().to_owned() };
        match self.questions.waiting.remove(&id) {
            Some(question) => question.0.read(reply, self).map_err(|reply| violation(&reply)),
            None => Err(violation(&reply)),
        }
    }

    /// Lets go of handles, if their session is still there.
    pub(super) fn release(&mut self, handles: Vec<Handle>) {
        if let Some(link) = &mut self.link {
            link.control(&Control::Release(Release { handles }));
        }
    }
}
