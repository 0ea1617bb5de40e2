//! How modules from the network are got: by what an embedder may put in its own place.

use std::time::Duration;

use drupe_protocol::{HostError, RunId};
use url::Url;

use crate::{Pending, Permissions};

/// Gets what is at a URL, for modules: [`Client`](crate::net::Client) does. **It requires the permission [`Kind::Import`](crate::permissions::Kind::Import) for the machine that is asked for
/// before it connects there, and follows no redirect**: where that leads is asked for next.
pub trait Fetch: Send + Sync {
    /// Gets it.
    fn fetch(&self, request: FetchRequest) -> Pending<Result<Fetched, HostError>>;
}

/// What is to be got.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// From where: `http:` or `https:`.
    pub url: Url,
    /// An answer with a longer body is an error.
    pub max_bytes: u64,
    /// An answer that takes longer is an error.
    pub timeout: Duration,
    /// What to require the permission of.
    pub permissions: Permissions,
    /// The run that asks.
    pub run: Option<RunId>,
}

/// What was got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The status, such as 200.
    pub status: u16,
    /// The header `location`.
    pub location: Option<String>,
    /// The header `content-type`.
    pub content_type: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}
