//! The time of events.

use std::time::UNIX_EPOCH;

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> f64 {
    UNIX_EPOCH.elapsed().map_or(0.0, |elapsed| elapsed.as_secs_f64() * 1000.0)
}
