//! The error of a rule that cannot be understood.

use super::Kind;

/// A rule cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule:?} is no rule for {kind} access: {why}")]
#[non_exhaustive]
pub struct BadRule {
    /// The kind that it was for.
    pub kind: Kind,
    /// The rule.
    pub rule: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}
