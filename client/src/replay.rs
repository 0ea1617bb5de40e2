//! Replays a lost session.

use crate::{
    Error, Kernel, Report,
    journal::{Journal, Played, threw},
};

/// Runs the chunks of a lost session again, one after the other, in the present session; see [`Kernel::replay`].
#[derive(Debug)]
pub struct Replay {
    kernel: Kernel,
    chunks: std::vec::IntoIter<Played>,
    total: usize,
    done: usize,
}

/// The result of one chunk of a replay.
#[derive(Debug)]
#[non_exhaustive]
pub struct Replayed {
    /// The index of the chunk, from 1.
    pub index: usize,
    /// The number of chunks.
    pub total: usize,
    /// Whether it ended in the same way as before: with a value, or by throwing.
    pub same: bool,
    /// The report of its run.
    pub report: Report,
}

impl Replay {
    pub(crate) fn new(kernel: &Kernel, journal: Option<&Journal>) -> Result<Self, Error> {
        let journal =
            journal.ok_or_else(|| Error::Journal("the kernel keeps no journal; Builder::journal(true) has it".to_owned()))?;
        let chunks = journal.take()?;
        Ok(Self { kernel: kernel.clone(), total: chunks.len(), chunks: chunks.into_iter(), done: 0 })
    }

    /// The number of chunks.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Runs the next chunk to its end. `None`: there are no more, or the last one ended in another way than before.
    ///
    /// # Errors
    /// The errors of a run. The remaining chunks are not run.
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
