//! The clocks that JavaScript can read, except for V8's own: **all of them go in the same steps**, and change at the same moments. Two
//! clocks whose steps were out of phase would tell finer times together than each alone.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use drupe_protocol::clock::coarse;

use crate::{
    ops::{Args, Return, add},
    realm::Realm,
};

/// No clock of the machine's: it counts from a time of the kernel's own.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// When the session began, by the clock that never goes back and by the system's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Duration,
    origin: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: monotonic(), origin: coarse(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()) }
    }
}

/// How long the kernel has been there, in steps.
pub(crate) fn monotonic() -> Duration {
    coarse(START.elapsed())
}

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "now", now)?;
    add(scope, ops, "monotonic", nanoseconds)?;
    add(scope, ops, "cpuTime", cpu_time)?;
    add(scope, ops, "timeOrigin", time_origin)
}

/// `now()`: milliseconds since the session began.
fn now(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(monotonic().saturating_sub(Realm::of(scope).clock.start)));
}

/// `monotonic()`: nanoseconds since the kernel started, a BigInt.
fn nanoseconds(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let nanos = u64::try_from(monotonic().as_nanos()).unwrap_or(u64::MAX);
    result.set(v8::BigInt::new_from_u64(scope, nanos).into());
}

/// `cpuTime()`: what JavaScript has used, in microseconds.
fn cpu_time(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(microseconds(coarse(Realm::of(scope).cpu_time())));
}

/// `timeOrigin()`: when the session began, in milliseconds since 1970.
fn time_origin(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(Realm::of(scope).clock.origin));
}

fn milliseconds(time: Duration) -> f64 {
    microseconds(time) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "microseconds up to 2^53 are three centuries")]
fn microseconds(time: Duration) -> f64 {
    time.as_micros() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat J1
    #[test]
    fn clocks_change_at_the_same_moments() {
        let start = monotonic();
        assert_eq!(start, coarse(start));
        assert!((milliseconds(coarse(Duration::from_micros(1_299))) - 1.2).abs() < f64::EPSILON);
    }
}
