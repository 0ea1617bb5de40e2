//! Decompresses a body, in bounded steps.

use std::{
    collections::VecDeque,
    io::{self, BufRead, Read},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::{Buf, Bytes};

use super::{NetError, windows::window_bits};

/// Bytes that may be made between two codings in one step. Nothing need come out of them, so nobody else would end the
/// step.
const STEP: u64 = 256 << 10;

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

    /// What `Content-Encoding` says, or nothing when a coding is among them that nobody asked for: such a body stays as
    /// it is.
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

/// What is made between two codings: each multiplies what a byte can become, **also where nothing of it comes out in
/// the end**.
#[derive(Clone, Debug, Default)]
struct Meter(Arc<AtomicU64>);

impl Meter {
    fn made(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Bytes in the buffer; 0 at the end.
    Read(usize),
    /// More has to come first.
    Starved,
    /// Much was done, and nothing came of it yet.
    Tired,
}

/// Takes one coding after the other off.
pub(super) struct Decoder {
    inbox: Inbox,
    reader: Box<dyn Read + Send>,
    outermost: &'static str,
    meter: Meter,
    /// What may be made before the step ends.
    until: Arc<AtomicU64>,
}

impl Decoder {
    /// For a body with these codings; they are not empty.
    pub(super) fn new(codings: &[Coding]) -> Self {
        let (inbox, meter, until) = (Inbox::default(), Meter::default(), Arc::new(AtomicU64::new(0)));
        let mut reader: Box<dyn Read + Send> = Box::new(inbox.clone());
        for (index, coding) in codings.iter().rev().enumerate() {
            // What comes over the network is counted there.
            let metered = (index > 0).then(|| (meter.clone(), until.clone()));
            let buffered = Buffered { inner: reader, metered, buffer: vec![0; 16 << 10].into(), at: 0, end: 0 };
            reader = match coding {
                Coding::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
                Coding::Deflate => Box::new(Deflate::Unknown(Some(buffered))),
                Coding::Brotli => Box::new(Brotli::Unknown(Some(buffered))),
            };
        }
        Self { inbox, reader, outermost: codings.last().map_or("", |coding| coding.name()), meter, until }
    }

    /// Adds what has come; `None` is the end.
    pub(super) fn push(&self, piece: Option<Bytes>) {
        let mut waiting = self.inbox.0.lock().unwrap_or_else(PoisonError::into_inner);
        match piece {
            Some(piece) => waiting.pieces.push_back(piece),
            None => waiting.over = true,
        }
    }

    /// Fills some of `buffer`.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<Step, NetError> {
        self.until.store(self.meter.made() + STEP, Ordering::Relaxed);
        match self.reader.read(buffer) {
            Ok(count) => Ok(Step::Read(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let tired = self.meter.made() >= self.until.load(Ordering::Relaxed);
                Ok(if tired { Step::Tired } else { Step::Starved })
            }
            Err(error) => Err(NetError::Encoding(self.outermost, error.to_string())),
        }
    }

    /// How many bytes were made between the codings so far.
    pub(super) fn made(&self) -> u64 {
        self.meter.made()
    }
}

/// A buffered reader that keeps what it has when there is no more yet.
pub(super) struct Buffered {
    inner: Box<dyn Read + Send>,
    metered: Option<(Meter, Arc<AtomicU64>)>,
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
            if let Some((meter, until)) = &self.metered
                && meter.made() >= until.load(Ordering::Relaxed)
            {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.end = self.inner.read(&mut self.buffer)?;
            self.at = 0;
            if let Some((meter, _)) = &self.metered {
                meter.0.fetch_add(self.end as u64, Ordering::Relaxed);
            }
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

/// Brotli, but for its extension with windows of more than 16 MiB, for which a few bytes take a gigabyte.
enum Brotli {
    Unknown(Option<Buffered>),
    Known(Box<brotli_decompressor::Decompressor<Buffered>>),
}

impl Read for Brotli {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Unknown(input) = self {
            let first = input.as_mut().map(BufRead::fill_buf).transpose()?.and_then(|bytes| bytes.first().copied());
            if first.is_some_and(|first| window_bits(first).is_none()) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its window is too large"));
            }
            let Some(input) = input.take() else { return Ok(0) };
            *self = Self::Known(Box::new(brotli_decompressor::Decompressor::new(input, 16 << 10)));
        }
        match self {
            Self::Unknown(_) => Ok(0),
            Self::Known(decoder) => decoder.read(buffer),
        }
    }
}
