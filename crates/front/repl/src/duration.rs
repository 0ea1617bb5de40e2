//! Durations as people type them.

use std::time::Duration;

/// A text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration: write milliseconds, or a number with a unit, such as 100ms, 1.5s or 2m")]
pub struct DurationError(String);

/// Reads `100` and `100ms` (milliseconds), `1.5s`, `2m` or `1h`. Nothing shorter than a millisecond.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(drupe_repl::parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
/// ```
///
/// # Errors
/// When the text is something else.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError(text.to_owned());
    let unit = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit.trim() {
        "" | "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(error()),
    };
    let number = number.parse::<f64>().map_err(|_| error())?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| error())?;
    if duration < Duration::from_millis(1) { Err(error()) } else { Ok(duration) }
}

/// A duration that was measured, for people: what is too short to be measured is no time.
pub(crate) fn brief(duration: Duration) -> String {
    if duration < Duration::from_micros(1) { "0ms".to_owned() } else { format!("{duration:.1?}") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{brief, parse_duration};

    #[test]
    fn what_is_measured_is_told_briefly() {
        for (nanos, told) in [(0, "0ms"), (999, "0ms"), (1_500, "1.5µs"), (12_340_000, "12.3ms"), (2_000_000_000, "2.0s")] {
            assert_eq!(brief(Duration::from_nanos(nanos)), told);
        }
    }

    #[test]
    fn numbers_with_and_without_units() {
        for (text, millis) in [("100", 100), ("100ms", 100), ("5s", 5000), ("1.5s", 1500), ("2m", 120_000), ("1 s", 1000)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "s", "1.2.3s", "-5", "5 parsecs", "0", "0.1ms", "1e3", "99999999999999999999999h", "ms100"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
