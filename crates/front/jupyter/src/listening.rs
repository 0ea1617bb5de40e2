//! JavaScript's listening to messages of comms: that it begins with each session, and begins again when a stop has
//! ended it. A stop ends it where it hits a listener, or where V8 throws away the jobs that wait.

use std::sync::Arc;

use drupe_client::{Chunk, InterruptReason, Origin, Outcome, Report, State, Uncaught};
use tokio::sync::mpsc;

use crate::front::{Front, Listening, PATIENCE};

/// How many runs that begin to listen may be stopped one after the other.
const MAX_STOPS: u32 = 16;

/// Starts the reader of messages of front ends.
const LISTEN: &str = "globalThis[Symbol.for('drupe.jupyter')].listen()";

impl Front {
    /// Has JavaScript listen, as the next run of the session.
    pub(crate) fn listen(&self) {
        let listen = Chunk::new(LISTEN).name("drupe:jupyter").journaled(false).value_limit(0);
        let run = self.submit(&Arc::default(), listen);
        // Nobody takes it once this process is about to end.
        drop(self.listening.send(Listening::Begins(run)));
    }

    /// What listens was stopped, **and does not listen any more**: it begins again, with the messages that wait.
    fn listen_again(&self) {
        if let Some(cells) = self.comms.renew() {
            self.idle(cells);
            self.listen();
        }
    }

    /// Something was stopped. V8 may have thrown what listens away with its jobs.
    pub(crate) fn doubt(&self) {
        if let Some(message) = self.comms.unsettled() {
            drop(self.listening.send(Listening::Doubted(message)));
        }
    }

    /// Looks after JavaScript's listening: an interrupt may hit a run that begins it, or a listener.
    pub(crate) async fn keep_listening(self: Arc<Self>, mut news: mpsc::UnboundedReceiver<Listening>) {
        let mut stopped = 0;
        while let Some(said) = news.recv().await {
            match said {
                Listening::Begins(run) => match run.await {
                    Ok(report) if report.outcome.is_value() => stopped = 0,
                    Ok(report) if report.state == State::Kept && is_stopped(&report.outcome) && stopped < MAX_STOPS => {
                        stopped += 1;
                        self.listen();
                    }
                    Ok(report) if report.state == State::Kept => self.idle(self.comms.close()),
                    // The next session has a run of its own.
                    Ok(_) | Err(_) => {}
                },
                Listening::Doubted(message) => {
                    let front = self.clone();
                    tokio::spawn(async move {
                        // No event tells that something will never go on: this is by the clock.
                        tokio::time::sleep(PATIENCE).await;
                        if front.comms.unsettled() == Some(message) {
                            front.listen_again();
                        }
                    });
                }
            }
        }
    }

    /// A callback may have been stopped.
    pub(crate) fn heed_stop(&self, uncaught: &Uncaught) {
        if is_stop(uncaught) && self.comms.is_reader(uncaught.run) {
            self.listen_again();
        } else if is_stop(uncaught) {
            self.doubt();
        }
    }

    /// A run has ended, in the session that is still there.
    pub(crate) fn heed(&self, report: &Report) {
        if report.dropped_jobs && report.state == State::Kept {
            self.doubt();
        }
    }
}

/// Whether a run was stopped before its end.
fn is_stopped(outcome: &Outcome) -> bool {
    let asked = InterruptReason::Request;
    let is_interrupted = matches!(outcome, Outcome::Interrupted { reason, .. } if *reason == asked);
    is_interrupted || matches!(outcome, Outcome::TimedOut { .. } | Outcome::MemoryLimit { .. })
}

/// Whether this exception tells that a callback was stopped. No code has thrown such an exception.
fn is_stop(uncaught: &Uncaught) -> bool {
    let exception = &uncaught.exception;
    uncaught.origin == Origin::Callback && exception.value.is_none() && exception.frames.is_empty()
}
