//! The platform of a program, in the words of each kind of package.

use std::fmt;

use super::{
    Error,
    elf::{self, Elf},
};

/// A platform that packages are made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    /// Rust's name of it.
    pub(super) target: &'static str,
    /// The processor, in the tags of wheels.
    pub(super) wheel: &'static str,
    /// The processor, as Node calls it (`process.arch`). The system is `linux`.
    pub(super) node: &'static str,
    /// The processor, as Debian calls it.
    pub(super) debian: &'static str,
    /// The oldest glibc that has all that the program needs.
    pub(super) glibc: Glibc,
    /// The Debian packages that it needs, with their versions.
    pub(super) depends: Vec<String>,
}

/// A version of glibc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glibc(pub(super) u32, pub(super) u32);

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for Glibc {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>();
        match parts.as_deref() {
            Some([major, minor] | [major, minor, _]) => Ok(Self(*major, *minor)),
            _ => Err(format!("{text:?} is no version of glibc, such as 2.34")),
        }
    }
}

/// Libraries that every Linux with glibc has, as the manylinux tags of wheels promise, and Debian's packages of them.
const LIBRARIES: [(&str, &str); 8] = [
    ("libc.so.6", "libc6"),
    ("libm.so.6", "libc6"),
    ("libdl.so.2", "libc6"),
    ("libpthread.so.0", "libc6"),
    ("librt.so.1", "libc6"),
    ("ld-linux-x86-64.so.2", "libc6"),
    ("ld-linux-aarch64.so.1", "libc6"),
    ("libgcc_s.so.1", "libgcc-s1"),
];

/// The newest version of libgcc's functions that each Linux has whose glibc can be needed here.
const NEWEST_GCC: u32 = 4;

/// The platform of a program, and what it is.
pub(super) fn of(program: &[u8]) -> Result<(Platform, Elf), Error> {
    let elf = elf::read(program).ok_or(Error::NotLinux)??;
    let (target, wheel, node, debian) = match elf.machine {
        62 => ("x86_64-unknown-linux-gnu", "x86_64", "x64", "amd64"),
        183 => ("aarch64-unknown-linux-gnu", "aarch64", "arm64", "arm64"),
        other => return Err(Error::Machine(other)),
    };
    let glibc = oldest_glibc(&elf.versions)?;
    let depends = depends(&elf.needed, glibc)?;
    Ok((Platform { target, wheel, node, debian, glibc, depends }, elf))
}

/// The oldest glibc that has all these versions of functions.
fn oldest_glibc(versions: &[String]) -> Result<Glibc, Error> {
    let mut oldest = None;
    for version in versions {
        let unknown = || Error::Version(version.clone());
        match version.split_once('_') {
            Some(("GLIBC", number)) => oldest = oldest.max(Some(number.parse::<Glibc>().map_err(|_| unknown())?)),
            Some(("GCC", number)) => {
                let major = number.split('.').next().and_then(|major| major.parse::<u32>().ok());
                major.filter(|major| *major <= NEWEST_GCC).ok_or_else(unknown)?;
            }
            _ => return Err(unknown()),
        }
    }
    oldest.ok_or(Error::NoGlibc)
}

/// Debian's packages of the libraries.
fn depends(needed: &[String], glibc: Glibc) -> Result<Vec<String>, Error> {
    let package = |name: &String| {
        let known = LIBRARIES.iter().find(|(library, _)| library == name);
        known.map(|(_, package)| *package).ok_or_else(|| Error::Library(name.clone()))
    };
    let mut packages = needed.iter().map(package).collect::<Result<Vec<_>, _>>()?;
    packages.sort_unstable();
    packages.dedup();
    let versioned = |package: &str| if package == "libc6" { format!("libc6 (>= {glibc})") } else { package.to_owned() };
    Ok(packages.into_iter().map(versioned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_newest_function_says_which_glibc_is_needed() {
        let oldest = |words: &[&str]| oldest_glibc(&texts(words)).map_err(|error| error.to_string());
        assert_eq!(oldest(&["GCC_3.0", "GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.9"]), Ok(Glibc(2, 34)));
        assert_eq!(oldest(&["GLIBC_2.2.5"]).unwrap().to_string(), "2.2");
        for wrong in ["GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GCC_12.0.0", "GLIBCXX_3.4", "odd"] {
            assert!(oldest(&["GLIBC_2.9", wrong]).unwrap_err().contains(wrong), "{wrong}");
        }
        assert!(oldest(&["GCC_3.0"]).is_err());
    }

    #[test]
    fn libraries_are_those_that_every_linux_has() {
        let depends = |words: &[&str]| depends(&texts(words), Glibc(2, 34)).map_err(|error| error.to_string());
        let all = depends(&["libgcc_s.so.1", "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2"]);
        assert_eq!(all, Ok(texts(&["libc6 (>= 2.34)", "libgcc-s1"])));
        assert!(depends(&["libssl.so.3"]).unwrap_err().contains("libssl.so.3"));
    }
}
