//! The session's clock for `performance`.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::{
    ops::{Args, Return, add},
    realm::Realm,
};

/// Time is told in steps of this length, as browsers do for pages that are not isolated: finer clocks measure what caches hold.
const STEP: Duration = Duration::from_micros(100);

/// When the session began, by the clock that never goes back and by the system's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    origin: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), origin: coarse(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()) }
    }
}

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "now", now)?;
    add(scope, ops, "timeOrigin", time_origin)
}

/// `now()`: milliseconds since the session began.
fn now(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(coarse(Realm::of(scope).clock.start.elapsed())));
}

/// `timeOrigin()`: when the session began, in milliseconds since 1970.
fn time_origin(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(Realm::of(scope).clock.origin));
}

fn coarse(time: Duration) -> Duration {
    let steps = time.as_micros() / STEP.as_micros();
    Duration::from_micros(u64::try_from(steps * STEP.as_micros()).unwrap_or(u64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds up to 2^53 are three centuries")]
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat J1
    #[test]
    fn time_goes_in_steps() {
        assert_eq!(coarse(Duration::from_nanos(1_234_567)), Duration::from_micros(1_200));
        assert!((milliseconds(coarse(Duration::from_micros(99)))).abs() < f64::EPSILON);
    }
}
