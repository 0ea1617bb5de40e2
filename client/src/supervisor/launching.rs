//! Launches. Each proceeds beside everything else, so that **no command waits for a kernel that does not come**.

use std::{panic::resume_unwind, pin::Pin, sync::Arc, time::Duration};

use drupe_protocol::Request;
use tokio::{sync::oneshot, time::Instant};

use super::{Question, Session, Supervisor, questions::MAX_WAITING};
use crate::{
    Begun, Cause, Error, Info, LaunchError, NewSession, Respawn, SandboxStatus, SessionReason, config::Config, launch::launch,
    link::Link, preload::Preload, trace,
};

/// Whom a reset or a restart is answered.
pub(super) type Reply = oneshot::Sender<Result<u64, Error>>;

/// The number of a kernel's first session.
const FIRST: u64 = 1;

/// How a launch ended; `None` if it was given up.
pub(super) type Launched = Result<Option<Link>, LaunchError>;

type Work = Pin<Box<dyn Future<Output = Launched> + Send>>;

/// A launch that is under way, and who waits for it. **There is none while there is a link.**
pub(super) struct Launching {
    work: Work,
    /// Ends it early, and its process with it.
    abandon: oneshot::Sender<()>,
    reason: SessionReason,
    /// It has not begun before then, because kernels before it crashed.
    begins: Instant,
    waiting: Waiting,
}

/// Who waits for a launch.
#[derive(Default)]
pub(super) struct Waiting {
    /// Whether a run does: the first that waits is told if it fails.
    run: bool,
    replies: Vec<Reply>,
    questions: Vec<Question>,
}

/// Comes to the end of the launch that is under way, if any. Cancel safe; **not to be called again before the end is
/// taken in**.
pub(super) async fn launched(launching: &mut Option<Launching>) -> Launched {
    match launching {
        Some(launching) => launching.work.as_mut().await,
        None => std::future::pending().await,
    }
}

/// Ends the process that was launched, if any. Nobody has seen it.
async fn end(launched: Launched) {
    if let Ok(Some(mut link)) = launched {
        link.kill(Cause::Restarted).await;
    }
}

/// Launches the first process, and transpiles the preload meanwhile. **If the preload is no valid code, nothing is left
/// of the launch.**
pub(super) async fn first_launch(config: &Config) -> Result<(Launched, Option<Preload>), Error> {
    let Some(chunk) = config.preload.clone() else {
        return Ok((launch(config, FIRST, std::future::pending()).await, None));
    };
    let jsx = config.jsx.clone();
    let transpiling = tokio::task::spawn_blocking(move || Preload::new(chunk, &jsx));
    let (abandon, abandoned) = oneshot::channel::<()>();
    let abandoned = async {
        if abandoned.await.is_err() {
            std::future::pending().await
        }
    };
    let transpiled = async {
        let preload = transpiling.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime ends.
            Err(_) => Err(Error::Terminated),
        });
        match &preload {
            Ok(_) => drop(abandon),
            // A launch that has come to its end is not listening.
            Err(_) => drop(abandon.send(())),
        }
        preload
    };
    match tokio::join!(launch(config, FIRST, abandoned), transpiled) {
        (launched, Ok(preload)) => Ok((launched, Some(preload))),
        (launched, Err(error)) => {
            end(launched).await;
            Err(error)
        }
    }
}

impl Supervisor {
    /// Begins to launch a process for a run that waits; an error if there is to be none.
    pub(super) fn respawn_for_run(&mut self) -> Result<(), Error> {
        self.respawn()?.run = true;
        Ok(())
    }

    /// Lets a question wait for a process.
    pub(super) fn respawn_for(&mut self, question: Question) {
        match self.respawn() {
            Ok(waiting) if waiting.questions.len() < MAX_WAITING => waiting.questions.push(question),
            Ok(_) => question.fail(Error::Busy { questions: MAX_WAITING }),
            Err(error) => question.fail(error),
        }
    }

    /// Begins to launch a process that replaces one that died, unless a launch is under way.
    fn respawn(&mut self) -> Result<&mut Waiting, Error> {
        let launching = match self.launching.take() {
            Some(launching) => launching,
            None => {
                let reason = match (&self.death, self.config.respawn) {
                    (Some(death), Respawn::Never) => return Err(Error::Died { death: death.clone(), started: Begun::No }),
                    (Some(death), Respawn::OnNextRun) => SessionReason::Respawned(death.clone()),
                    (None, _) => SessionReason::Spawned,
                };
                self.begin(reason, self.crashes.next()?, Waiting::default())
            }
        };
        Ok(&mut self.launching.insert(launching).waiting)
    }

