//! ROUTER sockets: many peers, each known by its identity.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{
    ZmtpError,
    frame::{Piece, Received, Room, Wire},
    handshake::Kind,
    listen::{Listener, Peer},
    outbox::Outbox,
};
use crate::log::Log;

/// Messages that wait to be handled. More wait in the system's buffers, and in those of the peers.
const WAITING: usize = 16;

/// Bytes that may wait for a peer to read. A peer that lets more wait is let go.
const MAX_OUT: usize = 256 << 20;

/// A message, and the identity of the peer that sent it.
pub(crate) type From = (Bytes, Received);

/// A bound ROUTER. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Router(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    peers: Mutex<HashMap<Bytes, Arc<Outbox>>>,
    nameless: AtomicU32,
}

impl Router {
    /// Serves a bound socket in tasks of the runtime. The receiver has what the peers send.
    pub(crate) fn serve(listener: Listener, room: Room, log: Log) -> (Self, mpsc::Receiver<From>) {
        let router = Self::default();
        let (heard, hear) = mpsc::channel(WAITING);
        let served = router.clone();
        let serve = move |peer| {
            let (router, heard) = (served.clone(), heard.clone());
            async move { router.peer(peer, heard).await }
        };
        tokio::spawn(listener.serve(Kind::Router, room, log, serve));
        (router, hear)
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<Bytes, Arc<Outbox>>> {
        self.0.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn peer(self, peer: Peer, heard: mpsc::Sender<From>) -> Result<(), ZmtpError> {
        let identity = if peer.identity.is_empty() { self.nameless() } else { peer.identity.clone() };
        let outbox = Outbox::new();
        // A client that has come back takes over.
        if let Some(before) = self.peers().insert(identity.clone(), outbox.clone()) {
            before.close();
        }
        let (mut reader, writer, _place) = peer.into_parts();
        let read = async {
            loop {
                match reader.next().await? {
                    None => return Ok(()),
                    Some(Piece::Message(received)) => {
                        if heard.send((identity.clone(), received)).await.is_err() {
                            return Ok(());
                        }
                    }
                    Some(Piece::Command { name, body }) => pong(&outbox, &name, &body),
                }
            }
        };
        let read = tokio::select! {
            read = read => read,
            () = outbox.write_to(writer) => Ok(()),
        };
        outbox.close();
        let mut peers = self.peers();
        if peers.get(&identity).is_some_and(|known| Arc::ptr_eq(known, &outbox)) {
            peers.remove(&identity);
        }
        read
    }

    /// An identity for a peer that has none.
    fn nameless(&self) -> Bytes {
        let number = self.0.nameless.fetch_add(1, Ordering::Relaxed);
        [&[0][..], &number.to_be_bytes()].concat().into()
    }

    /// Sends a message to a peer. `false`: it is not there.
    pub(crate) fn send(&self, identity: &Bytes, frames: &[Bytes]) -> bool {
        let Some(outbox) = self.peers().get(identity).cloned() else { return false };
        let wire = Wire::message(frames);
        let waiting = outbox.bytes();
        if waiting > 0 && waiting + wire.size() > MAX_OUT {
            outbox.close();
            return false;
        }
        outbox.push(wire);
        true
    }

    /// Waits until all is written.
    pub(crate) async fn drained(&self) {
        let outboxes: Vec<_> = self.peers().values().cloned().collect();
        for outbox in outboxes {
            outbox.drained().await;
        }
    }
}

/// Answers a `PING`, which libzmq sends where its heartbeats are enabled.
pub(super) fn pong(outbox: &Outbox, name: &[u8], body: &[u8]) {
    // Two bytes say how long it waits, the rest comes back.
    if name == b"PING"
        && outbox.bytes() < 1 << 20
        && let Some(context) = body.get(2..)
    {
        outbox.push(Wire::command("PONG", &context[..context.len().min(16)]));
    }
}
