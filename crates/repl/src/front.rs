//! What a front end that reads commands has for them: a kernel, somewhere to show things, and a way to run a chunk.

use std::{
    io,
    process::{Command, ExitStatus},
};

use drupe_client::{Chunk, Kernel};

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

    /// Runs a chunk (and remembers its `text`, if it runs to its end), and shows what happens.
    async fn run(&mut self, chunk: Chunk, text: String) -> Result<(), ReplError>;

    /// Runs a chunk that nobody typed: its value is not shown.
    async fn run_quietly(&mut self, chunk: Chunk) -> Result<(), ReplError>;

    /// Waits for the kernel to do something, and asks the person what must be known for it.
    async fn attend<T>(&mut self, work: impl IntoFuture<Output = T>) -> Result<T, ReplError>;

    /// An empty session has begun, or could not: says so, and begins it as every session begins.
    async fn begun_anew(&mut self, result: Result<u64, drupe_client::Error>, how: &str) -> Result<(), ReplError>;

    /// Runs a program that has the terminal until it ends.
    async fn at_terminal(&mut self, program: Command) -> Result<io::Result<ExitStatus>, ReplError>;

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

    fn failed_for(&mut self, what: &str, file: &str, error: &io::Error) -> Result<(), ReplError> {
        self.fail(&format!("cannot {what} {file}: {error}"))
    }

    /// The kernel could not be asked.
    fn error(&mut self, error: &drupe_client::Error) -> Result<(), ReplError> {
        self.show().error(None, error).map_err(ReplError::Output)
    }
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
