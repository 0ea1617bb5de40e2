//! What is told of permissions that were used or denied.

use std::sync::Arc;

use super::Wish;

/// A permission was used, or denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// What was asked for.
    pub wish: Wish,
    /// Whether it was granted.
    pub granted: bool,
    /// Who said so.
    pub basis: Basis,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The policy.
    Policy,
    /// A person who was asked. A question that was taken back before they answered is told as denied.
    Person,
}

/// Is told of every decision, before its effect. It must not block.
pub type Auditor = Arc<dyn Fn(Audit) + Send + Sync>;
