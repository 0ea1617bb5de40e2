//! The framing of compressed data: the headers and the checksums of gzip and of zlib.

use super::stream::Wrong;

/// The widest window, by the number of its bits.
pub(super) const MAX_WINDOW: u32 = 15;

/// The method that is the only one there is.
const DEFLATE: u8 = 8;

/// What a gzip header begins with.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The header of gzip as it is written: no name, no time, made on Unix.
pub(super) fn gzip_header(level: u32) -> [u8; 10] {
    let effort = match level {
        9 => 2,
        0 | 1 => 4,
        _ => 0,
    };
    [GZIP[0], GZIP[1], DEFLATE, 0, 0, 0, 0, 0, effort, 3]
}

/// A header that is read byte by byte.
#[derive(Debug, Default)]
pub(super) struct Header {
    part: Part,
    flags: u8,
    /// How many bytes of the part were read.
    read: usize,
    /// How long the extra field is.
    extra: usize,
    first: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Fixed,
    ExtraLength,
    Extra,
    Name,
    Comment,
    Checksum,
    Done,
}

impl Header {
    /// Takes a byte of a gzip header; returns whether that was the last.
    pub(super) fn gzip(&mut self, byte: u8) -> Result<bool, Wrong> {
        const HAS_CHECKSUM: u8 = 2;
        const HAS_EXTRA: u8 = 4;
        const HAS_NAME: u8 = 8;
        const HAS_COMMENT: u8 = 16;
        self.read += 1;
        let over = match self.part {
            Part::Fixed => {
                match (self.read, byte) {
                    // The first two bytes are checked together.
                    (1, byte) => self.first = byte,
                    (2, byte) if [self.first, byte] != GZIP => return Err(Wrong::data("incorrect header check")),
                    (3, byte) if byte != DEFLATE => return Err(Wrong::data("unknown compression method")),
                    (4, byte) if byte & 0xe0 != 0 => return Err(Wrong::data("unknown header flags set")),
                    (4, byte) => self.flags = byte,
                    _ => {}
                }
                self.read == 10
            }
            Part::ExtraLength => {
                self.extra |= usize::from(byte) << (8 * (self.read - 1));
                self.read == 2
            }
            Part::Extra => self.read == self.extra,
            Part::Name | Part::Comment => byte == 0,
            Part::Checksum => self.read == 2,
            Part::Done => true,
        };
        if over {
            self.read = 0;
            let has = |flag: u8| self.flags & flag != 0;
            self.part = match self.part {
                Part::Fixed if has(HAS_EXTRA) => Part::ExtraLength,
                Part::ExtraLength if self.extra > 0 => Part::Extra,
                Part::Fixed | Part::ExtraLength | Part::Extra if has(HAS_NAME) => Part::Name,
                Part::Fixed | Part::ExtraLength | Part::Extra | Part::Name if has(HAS_COMMENT) => Part::Comment,
                Part::Checksum | Part::Done => Part::Done,
                _ if has(HAS_CHECKSUM) => Part::Checksum,
                _ => Part::Done,
            };
        }
        Ok(self.part == Part::Done)
    }

    /// Takes a byte of a zlib header, whose window may have so many bits; returns whether that was the last.
    pub(super) fn zlib(&mut self, byte: u8, window: u32) -> Result<bool, Wrong> {
        self.read += 1;
        if self.read == 1 {
            self.first = byte;
            return Ok(false);
        }
        if self.read > 2 {
            // Which dictionary it is follows in four bytes.
            return if self.read < 6 { Ok(false) } else { Err(Wrong { message: "Missing dictionary", code: "Z_NEED_DICT" }) };
        }
        if (u16::from(self.first) << 8 | u16::from(byte)) % 31 != 0 {
            return Err(Wrong::data("incorrect header check"));
        }
        if self.first & 15 != DEFLATE {
            return Err(Wrong::data("unknown compression method"));
        }
        if u32::from(self.first >> 4) + 8 > window {
            return Err(Wrong::data("invalid window size"));
        }
        Ok(byte & 0x20 == 0)
    }
}

/// The checksum of zlib.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adler(u32, u32);

impl Adler {
    pub(super) fn new() -> Self {
        Self(1, 0)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        const MODULUS: u32 = 65521;
        // So many sums do not overflow.
        for part in bytes.chunks(5552) {
            for byte in part {
                self.0 += u32::from(*byte);
                self.1 += self.0;
            }
            self.0 %= MODULUS;
            self.1 %= MODULUS;
        }
    }

    pub(super) fn sum(self) -> u32 {
        self.1 << 16 | self.0
    }
}

/// Continues the CRC-32 `before` with `bytes`.
pub(super) fn crc32(before: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
            let mut entry = index as u32;
            let mut bit = 0;
            while bit < 8 {
                entry = if entry & 1 == 1 { 0xedb8_8320 ^ entry >> 1 } else { entry >> 1 };
                bit += 1;
            }
            table[index] = entry;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(!before, |sum, byte| TABLE[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ sum >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_checksums() {
        assert_eq!(crc32(0, b"hello"), 907_060_870);
        assert_eq!(crc32(crc32(0, b"he"), b"llo"), 907_060_870);
        let mut adler = Adler::new();
        adler.update(b"Wikipedia");
        assert_eq!(adler.sum(), 0x11e6_0398);
    }

    #[test]
    fn a_header_may_have_all_its_parts() {
        let whole =
            [&[0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3][..], &[3, 0, 1, 2, 3], b"name\0comment\0", &[1, 2]].concat();
        let mut header = Header::default();
        let done: Vec<bool> = whole.iter().map(|byte| header.gzip(*byte).unwrap()).collect();
        assert_eq!(done.iter().position(|done| *done), Some(whole.len() - 1));
        for (bytes, message) in [(&[1u8, 0x8b][..], "incorrect header check"), (&[0x1f, 0x8b, 9], "unknown compression method")] {
            let mut header = Header::default();
            let failed = bytes.iter().map(|byte| header.gzip(*byte)).find_map(Result::err);
            assert_eq!(failed.unwrap().message, message);
        }
    }
}
