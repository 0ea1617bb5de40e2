//! Moves the deadlines of a supervisor by the time for which this process was stopped.

use std::time::Duration;

use tokio::time::Instant;

use super::Supervisor;
use crate::{
    jobs::Wall,
    link::Link,
    standstill::{BEAT, stood_since},
};

/// When the supervisor has looked at the clock last, if it was to look again a beat later.
#[derive(Debug, Default)]
pub(super) struct Pulse(Option<Instant>);

impl Supervisor {
    /// Looks at the clock, and moves all deadlines if this process stood still since it did so last.
    pub(super) fn feel_pulse(&mut self) {
        if let Some(last) = self.pulse.0.take()
            && let Some(stood) = stood_since(last)
        {
            self.excuse(stood);
        }
    }

    /// When to look again: while there is a `deadline`, or a frame that has one.
    pub(super) fn next_beat(&mut self, deadline: Option<Instant>) -> Option<Instant> {
        let runs = deadline.is_some() || self.link.as_ref().is_some_and(Link::is_in_frame);
        self.pulse.0 = runs.then(Instant::now);
        self.pulse.0.map(|now| now + BEAT)
    }

    /// The process was stopped. All deadlines move by the time that it `stood` still.
    fn excuse(&mut self, stood: Duration) {
        self.queue.excuse(stood);
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
