//! The queue of a run's events that wait to be read, bounded by their number and by their weight.
//!
//! Without the second bound, a kernel under an attacker's control could have its parent keep hundreds of frames of the
//! largest size for a slow reader.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::Event;

/// Events that may wait.
const EVENTS: usize = 256;

/// What they may weigh together, in [`UNIT`]s: 8 MiB. **One event alone may weigh more**, and then waits alone.
const ROOM: u32 = 8 << 10;

/// Bytes in a unit of weight. What weighs less counts for nothing; there are few enough of these.
const UNIT: usize = 1 << 10;

/// An event, and the room it takes until it is read.
type Queued = (Event, OwnedSemaphorePermit);

/// The end that the supervisor fills. **There is one for each mailbox**, so that room which was there stays.
#[derive(Clone, Debug)]
pub(crate) struct Postbox {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// The end that is read.
#[derive(Debug)]
pub(crate) struct Mailbox(mpsc::Receiver<Queued>);

pub(crate) fn mailbox() -> (Postbox, Mailbox) {
    let (queue, read) = mpsc::channel(EVENTS);
    (Postbox { queue, room: Arc::new(Semaphore::new(ROOM as usize)) }, Mailbox(read))
}

impl Postbox {
    /// Posts an event that weighs `weight` bytes; gives it back if there is no room. An event without a reader is
    /// dropped.
    pub(crate) fn post(&self, event: Event, weight: usize) -> Result<(), Box<Event>> {
        let Ok(permit) = self.room.clone().try_acquire_many_owned(units(weight)) else {
            return if self.queue.is_closed() { Ok(()) } else { Err(Box::new(event)) };
        };
        match self.queue.try_send((event, permit)) {
            Err(mpsc::error::TrySendError::Full((event, _))) => Err(Box::new(event)),
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
        }
    }

    /// Waits until an event of `weight` bytes has room, or nobody is left to read it.
    pub(crate) async fn room(&self, weight: usize) {
        if self.queue.reserve().await.is_ok() {
            // A reader that goes drops what waits, and so makes room. The semaphore is never closed.
            drop(self.room.acquire_many(units(weight)).await);
        }
    }
}

fn units(weight: usize) -> u32 {
    u32::try_from(weight / UNIT).unwrap_or(ROOM).min(ROOM)
}

impl Mailbox {
    pub(crate) async fn recv(&mut self) -> Option<Event> {
        self.0.recv().await.map(|(event, _)| event)
    }

    pub(crate) fn poll_recv(&mut self, cx: &mut Context) -> Poll<Option<Event>> {
        self.0.poll_recv(cx).map(|letter| letter.map(|(event, _)| event))
    }
}

#[cfg(test)]
mod tests {
    use drupe_protocol::event::Started;

    use super::{EVENTS, mailbox};
    use crate::Event;

    fn event() -> Event {
        Event::Started(Started::new(1, 1))
    }

    // threat D2
    #[test]
    fn small_events_are_bounded_by_number_and_large_ones_by_weight() {
        let (postbox, _mailbox) = mailbox();
        assert_eq!((0..).take_while(|_| postbox.post(event(), 100).is_ok()).count(), EVENTS);
        let (postbox, _mailbox) = mailbox();
        assert_eq!((0..).take_while(|_| postbox.post(event(), 2 << 20).is_ok()).count(), 4);
        let (postbox, _mailbox) = mailbox();
        assert_eq!((0..).take_while(|_| postbox.post(event(), 1 << 30).is_ok()).count(), 1, "one alone may weigh anything");
    }

    #[test]
    fn room_comes_with_reading_and_with_the_reader_s_end() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap_or_else(|error| panic!("{error}"));
        runtime.block_on(async {
            let (postbox, mut mailbox) = mailbox();
            assert!(postbox.post(event(), 12 << 20).is_ok());
            assert!(postbox.post(event(), 12 << 20).is_err());
            let ((), read) = tokio::join!(postbox.room(12 << 20), mailbox.recv());
            assert!(read.is_some() && postbox.post(event(), 12 << 20).is_ok());
            let waiting = postbox.room(12 << 20);
            drop(mailbox);
            waiting.await;
            assert!(postbox.post(event(), 12 << 20).is_ok(), "nobody is left to keep it for");
        });
    }
}
