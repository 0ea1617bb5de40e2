//! The imports of a WebAssembly module. V8 validates the rest of it.

use std::collections::HashSet;

use drupe_transpile::Import;

use super::compile::MAX_IMPORTS;

/// How every module begins.
pub(super) const MAGIC: &[u8] = b"\0asm";

const IMPORT_SECTION: u8 = 2;

/// The modules that a binary imports from, each once, in order. **One pass**: each byte is looked at once.
pub(super) fn imports(bytes: &[u8]) -> Result<Vec<Import>, &'static str> {
    let mut reader = Reader(bytes.strip_prefix(MAGIC).ok_or("it does not begin as one")?);
    reader.take(4)?;
    let mut imports: Vec<Import> = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    while let Ok(id) = reader.byte() {
        let length = reader.number()?;
        let mut section = Reader(reader.take(length)?);
        if id != IMPORT_SECTION {
            continue;
        }
        for _ in 0..section.number()? {
            let length = section.number()?;
            let module = std::str::from_utf8(section.take(length)?).map_err(|_| "the name of an import is not UTF-8")?;
            let length = section.number()?;
            section.take(length)?;
            section.skip_kind()?;
            if seen.insert(module) {
                if seen.len() > MAX_IMPORTS {
                    return Err("it imports from too many modules");
                }
                imports.push(Import { specifier: module.to_owned(), kind: None, at: None });
            }
        }
        break;
    }
    Ok(imports)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, &'static str> {
        let (first, rest) = self.0.split_first().ok_or("it ends too early")?;
        self.0 = rest;
        Ok(*first)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or("it ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Result<usize, &'static str> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number).map_err(|_| "a number is too large");
            }
        }
        Err("a number is too long")
    }

    /// What is imported: a function, a table, a memory, a global or a tag.
    fn skip_kind(&mut self) -> Result<(), &'static str> {
        match self.byte()? {
            0 => self.number().map(drop),
            1 => self.skip_type().and_then(|()| self.skip_limits()),
            2 => self.skip_limits(),
            3 => self.skip_type().and_then(|()| self.byte().map(drop)),
            4 => self.byte().and_then(|_| self.number().map(drop)),
            _ => Err("it imports something unknown"),
        }
    }

    /// A type of values; references may name the type they refer to.
    fn skip_type(&mut self) -> Result<(), &'static str> {
        if matches!(self.byte()?, 0x63 | 0x64) { self.number().map(drop) } else { Ok(()) }
    }

    fn skip_limits(&mut self) -> Result<(), &'static str> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 { self.number().map(drop) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn imports_are_read_and_damage_is_told() {
        let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
        bytes.extend(b"\x02\x1c\x03\x03./a\x01f\0\0\x03./a\x01m\x02\x01\x01\x02\x03./b\x01g\x03\x7f\0");
        let names: Vec<_> = imports(&bytes).unwrap().into_iter().map(|import| import.specifier).collect();
        assert_eq!(names, ["./a", "./b"]);
        for length in 0..bytes.len() {
            drop(imports(&bytes[..length]));
        }
        assert!(imports(b"").is_err() && imports(b"\0asm\x01\0\0\0\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff").is_err());
    }
}
