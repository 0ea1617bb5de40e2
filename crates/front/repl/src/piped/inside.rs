//! Commands among the lines of a pipe: behind whole chunks, and inside of unfinished input.

use std::io;

use tokio::sync::mpsc;

use super::{Format, Left, Next, Pipe};
use crate::{
    ReplError,
    chunk_reader::{ChunkReader, is_unfinished_soon},
    commands::{self, Command},
    front::Front,
    leaving::tell_program,
    lines::Piece,
    shell, unfinished,
};

impl Pipe<'_> {
    /// Whether a line is a command. Inside of unfinished input it is one if it cannot go on with that. What is meant
    /// wherever it stands (`.exit`) is one, too, but not in text, such as a template, if more lines are there already:
    /// then the end of the text is among them, or is missed and told. Where Ctrl-C was pressed meanwhile, `left` says
    /// so.
    pub(super) async fn is_command(
        &mut self,
        gatherer: &mut ChunkReader,
        line: &str,
        pieces: &mut mpsc::Receiver<io::Result<Piece>>,
    ) -> Result<bool, ReplError> {
        if gatherer.is_empty() {
            return self.is_command_alone(line).await;
        }
        if unfinished::candidate(line).is_none() {
            return Ok(false);
        }
        if !unfinished::is_meant(line) {
            return Ok(gatherer.ends_before(line).await);
        }
        Ok(!gatherer.ends_in_text().await || !self.goes_on(pieces).await?)
    }

    /// What begins as a command of the shell may also be the first line of an expression.
    async fn is_command_alone(&mut self, line: &str) -> Result<bool, ReplError> {
        match commands::parse(line) {
            Some(Ok(Command::Shell(command))) if is_unfinished_soon(line) => {
                let kernel = self.kernel.clone();
                Ok(!Front::supervise(self, shell::names_a_variable(&kernel, &command)).await?)
            }
            Some(_) => Ok(true),
            None => Ok(false),
        }
    }

    /// Whether another line is there already.
    async fn goes_on(&mut self, pieces: &mut mpsc::Receiver<io::Result<Piece>>) -> Result<bool, ReplError> {
        if self.again.is_empty() && !self.paused {
            match self.next(pieces, Format::Text).await? {
                Some(next) => self.again.push_back(next),
                None => self.left = Left::Interrupted,
            }
        }
        Ok(matches!(self.again.front(), Some(Next::Line(Some(_)) | Next::NoLine(..))))
    }

    /// `.exit`: what is unfinished is not run, as at the end of the input.
    pub(super) async fn exit(&mut self, gatherer: &ChunkReader) -> Result<Left, ReplError> {
        if !gatherer.is_empty() {
            self.fail("the unfinished chunk before .exit is not run")?;
        }
        let told = tell_program(&self.kernel, &self.settings, &mut self.follower, &mut self.show).await?;
        // A program that has set no status leaves it to what has failed.
        Ok(if told == Left::Exited(0) && self.status.is_none() { Left::Done } else { told })
    }
}
