//! A bound of the printed text.

use std::io;

/// How much may be printed, in bytes for each byte of the source, and besides: indentation grows with the square of the
/// nesting.
const PRINTED_PER_BYTE: usize = 32;
const BASE_PRINTED: usize = 16 << 20;

/// Text that is printed, up to a multiple of what its source has.
pub(crate) struct Bounded {
    pub(crate) text: Vec<u8>,
    /// Where comments that a pass has made begin, in bytes. The printer writes each of their three parts by itself;
    /// what was written in a literal comes as a whole.
    pub(crate) made: Vec<usize>,
    /// Whether the last part has opened a comment.
    opened: bool,
    most: usize,
}

impl Bounded {
    pub(crate) fn new(source: &str) -> Self {
        let most = BASE_PRINTED + PRINTED_PER_BYTE * source.len();
        Self { text: Vec::with_capacity(source.len() + source.len() / 4), made: Vec::new(), opened: false, most }
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if self.opened && bytes == b"#__PURE__" {
            self.made.push(self.text.len() - 2);
        }
        self.opened = bytes == b"/*";
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
