//! The server: its kernels, its ceiling, and how kernels are launched.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use drupe_client::Builder;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

use crate::{
    Ceiling, NoPlace, Registry,
    connection::outbox::Outbox,
    kernel::{Closing, Served, Standing, gone},
    message::server::Failure,
    secret,
};

/// Serves kernels to clients. Clones are the same server.
#[derive(Clone, Debug)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    /// A name of this process of the server.
    instance: String,
    ceiling: Ceiling,
    /// Makes the builder of each kernel.
    launch: Box<dyn Fn() -> Builder + Send + Sync>,
    kernels: Arc<Kernels>,
    /// What goes to the clients, once they were welcomed.
    clients: Mutex<HashMap<u64, Option<Arc<Outbox>>>>,
    last_client: AtomicU64,
    /// Room for clients that have not greeted yet.
    greeting: Arc<Semaphore>,
}

/// The most clients that have not greeted yet. Others wait until these have, or have used up their time.
pub(crate) const MAX_UNGREETED: usize = 128;

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Inner").field("instance", &self.instance).field("kernels", &self.kernels).finish_non_exhaustive()
    }
}

impl Server {
    /// A server whose kernels begin with what `launch` makes, and whose clients get no more than `ceiling`.
    #[must_use]
    pub fn new(ceiling: Ceiling, launch: impl Fn() -> Builder + Send + Sync + 'static) -> Self {
        let (launch, kernels) = (Box::new(launch), Arc::new(Registry::new(ceiling.kernels)));
        let inner = Inner {
            // It tells instances apart, and guards nothing.
            instance: secret::<16>().unwrap_or_default(),
            ceiling,
            launch,
            kernels,
            clients: Mutex::default(),
            last_client: AtomicU64::new(0),
            greeting: Arc::new(Semaphore::new(MAX_UNGREETED)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A name of this process of the server.
    pub(crate) fn instance(&self) -> &str {
        &self.inner.instance
    }

    pub(crate) fn ceiling(&self) -> &Ceiling {
        &self.inner.ceiling
    }

    pub(crate) fn builder(&self) -> Builder {
        (self.inner.launch)()
    }

    pub(crate) fn kernels(&self) -> &Arc<Kernels> {
        &self.inner.kernels
    }

    /// The kernel of this id.
    pub(crate) fn kernel(&self, id: &str) -> Result<Arc<Served>, Failure> {
        self.inner.kernels.get(id).ok_or_else(|| gone(id, self.inner.kernels.why_removed(id)))
    }

    /// How all kernels stand.
    pub(crate) fn standing(&self) -> Vec<(Arc<Served>, Standing)> {
        let all = self.inner.kernels.all().into_iter().map(|served| (served.clone(), served.standing()));
        let mut all = all.collect::<Vec<_>>();
        all.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        all
    }

    /// Room for a client that has not greeted yet; waits for it.
    pub(crate) async fn room_to_greet(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        self.inner.greeting.clone().acquire_owned().await.ok()
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<u64, Option<Arc<Outbox>>>> {
        self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a client in, if there is room for it.
    pub(crate) fn admit(&self) -> Option<Admitted> {
        let mut clients = self.clients();
        if clients.len() >= self.inner.ceiling.clients {
            return None;
        }
        let number = self.inner.last_client.fetch_add(1, Ordering::Relaxed);
        clients.insert(number, None);
        Some(Admitted { server: self.clone(), number })
    }

    /// Ends all kernels, and tells their clients.
    pub async fn close(&self) {
        let mut closing = JoinSet::new();
        for served in self.inner.kernels.end() {
            closing.spawn(async move { served.close(Closing::Shutdown).await });
        }
        closing.join_all().await;
        let mut telling = JoinSet::new();
        let clients = self.clients().values().flatten().cloned().collect::<Vec<_>>();
        for client in clients {
            telling.spawn(async move { client.farewell().await });
        }
        // One that does not read is not waited for.
        drop(tokio::time::timeout(FAREWELL, telling.join_all()).await);
    }
}

/// How long a client may take to read that the server ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// A client that was counted in.
#[derive(Debug)]
pub(crate) struct Admitted {
    server: Server,
    number: u64,
}

impl Admitted {
    /// Tells what goes to the client.
    pub(crate) fn writes_to(&self, outbox: &Arc<Outbox>) {
        self.server.clients().insert(self.number, Some(outbox.clone()));
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.server.clients().remove(&self.number);
    }
}

/// The kernels of a server, by their ids.
pub(crate) type Kernels = Registry<Served>;

impl From<NoPlace> for Failure {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Full(most) => Self::new("limit", format!("this server has at most {most} kernels; close some")),
            NoPlace::Ending => Self::new("limit", "the server is about to end"),
        }
    }
}
