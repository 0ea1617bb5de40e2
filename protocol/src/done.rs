//! The body of messages whose name says it all.

use serde::{Deserialize, Serialize};

/// Nothing more to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}
