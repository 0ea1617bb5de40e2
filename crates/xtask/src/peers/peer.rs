//! Somebody who can do the work that is timed.

use std::{fs, io};

use super::task::Task;

/// Who takes part, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Who {
    Drupe,
    Node,
    Deno,
    Bun,
    Floor,
}

impl Who {
    /// Everybody.
    pub(super) const ALL: [Self; 5] = [Self::Drupe, Self::Node, Self::Deno, Self::Bun, Self::Floor];

    /// The title of its column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Drupe => "drupe",
            Self::Node => "node child",
            Self::Deno => "deno child",
            Self::Bun => "bun child",
            Self::Floor => "bare socket",
        }
    }
}

/// Why a peer gave no samples.
#[derive(Debug, thiserror::Error)]
pub(super) enum PeerError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Client(#[from] drupe_client::Error),
    #[error("it answered what is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Wrong(String),
}

/// Does tasks, and times them.
pub(super) trait Peer {
    /// Who it is.
    fn who(&self) -> Who;

    /// Its versions, for people.
    fn version(&self) -> &str;

    /// The version of its V8, if it has one.
    fn v8(&self) -> Option<&str>;

    /// The process that measures and the one that it measures with.
    fn processes(&self) -> [u32; 2];

    /// One round of `task`: its samples in the task's unit. `None` if such a task makes no sense for it.
    fn perform(&mut self, task: Task, amount: usize) -> Result<Option<Vec<f64>>, PeerError>;
}

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
