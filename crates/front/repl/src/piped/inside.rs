//! Commands among the lines of a pipe: behind whole chunks, and inside of unfinished input.

use std::io;

use tokio::sync::mpsc;

use super::{Format, Left, Next, Pipe};
use crate::{
    ReplError,
    chunk_reader::{ChunkReader, is_unfinished_soon},
    commands::{self, Command},
    continuation,
    front::Front,
    leaving::tell_program,
    lines::Piece,
    shell, unfinished,
};

/// How far ahead is looked for a line that says something, in bytes.
const MOST_AHEAD: usize = 64 << 10;

impl Pipe<'_> {
    /// Whether a line is a command. Inside of unfinished input it is one if it cannot go on with that. What is meant
    /// wherever it stands (`.exit`) is one, too, unless another line is there already and can only go on with it, or
    /// it stands in text, such as a template: then the end of the text is among the lines, or is missed and told. Where
    /// Ctrl-C was pressed meanwhile, `left` says so.
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
        let Some(next) = self.look_ahead(pieces).await? else { return Ok(true) };
        let is_code = gatherer.ends_in_text().await
            || continuation::goes_on(next.lines()) && !gatherer.ends_before(&format!("{line}{next}")).await;
        Ok(!is_code)
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

    /// The lines after this that are there already, up to the first that is neither blank nor a comment.
    async fn look_ahead(&mut self, pieces: &mut mpsc::Receiver<io::Result<Piece>>) -> Result<Option<String>, ReplError> {
        let (mut lines, mut index) = (String::new(), 0);
        loop {
            if index == self.again.len() && !self.paused {
                match self.next(pieces, Format::Text).await? {
                    Some(next) => self.again.push_back(next),
                    None => self.left = Left::Interrupted,
                }
            }
            match self.again.get(index) {
                Some(Next::Line(Some(line))) => lines.push_str(line),
                Some(Next::NoLine(..)) => return Ok(Some(lines)),
                Some(Next::Line(None) | Next::Pause) | None => return Ok(None),
            }
            if !continuation::is_only_comments(&lines) || lines.len() > MOST_AHEAD {
                return Ok(Some(lines));
            }
            index += 1;
        }
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
