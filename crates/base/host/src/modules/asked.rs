//! Import kinds and resolution failures.

use std::path::PathBuf;

use drupe_protocol::HostError;

/// In which way a module is asked for: they look in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Style {
    Import,
    Require,
}

/// A registry of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registry {
    Npm,
    Jsr,
}

/// Why there is no place.
#[derive(Debug)]
pub(super) enum Refusal {
    /// This is why.
    Error(HostError),
    /// `ask` may not be seen, but somebody may allow it. If nobody does, `otherwise` is why.
    Withheld { ask: PathBuf, otherwise: Box<HostError> },
}

impl From<HostError> for Refusal {
    fn from(error: HostError) -> Self {
        Self::Error(error)
    }
}

/// What a file's name may end in where `require` leaves the ending out, in this order.
pub(super) const REQUIRED_ENDINGS: [&str; 9] = [".js", ".json", ".node", ".ts", ".cts", ".tsx", ".jsx", ".mjs", ".mts"];
