//! Standard input as a source of code. Input that is obviously no code is an error.

use std::{
    io::{self, BufRead, Read, StdinLock},
    time::{Duration, Instant},
};

use drupe_protocol::{FrameDecoder, decode, hello::Launch};
use drupe_repl::Input;

/// Standard input, read for code.
#[cfg(unix)]
pub(crate) fn code() -> Code<io::BufReader<Raw>> {
    Code { input: io::BufReader::new(Raw), looked: false }
}

/// Standard input, read for code.
#[cfg(not(unix))]
pub(crate) fn code() -> Code<io::BufReader<io::Stdin>> {
    Code { input: io::BufReader::new(io::stdin()), looked: false }
}

/// Standard input without a buffer of its own: what is not read yet, the system knows.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Raw;

#[cfg(unix)]
impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match rustix::io::read(rustix::stdio::stdin(), buffer) {
            // It is closed.
            Err(rustix::io::Errno::BADF) => Ok(0),
            read => Ok(read?),
        }
    }
}

#[cfg(unix)]
impl Input for Code<io::BufReader<Raw>> {
    fn is_ready(&self, patience: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let stdin = rustix::stdio::stdin();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        let end = Instant::now() + patience;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            let rest = Timespec { tv_sec: rest.as_secs().try_into().unwrap_or(0), tv_nsec: rest.subsec_nanos().into() };
            match poll(&mut asked, Some(&rest)) {
                // A signal came, and tells nothing of the input.
                Err(rustix::io::Errno::INTR) => {}
                // What cannot be known, the next read tells.
                ready => return ready.is_ok_and(|ready| ready > 0),
            }
        }
    }
}

#[cfg(not(unix))]
impl Input for Code<io::BufReader<io::Stdin>> {
    fn is_ready(&self, _: Duration) -> bool {
        false
    }
}

/// As [`code`], on this thread.
pub(crate) fn code_here() -> Code<StdinLock<'static>> {
    Code { input: io::stdin().lock(), looked: false }
}

/// Code. **The launch of a kernel is none**: whoever sends it has started `drupe` without telling it to be one.
#[derive(Debug)]
pub(crate) struct Code<R> {
    input: R,
    looked: bool,
}

impl<R: BufRead> BufRead for Code<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.input.fill_buf()?;
        if !std::mem::replace(&mut self.looked, true) {
            if is_launch(bytes) {
                let error = "standard input holds a kernel's start message. To start a kernel, run `drupe kernel`.";
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            require_no_utf16(bytes)?;
        }
        Ok(bytes)
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }
}

impl<R: BufRead> Read for Code<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// The text of code, all of it: without a mark of the byte order and, as in Node, with U+FFFD for what is not UTF-8.
pub(crate) fn text(mut input: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    require_no_utf16(&bytes)?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes)).into_owned();
    Ok(text)
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What some shells write into files is a text in which each letter seems to be wrong.
fn require_no_utf16(bytes: &[u8]) -> io::Result<()> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is UTF-16 text; code is read as UTF-8"));
    }
    Ok(())
}

/// A launch is one frame, which is written at once and fits any pipe.
fn is_launch(bytes: &[u8]) -> bool {
    let mut decoder = FrameDecoder::new();
    decoder.feed(bytes);
    matches!(decoder.next_frame(), Ok(Some(payload)) if decode::<Launch>(&payload).is_ok())
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn code_is_utf8_and_what_is_not_is_replaced() {
        let read = |bytes: &[u8]| text(bytes).unwrap();
        assert_eq!(read("\u{feff}'ä'\r\n".as_bytes()), "'ä'\r\n");
        assert_eq!(read(b"'a\xffb\xc3('"), "'a\u{fffd}b\u{fffd}('");
        for bytes in [&b"\xff\xfe1\0"[..], b"\xfe\xff\x001"] {
            assert!(text(bytes).unwrap_err().to_string().contains("UTF-16"));
        }
    }
}