    /// Begins to launch a process because somebody asked for one; what is being launched already is given up, and who
    /// waits for it waits for this one.
    pub(super) async fn launch_anew(&mut self, reason: SessionReason, replies: Vec<Reply>) {
        let mut waiting = self.abandon_launch().await;
        waiting.replies.extend(replies);
        self.launching = Some(self.begin(reason, Duration::ZERO, waiting));
    }

    /// A reset of a session that is not there yet: the one that is being launched will be as new, unless it is being
    /// put off.
    pub(super) async fn reset_without_kernel(&mut self, reply: Reply) {
        self.crashes.forget();
        match &mut self.launching {
            Some(launching) if launching.begins <= Instant::now() => launching.waiting.replies.push(reply),
            _ => self.launch_anew(SessionReason::Reset, vec![reply]).await,
        }
    }

    /// `pause` is what a kernel that keeps dying is made to wait: there is nothing else to wait for.
    fn begin(&self, reason: SessionReason, pause: Duration, waiting: Waiting) -> Launching {
        let (abandon, mut abandoned) = oneshot::channel();
        let (config, generation) = (self.config.clone(), self.info.generation + 1);
        let begins = Instant::now() + pause;
        let work = Box::pin(async move {
            tokio::select! {
                () = tokio::time::sleep_until(begins) => {}
                _ = &mut abandoned => return Ok(None),
            }
            launch(&config, generation, async { drop(abandoned.await) }).await
        });
        Launching { work, abandon, reason, begins, waiting }
    }

    /// Ends the launch that is under way, if any. Resolves once its process is gone.
    pub(super) async fn abandon_launch(&mut self) -> Waiting {
        let Some(Launching { work, abandon, waiting, .. }) = self.launching.take() else { return Waiting::default() };
        // One that has come to its end meanwhile is not listening.
        let _ = abandon.send(());
        end(work.await).await;
        waiting
    }

    /// A launch has come to its end: tells everybody who waits for it.
    pub(super) fn end_launch(&mut self, launched: Launched) {
        let Some(Launching { reason, waiting: Waiting { run, replies, questions }, .. }) = self.launching.take() else { return };
        let result = self.take_in(launched, reason);
        // Whoever asked may have stopped waiting.
        let told = result.clone().map(|()| self.info.generation);
        replies.into_iter().for_each(|reply| drop(reply.send(told.clone())));
        match result {
            Ok(()) => questions.into_iter().for_each(|question| self.ask(question)),
            Err(error) => {
                questions.into_iter().for_each(|question| question.fail(error.clone()));
                if run && let Some(job) = self.queue.remove_first() {
                    job.fail(error);
                }
            }
        }
    }

    /// Takes a kernel in that was launched for a session with the next number.
    pub(super) fn take_in(&mut self, launched: Launched, reason: SessionReason) -> Result<(), Error> {
        let mut link = match launched {
            Ok(Some(link)) => link,
            // Given up by whoever asks no more.
            Ok(None) => return Err(Error::Terminated),
            Err(error) => {
                trace::launch_failed(&error);
                let error = Error::Launch(Arc::new(error));
                self.crashes.failed(error.clone());
                return Err(error);
            }
        };
        self.crashes.born();
        link.set_frame_timeout(self.config.frame_timeout);
        let generation = self.info.generation + 1;
        let hello = link.hello();
        self.info = Info {
            pid: link.pid(),
            version: hello.version.clone(),
            engine: hello.engine.clone(),
            sandbox: SandboxStatus::of(hello),
            generation,
            death: None,
        };
        if let Some(preload) = &self.preload {
            link.request(&Request::Preload(preload.request.clone())).map_err(|error| Error::Encode(error.to_string()))?;
        }
        self.link = Some(link);
        if self.calls.has_functions() {
            self.send_functions();
        }
        self.protocol_state.new_process();
        self.session = Session::new(self.preload.as_ref());
        self.calls.of_process(self.info.pid);
        self.death = None;
        self.new_session = Some(NewSession { generation, pid: self.info.pid, reason });
        trace::launched(&self.info);
        Ok(())
    }
}
