//! Why a front end leaves, and what runs have to do with that.

use drupe_client::{Error, Outcome, Report};

use crate::follow::Followed;

/// Why a front end left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// There is no more input, or the person asked for it.
    Done,
    /// There is no more input, and some of it has failed, which was shown.
    Failed,
    /// Ctrl-C.
    Interrupted,
    /// The program has set this exit status.
    Exited(u8),
    /// A kernel could not be launched, which was shown.
    NoKernel,
    /// A run ended in a way that is not known here, which was shown: what comes next in the input may rely on it.
    Unknown,
}

/// The reason to leave that a run of a pipe gives.
pub(crate) fn left(followed: &Followed) -> Left {
    match followed {
        // Nobody hears signals for what comes by a pipe.
        Followed::Abandoned | Followed::Signalled(_) => Left::Interrupted,
        Followed::Ended { result: Err(Error::Launch(_)), .. } => Left::NoKernel,
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Exited { .. }) => exited(report),
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Interrupted { .. }) => Left::Interrupted,
        Followed::Ended { result: Ok(report), .. } if matches!(report.outcome, Outcome::Unknown { .. }) => Left::Unknown,
        Followed::Ended { .. } => Left::Done,
    }
}

/// The status that the program has set, if it has.
pub(crate) fn exited(report: &Report) -> Left {
    report.exit_code.map_or(Left::Done, Left::Exited)
}
