//! Not in upstream: ends the reading of a line from another thread.

use std::fmt;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

/// Ends the line that is read, or the next one if none is. Clones are the same.
///
/// Keys that have come are read first. The line is taken off the screen, and the reader returns its text.
#[derive(Clone, Debug)]
pub struct Stopper(Arc<Mutex<Pipe>>);

#[derive(Debug)]
struct Pipe {
    reader: PipeReader,
    writer: PipeWriter,
    is_set: bool,
}

impl Stopper {
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self(Arc::new(Mutex::new(Pipe { reader, writer, is_set: false }))))
    }

    /// Ends reading until it is cleared.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stop(&self) -> io::Result<()> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !pipe.is_set {
            pipe.writer.write_all(b"s")?;
            pipe.is_set = true;
        }
        Ok(())
    }

    /// Lines can be read again.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn clear(&self) -> io::Result<()> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pipe.is_set {
            pipe.reader.read_exact(&mut [0])?;
            pipe.is_set = false;
        }
        Ok(())
    }

    /// What is readable while reading is to end. It is the same as long as this exists.
    #[cfg(unix)]
    pub(crate) fn fd(&self) -> std::os::fd::RawFd {
        use std::os::fd::AsRawFd as _;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).reader.as_raw_fd()
    }
}

/// The error of a reader that was stopped.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reading was stopped")
    }
}

impl std::error::Error for Stopped {}

impl Stopped {
    pub(crate) fn error() -> io::Error {
        io::Error::other(Self)
    }

    pub(crate) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<Self>())
    }
}
