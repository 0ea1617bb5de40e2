//! Durations as people read them.

use std::time::Duration;

/// The text of a limit or of another round duration: `2 minutes`, `90 s`, `1500 ms`. Parts of a millisecond are left
/// out.
#[must_use]
pub fn duration_in_words(duration: Duration) -> String {
    match (duration.as_secs(), duration.as_millis()) {
        (seconds, millis) if seconds >= 120 && millis.is_multiple_of(60_000) => format!("{} minutes", seconds / 60),
        (seconds, millis) if seconds > 0 && millis.is_multiple_of(1000) => format!("{seconds} s"),
        (_, millis) => format!("{millis} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_largest_unit_that_is_exact() {
        for (millis, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1 s"),
            (1500, "1500 ms"),
            (60_000, "60 s"),
            (90_000, "90 s"),
            (120_000, "2 minutes"),
            (120_500, "120500 ms"),
            (1_800_000, "30 minutes"),
        ] {
            assert_eq!(duration_in_words(Duration::from_millis(millis)), text);
        }
        assert_eq!(duration_in_words(Duration::from_micros(1_000_400)), "1 s");
    }
}
