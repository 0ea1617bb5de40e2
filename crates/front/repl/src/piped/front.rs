//! The front end of a pipe, for commands.

use std::io;

use drupe_client::{Chunk, Error, Kernel, Limits, RunId, Value};

use super::{Left, Pipe};
use crate::{
    Began, ReplError, Settings,
    follow::follow,
    front::{Front, Ran, Sessions},
    left_out::LeftOut,
    show::Show,
    startup::Quiet,
    supervise,
};

impl Front for Pipe<'_> {
    fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    fn settings(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn ran(&mut self) -> &mut Ran {
        &mut self.ran
    }

    fn show(&mut self) -> &mut dyn Show {
        &mut self.show
    }

    fn left_out(&mut self) -> &mut LeftOut {
        &mut self.show.left_out
    }

    fn is_attended(&self) -> bool {
        false
    }

    async fn run(&mut self, chunk: Chunk, text: String) -> Result<bool, ReplError> {
        self.follow(chunk, text, None).await
    }

    async fn run_quietly(&mut self, chunk: Chunk) -> Result<Option<Value>, ReplError> {
        let followed = follow(&self.kernel, chunk, &mut self.follower, &mut Quiet::new(&mut self.show)).await?;
        self.note(&followed);
        Ok(followed.value())
    }

    async fn supervise_work<T>(&mut self, run: Option<RunId>, work: impl IntoFuture<Output = T>) -> Result<T, ReplError> {
        let (done, interrupted) = supervise::supervise(&self.kernel, &mut self.follower, &mut self.show, run, work).await?;
        if interrupted {
            self.left = Left::Interrupted;
        }
        Ok(done)
    }

    async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<Option<T>, ReplError> {
        let done = supervise::wait_for(&mut self.follower, &mut self.show, work).await?;
        if done.is_none() {
            self.left = Left::Interrupted;
        }
        Ok(done)
    }

    fn sessions(&mut self) -> &mut Sessions {
        &mut self.sessions
    }

    async fn begin(&mut self) -> Result<bool, ReplError> {
        match self.startup.run(&self.kernel, &self.settings, &mut self.follower, &mut self.show).await? {
            Began::Whole => {}
            Began::Unread => self.failed = true,
            Began::Stopped => self.left = Left::Interrupted,
            Began::Failed(followed) => self.note(&followed),
        }
        Ok(!self.startup.is_empty())
    }

    fn most(&self) -> Limits {
        self.most
    }

    fn error(&mut self, error: &Error) -> Result<(), ReplError> {
        self.failed = true;
        self.show.error(None, error).map_err(ReplError::Output)
    }

    async fn at_terminal(&mut self, _: std::process::Command) -> Result<io::Result<std::process::ExitStatus>, ReplError> {
        Ok(Err(io::Error::other("a pipe is no terminal")))
    }

    fn fail(&mut self, text: &str) -> Result<(), ReplError> {
        self.failed = true;
        self.say(text)
    }
}
