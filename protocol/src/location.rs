//! A location in the user's source.

use serde::{Deserialize, Serialize};

use crate::Position;

/// A place in a named script, in the user's coordinates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Location {
    /// Name of the script, as given in [`Run::name`](crate::request::Run::name).
    pub script: String,
    /// Where in it.
    pub position: Position,
}

impl Location {
    /// The place `position` in `script`.
    #[must_use]
    pub fn new(script: impl Into<String>, position: Position) -> Self {
        Self { script: script.into(), position }
    }
}
