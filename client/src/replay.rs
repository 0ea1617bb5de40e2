//! Replays a lost session.

use crate::{
    Error, Kernel, Report,
    journal::{Journal, Played, threw},
};

/// Plays the chunks of a lost session again, one after the other, as runs of the present one; see [`Kernel::replay`].
#[derive(Debug)]
pub struct Replay {
    kernel: Kernel,
    chunks: std::vec::IntoIter<Played>,
    total: usize,
    done: usize,
}

/// How one chunk went this time.
#[derive(Debug)]
pub struct Replayed {
    /// Which it is, from 1.
    pub index: usize,
    /// Of how many.
    pub total: usize,
    /// Whether it ended as it did before: with a value, or by throwing.
    pub same: bool,
    /// How it ended.
    pub report: Report,
}

impl Replay {
    pub(crate) fn new(kernel: &Kernel, journal: Option<&Journal>) -> Result<Self, Error> {
        let journal =
            journal.ok_or_else(|| Error::Journal("the kernel keeps no journal; Builder::journal(true) has it".to_owned()))?;
        let chunks = journal.take()?;
        Ok(Self { kernel: kernel.clone(), total: chunks.len(), chunks: chunks.into_iter(), done: 0 })
    }

    /// How many chunks there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Plays the next chunk to its end. `None`: there are no more, or the last one did not end as it had before.
    ///
    /// # Errors
    /// As a run's. The rest is not played.
    pub async fn next(&mut self) -> Option<Result<Replayed, Error>> {
        let Played { chunk, threw: was_thrown } = self.chunks.next()?;
        self.done += 1;
        let (index, total) = (self.done, self.total);
        let replayed = self.kernel.run(chunk).await.map(|report| {
            let same = threw(&report.outcome) == Some(was_thrown);
            Replayed { index, total, same, report }
        });
        if !replayed.as_ref().is_ok_and(|replayed| replayed.same) {
            self.chunks = Vec::new().into_iter();
        }
        Some(replayed)
    }
}
