//! Describes the end of a run in words.

use std::time::Duration;

use drupe_client::{Budget, Death, InterruptReason, Outcome, Report, State, Stopped};

/// What is to be said about the end of a run, beyond what its events have said already: nothing where it ran to its end.
#[must_use]
pub fn how_it_ended(report: &Report) -> Option<String> {
    let Some(what) = what_ended(report) else { return lost(report) };
    let dropped = if report.dropped_jobs { "; promise jobs that were due are gone" } else { "" };
    Some(match lost(report) {
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
        Outcome::TimedOut { .. } => "Timed out".to_owned(),
        Outcome::Unsettled => "Unsettled top-level await: nothing is left that could settle it".to_owned(),
        Outcome::MemoryLimit { limit } => format!("Out of memory: it reached the memory limit of {} MiB", limit >> 20),
        Outcome::Unknown { end } => {
            format!("The kernel is newer than this program: the run ended as {end:?}, which is not known here")
        }
        _ => format!("The run ended as {:?}, which this program does not know", report.outcome.name()),
    })
}

/// What is to be said about the end of a program, of which nothing is to be kept.
#[must_use]
pub fn how_program_ended(report: &Report) -> Option<String> {
    if let Outcome::TimedOut { budget, .. } = &report.outcome {
        match budget {
            Budget::Vm(limit) => return Some(format!("Timed out after {} of CPU time", words(*limit))),
            Budget::Wall(limit) => return Some(format!("Timed out after {}", words(*limit))),
            _ => {}
        }
    }
    what_ended(report).or_else(|| match &report.state {
        State::LostWithProcess(death) => Some(death.to_string()),
        State::Kept | State::Lost | State::Unknown => None,
    })
}

/// What is to be said when a new session replaces one that died.
#[must_use]
pub fn state_lost(death: &Death) -> String {
    format!("state lost: {death}")
}

fn lost(report: &Report) -> Option<String> {
    match &report.state {
        State::Kept => None,
        State::Lost => Some("state lost: the session was reset".to_owned()),
        State::LostWithProcess(death) => Some(state_lost(death)),
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
