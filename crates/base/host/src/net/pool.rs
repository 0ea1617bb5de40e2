//! The pool of idle connections.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hyper::client::conn::http1::SendRequest;

use super::{guard::Target, upload::Outgoing};

/// How long a connection is kept that nobody uses: less than servers usually do.
const IDLE: Duration = Duration::from_secs(4);

/// How many are kept.
const MAX_IDLE: usize = 32;

/// A connection, and what is at its other end.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) sender: SendRequest<Outgoing>,
    pub(super) address: SocketAddr,
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<HashMap<Target, Vec<(Connected, Instant)>>>,
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, HashMap<Target, Vec<(Connected, Instant)>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, connections| {
            connections.retain(|(connection, since)| since.elapsed() < IDLE && !connection.sender.is_closed());
            !connections.is_empty()
        });
        idle
    }

    /// A connection to `target` that is idle, if there is one. **Who takes it asks again whether its address is
    /// permitted.**
    pub(super) fn take(&self, target: &Target) -> Option<Connected> {
        let mut idle = self.idle();
        let connections = idle.get_mut(target)?;
        while let Some((connection, _)) = connections.pop() {
            if connection.sender.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection whose response has been read to its end.
    pub(super) fn keep(&self, target: &Target, connection: Connected) {
        let mut idle = self.idle();
        if idle.values().map(Vec::len).sum::<usize>() < MAX_IDLE {
            idle.entry(target.clone()).or_default().push((connection, Instant::now()));
        }
    }
}
