//! Describes in words for people the end of a run, and events that say nothing of themselves.

use std::time::Duration;

use drupe_protocol::event::Stopped;

use crate::{Budget, Death, Event, InterruptReason, Outcome, Report, SessionReason, State};

impl Report {
    /// Describes the end of the run, and the state of the session, in words for people. `None`: the run ran to its end,
    /// or its events have described the end already.
    #[must_use]
    pub fn describe_end(&self) -> Option<String> {
        describe(self, lost(self))
    }

    /// The same for who may not read the events of the run: it says, too, that a process before this run had died.
    #[cfg(feature = "json")]
    pub(crate) fn describe_end_alone(&self) -> Option<String> {
        describe(self, lost(self).or_else(|| self.died_before().map(Death::describe_loss)))
    }

    /// The death that was the reason for the session, if this was its first run.
    #[cfg(feature = "json")]
    pub(crate) fn died_before(&self) -> Option<&Death> {
        if let Some(SessionReason::Respawned(death)) = self.new_session.as_ref().map(|session| &session.reason) {
            Some(death)
        } else {
            None
        }
    }

    /// Describes the end of a program as [`describe_end`](Self::describe_end) does, without the state of the session,
    /// which ends with the program.
    #[must_use]
    pub fn describe_program_end(&self) -> Option<String> {
        if let Outcome::TimedOut { budget, .. } = &self.outcome {
            return Some(match budget {
                Budget::Vm(limit) => format!("Timed out after {} of CPU time", words(*limit)),
                Budget::Wall(limit) => format!("Timed out after {}", words(*limit)),
            });
        }
        what_ended(self).or_else(|| match &self.state {
            State::LostWithProcess(death) => Some(death.to_string()),
            State::Kept | State::Lost | State::Unknown => None,
        })
    }
}

impl Event {
    /// Describes the event in words for people. `None`: it is a part of the run that a front end shows in a way of its
    /// own, or there is nothing to say.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        match self {
            Self::Reloaded(modules) => Some(format!("changed, and read anew by the next import: {}", modules.join(", "))),
            Self::Unknown { name } => {
                Some(format!("the kernel is newer than this program: it said {name:?}, which is not known here"))
            }
            Self::Session(session) => match &session.reason {
                SessionReason::Respawned(death) => Some(death.describe_loss()),
                SessionReason::Spawned | SessionReason::Reset | SessionReason::Restarted => None,
            },
            Self::Started(_) | Self::Console(_) | Self::Output(_) | Self::Result(_) => None,
            Self::Exception(_) | Self::Permission(_) | Self::Custom(_) => None,
        }
    }
}

impl Death {
    /// Says in words for people that a new session replaces the one that died.
    #[must_use]
    pub fn describe_loss(&self) -> String {
        format!("state lost: {self}")
    }
}

fn describe(report: &Report, lost: Option<String>) -> Option<String> {
    let Some(what) = what_ended(report) else { return lost };
    let dropped = if report.dropped_jobs { "; promise jobs that were due are gone" } else { "" };
    Some(match lost {
        Some(lost) => format!("{what}{dropped}\n{lost}"),
        None => format!("{what}{dropped}; state kept"),
    })
}

/// What stopped a run. `None`: it came to its end, or its events have said what was wrong.
fn what_ended(report: &Report) -> Option<String> {
    Some(match &report.outcome {
        Outcome::Value { .. } | Outcome::Threw(_) | Outcome::SyntaxError(_) | Outcome::Exited { .. } => return None,
        Outcome::Interrupted { reason: InterruptReason::Reset, .. } => "Interrupted by a reset".to_owned(),
        Outcome::Interrupted { .. } => "Interrupted".to_owned(),
        Outcome::TimedOut { budget: Budget::Vm(limit), stopped } => {
            format!("Timed out: {} used up its CPU budget of {}", who(*stopped), words(*limit))
        }
        Outcome::TimedOut { budget: Budget::Wall(limit), .. } => format!("Timed out: it took longer than {}", words(*limit)),
        Outcome::Unsettled => "Unsettled top-level await: nothing is left that could settle it".to_owned(),
        Outcome::MemoryLimit { limit } => format!("Out of memory: it reached the memory limit of {} MiB", limit >> 20),
        Outcome::Unknown { end } => {
            format!("The kernel is newer than this program: the run ended as {end:?}, which is not known here")
        }
    })
}

fn lost(report: &Report) -> Option<String> {
    match &report.state {
        State::Kept => None,
        State::Lost => Some("state lost: the session was reset".to_owned()),
        State::LostWithProcess(death) => Some(death.describe_loss()),
        State::Unknown => Some("the state may be lost: a newer kernel told of it by an unknown word".to_owned()),
    }
}

fn who(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Javascript => "it",
        Stopped::Await => "what it awaited",
        Stopped::Timers => "its timers",
        Stopped::Queued => "what ran before it",
        Stopped::Unknown => "something",
    }
}

fn words(limit: Duration) -> String {
    match limit.as_millis() {
        millis if millis >= 1000 && millis.is_multiple_of(1000) => format!("{} s", millis / 1000),
        millis => format!("{millis} ms"),
    }
}
