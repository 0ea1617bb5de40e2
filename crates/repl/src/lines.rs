//! Lines of an input, read ahead.

use std::{io, thread};

use tokio::sync::mpsc;

use crate::ReplError;

/// Lines that are read ahead.
const AHEAD: usize = 64;

/// Reads lines on a thread of its own: reading blocks. Text that is no UTF-8 is read with replacement characters.
pub(crate) fn read_lines(mut input: impl io::BufRead + Send + 'static) -> Result<mpsc::Receiver<io::Result<String>>, ReplError> {
    let (lines, queue) = mpsc::channel(AHEAD);
    let read = move || {
        let mut line = Vec::new();
        loop {
            let text = match input.read_until(b'\n', &mut line) {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&line).into_owned()),
                Err(error) => Err(error),
            };
            line.clear();
            let failed = text.is_err();
            if lines.blocking_send(text).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().name("drupe-input".into()).spawn(read).map_err(ReplError::Thread)?;
    Ok(queue)
}
