//! The end of a time that somebody else has chosen. **No such time is too long**: an `Instant` overflows, and a limit
//! may be any `Duration`.

use std::time::Duration;

use tokio::time::Instant;

/// About 30 years. No process lasts so long, so a longer time has no end.
const FOR_EVER: Duration = Duration::from_secs(1_000_000_000);

/// The moment at which `limit`, which begins now, is over.
#[must_use]
pub fn after(limit: Duration) -> Instant {
    Instant::now() + limit.min(FOR_EVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_may_be_as_long_as_any_duration() {
        let begun = Instant::now();
        for limit in [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(1 << 62), FOR_EVER] {
            let mut until = after(limit);
            assert!(until >= begun + FOR_EVER, "{limit:?}");
            // It can still be moved.
            until += FOR_EVER;
            assert!(until > begun + FOR_EVER, "{limit:?}");
        }
        assert!(after(Duration::from_secs(1)) < begun + Duration::from_secs(3600));
    }
}
