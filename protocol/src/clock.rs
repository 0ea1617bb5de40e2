//! The resolution of the clocks that JavaScript can read. Both peers answer such questions, and both round the time
//! here.

use std::time::Duration;

/// Time is told in steps of this length, as browsers do for pages that are not isolated: finer clocks measure what
/// caches hold.
pub const STEP: Duration = Duration::from_micros(100);

/// `time`, cut down to a whole number of steps.
#[must_use]
pub fn coarse(time: Duration) -> Duration {
    let beyond = time.as_nanos() % STEP.as_nanos();
    time.saturating_sub(Duration::from_nanos(u64::try_from(beyond).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat J1
    #[test]
    fn time_goes_in_steps() {
        assert_eq!(coarse(Duration::from_nanos(1_234_567)), Duration::from_micros(1_200));
        assert_eq!(coarse(Duration::from_micros(99)), Duration::ZERO);
        assert_eq!(coarse(Duration::from_nanos(1_700_000_000_000_199_999)), Duration::from_nanos(1_700_000_000_000_100_000));
        assert_eq!(coarse(Duration::new(u64::MAX, 999_999_999)), Duration::new(u64::MAX, 999_900_000));
    }
}
