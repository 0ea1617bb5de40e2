//! The terminal where the system has none that is known here: nobody can be asked.

use std::{convert::Infallible, future::pending, io};

use crate::person::{End, Heard, Person};

/// Elsewhere there is none yet, and every question is refused.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Terminal {
    pub(crate) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn keep(_: rustyline::TypeAhead, _: crate::answer_line::AnswerEditor) -> io::Result<Self> {
        Self::open()
    }

    pub(crate) fn keeps(&self) -> bool {
        false
    }

    pub(crate) fn edited(&self, _: bool) {}

    pub(crate) fn suspend(&self) -> Option<fn()> {
        None
    }

    pub(crate) async fn hung_up(&self) {
        std::future::pending().await
    }

    pub(crate) async fn keep_typed(&self) -> Infallible {
        std::future::pending().await
    }

    pub(crate) async fn rest_of_unread(&self) {}

    pub(crate) fn return_draft(&mut self) {}

    pub(crate) fn typed(&self) -> Option<String> {
        None
    }

    pub(crate) fn take_aside(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Person for Terminal {
    async fn wait_for_paste(&mut self) {}

    fn set_aside(&mut self, _: Vec<String>) {}

    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    async fn hear(&mut self) -> io::Result<Heard> {
        Ok(Heard::Nothing)
    }

    async fn end(&mut self, _: End) -> io::Result<()> {
        Ok(())
    }
}
