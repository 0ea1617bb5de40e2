//! Standard input as a source of code. Input that is obviously no code is an error.

use std::{
    io::{self, BufRead, Read, StdinLock},
    path::Path,
};

use drupe_protocol::{FrameDecoder, decode, hello::Launch};

/// Standard input, read for code.
pub(crate) fn code() -> Code<io::BufReader<io::Stdin>> {
    Code { input: io::BufReader::new(io::stdin()), looked: false }
}

/// Whether `file` is read once and has no place that imports could start from: a pipe, a terminal, a device.
pub(crate) fn is_stream(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
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
        let looked = std::mem::replace(&mut self.looked, true);
        let bytes = self.input.fill_buf()?;
        if !looked && is_launch(bytes) {
            let error = "standard input holds a kernel's start message. To start a kernel, run `drupe kernel`.";
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
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

/// A launch is one frame, which is written at once and fits any pipe.
fn is_launch(bytes: &[u8]) -> bool {
    let mut decoder = FrameDecoder::new();
    decoder.feed(bytes);
    matches!(decoder.next_frame(), Ok(Some(payload)) if decode::<Launch>(payload).is_ok())
}
