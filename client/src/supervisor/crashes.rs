//! Kernels that die before they are of use: the next launch is delayed, each time for longer, and after a few deaths
//! there is no further launch.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Cause, Error};

/// Kernels in a row that may end without having been of use.
pub(super) const LIMIT: u32 = 5;

/// How long the kernel after the second of them waits; each further one waits twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a kernel must have lived for its death to be an accident.
const OF_AGE: Duration = Duration::from_secs(10);

/// The kernels that ended since one was of use.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    count: u32,
    last: Option<Error>,
    born: Option<Instant>,
}

impl Crashes {
    /// A kernel brought a run to its end, or somebody asks for a new one on purpose.
    pub(super) fn forget(&mut self) {
        self.count = 0;
    }

    pub(super) fn born(&mut self) {
        self.born = Some(Instant::now());
    }

    /// A kernel died. What its parent killed for the user's code, or on request, is no crash.
    pub(super) fn died(&mut self, cause: &Cause, error: Error) {
        if self.born.is_some_and(|born| born.elapsed() >= OF_AGE) {
            self.forget();
        }
        if !matches!(cause, Cause::Unresponsive | Cause::Restarted) {
            self.failed(error);
        }
    }

    /// A kernel could not be launched.
    pub(super) fn failed(&mut self, error: Error) {
        self.count += 1;
        self.last = Some(error);
    }

    /// How long the next kernel must wait; an error if there is to be none.
    pub(super) fn next(&self) -> Result<Duration, Error> {
        match (self.count, &self.last) {
            (LIMIT.., Some(last)) => Err(Error::CrashLoop { count: self.count, last: Box::new(last.clone()) }),
            (0 | 1, _) => Ok(Duration::ZERO),
            (count, _) => Ok(PAUSE * (1 << (count - 2).min(8))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Crashes, LIMIT};
    use crate::{Cause, Error};

    // threat F7
    #[test]
    fn each_crash_waits_longer_until_there_is_none() {
        let mut crashes = Crashes::default();
        let mut pauses = Vec::new();
        while let Ok(pause) = crashes.next() {
            pauses.push(pause.as_millis());
            crashes.died(&Cause::Exited(1), Error::Terminated);
        }
        assert_eq!(pauses, [0, 0, 50, 100, 200]);
        assert!(matches!(crashes.next(), Err(Error::CrashLoop { count: LIMIT, .. })));
        crashes.forget();
        assert_eq!(crashes.next().ok(), Some(Duration::ZERO));
        (0..10).for_each(|_| crashes.died(&Cause::Unresponsive, Error::Terminated));
        assert_eq!(crashes.next().ok(), Some(Duration::ZERO), "what the user's code cost is no crash of the kernel's");
    }
}
