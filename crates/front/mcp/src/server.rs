//! The server: its sessions, what callers can get, and how kernels are launched.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use drupe_client::Builder;
use drupe_serve::Ceiling;
use tokio::{task::JoinSet, time::Instant};

use crate::{caller::Caller, record::Record, refusal::Refusal, session::Session};

/// How many calls of tools may wait for their ends at once.
const MAX_CALLS: usize = 256;

/// How many connections there may be at once: standard streams, sessions of HTTP, and requests that stand alone.
const MAX_CONNECTIONS: usize = 1024;

/// What callers can get.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The most that sessions get: permissions, limits, confinement, and what a person may be asked for.
    pub ceiling: Ceiling,
    /// The time after which a session without use is closed, if its caller has no connection that could end: by default
    /// 30 minutes.
    pub idle: Duration,
}

impl Settings {
    /// Settings with the usual time without use.
    #[must_use]
    pub fn new(ceiling: Ceiling) -> Self {
        Self { ceiling, idle: Duration::from_mins(30) }
    }
}

/// Lends kernels to callers. Clones are the same server.
#[derive(Clone, Debug)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    /// Makes the builder of each kernel.
    launch: Box<dyn Fn() -> Builder + Send + Sync>,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    /// Sessions that are being opened.
    opening: AtomicUsize,
    calls: AtomicUsize,
    /// Connections that have not ended.
    connections: AtomicUsize,
    last_connection: AtomicU64,
    is_closing: AtomicBool,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Inner").field("settings", &self.settings).field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl Server {
    /// A server whose kernels begin with what `launch` makes.
    #[must_use]
    pub fn new(settings: Settings, launch: impl Fn() -> Builder + Send + Sync + 'static) -> Self {
        let inner = Inner {
            settings,
            launch: Box::new(launch),
            sessions: Mutex::default(),
            opening: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            last_connection: AtomicU64::new(0),
            is_closing: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn builder(&self) -> Builder {
        (self.inner.launch)()
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Arc<Session>>> {
        self.inner.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new connection. `None`: there are too many.
    pub(crate) fn connect(&self) -> Option<u64> {
        let room = |connections: usize| (connections < MAX_CONNECTIONS).then_some(connections + 1);
        self.inner.connections.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).ok()?;
        Some(self.inner.last_connection.fetch_add(1, Ordering::Relaxed))
    }

    /// A connection has ended, and its sessions with it.
    pub(crate) fn disconnect(&self, connection: u64) {
        self.inner.connections.fetch_sub(1, Ordering::Relaxed);
        let gone = self.sessions().extract_if(|_, session| session.caller.connection == Some(connection)).collect::<Vec<_>>();
        for (_, session) in gone {
            session.close_soon();
        }
    }

    /// Counts a call in, if there is room for it.
    pub(crate) fn admit(&self) -> Result<Admitted, Refusal> {
        let calls = self.inner.calls.fetch_add(1, Ordering::Relaxed);
        let admitted = Admitted(self.inner.clone());
        if calls < MAX_CALLS {
            return Ok(admitted);
        }
        Err(Refusal::new("limit", format!("{MAX_CALLS} calls wait for their ends already. Wait for some of them.")))
    }

    /// Room for one session more.
    pub(crate) fn reserve(&self) -> Result<Reserved, Refusal> {
        if self.inner.is_closing.load(Ordering::Relaxed) {
            return Err(Refusal::new("limit", "The server is about to end."));
        }
        let sessions = self.sessions();
        let opening = self.inner.opening.fetch_add(1, Ordering::Relaxed);
        let reserved = Reserved(self.inner.clone());
        let most = self.inner.settings.ceiling.kernels;
        if sessions.len() + opening < most {
            return Ok(reserved);
        }
        let message = format!("There are {most} sessions, which is the most. Close some with js_sessions, action \"close\".");
        Err(Refusal::new("limit", message))
    }

    pub(crate) fn insert(&self, session: &Arc<Session>) {
        self.sessions().insert(session.handle.clone(), session.clone());
        if session.caller.connection.is_none() {
            tokio::spawn(close_unused(Arc::downgrade(&self.inner), session.handle.clone()));
        }
    }

    /// The session of a handle, if it is this caller's.
    pub(crate) fn session(&self, caller: &Caller, handle: &str) -> Result<Arc<Session>, Refusal> {
        let sessions = self.sessions();
        let found = sessions.get(handle).filter(|session| session.caller == *caller).cloned();
        // Under the lock: it is not closed for want of use meanwhile.
        found.inspect(|session| session.touch()).ok_or_else(|| Refusal::unknown("session", handle))
    }

    /// The first session of a caller that has something, and this.
    pub(crate) fn find<T>(&self, caller: &Caller, has: impl Fn(&Session) -> Option<T>) -> Option<(Arc<Session>, T)> {
        let sessions = self.sessions();
        let mut of_caller = sessions.values().filter(|session| session.caller == *caller);
        of_caller.find_map(|session| Some((session.clone(), has(session)?))).inspect(|(session, _)| session.touch())
    }

    /// The sessions of a caller, the oldest first.
    pub(crate) fn sessions_of(&self, caller: &Caller) -> Vec<Arc<Session>> {
        let mut sessions = self.sessions().values().filter(|session| session.caller == *caller).cloned().collect::<Vec<_>>();
        sessions.sort_by_key(|session| session.opened);
        sessions
    }

    /// The run of a handle, if it is this caller's.
    pub(crate) fn run(&self, caller: &Caller, handle: &str) -> Result<(Arc<Session>, Arc<Record>), Refusal> {
        let found = self.find(caller, |session| session.record(|record| record.handle == handle));
        found.ok_or_else(|| Refusal::unknown("run", handle))
    }

    /// Closes a session of a caller.
    pub(crate) async fn close_session(&self, caller: &Caller, handle: &str) -> Result<(), Refusal> {
        let session = self.session(caller, handle)?;
        self.sessions().remove(handle);
        session.close().await;
        Ok(())
    }

    /// Ends all sessions.
    pub async fn close(&self) {
        self.inner.is_closing.store(true, Ordering::Relaxed);
        let mut closing = JoinSet::new();
        let sessions = std::mem::take(&mut *self.sessions());
        for session in sessions.into_values() {
            closing.spawn(async move { session.close().await });
        }
        closing.join_all().await;
    }
}

/// Closes a session once it was not used for a while.
async fn close_unused(server: std::sync::Weak<Inner>, handle: String) {
    loop {
        let until = {
            let Some(inner) = server.upgrade() else { return };
            let idle = inner.settings.idle;
            let server = Server { inner };
            // Looked at and removed in one step: whoever finds it later finds nothing.
            let mut sessions = server.sessions();
            let Some(session) = sessions.get(&handle) else { return };
            match session.unused_since() {
                Some(since) if since.elapsed() >= idle => {
                    let session = sessions.remove(&handle);
                    drop(sessions);
                    session.inspect(|session| session.close_soon());
                    return;
                }
                Some(since) => since + idle,
                None => Instant::now() + idle,
            }
        };
        tokio::time::sleep_until(until).await;
    }
}

/// A call that was counted in.
#[derive(Debug)]
pub(crate) struct Admitted(Arc<Inner>);

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Room for a session that is being opened.
#[derive(Debug)]
pub(crate) struct Reserved(Arc<Inner>);

impl Drop for Reserved {
    fn drop(&mut self) {
        self.0.opening.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use drupe_client::Kernel;

    use super::*;

    #[test]
    fn connections_are_bounded_and_make_room_as_they_end() {
        let server = Server::new(Settings::new(Ceiling::default()), Kernel::builder);
        let numbers = (0..MAX_CONNECTIONS).map_while(|_| server.connect()).collect::<Vec<_>>();
        assert_eq!((numbers.len(), server.connect()), (MAX_CONNECTIONS, None));
        server.disconnect(numbers[0]);
        assert!(server.connect().is_some_and(|number| !numbers.contains(&number)));
        assert_eq!(server.connect(), None);
    }
}
