//! A stream that compresses or decompresses step by step.

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use super::framing::{Adler, GZIP, Header, MAX_WINDOW, gzip_header};

/// What is made of what; Node's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deflate,
    Inflate,
    Gzip,
    Gunzip,
    DeflateRaw,
    InflateRaw,
    /// Whichever of gzip and zlib it is.
    Unzip,
}

impl Kind {
    pub(super) fn of(number: u32) -> Option<Self> {
        let kinds = [Self::Deflate, Self::Inflate, Self::Gzip, Self::Gunzip, Self::DeflateRaw, Self::InflateRaw, Self::Unzip];
        kinds.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    fn compresses(self) -> bool {
        matches!(self, Self::Deflate | Self::Gzip | Self::DeflateRaw)
    }

    /// How many bytes a stream of this kind takes, about.
    pub(super) fn weight(self) -> usize {
        if self.compresses() { 384 << 10 } else { 64 << 10 }
    }
}

/// What is to come out at the end of what was fed; Node's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    None,
    Partial,
    Sync,
    Full,
    Finish,
}

impl Flush {
    pub(super) fn of(number: u32) -> Self {
        match number {
            0 => Self::None,
            1 => Self::Partial,
            3 => Self::Full,
            4 => Self::Finish,
            _ => Self::Sync,
        }
    }
}

/// What is wrong with what was fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: &'static str,
    pub(super) code: &'static str,
}

impl Wrong {
    pub(super) fn data(message: &'static str) -> Self {
        Self { message, code: "Z_DATA_ERROR" }
    }
}

/// What came of a step.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) out: Vec<u8>,
    /// How many bytes of what was fed were taken.
    pub(super) taken: usize,
    /// Whether the stream is at its end.
    pub(super) ended: bool,
}

/// A stream.
#[derive(Debug)]
pub(super) enum Stream {
    Compressing(Box<Compressing>),
    Decompressing(Box<Decompressing>),
}

impl Stream {
    /// `window`: of how many bits the window of what is decompressed may be; 0 for any.
    pub(super) fn new(kind: Kind, level: i32, window: u32) -> Self {
        if kind.compresses() {
            Self::Compressing(Box::new(Compressing::new(kind, level)))
        } else {
            Self::Decompressing(Box::new(Decompressing::new(kind, if window == 0 { MAX_WINDOW } else { window })))
        }
    }

    /// Takes at most `most` bytes of what is fed, and gives at most `capacity`.
    pub(super) fn step(&mut self, fed: &[u8], flush: Flush, capacity: usize, most: usize) -> Result<Step, Wrong> {
        let part = &fed[..fed.len().min(most)];
        // What is not the end is not flushed.
        let flush = if part.len() < fed.len() { Flush::None } else { flush };
        match self {
            Self::Compressing(stream) => stream.step(part, flush, capacity),
            Self::Decompressing(stream) => stream.step(part, capacity),
        }
    }
}

/// A stream that is compressed.
#[derive(Debug)]
pub(super) struct Compressing {
    kind: Kind,
    codec: Compress,
    crc: Crc,
    /// Framing that was not given out yet.
    waiting: Vec<u8>,
    is_done: bool,
}

impl Compressing {
    fn new(kind: Kind, level: i32) -> Self {
        let level = u32::try_from(level).map_or(Compression::default(), |level| Compression::new(level.min(9)));
        let waiting = if kind == Kind::Gzip { gzip_header(level.level()).to_vec() } else { Vec::new() };
        Self { kind, codec: Compress::new(level, kind == Kind::Deflate), crc: Crc::new(), waiting, is_done: false }
    }

