//! What a program for Linux needs of its system: the machine, libraries, and versions of their functions.
//!
//! It reads the sections of a 64-bit ELF file. **No number of the file is trusted**: what lies outside is an error.

use super::Error;

/// A program, as far as packages have to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Elf {
    /// The number of its processor: 62 is x86_64, 183 is aarch64.
    pub(super) machine: u16,
    /// The libraries that it is started with.
    pub(super) needed: Vec<String>,
    /// Versions that it needs of their functions, such as `GLIBC_2.34`, each once, sorted.
    pub(super) versions: Vec<String>,
    /// Whether it has symbols that `strip` would take out.
    pub(super) has_symbols: bool,
}

const SYMBOLS: u32 = 2;
const DYNAMIC: u32 = 6;
const VERSIONS_NEEDED: u32 = 0x6fff_fffe;
const LIBRARY_NEEDED: u64 = 1;

#[derive(Clone, Copy)]
struct Section {
    kind: u32,
    /// The section with its texts.
    link: u32,
    offset: u64,
    size: u64,
}

/// Reads a program. `None`: it is no 64-bit ELF file whose numbers begin with their lowest byte.
pub(super) fn read(file: &[u8]) -> Option<Result<Elf, Error>> {
    file.starts_with(b"\x7fELF\x02\x01").then(|| Reader(file).elf().ok_or(Error::Damaged))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn elf(&self) -> Option<Elf> {
        let sections = self.sections()?;
        let (mut needed, mut versions) = (Vec::new(), Vec::new());
        for section in &sections {
            let texts = || self.part(*sections.get(section.link as usize)?);
            match section.kind {
                DYNAMIC => needed.extend(libraries(self.part(*section)?, texts()?)?),
                VERSIONS_NEEDED => versions.extend(versions_of(self.part(*section)?, texts()?)?),
                _ => {}
            }
        }
        versions.sort();
        versions.dedup();
        let has_symbols = sections.iter().any(|section| section.kind == SYMBOLS);
        Some(Elf { machine: u16_at(self.0, 18)?, needed, versions, has_symbols })
    }

    fn sections(&self) -> Option<Vec<Section>> {
        let (table, size, count) = (u64_at(self.0, 40)?, u16_at(self.0, 58)?, u16_at(self.0, 60)?);
        let section = |index: u16| {
            let at = usize::try_from(table.checked_add(u64::from(index) * u64::from(size))?).ok()?;
            let header = self.0.get(at..)?;
            let (kind, link) = (u32_at(header, 4)?, u32_at(header, 40)?);
            Some(Section { kind, link, offset: u64_at(header, 24)?, size: u64_at(header, 32)? })
        };
        (0..count).map(section).collect()
    }

    fn part(&self, section: Section) -> Option<&'a [u8]> {
        let start = usize::try_from(section.offset).ok()?;
        self.0.get(start..start.checked_add(usize::try_from(section.size).ok()?)?)
    }
}

fn libraries(dynamic: &[u8], texts: &[u8]) -> Option<Vec<String>> {
    let entries = dynamic.chunks_exact(16).map(|entry| Some((u64_at(entry, 0)?, u64_at(entry, 8)?)));
    let entries = entries.collect::<Option<Vec<_>>>()?;
    let needed = entries.into_iter().filter(|(tag, _)| *tag == LIBRARY_NEEDED);
    needed.map(|(_, at)| text_at(texts, usize::try_from(at).ok()?)).collect()
}

/// The versions of all libraries. Each library, and each version of it, says how far away the next is: 0 is the last.
fn versions_of(table: &[u8], texts: &[u8]) -> Option<Vec<String>> {
    let (mut found, mut library) = (Vec::new(), table);
    loop {
        let mut version = library.get(u32_at(library, 8)? as usize..)?;
        loop {
            found.push(text_at(texts, u32_at(version, 8)? as usize)?);
            match u32_at(version, 12)? as usize {
                0 => break,
                next => version = version.get(next..)?,
            }
        }
        match u32_at(library, 12)? as usize {
            0 => return Some(found),
            next => library = library.get(next..)?,
        }
    }
}

fn text_at(texts: &[u8], at: usize) -> Option<String> {
    let text = texts.get(at..)?.split(|byte| *byte == 0).next()?;
    String::from_utf8(text.to_vec()).ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{collections::BTreeSet, process::Command};

    use super::*;

    /// The program of this test, which the compiler has linked as it links `drupe`.
    #[test]
    fn a_program_needs_what_readelf_says() {
        let path = std::env::current_exe().unwrap();
        let elf = read(&std::fs::read(&path).unwrap()).unwrap().unwrap();
        assert!(elf.has_symbols && elf.needed.iter().any(|name| name == "libc.so.6"), "{:?}", elf.needed);
        let Ok(readelf) = Command::new("readelf").args(["-W", "-d", "-V"]).arg(&path).output() else {
            assert!(std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(), "there is no readelf");
            return;
        };
        let said = String::from_utf8(readelf.stdout).unwrap();
        let libraries = said.lines().filter_map(|line| line.split_once("Shared library: [")?.1.strip_suffix(']'));
        assert_eq!(elf.needed, libraries.collect::<Vec<_>>());
        let named = said.lines().filter_map(|line| line.split_once("Name: ")?.1.split(' ').next());
        assert_eq!(elf.versions, named.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(read(b"MZ and so on").is_none() && read(&file[..4]).is_none());
        for end in (6..64).chain([1000, file.len() / 2]) {
            assert!(matches!(read(&file[..end]), Some(Err(Error::Damaged))), "{end}");
        }
        for at in 16..64 {
            let mut wrong = file[..200_000.min(file.len())].to_vec();
            wrong[at] = 0xff;
            // It is an error, or something else is read; it ends.
            drop(read(&wrong));
        }
    }
}
