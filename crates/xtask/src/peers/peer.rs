//! A contender: a program that can do the timed work.

use std::io;

use super::task::Task;

/// Who takes part, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Who {
    Drupe,
    /// Drupe again, without the operating system's lock-down.
    Unconfined,
    Node,
    Deno,
    Bun,
    /// `isolated-vm`: an isolate inside Node's own process.
    Isolate,
    Floor,
}

impl Who {
    /// Everybody.
    pub(super) const ALL: [Self; 7] =
        [Self::Drupe, Self::Unconfined, Self::Node, Self::Deno, Self::Bun, Self::Isolate, Self::Floor];

    /// The title of its column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Drupe => "drupe",
            Self::Unconfined => "sandbox off",
            Self::Node => "node child",
            Self::Deno => "deno child",
            Self::Bun => "bun child",
            Self::Isolate => "isolated-vm",
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