    fn step(&mut self, fed: &[u8], flush: Flush, capacity: usize) -> Result<Step, Wrong> {
        let mut step = Step::default();
        self.give_waiting(&mut step.out, capacity);
        if !self.is_done && step.out.len() < capacity {
            let flush = match flush {
                Flush::None => FlushCompress::None,
                Flush::Partial => FlushCompress::Partial,
                Flush::Sync => FlushCompress::Sync,
                Flush::Full => FlushCompress::Full,
                Flush::Finish => FlushCompress::Finish,
            };
            let at = step.out.len();
            step.out.resize(capacity, 0);
            let (taken, given) = (self.codec.total_in(), self.codec.total_out());
            let status = self.codec.compress(fed, &mut step.out[at..], flush);
            let status = status.map_err(|_| Wrong { message: "stream error", code: "Z_STREAM_ERROR" })?;
            step.taken = usize::try_from(self.codec.total_in() - taken).unwrap_or(fed.len());
            step.out.truncate(at + usize::try_from(self.codec.total_out() - given).unwrap_or_default());
            if self.kind == Kind::Gzip {
                self.crc.update(&fed[..step.taken]);
            }
            if status == Status::StreamEnd {
                self.is_done = true;
                if self.kind == Kind::Gzip {
                    self.waiting.extend(self.crc.sum().to_le_bytes());
                    self.waiting.extend(self.crc.amount().to_le_bytes());
                }
                self.give_waiting(&mut step.out, capacity);
            }
        }
        step.ended = self.is_done && self.waiting.is_empty();
        Ok(step)
    }

    fn give_waiting(&mut self, out: &mut Vec<u8>, capacity: usize) {
        let count = self.waiting.len().min(capacity - out.len());
        out.extend(self.waiting.drain(..count));
    }
}

/// A stream that is decompressed.
#[derive(Debug)]
pub(super) struct Decompressing {
    kind: Kind,
    window: u32,
    part: Part,
    header: Header,
    codec: Decompress,
    crc: Crc,
    adler: Adler,
    trailer: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The first byte tells which kind it is.
    Unknown,
    Header,
    Body,
    Trailer,
    /// Another member may follow, or bytes that fill up.
    Between,
    Done,
}

impl Decompressing {
    fn new(kind: Kind, window: u32) -> Self {
        let part = match kind {
            Kind::Unzip => Part::Unknown,
            Kind::InflateRaw => Part::Body,
            _ => Part::Header,
        };
        let (crc, adler) = (Crc::new(), Adler::new());
        Self { kind, window, part, header: Header::default(), codec: Decompress::new(false), crc, adler, trailer: Vec::new() }
    }

    fn step(&mut self, fed: &[u8], capacity: usize) -> Result<Step, Wrong> {
        let mut step = Step::default();
        loop {
            let rest = &fed[step.taken..];
            match self.part {
                Part::Body => {
                    if !self.body(rest, capacity, &mut step)? {
                        return Ok(step);
                    }
                }
                Part::Done => {
                    step.ended = true;
                    return Ok(step);
                }
                part => {
                    let Some(byte) = rest.first() else {
                        step.ended = part == Part::Between;
                        return Ok(step);
                    };
                    if part == Part::Between && *byte == 0 {
                        // What fills up is left alone.
                        self.part = Part::Done;
                        continue;
                    }
                    self.frame(part, *byte, &mut step.taken)?;
                }
            }
        }
    }

    /// Takes a byte of the framing, or only looks at it.
    fn frame(&mut self, part: Part, byte: u8, taken: &mut usize) -> Result<(), Wrong> {
        match part {
            Part::Unknown => {
                self.kind = if byte == GZIP[0] { Kind::Gunzip } else { Kind::Inflate };
                self.part = Part::Header;
                return Ok(());
            }
            Part::Between => {
                *self = Self::new(Kind::Gunzip, self.window);
                return Ok(());
            }
            Part::Header => {
                let over = if self.kind == Kind::Gunzip { self.header.gzip(byte) } else { self.header.zlib(byte, self.window) }?;
                if over {
                    self.part = Part::Body;
                }
            }
            Part::Trailer => {
                self.trailer.push(byte);
                self.check()?;
            }
            Part::Body | Part::Done => {}
        }
        *taken += 1;
        Ok(())
    }

    /// Returns whether the body is over.
    fn body(&mut self, rest: &[u8], capacity: usize, step: &mut Step) -> Result<bool, Wrong> {
        let at = step.out.len();
        if at == capacity {
            return Ok(false);
        }
        step.out.resize(capacity, 0);
        let (taken, given) = (self.codec.total_in(), self.codec.total_out());
        let status = self.codec.decompress(rest, &mut step.out[at..], FlushDecompress::None);
        step.taken += usize::try_from(self.codec.total_in() - taken).unwrap_or(rest.len());
        step.out.truncate(at + usize::try_from(self.codec.total_out() - given).unwrap_or_default());
        let status = status.map_err(|_| Wrong::data("invalid deflate data"))?;
        match self.kind {
            Kind::Gunzip => self.crc.update(&step.out[at..]),
            Kind::Inflate => self.adler.update(&step.out[at..]),
            _ => {}
        }
        if status == Status::StreamEnd {
            self.part = if self.kind == Kind::InflateRaw { Part::Done } else { Part::Trailer };
        }
        Ok(status == Status::StreamEnd)
    }

