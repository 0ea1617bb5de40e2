//! XPUB sockets: every message goes to the peers that subscribed to it.
//!
//! A subscriber that reads slowly slows the publisher down ([`Publisher::room`]). **One that does not read at all does
//! so for some seconds**; then it loses messages until it has read those that wait, and the loss is logged. What waits
//! for a subscriber is bounded.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::{
    ZmtpError,
    frame::{Piece, Room, Wire},
    handshake::Kind,
    listen::{Listener, Peer},
    outbox::Outbox,
    router::pong,
};
use crate::log::Log;

/// Bytes that may wait for a subscriber before the publisher waits for it.
const HIGH: usize = 8 << 20;

/// Bytes that may wait for a subscriber before it loses messages that do not wait for room.
const MAX_OUT: usize = 64 << 20;

/// A subscriber that has lost messages gets some again when no more bytes wait than these.
const LOW: usize = 1 << 20;

/// How long a subscriber may take no byte before the publisher goes on without it.
const STALLED: Duration = Duration::from_secs(5);

/// Subscriptions of a peer, and bytes of one.
const MAX_SUBSCRIPTIONS: usize = 1_000;
const MAX_TOPIC: usize = 1_000;

/// Makes the frames that answer a subscription.
type Welcome = dyn Fn(&[u8]) -> Vec<Bytes> + Send + Sync;

/// A bound XPUB. Clones are the same.
#[derive(Clone)]
pub(crate) struct Publisher(Arc<Shared>);

struct Shared {
    subscribers: Mutex<Vec<Subscriber>>,
    welcome: Box<Welcome>,
    log: Log,
}

struct Subscriber {
    outbox: Arc<Outbox>,
    topics: Vec<Bytes>,
    /// Messages that it has lost since it stopped to read. `None`: it reads.
    lost: Option<u64>,
}

impl Publisher {
    /// Serves a bound socket in tasks of the runtime. `welcome` makes the message that a new subscription is answered
    /// by.
    pub(crate) fn serve(
        listener: Listener,
        room: Room,
        log: Log,
        welcome: impl Fn(&[u8]) -> Vec<Bytes> + Send + Sync + 'static,
    ) -> Self {
        let shared = Shared { subscribers: Mutex::default(), welcome: Box::new(welcome), log: log.clone() };
        let publisher = Self(Arc::new(shared));
        let served = publisher.clone();
        let serve = move |peer| {
            let publisher = served.clone();
            async move { publisher.peer(peer).await }
        };
        tokio::spawn(listener.serve(Kind::XPub, room, log, serve));
        publisher
    }

    fn subscribers(&self) -> MutexGuard<'_, Vec<Subscriber>> {
        self.0.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn peer(self, peer: Peer) -> Result<(), ZmtpError> {
        let outbox = Outbox::new();
        self.subscribers().push(Subscriber { outbox: outbox.clone(), topics: Vec::new(), lost: None });
        let (mut reader, writer, _place) = peer.into_parts();
        let read = async {
            while let Some(piece) = reader.next().await? {
                match piece {
                    Piece::Message(received) => match received.frames.first().map(|frame| (frame.first(), frame)) {
                        Some((Some(1), frame)) => self.subscribe(&outbox, &frame.slice(1..)),
                        Some((Some(0), frame)) => self.unsubscribe(&outbox, &frame[1..]),
                        _ => {}
                    },
                    Piece::Command { name, body } => match &*name {
                        b"SUBSCRIBE" => self.subscribe(&outbox, &body),
                        b"CANCEL" => self.unsubscribe(&outbox, &body),
                        _ => pong(&outbox, &name, &body),
                    },
                }
            }
            Ok(())
        };
        let read = tokio::select! {
            read = read => read,
            () = outbox.write_to(writer) => Ok(()),
        };
        outbox.close();
        self.subscribers().retain(|subscriber| !Arc::ptr_eq(&subscriber.outbox, &outbox));
        read
    }

    fn subscribe(&self, outbox: &Arc<Outbox>, topic: &Bytes) {
        let welcome = Wire::message(&(self.0.welcome)(topic));
        let mut subscribers = self.subscribers();
        let subscriber = subscribers.iter_mut().find(|subscriber| Arc::ptr_eq(&subscriber.outbox, outbox));
        let Some(subscriber) = subscriber else { return };
        if subscriber.topics.len() < MAX_SUBSCRIPTIONS && topic.len() <= MAX_TOPIC {
            // Under the lock: it comes before all that the subscription brings.
            subscriber.topics.push(Bytes::copy_from_slice(topic));
            subscriber.outbox.push(welcome);
        }
    }

    fn unsubscribe(&self, outbox: &Arc<Outbox>, topic: &[u8]) {
        let mut subscribers = self.subscribers();
        if let Some(subscriber) = subscribers.iter_mut().find(|subscriber| Arc::ptr_eq(&subscriber.outbox, outbox))
            && let Some(at) = subscriber.topics.iter().position(|known| *known == topic)
        {
            subscriber.topics.remove(at);
        }
    }

    /// Publishes a message, whose first frame is its topic. **It does not wait for room**, so all messages have one
    /// order.
    pub(crate) fn publish(&self, frames: &[Bytes]) {
        let topic = frames.first().cloned().unwrap_or_default();
        let wire = Wire::message(frames);
        for subscriber in self.subscribers().iter_mut() {
            if !subscriber.topics.iter().any(|prefix| topic.starts_with(prefix)) {
                continue;
            }
            let waiting = subscriber.outbox.bytes();
            if subscriber.lost.is_none() && waiting > MAX_OUT {
                subscriber.stall(&self.0.log);
            }
            match &mut subscriber.lost {
                Some(lost) if waiting > LOW => *lost += 1,
                lost => {
                    if let Some(lost) = lost.take() {
                        self.0.log.warn(format_args!("a front end reads again; {lost} messages were lost to it"));
                    }
                    subscriber.outbox.push(wire.clone());
                }
            }
        }
    }

    /// Waits until every subscriber has room, or has taken nothing for some seconds.
    pub(crate) async fn room(&self) {
        loop {
            let full = self.subscribers().iter().find(|subscriber| subscriber.is_full()).map(|one| one.outbox.clone());
            let Some(outbox) = full else { return };
            let freed = outbox.freed();
            if outbox.bytes() <= HIGH || outbox.is_closed() {
                continue;
            }
            if timeout_at(outbox.progress() + STALLED, freed).await.is_err() && outbox.progress() + STALLED <= Instant::now() {
                let mut subscribers = self.subscribers();
                if let Some(subscriber) = subscribers.iter_mut().find(|one| Arc::ptr_eq(&one.outbox, &outbox)) {
                    subscriber.stall(&self.0.log);
                }
            }
        }
    }

    /// Waits until all is written to those who read.
    pub(crate) async fn drained(&self) {
        let reads = |subscriber: &&Subscriber| subscriber.lost.is_none();
        let outboxes: Vec<_> = self.subscribers().iter().filter(reads).map(|one| one.outbox.clone()).collect();
        for outbox in outboxes {
            outbox.drained().await;
        }
    }
}

impl Subscriber {
    fn is_full(&self) -> bool {
        self.lost.is_none() && self.outbox.bytes() > HIGH
    }

    fn stall(&mut self, log: &Log) {
        if self.lost.is_none() {
            self.lost = Some(0);
            let waiting = self.outbox.bytes() >> 20;
            log.warn(format_args!("a front end does not read, and {waiting} MiB wait for it: it loses messages from now on"));
        }
    }
}
