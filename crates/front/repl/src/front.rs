//! The interface between commands and the front end that reads them: a kernel, an output, and a way to run a chunk.

use std::{
    io,
    path::PathBuf,
    process::{Command, ExitStatus},
};

use drupe_client::{Chunk, Error, Kernel, Limits, Report, Run, RunId, Value};

use crate::{ReplError, Settings, left_out::LeftOut, show::Show};

/// How many bytes of chunks that ran are kept for `.save`.
const MAX_RAN: usize = 16 << 20;

/// A conversation at a terminal, or a pipe.
pub(crate) trait Front {
    fn kernel(&self) -> &Kernel;

    fn settings(&mut self) -> &mut Settings;

    /// The chunks that ran to their end.
    fn ran(&mut self) -> &mut Ran;

    fn show(&mut self) -> &mut dyn Show;

    /// Where to look for what the last result left out.
    fn left_out(&mut self) -> &mut LeftOut;

    /// Whether a person typed the command. **What comes by a pipe may do no more than its chunks may.**
    fn is_attended(&self) -> bool;

    /// Runs a chunk (and remembers its `text`, if it runs to its end), and shows what happens. Whether it came to its
    /// end.
    async fn run(&mut self, chunk: Chunk, text: String) -> Result<bool, ReplError>;

    /// Runs a chunk that nobody typed, and returns its value instead of showing it, if it comes to one.
    async fn run_quietly(&mut self, chunk: Chunk) -> Result<Option<Value>, ReplError>;

    /// Waits for the kernel to do something, and asks the person what must be known for it. Ctrl-C stops what the
    /// kernel does.
    async fn supervise<T>(&mut self, work: impl IntoFuture<Output = T>) -> Result<T, ReplError> {
        self.supervise_work(None, work).await
    }

    /// Waits for a run as [`supervise`](Self::supervise) does. Ctrl-C stops it also where it waits for its turn.
    async fn supervise_run(&mut self, run: Run) -> Result<Result<Report, Error>, ReplError> {
        self.supervise_work(Some(run.id()), run).await
    }

    /// Waits for the kernel as [`supervise`](Self::supervise) does. `run`: the run that the work consists of, if it is
    /// one.
    async fn supervise_work<T>(&mut self, run: Option<RunId>, work: impl IntoFuture<Output = T>) -> Result<T, ReplError>;

    /// Waits for something that is not the kernel's. `None`: Ctrl-C was pressed.
    async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<Option<T>, ReplError>;

    /// The session that was begun.
    fn sessions(&mut self) -> &mut Sessions;

    /// Runs what every session begins with. Whether there is anything such.
    async fn begin(&mut self) -> Result<bool, ReplError>;

    /// The limits that no command lifts.
    fn most(&self) -> Limits;

    /// Runs a program that has the terminal until it ends.
    async fn at_terminal(&mut self, program: Command) -> Result<io::Result<ExitStatus>, ReplError>;

    /// An empty session has begun, or could not: says so, and begins it as every session begins.
    async fn begun_anew(&mut self, result: Result<u64, drupe_client::Error>, how: &str) -> Result<(), ReplError> {
        match result {
            Ok(_) => {
                self.say(&format!("state lost: {how}"))?;
                self.forget_session();
                self.begin_session().await?;
                self.offer_replay()
            }
            Err(error) => self.error(&error),
        }
    }

    /// Begins the session, if it is another than the one that was begun: a kernel may have died. To be called before
    /// each run or command.
    async fn renew(&mut self) -> Result<(), ReplError> {
        // A kernel that is terminated says so to the run.
        let Ok(info) = self.kernel().info().await else { return Ok(()) };
        let now = info.pid.map(|_| info.generation);
        if now.is_some() && now == self.sessions().begun {
            return Ok(());
        }
        if self.sessions().begun.is_some() {
            self.forget_session();
            self.sessions().is_lost = true;
        }
        self.begin_session().await
    }

    /// Notes in which session the last run has left things. To be called after each run or command.
    async fn settle(&mut self) -> Result<(), ReplError> {
        let Ok(info) = self.kernel().info().await else { return Ok(()) };
        let now = info.pid.map(|_| info.generation);
        let sessions = self.sessions();
        if sessions.begun.is_some() && now != sessions.begun {
            sessions.is_lost = true;
            self.forget_session();
            self.begin_session().await?;
        } else {
            // It came with the run.
            sessions.begun = now;
        }
        if std::mem::take(&mut self.sessions().is_lost) { self.offer_replay() } else { Ok(()) }
    }

    /// What is kept of a session is of no use any more.
    fn forget_session(&mut self) {
        let kernel = self.kernel().clone();
        self.sessions().begun = None;
        self.ran().clear();
        self.left_out().end(&kernel);
    }

    async fn begin_session(&mut self) -> Result<(), ReplError> {
        if self.begin().await? {
            let info = self.kernel().info().await;
            self.sessions().begun = info.ok().and_then(|info| info.pid.map(|_| info.generation));
        }
        Ok(())
    }

    /// A session was lost: says how to make it again.
    fn offer_replay(&mut self) -> Result<(), ReplError> {
        match self.kernel().replayable() {
            _ if !self.is_attended() => Ok(()),
            0 => Ok(()),
            1 => self.say(".replay runs its chunk again"),
            chunks => self.say(&format!(".replay runs its {chunks} chunks again")),
        }
    }

    /// A command could not be done: says why.
    fn fail(&mut self, text: &str) -> Result<(), ReplError>;

    /// Says something in the front end's own name.
    fn say(&mut self, text: &str) -> Result<(), ReplError> {
        self.show().notice(text).map_err(ReplError::Output)
    }

    /// Prints text that is an answer.
    fn print(&mut self, text: &str) -> Result<(), ReplError> {
        self.show().answer(text).map_err(ReplError::Output)
    }

    fn failed_for(&mut self, what: &str, file: &str, error: &dyn std::fmt::Display) -> Result<(), ReplError> {
        self.fail(&format!("cannot {what} {file}: {error}"))
    }

    /// The kernel could not be asked.
    fn error(&mut self, error: &drupe_client::Error) -> Result<(), ReplError> {
        self.show().error(None, error).map_err(ReplError::Output)
    }
}

/// Which session was begun as every session begins.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    /// Its number. `None`: the next one is to be begun.
    begun: Option<u64>,
    /// The working folder before `.cd` changed it.
    pub(crate) former_folder: Option<PathBuf>,
    /// One was lost, and nobody was told how to make it again.
    is_lost: bool,
}

/// Chunks that ran, up to a size.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    chunks: Vec<String>,
    weight: usize,
    /// More ran than is kept.
    overflowed: bool,
}

impl Ran {
    pub(crate) fn push(&mut self, chunk: String) {
        self.weight += chunk.len();
        self.overflowed |= self.weight > MAX_RAN;
        if self.overflowed {
            self.chunks = Vec::new();
        } else {
            self.chunks.push(chunk);
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// `None`: there were more than are kept.
    pub(crate) fn chunks(&self) -> Option<&[String]> {
        (!self.overflowed).then_some(&self.chunks)
    }
}
