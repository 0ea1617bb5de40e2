//! The kinds of permission.

use std::fmt;

/// The six kinds of permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Read files and folders.
    Read,
    /// Create, change and delete files and folders.
    Write,
    /// Talk to other machines, and to servers on this one.
    Net,
    /// See and change environment variables.
    Env,
    /// Run programs.
    Run,
    /// Load modules from the network.
    Import,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Net, Self::Env, Self::Run, Self::Import];

    /// Its name, as in `--allow-read`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Net => "net",
            Self::Env => "env",
            Self::Run => "run",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
