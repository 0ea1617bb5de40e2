//! The body of messages that need only a name.

use serde::{Deserialize, Serialize};

/// Nothing more to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}
