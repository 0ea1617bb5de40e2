//! What a session is opened with.

use std::time::Duration;

use drupe_client::Limits;

/// What a session may do outside of its kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, rmcp::schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Profile {
    /// What the server's policy grants and lets ask for.
    #[default]
    Policy,
    /// Compute, and nothing else.
    Compute,
}

/// What a session is opened with.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) profile: Profile,
    /// Limits of its runs that say nothing else.
    pub(crate) limits: Limits,
    /// The size of its heap, in bytes.
    pub(crate) memory: u64,
}

/// The CPU budget of a run where neither the policy nor the caller says one: **code that a model forgot does not run
/// for ever**.
pub(crate) const USUAL_VM: Duration = Duration::from_mins(1);

/// The size of a heap where neither the policy nor the caller says one, in bytes.
pub(crate) const USUAL_MEMORY: u64 = 512 << 20;
