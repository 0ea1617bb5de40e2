//! Downloads modules from the network, by an interface that an embedder may implement.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use drupe_protocol::{HostError, RunId};
use url::Url;

use crate::{Pending, Permissions};

/// Gets what is at a URL, for modules: [`Client`](crate::net::Client) does. **It requires the permission
/// [`Kind::Import`](crate::permissions::Kind::Import) for the machine that is asked for before it connects there, and
/// follows no redirect**: where that leads is asked for next.
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
    /// What the body is counted against, as it comes.
    pub budget: Budget,
    /// What to require the permission of.
    pub permissions: Permissions,
    /// The run that asks.
    pub run: Option<RunId>,
}

/// How many bytes the modules of one graph may bring from the network, together. **Who fetches takes from it before it
/// keeps a piece.**
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicU64>,
    /// How many requests share it.
    requests: Arc<AtomicU64>,
    /// What this request has taken.
    own: Arc<AtomicU64>,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(bytes)), requests: Arc::default(), own: Arc::default() }
    }

    /// The same budget for another request; `None` if `most` requests share it already.
    pub(super) fn share(&self, most: u64) -> Option<Self> {
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        (request < most).then(|| Self { left: self.left.clone(), requests: self.requests.clone(), own: Arc::default() })
    }

    /// Takes `bytes`: false, and nothing is left, if there are fewer.
    #[must_use]
    pub fn take(&self, bytes: u64) -> bool {
        self.own.fetch_add(bytes, Ordering::Relaxed);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        if taken.is_err() {
            self.left.store(0, Ordering::Relaxed);
        }
        taken.is_ok()
    }

    /// Whether a request took more than there was.
    pub(super) fn is_spent(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    /// What this request has taken.
    pub(super) fn taken(&self) -> u64 {
        self.own.load(Ordering::Relaxed)
    }
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
