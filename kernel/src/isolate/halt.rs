//! The way in which a stretch of JavaScript was stopped.

use drupe_protocol::RunId;

use crate::isolate::guard::Stop;

/// How a stretch was stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt {
    pub(crate) stop: Stop,
    /// Whose JavaScript was executing, as far as is known.
    pub(crate) run: Option<RunId>,
    pub(crate) jobs: Jobs,
}

/// What became of the promise jobs and ticks behind a stretch that was stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Jobs {
    /// They have run, or belonged to a program that has ended.
    Ran,
    /// What was entered had come to its end, and these were stopped. Those that waited were thrown away.
    Stopped,
    /// What was entered had come to its end, and the stop came when no job was left.
    NoneLeft,
    /// What was entered was stopped, and then these were, for this reason; the run is that of the tick that was
    /// stopped. Those that waited were thrown away.
    StoppedToo(Stop, Option<RunId>),
}

impl Halt {
    /// Whether what was entered had come to its end.
    pub(crate) fn in_jobs(&self) -> bool {
        matches!(self.jobs, Jobs::Stopped | Jobs::NoneLeft)
    }

    /// Whether promise jobs and ticks were thrown away.
    pub(crate) fn dropped_jobs(&self) -> bool {
        matches!(self.jobs, Jobs::Stopped | Jobs::StoppedToo(..))
    }
}
