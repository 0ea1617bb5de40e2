//! The streams that a program's output is written to. If one fails, a program that listens is told and may go on.
//! `| head -1` closed the pipe, for example, or the disk is full.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use drupe_client::Stdio;

/// How long a program may go on writing before it hears that this is in vain: it may be in a loop that hears nothing.
const GRACE: Duration = Duration::from_secs(1);

/// Standard output or error of a program.
pub(crate) struct Told<W> {
    inner: W,
    stdio: Stdio,
    number: usize,
    failed: Option<(io::Error, Instant)>,
}

impl<W: Write> Told<W> {
    /// `number`: 1 or 2. Without a `stdio` whose program listens, failures are the front end's own.
    pub(crate) fn new(inner: W, stdio: &Stdio, number: usize) -> Self {
        Self { inner, stdio: stdio.clone(), number, failed: None }
    }

    /// Does `work` with the stream, or nothing where that has failed before.
    fn unless_failed<T>(&mut self, instead: T, work: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if let Some((error, since)) = &self.failed {
            // Each error is told once, so this one is made again.
            let is_patient = is_told(&self.stdio, self.number) || since.elapsed() < GRACE;
            return if is_patient {
                Ok(instead)
            } else {
                Err(error.raw_os_error().map_or(error.kind().into(), io::Error::from_raw_os_error))
            };
        }
        match work(&mut self.inner) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted && fails(&self.stdio, self.number, &error) => {
                self.failed = Some((error, Instant::now()));
                Ok(instead)
            }
            done => done,
        }
    }
}

#[cfg(target_os = "linux")]
fn fails(stdio: &Stdio, number: usize, error: &io::Error) -> bool {
    stdio.fail(number, error)
}

#[cfg(target_os = "linux")]
fn is_told(stdio: &Stdio, number: usize) -> bool {
    stdio.is_told(number)
}

/// No program there has streams.
#[cfg(not(target_os = "linux"))]
fn fails(_: &Stdio, _: usize, _: &io::Error) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn is_told(_: &Stdio, _: usize) -> bool {
    false
}

impl<W: Write> Write for Told<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_failed(bytes.len(), |inner| inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_failed((), Write::flush)
    }
}
