//! The errors that end a front end.

use std::io;

/// Why a front end cannot go on. What a user's code does is never among these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplError {
    /// What happens cannot be shown.
    #[error("cannot write: {0}")]
    Output(#[source] io::Error),
    /// What is piped in cannot be read, or is no code.
    #[error("cannot read standard input: {0}")]
    Input(#[source] io::Error),
    /// The terminal cannot be read.
    #[error("cannot read from the terminal: {0}")]
    Terminal(#[source] rustyline::error::ReadlineError),
    /// The terminal is gone, and the person with it.
    #[error("the terminal has hung up")]
    HungUp,
    /// No kernel can be had.
    #[error(transparent)]
    Kernel(#[from] drupe_client::Error),
    /// A thread of the front end could not be started, or is gone.
    #[error("cannot run the prompt: {0}")]
    Thread(#[source] io::Error),
}

impl ReplError {
    /// Whether nobody reads any more what is written: no reason to complain.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
