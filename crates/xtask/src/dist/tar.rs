//! Writes tar archives (ustar) whose bytes depend on nothing but their content and one date.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use super::{Error, entry::Entry, entry::folders};

const BLOCK: usize = 512;

/// A compressed archive of the entries, all of the same date, owned by root. `above` stands before each path.
pub(super) fn compressed(above: &str, entries: &[Entry], date: u64) -> Result<Vec<u8>, Error> {
    gzip(&archive(above, entries, date)?)
}

/// The bytes, compressed without a name and a date.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    // 255: on a system that is not known. Others write what made it.
    let mut out = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::best());
    out.write_all(bytes).and_then(|()| out.finish()).map_err(Error::Compress)
}

fn archive(above: &str, entries: &[Entry], date: u64) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(entries.iter().map(|entry| entry.bytes.len() + 2 * BLOCK).sum::<usize>() + 8 * BLOCK);
    for folder in folders(entries) {
        out.extend(header(&format!("{above}{folder}/"), 0, 0o755, date, b'5')?);
    }
    for entry in entries {
        out.extend(header(&format!("{above}{}", entry.path), entry.bytes.len(), entry.mode(), date, b'0')?);
        out.extend(entry.bytes);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    Ok(out)
}

fn header(path: &str, size: usize, mode: u32, date: u64, kind: u8) -> Result<[u8; BLOCK], Error> {
    const CHECKSUM: std::ops::Range<usize> = 148..156;
    // Longer ones would be split into two fields. No path of ours is.
    if path.len() > 100 {
        return Err(Error::LongPath(path.to_owned()));
    }
    let mut header = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, path.as_bytes());
    put(100, format!("{mode:07o}").as_bytes());
    put(108, b"0000000");
    put(116, b"0000000");
    put(124, format!("{size:011o}").as_bytes());
    put(136, format!("{date:011o}").as_bytes());
    put(CHECKSUM.start, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    put(265, b"root");
    put(297, b"root");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn tar_reads_what_is_written() {
        let folder = std::env::temp_dir().join(format!("drupe-tar-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let long = vec![b'x'; 1000];
        let entries =
            [Entry::file("usr/share/doc/a b", &long), Entry::program("usr/bin/é", b"#!/bin/sh\n"), Entry::file("empty", b"")];
        let bytes = compressed("./", &entries, 1_000_000_000).unwrap();
        assert_eq!(bytes, compressed("./", &entries, 1_000_000_000).unwrap());
        let file = folder.join("a.tar.gz");
        std::fs::write(&file, bytes).unwrap();
        let tar =
            Command::new("tar").args(["--utc", "--full-time", "-tvzf"]).arg(&file).env("LC_ALL", "C.UTF-8").output().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(tar.status.success() && tar.stderr.is_empty(), "{}", String::from_utf8_lossy(&tar.stderr));
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        let listed = String::from_utf8(tar.stdout).unwrap().lines().map(words).collect::<Vec<_>>();
        let at = "2001-09-09 01:46:40";
        assert_eq!(
            listed,
            [
                format!("drwxr-xr-x root/root 0 {at} ./usr/"),
                format!("drwxr-xr-x root/root 0 {at} ./usr/bin/"),
                format!("drwxr-xr-x root/root 0 {at} ./usr/share/"),
                format!("drwxr-xr-x root/root 0 {at} ./usr/share/doc/"),
                format!("-rw-r--r-- root/root 1000 {at} ./usr/share/doc/a b"),
                format!("-rwxr-xr-x root/root 10 {at} ./usr/bin/\\303\\251").replace("\\303\\251", "é"),
                format!("-rw-r--r-- root/root 0 {at} ./empty"),
            ]
        );
    }

    #[test]
    fn a_path_that_does_not_fit_is_an_error() {
        let path = "x".repeat(101);
        assert!(matches!(compressed("", &[Entry::file(path.clone(), b"")], 0), Err(Error::LongPath(long)) if long == path));
    }
}
