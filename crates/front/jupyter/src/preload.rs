//! The files that sessions begin with.

use std::sync::{Arc, atomic::Ordering};

use drupe_client::{Chunk, Error, Outcome, Report, State};

use crate::{
    cells::Cell,
    front::{Front, Shown},
};

impl Front {
    /// Runs the files that a session begins with, if it has not run them. Returns what went wrong: a text for each file
    /// that failed. A replay does not run them again: they come before it.
    pub(crate) async fn preload(&self, cell: &Arc<Cell>) -> Vec<String> {
        let mut failures = Vec::new();
        if self.preloaded.load(Ordering::Relaxed) {
            return failures;
        }
        for (name, chunks) in &self.preload {
            failures.extend(self.preload_file(cell, name, chunks).await);
        }
        // The first of these runs may have begun the session.
        self.preloaded.store(true, Ordering::Relaxed);
        failures
    }

    async fn preload_file(&self, cell: &Arc<Cell>, name: &str, chunks: &[String]) -> Option<String> {
        for text in chunks {
            let chunk = Chunk::new(text.as_str()).name(name).value_limit(0).journaled(false);
            let report = self.follow(cell, chunk, None, &mut Shown::default()).await;
            let why = match report.map(|report| report.outcome) {
                Ok(Outcome::Value { .. }) => continue,
                Ok(outcome) => outcome.exception().map_or(outcome.name().to_owned(), ToString::to_string),
                Err(error) => error.to_string(),
            };
            // What follows in this file may need what has failed.
            return Some(format!("the preload {name} failed: {why}"));
        }
        None
    }

    /// The session is another one, or will be: the files run before the next cell.
    pub(crate) fn preload_again(&self) {
        self.preloaded.store(false, Ordering::Relaxed);
    }

    /// A run has ended: has it taken the session along?
    pub(crate) fn heed_end(&self, end: &Result<Report, Error>) {
        let is_lost = match end {
            Ok(report) => matches!(report.state, State::Lost | State::LostWithProcess(_)),
            Err(error) => matches!(error, Error::Died { .. }),
        };
        if is_lost {
            self.preload_again();
        }
    }
}
