//! Takes compression off a body, in bounded steps.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::{Buf, Bytes};

use super::NetError;

/// Codings that one body may have: each multiplies what a byte can become.
const MAX_CODINGS: usize = 3;

/// How compressed a body is, outermost last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
        }
    }

    /// What `Content-Encoding` says, or nothing when a coding is among them that nobody asked for: such a body stays as it is.
    ///
    /// # Errors
    /// When there are too many of them.
    pub(super) fn parse(header: &str) -> Result<Vec<Self>, NetError> {
        let mut codings = Vec::new();
        for word in header.split(',').map(|word| word.trim().to_ascii_lowercase()) {
            match &*word {
                "gzip" | "x-gzip" => codings.push(Self::Gzip),
                "deflate" => codings.push(Self::Deflate),
                "br" => codings.push(Self::Brotli),
                "" | "identity" => {}
                _ => return Ok(Vec::new()),
            }
        }
        if codings.len() > MAX_CODINGS {
            return Err(NetError::Encoding("compressed", format!("more than {MAX_CODINGS} codings")));
        }
        Ok(codings)
    }
}

/// Bytes that have come, and not been read: a reader that would block when there are none.
#[derive(Clone, Debug, Default)]
struct Inbox(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    pieces: VecDeque<Bytes>,
    over: bool,
}

impl Read for Inbox {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { pieces, over } = &mut *waiting;
        loop {
            match pieces.front_mut() {
                Some(piece) if piece.is_empty() => drop(pieces.pop_front()),
                Some(piece) => {
                    let count = piece.len().min(buffer.len());
                    piece.copy_to_slice(&mut buffer[..count]);
                    return Ok(count);
                }
                None if *over => return Ok(0),
                None => return Err(io::ErrorKind::WouldBlock.into()),
            }
        }
    }
}

/// Takes one coding after the other off.
pub(super) struct Decoder {
    inbox: Inbox,
    reader: Box<dyn Read + Send>,
    outermost: &'static str,
}

impl Decoder {
    /// For a body with these codings; they are not empty.
    pub(super) fn new(codings: &[Coding]) -> Self {
        let inbox = Inbox::default();
        let mut reader: Box<dyn Read + Send> = Box::new(inbox.clone());
        for coding in codings.iter().rev() {
            let buffered = Buffered { inner: reader, buffer: vec![0; 16 << 10].into(), at: 0, end: 0 };
            reader = match coding {
                Coding::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
                Coding::Deflate => Box::new(Deflate::Unknown(Some(buffered))),
                Coding::Brotli => Box::new(brotli_decompressor::Decompressor::new(buffered, 16 << 10)),
            };
        }
        Self { inbox, reader, outermost: codings.last().map_or("", |coding| coding.name()) }
    }

    /// Adds what has come; `None` is the end.
    pub(super) fn push(&self, piece: Option<Bytes>) {
        let mut waiting = self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner);
        match piece {
            Some(piece) => waiting.pieces.push_back(piece),
            None => waiting.over = true,
        }
    }

    /// Up to as many bytes as `buffer` holds; 0 at the end, `None` when more has to come first.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<Option<usize>, NetError> {
        match self.reader.read(buffer) {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(NetError::Encoding(self.outermost, error.to_string())),
        }
    }
}

/// A buffered reader that keeps what it has when there is no more yet.
pub(super) struct Buffered {
    inner: Box<dyn Read + Send>,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
}

impl Read for Buffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Buffered {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            self.end = self.inner.read(&mut self.buffer)?;
            self.at = 0;
        }
        Ok(&self.buffer[self.at..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
    }
}

/// `deflate` means zlib's format, and some servers send it bare: the first byte tells which.
enum Deflate {
    Unknown(Option<Buffered>),
    Zlib(flate2::bufread::ZlibDecoder<Buffered>),
    Bare(flate2::bufread::DeflateDecoder<Buffered>),
}

impl Read for Deflate {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Unknown(input) = self {
            let Some(first) = input.as_mut().map(BufRead::fill_buf).transpose()?.map(|bytes| bytes.first().copied()) else {
                return Ok(0);
            };
            let Some(input) = input.take() else { return Ok(0) };
            *self = if first.is_some_and(|byte| byte & 0x0f == 8) {
                Self::Zlib(flate2::bufread::ZlibDecoder::new(input))
            } else {
                Self::Bare(flate2::bufread::DeflateDecoder::new(input))
            };
        }
        match self {
            Self::Unknown(_) => Ok(0),
            Self::Zlib(decoder) => decoder.read(buffer),
            Self::Bare(decoder) => decoder.read(buffer),
        }
    }
}
