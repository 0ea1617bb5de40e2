//! The server: its sessions, what callers can get, and how kernels are launched.

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use drupe_client::{Builder, duration_in_words};
use drupe_serve::{Ceiling, NoPlace, Place, Registry};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::Instant,
};

use crate::{caller::Caller, former::Former, record::Record, refusal::Refusal, session::Session};

/// How many calls of tools may wait for their ends at once.
const MAX_CALLS: usize = 256;

/// How many connections there may be at once: standard streams, sessions of HTTP, and requests that stand alone.
const MAX_CONNECTIONS: usize = 1024;

/// The longest sleep of what closes a session: a longer time without use is waited for in several.
const LONG: Duration = Duration::from_hours(24);

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
    sessions: Registry<Session>,
    calls: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    last_connection: AtomicU64,
    former: Former,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Inner").field("settings", &self.settings).field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl Inner {
    /// Notes why a session is closed, for who waits for it, and for who asks later.
    fn note_closed(&self, session: &Session, why: &str) {
        session.set_closed(why);
        self.former.note(&session.caller, &session.handle, why, session.handles());
    }
}

/// A connection that has not ended.
#[derive(Debug)]
pub(crate) struct Connected {
    server: Server,
    pub(crate) number: u64,
    _room: OwnedSemaphorePermit,
}

impl Drop for Connected {
    fn drop(&mut self) {
        // Its sessions end with it.
        let is_its = |session: &Arc<Session>| session.caller.connection == Some(self.number);
        for session in self.server.inner.sessions.remove_all(is_its) {
            session.set_closed("its connection has ended");
            session.close_soon();
        }
    }
}

impl Server {
    /// A server whose kernels begin with what `launch` makes.
    #[must_use]
    pub fn new(settings: Settings, launch: impl Fn() -> Builder + Send + Sync + 'static) -> Self {
        let inner = Inner {
            sessions: Registry::new(settings.ceiling.kernels),
            settings,
            launch: Box::new(launch),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            last_connection: AtomicU64::new(0),
            former: Former::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn builder(&self) -> Builder {
        (self.inner.launch)()
    }

    /// A new connection. `None`: there are too many.
    pub(crate) fn connect(&self) -> Option<Connected> {
        let room = self.inner.connections.clone().try_acquire_owned().ok()?;
        let number = self.inner.last_connection.fetch_add(1, Ordering::Relaxed);
        Some(Connected { server: self.clone(), number, _room: room })
    }

    /// Room for a call, for as long as it takes.
    pub(crate) fn admit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let full = |_| Refusal::new("limit", format!("{MAX_CALLS} calls wait for their ends already. Wait for some of them."));
        self.inner.calls.clone().try_acquire_owned().map_err(full)
    }

    /// Room for one session more of a caller.
    pub(crate) fn reserve(&self, caller: &Caller) -> Result<Place, Refusal> {
        self.inner.sessions.reserve().map_err(|why| match why {
            NoPlace::Full(most) => full(most, self.sessions_of(caller).len(), self.settings().idle),
            NoPlace::Ending => why.into(),
        })
    }

    /// Whether there are as many sessions as there may be.
    pub(crate) fn is_full(&self) -> bool {
        self.inner.sessions.all().len() >= self.settings().ceiling.kernels
    }

    pub(crate) fn insert(&self, session: &Arc<Session>, place: Place) -> Result<(), Refusal> {
        self.inner.sessions.insert(&session.handle, session, place)?;
        // A client of HTTP goes and says nothing.
        if session.caller.connection.is_none() || session.caller.token.is_some() {
            tokio::spawn(close_unused(Arc::downgrade(&self.inner), session.handle.clone()));
        }
        Ok(())
    }

    /// The session of a handle, if it is this caller's.
    pub(crate) fn session(&self, caller: &Caller, handle: &str) -> Result<Arc<Session>, Refusal> {
        let found = self.find(caller, |session| (session.handle == handle).then_some(()));
        found.map(|(session, ())| session).ok_or_else(|| match self.inner.former.why(caller, handle) {
            Some(why) => Refusal::closed(handle, &why),
            None => Refusal::unknown("session", handle),
        })
    }

    /// The first session of a caller that has something, and this.
    pub(crate) fn find<T>(&self, caller: &Caller, has: impl Fn(&Session) -> Option<T>) -> Option<(Arc<Session>, T)> {
        self.inner.sessions.find(|session| {
            let found = if session.caller == *caller { has(session)? } else { return None };
            // Before it can be closed for want of use.
            session.touch();
            Some((session.clone(), found))
        })
    }

    /// The sessions of a caller, the oldest first.
    pub(crate) fn sessions_of(&self, caller: &Caller) -> Vec<Arc<Session>> {
        let mut sessions = self.inner.sessions.all();
        sessions.retain(|session| session.caller == *caller);
        sessions.sort_by_key(|session| session.opened);
        sessions
    }

    /// The run of a handle, if it is this caller's.
    pub(crate) fn run(&self, caller: &Caller, handle: &str) -> Result<(Arc<Session>, Arc<Record>), Refusal> {
        let found = self.find(caller, |session| session.record(|record| record.handle == handle));
        found.ok_or_else(|| self.unknown(caller, "run", handle))
    }

    /// What is said of the handle of a run or of a page that leads nowhere.
    pub(crate) fn unknown(&self, caller: &Caller, argument: &str, handle: &str) -> Refusal {
        match self.inner.former.owner(caller, handle) {
            Some((session, why)) => Refusal::closed_with(argument, handle, &session, &why),
            None => Refusal::unknown(argument, handle),
        }
    }

    /// Closes a session of a caller.
    pub(crate) async fn close_session(&self, caller: &Caller, handle: &str) -> Result<(), Refusal> {
        let session = self.session(caller, handle)?;
        self.remove(&session, "js_sessions has closed it");
        session.close().await;
        Ok(())
    }

    /// Closes a session whose handle no answer has told: the call that opened it was cancelled.
    pub(crate) async fn close_unheard(&self, session: &Arc<Session>) {
        self.remove(session, "the call that opened it was cancelled");
        self.inner.former.note_unheard(&session.caller);
        session.close().await;
    }

    /// How many sessions of a caller were closed so, since it was asked last.
    pub(crate) fn take_unheard(&self, caller: &Caller) -> usize {
        self.inner.former.take_unheard(caller)
    }

    fn remove(&self, session: &Session, why: &str) {
        if self.inner.sessions.remove(&session.handle).is_some() {
            self.inner.note_closed(session, why);
        }
    }

    /// Ends all sessions.
    pub async fn close(&self) {
        let mut closing = JoinSet::new();
        for session in self.inner.sessions.end() {
            session.set_closed("the server ends");
            closing.spawn(async move { session.close().await });
        }
        closing.join_all().await;
    }
}

impl From<NoPlace> for Refusal {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Full(most) => Self::new("limit", format!("There are {most} sessions, which is the most.")),
            NoPlace::Ending => Self::new("limit", "The server is about to end."),
        }
    }
}