    /// Holds what stands behind the body against what was decompressed.
    fn check(&mut self) -> Result<(), Wrong> {
        let number = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(u32::from_le_bytes);
        let sum_is_right = match (self.kind, self.trailer.len()) {
            (Kind::Gunzip, 4) => number(&self.trailer) == Some(self.crc.sum()),
            (Kind::Inflate, 4) => number(&self.trailer).map(u32::swap_bytes) == Some(self.adler.sum()),
            _ => true,
        };
        if !sum_is_right {
            return Err(Wrong::data("incorrect data check"));
        }
        match (self.kind, self.trailer.len()) {
            (Kind::Gunzip, 8) if number(&self.trailer[4..]) != Some(self.crc.amount()) => {
                return Err(Wrong::data("incorrect length check"));
            }
            (Kind::Gunzip, 8) => self.part = Part::Between,
            (Kind::Inflate, 4) => self.part = Part::Done,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that comes out, fed and given in such pieces.
    fn run(kind: Kind, input: &[u8], piece: usize, capacity: usize) -> Result<(Vec<u8>, bool), Wrong> {
        let mut stream = Stream::new(kind, -1, 0);
        let (mut out, mut ended) = (Vec::new(), false);
        let pieces: Vec<&[u8]> = input.chunks(piece).collect();
        for index in 0..=pieces.len() {
            let (mut rest, flush) = pieces.get(index).map_or((&[][..], Flush::Finish), |piece| (*piece, Flush::None));
            loop {
                let step = stream.step(rest, flush, capacity, 1 << 16)?;
                rest = &rest[step.taken..];
                ended = step.ended;
                let is_full = step.out.len() == capacity;
                out.extend(step.out);
                if ended || !is_full && rest.is_empty() {
                    break;
                }
            }
        }
        Ok((out, ended))
    }

    #[test]
    fn what_is_compressed_comes_back_in_pieces_of_any_size() {
        let text: Vec<u8> = (0..60_000_u32).flat_map(|number| (number * number % 251).to_le_bytes()).collect();
        for (there, back) in [(Kind::Gzip, Kind::Gunzip), (Kind::Deflate, Kind::Inflate), (Kind::DeflateRaw, Kind::InflateRaw)] {
            for (piece, capacity) in [(1 << 20, 1 << 16), (1000, 64), (7, 1000)] {
                let (packed, ended) = run(there, &text, piece, capacity).unwrap();
                assert!(ended && packed.len() < text.len());
                assert_eq!(run(back, &packed, piece, capacity), Ok((text.clone(), true)));
                let unzipped = run(Kind::Unzip, &packed, piece, capacity);
                assert!(there == Kind::DeflateRaw || unzipped == Ok((text.clone(), true)));
                let (_, ended) = run(back, &packed[..packed.len() - 1], piece, capacity).unwrap();
                assert!(!ended, "the end is missing");
            }
        }
    }

    #[test]
    fn members_follow_one_another_and_damage_is_found() {
        let pack = |text: &[u8]| run(Kind::Gzip, text, 100, 100).unwrap().0;
        let both = [pack(b"one "), pack(b"two"), vec![0; 5]].concat();
        assert_eq!(run(Kind::Gunzip, &both, 1000, 1000), Ok((b"one two".to_vec(), true)));
        assert_eq!(run(Kind::Gunzip, &both, 1, 1000).map(|(out, _)| out), Ok(b"one two".to_vec()));
        let junk = [pack(b"one"), b"junk".to_vec()].concat();
        assert_eq!(run(Kind::Gunzip, &junk, 1000, 1000), Err(Wrong::data("incorrect header check")));
        for (from_end, message) in [(8, "incorrect data check"), (1, "incorrect length check")] {
            let mut damaged = pack(b"hello");
            let at = damaged.len() - from_end;
            damaged[at] ^= 1;
            assert_eq!(run(Kind::Gunzip, &damaged, 1000, 1000), Err(Wrong::data(message)));
        }
    }
}
