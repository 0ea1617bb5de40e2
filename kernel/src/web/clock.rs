//! The clocks that JavaScript can read, except for V8's own. **All of them have the same resolution**, and change at
//! the same moments. Two clocks whose steps were out of phase would together tell finer times than each alone.

use std::{
    cell::Cell,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use drupe_protocol::clock::coarse;

use crate::isolate::{
    native::{Args, Return, add},
    realm::Realm,
};

/// No clock of the machine's: it counts from a time of the kernel's own.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The clocks of a session.
#[derive(Debug)]
pub(crate) struct Clock {
    /// When the session began, by the clock that never goes back.
    start: Duration,
    /// As [`Self::start`], by the system's clock.
    origin: Duration,
    /// The step in which the CPU time was asked for last, and what was answered.
    cpu: Cell<(Duration, Duration)>,
}

impl Default for Clock {
    /// The clocks of a session that begins.
    fn default() -> Self {
        let origin = coarse(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        Self { start: monotonic(), origin, cpu: Cell::default() }
    }
}

impl Clock {
    /// What is told of the CPU time `used` at the time `now`: what it was when the step began in which `now` is, **so
    /// that it changes with the other clocks**. JavaScript that asks has executed since then, or nearly so.
    fn cpu(&self, now: Duration, used: Duration) -> Duration {
        let step = coarse(now);
        let (last_step, last) = self.cpu.get();
        if step == last_step {
            return last;
        }
        let told = coarse(used.saturating_sub(now.saturating_sub(step))).max(last);
        self.cpu.set((step, told));
        told
    }
}

/// How long the kernel has been there, in steps.
pub(crate) fn monotonic() -> Duration {
    coarse(START.elapsed())
}

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    // It begins with the session.
    Realm::of(scope).state::<Clock>();
    add(scope, ops, "now", now)?;
    add(scope, ops, "monotonic", nanoseconds)?;
    add(scope, ops, "cpuTime", cpu_time)?;
    add(scope, ops, "timeOrigin", time_origin)
}

/// `now()`: milliseconds since the session began.
fn now(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(monotonic().saturating_sub(Realm::of(scope).state::<Clock>().start)));
}

/// `monotonic()`: nanoseconds since the kernel started, a BigInt.
fn nanoseconds(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let nanos = u64::try_from(monotonic().as_nanos()).unwrap_or(u64::MAX);
    result.set(v8::BigInt::new_from_u64(scope, nanos).into());
}

/// `cpuTime()`: what JavaScript has used, in microseconds.
fn cpu_time(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    let realm = Realm::of(scope);
    result.set_double(microseconds(realm.state::<Clock>().cpu(START.elapsed(), realm.cpu_time())));
}

/// `timeOrigin()`: when the session began, in milliseconds since 1970.
fn time_origin(scope: &mut v8::PinScope, _: Args, mut result: Return) {
    result.set_double(milliseconds(Realm::of(scope).state::<Clock>().origin));
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

    /// The CPU's clock has a zero of its own.
    // threat J1
    #[test]
    fn the_cpus_clock_changes_when_the_others_do() {
        for phase in [0, 1, 37, 99, 1_250] {
            let clock = Clock::default();
            let read = |micros| {
                (Duration::from_micros(micros), clock.cpu(Duration::from_micros(micros), Duration::from_micros(micros - phase)))
            };
            // Asked at every moment, and then only in the midst of steps.
            let moments = (2_000..4_000).chain((4_000..8_000).step_by(37));
            let all = moments.map(read).collect::<Vec<_>>();
            for pair in all.windows(2) {
                let ((before, cpu_before), (after, cpu_after)) = (pair[0], pair[1]);
                assert_eq!(coarse(after) - coarse(before), cpu_after - cpu_before, "{phase}: {before:?} {after:?}");
            }
        }
    }

    // threat J1
    #[test]
    fn clocks_change_at_the_same_moments() {
        let start = monotonic();
        assert_eq!(start, coarse(start));
        assert!((milliseconds(coarse(Duration::from_micros(1_299))) - 1.2).abs() < f64::EPSILON);
    }
}
