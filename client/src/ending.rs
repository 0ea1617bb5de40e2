//! Describes in words for people the end of a run, and what was lost.

use crate::{Budget, Death, Outcome, Report, State, duration_in_words};

impl Report {
    /// Describes the end of the run, and the state of the session, in words for people. `None`: the run ran to its end,
    /// or its events have described the end already. What is lost is a line of its own.
    #[must_use]
    pub fn describe_end(&self) -> Option<String> {
        describe(self, lost(self))
    }

    /// The same on one line, for programs.
    #[must_use]
    pub fn describe_end_on_one_line(&self) -> Option<String> {
        on_one_line(self, lost(self))
    }

    /// The same for who may not read the events of the run: it says, too, that a process before this run had died, and
    /// what the console limit has dropped.
    #[cfg(feature = "json")]
    pub(crate) fn describe_end_alone(&self) -> Option<String> {
        let ended = on_one_line(self, lost(self).or_else(|| self.died_before().map(Death::describe_loss)));
        let dropped = match self.dropped_events {
            0 => return ended,
            1 => "1 event of its output is dropped: it was beyond the limit".to_owned(),
            count => format!("{count} events of its output are dropped: they were beyond the limit"),
        };
        Some(ended.map_or_else(|| dropped.clone(), |ended| format!("{ended}; {dropped}")))
    }

    /// The death that was the reason for the session, if this was its first run.
    #[cfg(feature = "json")]
    pub(crate) fn died_before(&self) -> Option<&Death> {
        if let Some(crate::SessionReason::Respawned(death)) = self.new_session.as_ref().map(|session| &session.reason) {
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
                Budget::Vm(limit) => format!("Timed out after {} of CPU time", duration_in_words(*limit)),
                Budget::Wall(limit) => format!("Timed out after {}", duration_in_words(*limit)),
            });
        }
        self.outcome.describe_stop().or_else(|| match &self.state {
            State::LostWithProcess(death) => Some(death.to_string()),
            State::Kept | State::Lost | State::Unknown => None,
        })
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
    let what = match (report.outcome.describe_stop(), &report.preload) {
        (Some(what), None) => what,
        (Some(what), Some(name)) => format!("{what}, in the preload {name:?}: {NONE_OF_ITS_CODE}"),
        (None, Some(name)) if !report.outcome.is_value() => format!("The preload {name:?} failed: {NONE_OF_ITS_CODE}"),
        (None, _) => return lost,
    };
    let goes_on = match cancelled(report) {
        Some(cancelled) => cancelled,
        None if report.leaves_await() => GOES_ON.to_owned(),
        None => String::new(),
    };
    let dropped = if report.dropped_jobs { "; promise jobs that were due are gone" } else { "" };
    Some(match lost {
        // With the session goes what it awaited.
        Some(lost) => format!("{what}{dropped}\n{lost}"),
        None => format!("{what}{goes_on}{dropped}; state kept"),
    })
}

/// What was cancelled of what a run had left to be done, behind a semicolon.
fn cancelled(report: &Report) -> Option<String> {
    let timers = match report.dropped_timers {
        0 => None,
        1 => Some("its timer".to_owned()),
        count => Some(format!("its {count} timers")),
    };
    // How many calls something needs, such as a program, means nothing to a person.
    let calls = match report.dropped_calls {
        0 => None,
        1 => Some("its call".to_owned()),
        _ => Some("its calls".to_owned()),
    };
    let verb = if report.dropped_timers.saturating_add(report.dropped_calls) == 1 { "is" } else { "are" };
    let what = timers.into_iter().chain(calls).collect::<Vec<_>>().join(" and ");
    (!what.is_empty()).then(|| format!("; {what} {verb} cancelled"))
}

/// What is said of a run that ended in what its session begins with.
const NONE_OF_ITS_CODE: &str = "none of the run's own code was executed, and the next run evaluates the preload again";

/// What is said of a run that was stopped at an `await` of something else than its timers and calls: JavaScript cannot
/// take back what waits for a promise.
const GOES_ON: &str = "; its code goes on when what it awaits is done";

fn on_one_line(report: &Report, lost: Option<String>) -> Option<String> {
    describe(report, lost).map(|said| said.replace('\n', "; "))
}

fn lost(report: &Report) -> Option<String> {
    match &report.state {
        State::Kept => None,
        State::Lost => Some("state lost: the session was reset".to_owned()),
        State::LostWithProcess(death) => Some(death.describe_loss()),
        State::Unknown => Some("the state may be lost: a newer kernel told of it by an unknown word".to_owned()),
    }
}
