//! The machine and the time of a measurement: the facts that are needed to judge the figures.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use drupe_protocol::value::iso_date;

use super::memory::kibibytes;

/// Processors, memory and operating system.
pub(super) fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kibibytes(&text, "MemTotal:"));
    let memory = memory.map_or(String::new(), |kibibytes| format!(", {:.0} GiB of memory", kibibytes / 1_048_576.0));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // A distribution's own suffix may name a place.
    let kernel = kernel.split('-').next().map(str::trim).unwrap_or_default();
    format!("{cores} processors{memory}, {} {kernel}, {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// How many processes wanted a processor on average over the last minute; `None` where nobody counts.
pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Today in UTC, as `2025-01-31`.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    date(seconds)
}

/// The day of a time in seconds since the Unix epoch.
fn date(seconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "the times of machines")]
    let text = iso_date(seconds as f64 * 1000.0).unwrap_or_default();
    text.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016 * 86_400), "2000-02-29");
        assert_eq!(date(20_454 * 86_400), "2026-01-01");
    }
}
