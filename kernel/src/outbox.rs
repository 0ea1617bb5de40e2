//! The way out: events, encoded into one buffer and sent when it is full, when JavaScript yields, or when the watchdog finds it old.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use drupe_protocol::{EncodeError, Event, encode};
use drupe_transport::Sender;

/// The buffer is sent once it holds this many bytes.
const FULL: usize = 64 << 10;

/// Collects events and sends them. **A send blocks while the parent does not read**, and with it whoever pushes.
#[derive(Debug)]
pub(crate) struct Outbox {
    buffer: Mutex<Buffer>,
    /// Whether the buffer holds anything: lets the watchdog look without a lock.
    dirty: AtomicBool,
}

#[derive(Debug)]
struct Buffer {
    bytes: Vec<u8>,
    sender: Sender,
    /// The parent is gone; what is pushed now is for nobody. The reader of the data channel finds out on its own.
    broken: bool,
}

impl Outbox {
    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            buffer: Mutex::new(Buffer { bytes: Vec::with_capacity(FULL), sender, broken: false }),
            dirty: AtomicBool::new(false),
        }
    }

    /// Adds an event. An error leaves the buffer as it was.
    pub(crate) fn push(&self, event: &Event) -> Result<(), EncodeError> {
        let mut buffer = self.lock();
        encode(event, &mut buffer.bytes)?;
        if buffer.bytes.len() >= FULL {
            self.send(&mut buffer);
        } else {
            self.dirty.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Sends what there is.
    pub(crate) fn flush(&self) {
        if self.is_dirty() {
            self.send(&mut self.lock());
        }
    }

    /// Whether anything waits to be sent.
    pub(crate) fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::SeqCst)
    }

    fn send(&self, buffer: &mut Buffer) {
        let Buffer { bytes, sender, broken } = buffer;
        if !*broken && !bytes.is_empty() {
            *broken = sender.send(bytes).is_err();
        }
        if bytes.capacity() > 16 * FULL {
            *bytes = Vec::with_capacity(FULL)
        } else {
            bytes.clear()
        }
        self.dirty.store(false, Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