/// There are as many sessions as there may be. `own` of them are the caller's.
fn full(most: usize, own: usize, idle: Duration) -> Refusal {
    let all = if most == 1 { "There is 1 session".to_owned() } else { format!("There are {most} sessions") };
    let advice = if own > 0 {
        format!("{own} of them yours: give `session` to use one again, or close some with js_sessions, action \"close\"")
    } else {
        let idle = duration_in_words(idle);
        format!(
            "none of them yours. One whose caller is gone is closed when no call has used it for {idle}: try again later, or have \
             whoever runs the server raise --max-sessions"
        )
    };
    Refusal::new("limit", format!("{all}, which is the most, {advice}."))
}

/// Closes a session once it was not used for a while.
async fn close_unused(server: Weak<Inner>, handle: String) {
    loop {
        let until = {
            let Some(inner) = server.upgrade() else { return };
            let idle = inner.settings.idle;
            let Some(session) = inner.sessions.get(&handle) else { return };
            // Looked at and removed in one step: whoever finds it later finds nothing.
            let is_unused = |since: Option<Instant>| since.is_some_and(|since| since.elapsed() >= idle);
            let unused = inner.sessions.remove_all(|one| one.handle == handle && is_unused(one.unused_since()));
            if !unused.is_empty() {
                let why = format!("no call has used it for {}", duration_in_words(idle));
                unused.iter().for_each(|session| inner.note_closed(session, &why));
                return unused.iter().for_each(|session| session.close_soon());
            }
            until(session.unused_since(), idle, Instant::now())
        };
        tokio::time::sleep_until(until).await;
    }
}

/// When a session is looked at again that is used `now`, or was used at a time.
fn until(since: Option<Instant>, idle: Duration, now: Instant) -> Instant {
    let latest = now + LONG;
    since.unwrap_or(now).checked_add(idle).map_or(latest, |until| until.min(latest))
}

#[cfg(test)]
mod tests {
    use drupe_client::Kernel;

    use super::*;

    #[test]
    fn connections_are_bounded_and_make_room_as_they_end() {
        let server = Server::new(Settings::new(Ceiling::default()), Kernel::builder);
        let mut connections = (0..MAX_CONNECTIONS).map_while(|_| server.connect()).collect::<Vec<_>>();
        assert_eq!((connections.len(), server.connect().is_none()), (MAX_CONNECTIONS, true));
        let gone = connections.pop().map(|connection| connection.number);
        let next = server.connect();
        assert!(next.as_ref().is_some_and(|next| Some(next.number) > gone));
        assert!(server.connect().is_none());
    }

    #[test]
    fn a_time_without_use_may_be_as_long_as_it_likes() {
        let now = Instant::now();
        for idle in [Duration::MAX, Duration::from_secs(u64::MAX), LONG, Duration::ZERO] {
            for since in [Some(now), None] {
                assert_eq!(until(since, idle, now), now + idle.min(LONG), "{idle:?}");
            }
        }
    }
}
