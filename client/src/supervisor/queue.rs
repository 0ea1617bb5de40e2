//! The runs that were not sent yet, in order. The queue transpiles the first of them.
//!
//! The script of a chunk depends on the names that the chunks before it declare. So **chunks are transpiled one after
//! the other, in their order**, each when it is the next to be sent.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use drupe_protocol::{Exception, RunId};
use drupe_transpile::{Jsx, SessionBindings};
use tokio::time::Instant;

use crate::{
    Budget, Chunk,
    beside::{Beside, beside},
    exceptions::transpiler_failed,
    jobs::Job,
    transpiled::{Script, Untranspiled},
};

/// A script, or the exception of a chunk that is no valid program.
pub(super) type Transpiled = Result<Script, Box<Exception>>;

#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<(Box<Job>, Box<Chunk>)>,
    /// The work on the first run. **It is of the present session.**
    work: Option<Work>,
}

enum Work {
    /// On another thread, because the source is long. **When this is dropped, the work ends.**
    Transpiling(Beside<Transpiled>),
    Done(Transpiled),
}

impl Queue {
    pub(super) fn push(&mut self, job: Box<Job>, chunk: Box<Chunk>) {
        self.waiting.push_back((job, chunk));
    }

    /// Puts runs before all others. The session is a new one: work for the old session is of no use.
    pub(super) fn put_back(&mut self, runs: Vec<(Box<Job>, Box<Chunk>)>) {
        runs.into_iter().rev().for_each(|run| self.waiting.push_front(run));
        self.work = None;
    }

    /// Takes the next step with the first run, if it needs one: transpiles a short chunk, or begins with a long one.
    pub(super) fn advance(&mut self, jsx: &Jsx, session: &Arc<SessionBindings>) {
        let (None, Some((job, chunk))) = (&self.work, self.waiting.front_mut()) else { return };
        let source = Untranspiled::new(chunk, job.run);
        self.work = Some(if source.is_small() {
            Work::Done(source.transpile(jsx, session, drupe_transpile::Stop::default()))
        } else {
            job.await_transpiling();
            let (jsx, session) = (jsx.clone(), session.clone());
            Work::Transpiling(beside(move |stop| source.transpile(&jsx, &session, stop)))
        });
    }

    /// Whether the first run can be sent.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.work, Some(Work::Done(_)))
    }

    /// Takes the first run, if it can be sent.
    pub(super) fn take_ready(&mut self) -> Option<(Box<Job>, Box<Chunk>, Transpiled)> {
        match self.work.take() {
            Some(Work::Done(transpiled)) => self.waiting.pop_front().map(|(job, chunk)| (job, chunk, transpiled)),
            work => {
                self.work = work;
                None
            }
        }
    }

    /// Resolves when the first run, if it is to be transpiled, begins to be, and again when it is done. Cancel safe.
    pub(super) async fn progress(&mut self, grace: Duration) {
        let (Some(Work::Transpiling(task)), Some((job, _))) = (&mut self.work, self.waiting.front_mut()) else {
            return std::future::pending().await;
        };
        if !task.has_begun() {
            task.begin().await;
            return job.begin_transpiling(grace);
        }
        let transpiled = task.await.unwrap_or_else(|_| Err(Box::new(transpiler_failed())));
        self.work = Some(Work::Done(transpiled));
    }

    pub(super) fn is_transpiling(&self) -> bool {
        matches!(self.work, Some(Work::Transpiling(_)))
    }

    /// When the run that is being transpiled is given up, and for which budget.
    pub(super) fn deadline(&self) -> Option<(Instant, Budget)> {
        if self.is_transpiling() { self.waiting.front()?.0.ready_by } else { None }
    }

    /// Moves all deadlines.
    pub(super) fn excuse(&mut self, stood: Duration) {
        self.waiting.iter_mut().filter_map(|(job, _)| job.ready_by.as_mut()).for_each(|(until, _)| *until += stood);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn has(&self, run: RunId) -> bool {
        self.waiting.iter().any(|(job, _)| job.run == run)
    }

    /// Takes a run out.
    pub(super) fn remove(&mut self, run: RunId) -> Option<Box<Job>> {
        match self.waiting.iter().position(|(job, _)| job.run == run)? {
            0 => self.remove_first(),
            index => self.waiting.remove(index).map(|(job, _)| job),
        }
    }

    /// Takes the first run out.
    pub(super) fn remove_first(&mut self) -> Option<Box<Job>> {
        self.work = None;
        self.waiting.pop_front().map(|(job, _)| job)
    }

    /// Takes all runs out, in their order.
    pub(super) fn remove_all(&mut self) -> impl Iterator<Item = Box<Job>> + use<> {
        self.work = None;
        std::mem::take(&mut self.waiting).into_iter().map(|(job, _)| job)
    }
}
