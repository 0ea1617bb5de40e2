//! Why a front end leaves, and what runs have to do with that.

use std::time::Duration;

use drupe_client::{Error, Kernel, Outcome, Report};

use crate::{
    ReplError, Settings,
    follow::{Followed, Follower, follow},
    settings::stricter,
    show::Show,
    startup::Quiet,
};

/// Listeners of `exit` that run longer are stopped. `beforeExit` is not for those who leave on request.
const FAREWELL: Duration = Duration::from_secs(5);

/// What Node's REPL runs when a person leaves. A session may have a `process` of its own.
const EXIT: &str = "globalThis.process?.exit?.()";

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

/// Runs the listeners of `exit` in the session that is left. `Failed`: they did not come to their end. `Done`: there is
/// no session.
///
/// # Errors
/// When nothing can be shown any more, or the terminal is gone.
pub(crate) async fn tell_program(
    kernel: &Kernel,
    settings: &Settings,
    follower: &mut Follower,
    show: &mut dyn Show,
) -> Result<Left, ReplError> {
    // No kernel is launched for that.
    if !kernel.info().await.is_ok_and(|info| info.pid.is_some()) {
        return Ok(Left::Done);
    }
    let chunk = settings.chunk(EXIT).keep_last(false).journaled(false);
    let chunk = chunk.wall_timeout(stricter(settings.limits.wall_timeout, Some(FAREWELL)).unwrap_or(FAREWELL));
    Ok(match follow(kernel, chunk, follower, &mut Quiet::leaving(show)).await? {
        Followed::Ended { result: Ok(report), .. } => {
            if let Outcome::Exited { code } = report.outcome {
                Left::Exited(code)
            } else {
                // A value comes of a `process` of the program's own.
                if report.outcome.is_value() { Left::Done } else { Left::Failed }
            }
        }
        Followed::Ended { result: Err(_), .. } => Left::Failed,
        Followed::Abandoned | Followed::Signalled(_) => Left::Interrupted,
    })
}
