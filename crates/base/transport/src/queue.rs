//! Queues of bytes between threads: for the memory pair, and for a thread that reads a socket on behalf of the
//! receiver.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, SyncSender, TryRecvError, TrySendError},
    },
    time::Instant,
};

use drupe_protocol::FrameDecoder;

use crate::read::Read;

/// A queue that holds so many reads or sends before the next one blocks.
pub(crate) fn queue(capacity: usize) -> (Feed, Source) {
    let (sender, packets) = mpsc::sync_channel(capacity);
    let signals = Arc::new(Signals::default());
    (Feed { packets: sender, signals: signals.clone() }, Source { packets, signals })
}

/// The end that fills the queue.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    packets: SyncSender<Packet>,
    signals: Arc<Signals>,
}

/// The end that empties it.
#[derive(Debug)]
pub(crate) struct Source {
    packets: mpsc::Receiver<Packet>,
    signals: Arc<Signals>,
}

#[derive(Debug)]
enum Packet {
    Bytes(Vec<u8>),
    #[cfg(not(unix))]
    Failed(io::Error),
    /// Look at the signals.
    Nudge,
}

/// What must not get lost when the queue is full, nor wait behind what it holds.
#[derive(Debug, Default)]
struct Signals {
    woken: AtomicBool,
    /// **Set after the last bytes were queued.**
    ended: AtomicBool,
    /// Told of every packet that is taken; it remembers one, so that no room is missed.
    #[cfg(feature = "tokio")]
    room: tokio::sync::Notify,
}

impl Feed {
    /// Queues bytes; blocks while the queue is full.
    pub(crate) fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.packets.send(Packet::Bytes(bytes)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// Queues bytes once there is room. Cancel safe: bytes that wait for room are not queued.
    #[cfg(feature = "tokio")]
    pub(crate) async fn send_when_room(&self, bytes: &[u8]) -> io::Result<()> {
        let mut packet = Packet::Bytes(bytes.to_vec());
        loop {
            packet = match self.packets.try_send(packet) {
                Ok(()) => return Ok(()),
                Err(mpsc::TrySendError::Full(packet)) => packet,
                Err(mpsc::TrySendError::Disconnected(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
            };
            self.signals.room.notified().await;
        }
    }

    /// Queues bytes if there is room; returns whether there was.
    pub(crate) fn try_send(&self, bytes: Vec<u8>) -> io::Result<bool> {
        match self.packets.try_send(Packet::Bytes(bytes)) {
            Ok(()) => Ok(true),
            Err(TrySendError::Full(_)) => Ok(false),
            Err(TrySendError::Disconnected(_)) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Queues the reason why nothing follows.
    #[cfg(not(unix))]
    pub(crate) fn fail(&self, error: io::Error) {
        // A reader that is gone need not know.
        drop(self.packets.send(Packet::Failed(error)));
    }

    /// Says that nothing follows. The wakers keep the queue itself open.
    pub(crate) fn end(&self) {
        self.signals.ended.store(true, Ordering::SeqCst);
        self.nudge();
    }

    pub(crate) fn wake(&self) {
        // Once is enough, and more would take the room of bytes.
        if !self.signals.woken.swap(true, Ordering::SeqCst) {
            self.nudge();
        }
    }

    /// A reader of a full queue does not sleep, and looks at the signals once it has emptied it.
    fn nudge(&self) {
        drop(self.packets.try_send(Packet::Nudge));
    }
}

impl Source {
    pub(crate) fn read(&mut self, decoder: &mut FrameDecoder, deadline: Option<Instant>) -> io::Result<Read> {
        loop {
            if self.signals.woken.swap(false, Ordering::SeqCst) {
                return Ok(Read::Woken);
            }
            let packet = self.next(deadline);
            #[cfg(feature = "tokio")]
            self.signals.room.notify_one();
            match packet {
                Ok(Packet::Bytes(bytes)) => {
                    decoder.feed(&bytes);
                    return Ok(Read::Bytes);
                }
                #[cfg(not(unix))]
                Ok(Packet::Failed(error)) => return Err(error),
                Ok(Packet::Nudge) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(Read::Elapsed),
                Err(RecvTimeoutError::Disconnected) => return Ok(Read::End),
            }
        }
    }

    fn next(&self, deadline: Option<Instant>) -> Result<Packet, RecvTimeoutError> {
        match self.packets.try_recv() {
            Ok(packet) => return Ok(packet),
            Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
            Err(TryRecvError::Empty) => {}
        }
        if self.signals.ended.load(Ordering::SeqCst) {
            // Perhaps the last bytes came between the two looks.
            return self.packets.try_recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        match deadline {
            None => self.packets.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => self.packets.recv_timeout(deadline.saturating_duration_since(Instant::now())),
        }
    }
}
