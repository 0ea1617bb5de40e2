//! The line editor of the prompt, as questions use it: without history and completion, and with an end from outside.

use std::{io, sync::mpsc as blocking};

use rustyline::Stopper;
use tokio::sync::oneshot;

use crate::prompt::Job;

/// What is typed on a line, before and behind the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) left: String,
    pub(crate) right: String,
}

impl Draft {
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.left, self.right)
    }
}

/// An answer to be read.
#[derive(Debug, Default)]
pub(crate) struct AnswerLine {
    /// What stands before it in its line.
    pub(crate) prompt: String,
    /// What is typed already.
    pub(crate) draft: Draft,
    /// Whether Ctrl-D behind text ends the line.
    pub(crate) ends_at_eof: bool,
}

/// How reading an answer ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Line(String),
    /// By Ctrl-D behind this text.
    Half(String),
    /// By Ctrl-C. The cursor stands behind the line.
    Interrupted,
    /// By Ctrl-D without text, or by the end of the terminal. The cursor stands behind the line.
    Nothing,
    /// From outside. The line is off the screen.
    Stopped(Draft),
}

/// Reads answers on the thread of the prompt.
#[derive(Clone, Debug)]
pub(crate) struct AnswerEditor {
    jobs: blocking::Sender<Job>,
    stopper: Stopper,
}

/// An answer that is being read.
#[derive(Debug)]
pub(crate) struct Reading {
    ended: oneshot::Receiver<Ended>,
}

impl AnswerEditor {
    pub(crate) fn new(jobs: blocking::Sender<Job>, stopper: Stopper) -> Self {
        Self { jobs, stopper }
    }

    /// Begins to read.
    pub(crate) fn read(&self, line: AnswerLine) -> io::Result<Reading> {
        let (end, ended) = oneshot::channel();
        self.jobs.send(Job::Answer(line, end)).map_err(|_| gone())?;
        Ok(Reading { ended })
    }

    /// Ends reading before the next key. The line may have ended by itself.
    pub(crate) async fn stop(&self, mut reading: Reading) -> io::Result<Ended> {
        self.stopper.stop()?;
        let ended = reading.ended().await;
        self.stopper.clear()?;
        ended
    }
}

impl Reading {
    /// Waits for the end. Cancel safe.
    pub(crate) async fn ended(&mut self) -> io::Result<Ended> {
        (&mut self.ended).await.map_err(|_| gone())
    }
}

fn gone() -> io::Error {
    io::Error::other("the prompt's thread is gone")
}
