//! Decides whether a run had begun when its kernel died, from the system's counts and the kernel's last messages.

use drupe_protocol::RunId;

use crate::{Begun, Cause, Death, jobs::Job, link::Remains};

/// Asked about the runs that were sent and had no outcome, **in their order**.
pub(super) struct Witness {
    remains: Remains,
    /// Whether an earlier run had not ended: **a kernel says how a run ended before it begins the next**.
    is_behind: bool,
    /// Whether that can be relied on: everything that the kernel said was heard, and no intruder controlled it.
    orderly: bool,
}

impl Witness {
    /// `active`: the run that the process was killed for, if it was for one.
    pub(super) fn new(death: &Death, remains: Remains, active: Option<RunId>) -> Self {
        let is_behind = active.is_some_and(|active| active > remains.ended);
        let in_hands = matches!(death.cause, Cause::Protocol(_) | Cause::SeccompViolation);
        Self { remains, is_behind, orderly: remains.heard_out && !in_hands }
    }

    /// Whether this one had begun, of which no outcome was heard while the kernel lived.
    pub(super) fn has_begun(&mut self, job: &Job) -> Begun {
        if job.run <= self.remains.ended {
            return Begun::Yes;
        }
        let was_behind = std::mem::replace(&mut self.is_behind, true);
        match &job.unbegun {
            _ if job.started.is_some() || job.run <= self.remains.begun => Begun::Yes,
            // It was never sent, or never read, to its end.
            Some(unbegun) if unbegun.end > self.remains.read => Begun::No,
            Some(_) if was_behind && self.orderly => Begun::No,
            Some(_) | None => Begun::Unknown,
        }
    }
}
