//! Writes zip archives whose bytes depend on nothing but their content and one date.

use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};

use super::{Error, date::Date, entry::Entry};

/// Needed to extract: version 2.0, which has deflate.
const NEEDED: u16 = 20;
/// Made on Unix, so that the rights of files count.
const MADE_BY: u16 = 3 << 8 | NEEDED;
/// Names are UTF-8.
const UTF8: u16 = 1 << 11;
const DEFLATED: u16 = 8;
/// A plain file, in the words of Unix.
const PLAIN: u32 = 0o100_000;

/// An archive of the entries, all of the same date (in UTC; not before 1980).
pub(super) fn archive(entries: &[Entry], date: u64) -> Result<Vec<u8>, Error> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let stamp = stamp(date);
    for entry in entries {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
        let deflated = deflated.write_all(entry.bytes).and_then(|()| deflated.finish()).map_err(Error::Compress)?;
        let mut crc = Crc::new();
        crc.update(entry.bytes);
        // What both headers say.
        let mut common = Vec::new();
        for word in [NEEDED, UTF8, DEFLATED] {
            common.extend(word.to_le_bytes());
        }
        for number in [stamp, crc.sum(), small(deflated.len(), entry)?, small(entry.bytes.len(), entry)?] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(entry.path.len()).map_err(|_| Error::LongPath(entry.path.clone()))?.to_le_bytes());
        common.extend([0; 2]);
        let place = small(out.len(), entry)?;
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(entry.path.bytes());
        out.extend(deflated);
        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&common);
        // No comment, the first disk, no inner attributes.
        directory.extend([0; 6]);
        directory.extend(((PLAIN | entry.mode()) << 16).to_le_bytes());
        directory.extend(place.to_le_bytes());
        directory.extend(entry.path.bytes());
    }
    let (place, length) = (out.len(), directory.len());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(entries.len()).map_err(|_| Error::Large(format!("{} files", entries.len())))?;
    out.extend([count, count].into_iter().flat_map(u16::to_le_bytes));
    for number in [length, place] {
        out.extend(u32::try_from(number).map_err(|_| Error::Large("the archive".to_owned()))?.to_le_bytes());
    }
    out.extend([0; 2]);
    Ok(out)
}

fn small(number: usize, entry: &Entry) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::Large(entry.path.clone()))
}

/// Time and day as DOS had them: from 1980 on, in steps of two seconds.
fn stamp(date: u64) -> u32 {
    let Date { year, month, day, hour, minute, second, .. } = Date::of(date);
    let Some(years) = year.checked_sub(1980) else { return 1 << 21 | 1 << 16 };
    years << 25 | month << 21 | day << 16 | hour << 11 | minute << 5 | (second / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_its_parts_where_they_are_said_to_be() {
        let bytes = archive(&[Entry::program("a/b", b"content content content"), Entry::file("c", b"")], 1_000_000_000).unwrap();
        let end = bytes.len() - 22;
        assert_eq!(bytes[end..end + 4], *b"PK\x05\x06");
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let directory = number(end + 16);
        assert_eq!(directory + number(end + 12), end);
        assert_eq!(bytes[directory..directory + 4], *b"PK\x01\x02");
        assert_eq!(number(directory + 38) >> 16, 0o100_755);
        let second = directory + 46 + 3;
        assert_eq!((&bytes[second..second + 4], number(second + 38) >> 16), (&b"PK\x01\x02"[..], 0o100_644));
        assert_eq!(bytes[number(second + 42)..][..4], *b"PK\x03\x04");
        // 2001-09-09 01:46:40.
        assert_eq!(number(directory + 12) as u32, 21 << 25 | 9 << 21 | 9 << 16 | 1 << 11 | 46 << 5 | 20);
        assert_eq!(stamp(0), 1 << 21 | 1 << 16);
    }
}
