//! The Debian package: the program, its manual page, its completions and its licences.

use md5::{Digest as _, Md5};

use super::{Contents, Error, date::Date, entry::Entry, entry::folders, tar};

/// Who answers for the package, unless DEBFULLNAME and DEBEMAIL say it, as for other tools of Debian.
const NOBODY: &str = "drupe <drupe@invalid>";

/// The name and the bytes of the package.
pub(super) fn package(contents: &Contents) -> Result<(String, Vec<u8>), Error> {
    let Contents { version, platform, date, .. } = contents;
    let maintainer = maintainer();
    let manual = tar::gzip(contents.manual.as_bytes())?;
    let changelog = tar::gzip(changelog(contents, &maintainer).as_bytes())?;
    let copyright = copyright(contents);
    let [bash, zsh, fish] = &contents.completions;
    let data = [
        Entry::program("usr/bin/drupe", &contents.program),
        Entry::file("usr/share/bash-completion/completions/drupe", bash.as_bytes()),
        Entry::file("usr/share/doc/drupe/changelog.gz", &changelog),
        Entry::file("usr/share/doc/drupe/copyright", copyright.as_bytes()),
        Entry::file("usr/share/fish/vendor_completions.d/drupe.fish", fish.as_bytes()),
        Entry::file("usr/share/man/man1/drupe.1.gz", &manual),
        Entry::file("usr/share/zsh/vendor-completions/_drupe", zsh.as_bytes()),
    ];
    let control = control(contents, &data, &maintainer);
    let sums = data.iter().map(|entry| format!("{}  {}\n", md5(entry.bytes), entry.path)).collect::<String>();
    let control = [Entry::file("control", control.as_bytes()), Entry::file("md5sums", sums.as_bytes())];
    let members = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", tar::compressed("./", &control, *date)?),
        ("data.tar.gz", tar::compressed("./", &data, *date)?),
    ];
    Ok((format!("drupe_{version}_{}.deb", platform.debian), ar(&members, *date)))
}

fn maintainer() -> String {
    match (std::env::var("DEBFULLNAME"), std::env::var("DEBEMAIL")) {
        (Ok(name), Ok(address)) => format!("{name} <{address}>"),
        _ => NOBODY.to_owned(),
    }
}

fn control(contents: &Contents, data: &[Entry], maintainer: &str) -> String {
    // KiB, as Debian's policy counts: each file by itself, and one for each folder.
    let size = data.iter().map(|entry| entry.bytes.len().div_ceil(1024)).sum::<usize>() + folders(data).len();
    format!(
        "Package: drupe\nVersion: {}\nArchitecture: {}\nMaintainer: {maintainer}\nInstalled-Size: {size}\nDepends: {}\n\
         Section: interpreters\nPriority: optional\n\
         Description: persistent JavaScript and TypeScript kernel\n\
         \x20drupe runs JavaScript and TypeScript in a process that remembers, that can be\n\
         \x20stopped at any time, and that may do only what is allowed. It is a prompt for\n\
         \x20the terminal, a command for programs, and a server for other languages.\n",
        contents.version,
        contents.platform.debian,
        contents.platform.depends.join(", ")
    )
}

fn changelog(contents: &Contents, maintainer: &str) -> String {
    let (version, date) = (&contents.version, Date::of(contents.date));
    format!("drupe ({version}) stable; urgency=medium\n\n  * Release {version}.\n\n -- {maintainer}  {date}\n")
}

/// All notices, in one file, as Debian has it.
fn copyright(contents: &Contents) -> String {
    let mut all = String::from("drupe is licensed under the MIT License or the Apache License 2.0, at your choice.\n");
    for (name, text) in contents.licences() {
        all += &format!("\n---- {name} ----\n\n{}", String::from_utf8_lossy(text));
    }
    all
}

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive of `ar`, whose members are Debian's parts of a package.
fn ar(members: &[(&str, Vec<u8>)], date: u64) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        out.extend(format!("{name:<16}{date:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, "100644", bytes.len()).into_bytes());
        out.extend(bytes);
        if bytes.len() % 2 == 1 {
            out.push(b'\n');
        }
    }
    out
}
