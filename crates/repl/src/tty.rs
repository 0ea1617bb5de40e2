//! Lines from the terminal, as the system edits them, outside of the prompt.

use std::io;

#[cfg(unix)]
use tokio::io::{Interest, unix::AsyncFd};

use crate::asking::Person;

/// The terminal at standard input, for the time of a question.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Terminal {
    /// **Opened anew**: other holders of the terminal must not find it non-blocking.
    input: AsyncFd<std::os::fd::OwnedFd>,
    /// A line that has come in part.
    begun: Vec<u8>,
}

#[cfg(unix)]
impl Terminal {
    /// Must be called within a tokio runtime.
    pub(crate) fn open() -> io::Result<Self> {
        use rustix::fs::{Mode, OFlags};
        let name = rustix::termios::ttyname(io::stdin(), Vec::new()).unwrap_or_else(|_| c"/dev/tty".to_owned());
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let input = rustix::fs::open(name.as_c_str(), flags, Mode::empty())?;
        // Readable, too: that is what the system wakes when a terminal hangs up.
        let interest = Interest::READABLE | Interest::ERROR;
        // SAFETY: an owned descriptor is the same one until it is dropped.
        let input = unsafe { AsyncFd::register_with_interest(input, interest)? };
        Ok(Self { input, begun: Vec::new() })
    }

    /// Waits until the terminal is gone. The system tells by a signal only those whose session it controls. Cancel safe.
    pub(crate) async fn hung_up(&self) {
        if self.input.ready(Interest::ERROR).await.is_err() {
            std::future::pending().await
        }
    }
}

#[cfg(unix)]
impl Person for Terminal {
    fn forget_typed(&mut self) -> io::Result<()> {
        self.begun.clear();
        Ok(rustix::termios::tcflush(self.input.get_ref(), rustix::termios::QueueSelector::IFlush)?)
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            let mut ready = self.input.readable().await?;
            let mut bytes = [0; 4096];
            let read = match ready.try_io(|input| Ok(rustix::io::read(input.get_ref(), &mut bytes)?)) {
                Ok(read) => read?,
                // What was there is gone: Ctrl-C empties the line.
                Err(_) => continue,
            };
            if read == 0 {
                return Ok(None);
            }
            self.begun.extend_from_slice(&bytes[..read]);
            if self.begun.last() == Some(&b'\n') {
                self.begun.pop();
                return Ok(Some(String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()));
            }
        }
    }
}

/// Elsewhere there is none yet, and every question is refused.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Terminal;

#[cfg(not(unix))]
impl Terminal {
    pub(crate) fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) async fn hung_up(&self) {
        std::future::pending().await
    }
}

#[cfg(not(unix))]
impl Person for Terminal {
    fn forget_typed(&mut self) -> io::Result<()> {
        Ok(())
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        Ok(None)
    }
}
