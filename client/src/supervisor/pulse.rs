//! Whether this process stood still: stopped by Ctrl-Z, or by who debugs it. Its kernel, which is part of the same job, stood still with it,
//! and nobody's time went by.

use std::time::Duration;

use tokio::time::Instant;

use super::Supervisor;
use crate::{jobs::Wall, link::Link};

/// How often the supervisor looks at the clock while somebody's time runs.
const BEAT: Duration = Duration::from_millis(250);

/// A beat that is later than that was not held up by a busy machine.
const LATE: Duration = Duration::from_secs(1);

/// When the supervisor has looked at the clock last, if it was to look again a beat later.
#[derive(Debug, Default)]
pub(super) struct Pulse(Option<Instant>);

impl Supervisor {
    /// Looks at the clock, and excuses everybody if this process stood still since it did so last.
    pub(super) fn feel_pulse(&mut self) {
        if let Some(last) = self.pulse.0.take() {
            let stood = last.elapsed().saturating_sub(BEAT);
            if stood >= LATE {
                self.excuse(stood);
            }
        }
    }

    /// When to look again: while somebody's time runs, which is so if there is a `deadline`.
    pub(super) fn next_beat(&mut self, deadline: Option<Instant>) -> Option<Instant> {
        let runs = deadline.is_some() || self.link.as_ref().is_some_and(Link::is_in_frame);
        self.pulse.0 = runs.then(Instant::now);
        self.pulse.0.map(|now| now + BEAT)
    }

    /// Gives everybody the time that nobody had.
    fn excuse(&mut self, stood: Duration) {
        for job in self.sent.values_mut() {
            match &mut job.wall {
                Wall::Off => {}
                Wall::Until(until) | Wall::Stopping { until, .. } => *until += stood,
            }
        }
        self.interrupts.iter_mut().for_each(|interrupt| interrupt.until += stood);
        self.reset.iter_mut().for_each(|reset| reset.until += stood);
        self.stuck.iter_mut().for_each(|stuck| stuck.until += stood);
        if let Some(link) = &mut self.link {
            link.excuse(stood);
        }
    }
}
