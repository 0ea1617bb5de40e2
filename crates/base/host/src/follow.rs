//! Resolves a path: follows its links by hand, with a bounded cost.

use std::{
    ffi::{OsStr, OsString},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::ffi::OsStrExt,
    },
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::Errno,
};

/// The longest path that the system takes, in bytes.
pub(crate) const MAX_PATH: usize = 4096;
/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;
/// What looking for links may cost, in bytes of the paths that are looked at. The system walks each of them from its
/// start, so a path of n short names costs n² / 2. This is twice what the longest path without links costs.
const MAX_WALKED: usize = 8 << 20;

/// `path`, absolute and normalised, with its links followed, as far as it exists. A link at its end is followed only if
/// `through_last`. `..` in a link means the folder above the one that was reached, as for the system.
///
/// `may_follow` is asked about each link before it is followed, and gets where it really is, and the link itself,
/// opened.
///
/// # Errors
/// `LOOP` for too many links, `NAMETOOLONG` for a walk that costs too much, what `may_follow` says, and what the system
/// says of folders that cannot be looked into for another reason than that nothing is there.
pub(crate) fn follow(
    path: &Path,
    through_last: bool,
    mut may_follow: impl FnMut(&Path, BorrowedFd) -> Result<(), Errno>,
) -> Result<PathBuf, Errno> {
    let mut rest = words(path);
    let mut real = PathBuf::from("/");
    // How long `real` was when it led to nothing: nothing below that exists either.
    let mut missing = usize::MAX;
    let (mut links, mut walked) = (0, 0);
    while let Some(name) = rest.pop() {
        if name == ".." {
            real.pop();
            if length(&real) < missing {
                missing = usize::MAX;
            }
            continue;
        }
        real.push(name);
        if length(&real) >= missing || (rest.is_empty() && !through_last) {
            continue;
        }
        walked += length(&real);
        if walked > MAX_WALKED {
            return Err(Errno::NAMETOOLONG);
        }
        // Most of what is on the way is no link, and this is the cheapest way to know.
        let target = match rustix::fs::readlinkat(CWD, &real, Vec::new()) {
            Ok(_) => read_link(&real, &mut may_follow)?,
            Err(Errno::INVAL) => None,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::NAMETOOLONG) => {
                missing = length(&real);
                None
            }
            Err(errno) => return Err(errno),
        };
        let Some(target) = target else { continue };
        links += 1;
        if links > MAX_LINKS {
            return Err(Errno::LOOP);
        }
        real.pop();
        let target = Path::new(OsStr::from_bytes(&target));
        if target.is_absolute() {
            real = PathBuf::from("/");
        }
        rest.extend(words(target));
    }
    Ok(real)
}

/// The text of the link at `path`, if `may_follow` it; nothing if it is no link any more.
fn read_link(path: &Path, may_follow: &mut impl FnMut(&Path, BorrowedFd) -> Result<(), Errno>) -> Result<Option<Vec<u8>>, Errno> {
    let link = match rustix::fs::open(path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        opened => opened?,
    };
    may_follow(path, link.as_fd())?;
    // What it says is what was asked about, whatever is at the path by now.
    match rustix::fs::readlinkat(&link, "", Vec::new()) {
        Ok(target) => Ok(Some(target.into_bytes())),
        Err(Errno::NOENT | Errno::INVAL) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn length(path: &Path) -> usize {
    path.as_os_str().len()
}

/// The names of a path, the first last.
fn words(path: &Path) -> Vec<OsString> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    let mut names = names.collect::<Vec<_>>();
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn led(path: &Path) -> Result<PathBuf, Errno> {
        follow(path, true, |_, _| Ok(()))
    }

    // threat G15
    #[test]
    fn links_are_followed_as_the_system_does_also_past_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        symlink("a/b", root.join("deep")).unwrap();
        symlink("gone/../deep/../x", root.join("past")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert_eq!(led(&root.join("deep/x")).unwrap(), root.join("a/b/x"));
        // `..` after a link is above where it leads; after nothing, where that would have been.
        assert_eq!(led(&root.join("past")).unwrap(), root.join("a/x"));
        assert_eq!(led(&root.join("loop")), Err(Errno::LOOP));
        assert_eq!(follow(&root.join("deep"), false, |_, _| Ok(())).unwrap(), root.join("deep"));
        assert_eq!(follow(&root.join("deep"), true, |_, _| Err(Errno::ACCESS)), Err(Errno::ACCESS));
    }

    // threat K1
    #[test]
    fn long_paths_through_many_links_are_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        // Names of one letter are the most expensive; each link leads through as many of them as a link can hold.
        let deep = "a/".repeat(700);
        let mut at = rustix::fs::open(&root, rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
        for _ in 0..700 {
            rustix::fs::mkdirat(&at, "a", rustix::fs::Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "a", rustix::fs::OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
        }
        let root_text = root.to_str().unwrap().to_owned();
        assert!(led(&root.join(&deep)).is_ok(), "the longest path without links is followed");
        rustix::fs::symlinkat(format!("{root_text}/{deep}l"), &at, "l").unwrap();
        assert_eq!(led(&root.join(format!("{deep}l"))), Err(Errno::NAMETOOLONG));
        assert!(led(&root.join("x/".repeat(1_000_000))).is_ok(), "what is not there is not looked for");
    }
}
