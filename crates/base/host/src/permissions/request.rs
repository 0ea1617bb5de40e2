//! A request for a permission, and a person's decision about it.

use drupe_protocol::RunId;

use super::{Kind, Program};
use crate::Pending;

/// A request for a permission.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PermissionRequest {
    /// What kind.
    pub kind: Kind,
    /// For what: a path, `host:port`, a variable's name, a program. As a rule of the policy would spell it.
    pub resource: String,
    /// The operation that needs it, for people, such as `open`.
    pub api: String,
    /// The run that asks.
    pub run: Option<RunId>,
    /// How far it reaches.
    pub extent: Extent,
}

/// How far a request reaches: what a person who grants it gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// The resource alone.
    #[default]
    Alone,
    /// A folder with all below it.
    Below,
    /// This file with these arguments.
    Command(Box<Program>),
}

impl PermissionRequest {
    /// A request for `resource` alone.
    #[must_use]
    pub fn new(kind: Kind, resource: impl Into<String>, api: impl Into<String>, run: Option<RunId>) -> Self {
        Self { kind, resource: resource.into(), api: api.into(), run, extent: Extent::Alone }
    }
}

/// What a person said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes, this time.
    Once,
    /// Yes, and to the same request for as long as the kernel lives.
    Session,
    /// No. The denial says that a person said so.
    Deny,
    /// There is no answer: the question could not be asked, or the answer was not valid. The request is denied, and
    /// the denial does not name a person.
    Failed,
}

/// Asks a person about wishes that the policy does not grant. Whoever waits for the answer computes nothing, so the CPU
/// budget stands still meanwhile; **the wall budget goes on**, and its end takes the question back.
pub trait Prompt: Send + Sync {
    /// Asks, and waits for the answer. Dropping the future takes the question back. Of one set of permissions **no two
    /// questions are open at once**: the next is asked when this one is answered, if it then still needs to be.
    fn ask(&self, request: PermissionRequest) -> Pending<Decision>;

    /// Whether there is somebody who can be asked this now. If there is nobody, the policy decides alone.
    fn is_there(&self, request: &PermissionRequest) -> bool {
        let _ = request;
        true
    }
}
