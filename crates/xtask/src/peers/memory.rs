//! The memory use of processes.

use std::{fs, io};

/// What a process has of the machine's memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Memory {
    /// All its resident pages.
    Resident,
    /// Its own pages, and its share of those that it shares.
    Proportional,
}

impl Memory {
    /// What process `pid` has now.
    pub(super) fn of(self, pid: u32) -> io::Result<f64> {
        let (file, field) = match self {
            Self::Resident => ("status", "VmRSS:"),
            Self::Proportional => ("smaps_rollup", "Pss:"),
        };
        let text = fs::read_to_string(format!("/proc/{pid}/{file}"))?;
        let kibibytes = kibibytes(&text, field).ok_or(io::ErrorKind::InvalidData)?;
        Ok(kibibytes * 1024.0)
    }
}

/// The number in a line such as `VmRSS:     1234 kB`.
pub(super) fn kibibytes(text: &str, field: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_from_its_own_line() {
        let text = "Name:\tx\nVmHWM:\t  200 kB\nVmRSS:\t  123 kB\nRssAnon:\t 7 kB\n";
        assert_eq!(kibibytes(text, "VmRSS:"), Some(123.0));
        assert_eq!(kibibytes(text, "Rss:"), None);
    }
}
