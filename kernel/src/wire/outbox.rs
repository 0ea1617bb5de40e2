//! The outbox: encodes events into one buffer, and sends it when it is full, when JavaScript yields, or when the
//! watchdog finds it old.

use std::sync::{
    Mutex, MutexGuard, PoisonError, TryLockError,
    atomic::{AtomicBool, Ordering},
};

use drupe_protocol::{EncodeError, Event, encode_in_pieces};
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

impl Buffer {
    /// Everything was sent.
    fn emptied(&mut self) {
        if self.bytes.capacity() > 16 * FULL {
            self.bytes = Vec::with_capacity(FULL);
        } else {
            self.bytes.clear();
        }
    }
}

impl Outbox {
    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            buffer: Mutex::new(Buffer { bytes: Vec::with_capacity(FULL), sender, broken: false }),
            dirty: AtomicBool::new(false),
        }
    }

    /// Adds an event, and returns how many bytes it takes. An error leaves the buffer as it was. **Large byte strings
    /// are not copied: they are sent before this returns.**
    pub(crate) fn push(&self, event: &Event) -> Result<usize, EncodeError> {
        let mut buffer = self.lock();
        let before = buffer.bytes.len();
        let later = encode_in_pieces(event, &mut buffer.bytes)?;
        let bytes = buffer.bytes.len() - before + later.iter().map(|piece| piece.len()).sum::<usize>();
        self.pushed(&mut buffer, later.iter().map(|piece| &**piece));
        Ok(bytes)
    }

    /// Adds an event that is a frame already.
    pub(crate) fn push_frame(&self, frame: &[u8]) {
        let mut buffer = self.lock();
        if frame.len() >= FULL {
            return self.pushed(&mut buffer, [frame].into_iter());
        }
        buffer.bytes.extend_from_slice(frame);
        self.pushed(&mut buffer, [].into_iter());
    }

    /// Sends the buffer and what comes after it, or leaves a small buffer for later.
    fn pushed<'a>(&self, buffer: &mut Buffer, after: impl ExactSizeIterator<Item = &'a [u8]>) {
        if after.len() == 0 && buffer.bytes.len() < FULL {
            return self.dirty.store(true, Ordering::SeqCst);
        }
        self.send(buffer);
        for piece in after {
            buffer.broken = buffer.broken || buffer.sender.send(piece).is_err();
        }
    }

    /// Sends what there is.
    pub(crate) fn flush(&self) {
        if self.is_dirty() {
            self.send(&mut self.lock());
        }
    }

    /// Sends what there is as far as it fits into the channel now. Leaves it to others if they are at it.
    pub(crate) fn flush_what_fits(&self) {
        let mut buffer = match self.buffer.try_lock() {
            Ok(buffer) => buffer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let Buffer { bytes, sender, broken } = &mut *buffer;
        if !*broken {
            match sender.send_what_fits(bytes) {
                Ok(sent) if sent < bytes.len() => {
                    bytes.drain(..sent);
                    return;
                }
                Ok(_) => {}
                Err(_) => *broken = true,
            }
        }
        buffer.emptied();
        self.dirty.store(false, Ordering::SeqCst);
    }

    /// Sends what fits, for a process that ends here and now: from the handler of a signal, so nothing is allocated or
    /// waited for.
    #[cfg(unix)]
    pub(crate) fn send_last_words(&self) {
        // Whoever was interrupted at the outbox has left it half written.
        if let Ok(mut buffer) = self.buffer.try_lock() {
            let Buffer { bytes, sender, broken } = &mut *buffer;
            if !*broken && let Ok(sent) = sender.send_what_fits(bytes) {
                bytes.drain(..sent);
            }
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
        buffer.emptied();
        self.dirty.store(false, Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
