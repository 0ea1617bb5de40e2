//! Whether this process stood still: stopped by Ctrl-Z, or by who debugs it. Its kernel, which is part of the same job, stood still with it,
//! and nobody's time went by.

use std::time::Duration;

use tokio::time::Instant;

use super::Supervisor;
use crate::jobs::Wall;

/// How often the supervisor looks at the clock while somebody's time runs.
const BEAT: Duration = Duration::from_millis(250);

/// A beat that is later than that was not held up by a busy machine.
const LATE: Duration = Duration::from_secs(1);

/// When the supervisor has looked at the clock last, if it was to look again a beat later.
#[derive(Debug, Default)]
pub(super) struct Pulse(Option<Instant>);

impl Supervisor {
    /// Looks at the clock. Returns when to look again, if anybody's time runs.
    pub(super) fn feel_pulse(&mut self) -> Option<Instant> {
        let now = Instant::now();
        if let Some(last) = self.pulse.0.take() {
            let stood = now.duration_since(last).saturating_sub(BEAT);
            if stood >= LATE {
                self.excuse(stood);
            }
        }
        let runs = self.link.as_ref().is_some_and(|link| link.is_in_frame() || self.next_deadline().is_some());
        self.pulse.0 = runs.then_some(now);
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
            link.excuse();
        }
    }
}
