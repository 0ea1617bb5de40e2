//! A lock file: for each module from the network the hash of its content, and for each redirect its target.
//!
//! The store keeps the modules that one user has fetched. A lock file belongs to a project, so that every user gets the
//! same content, or an error.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use drupe_protocol::{HostError, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{errors, fetch::Fetched, remote_quota, replaced};

/// The format that is read and written.
const VERSION: u32 = 1;

/// The longest file that is read, in bytes. **No longer one is written.**
const MAX_BYTES: u64 = 16 << 20;
/// What a file has besides its entries, in bytes, and what an entry has besides its texts: indentation, a colon, a
/// comma and a new line.
const FRAME: u64 = 100;
const EACH: u64 = 8;

/// Why a lock file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// It cannot be read.
    #[error("the lock file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no lock file.
    #[error("{} is no lock file: {why}. Remove it to write a new one", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        why: String,
    },
}

/// A lock file that modules from the network are held against. Clones are the same.
#[derive(Clone, Debug)]
pub struct LockFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    frozen: bool,
    state: Mutex<State>,
}

/// Held while a file is written: kernels of this process wait for one another here, and for other processes by the lock
/// of the folder.
static WRITING: Mutex<()> = Mutex::new(());

#[derive(Debug)]
struct State {
    content: Content,
    /// What of it the file does not say yet.
    noted: Content,
    /// How long the file would be, in bytes.
    size: u64,
}

impl State {
    fn new(content: Content) -> Self {
        Self { size: content.size(), content, noted: Content::default() }
    }
}

/// What the file says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    /// Where redirects lead, by URL.
    #[serde(default)]
    redirects: BTreeMap<String, String>,
    /// SHA-256 of contents in hexadecimal, by URL.
    #[serde(default)]
    remote: BTreeMap<String, String>,
}

/// What the file should say of one URL.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Redirect(String),
    Content(String),
}

impl Content {
    fn get(&self, url: &str) -> Option<Entry> {
        match (self.redirects.get(url), self.remote.get(url)) {
            (Some(target), _) => Some(Entry::Redirect(target.clone())),
            (None, Some(hash)) => Some(Entry::Content(hash.to_ascii_lowercase())),
            (None, None) => None,
        }
    }

    fn insert(&mut self, url: &str, entry: &Entry) {
        match entry {
            Entry::Redirect(target) => self.redirects.insert(url.to_owned(), target.clone()),
            Entry::Content(hash) => self.remote.insert(url.to_owned(), hash.clone()),
        };
    }

    fn entries(&self) -> impl Iterator<Item = (&String, &String)> {
        self.redirects.iter().chain(&self.remote)
    }

    /// How long the file is that says this, in bytes, or a little less.
    fn size(&self) -> u64 {
        FRAME + self.entries().map(|(url, what)| size(url, what)).sum::<u64>()
    }

    fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }
}

/// How many bytes of the file an entry takes.
fn size(url: &str, what: &str) -> u64 {
    // As they are written: with quotes, and some characters escaped.
    let written = |text: &str| serde_json::to_string(text).map_or(0, |text| text.len() as u64);
    written(url) + written(what) + EACH
}

impl LockFile {
    /// The lock file at `path`. A module that is not in it yet is added when it is imported.
    ///
    /// # Errors
    /// A file that cannot be read, or is no lock file. One that does not exist is made when there is something to
    /// write.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LockFileError> {
        let content = match read(path.as_ref()) {
            Err(LockFileError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Content::default(),
            read => read?,
        };
        Ok(Self::new(path.as_ref(), content, false))
    }

    /// The lock file at `path`, which must list each module that is imported from the network. Nothing is written.
    ///
    /// # Errors
    /// A file that cannot be read, or is no lock file.
    pub fn frozen(path: impl AsRef<Path>) -> Result<Self, LockFileError> {
        Ok(Self::new(path.as_ref(), read(path.as_ref())?, true))
    }

    fn new(path: &Path, content: Content, frozen: bool) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self(Arc::new(Inner { path, frozen, state: Mutex::new(State::new(content)) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds an answer against what the file says of its URL, or notes it there. Answers that are neither content nor
    /// redirects are not listed.
    pub(super) fn check(&self, url: &Url, answer: &Fetched) -> Result<(), HostError> {
        let now = match (answer.status, &answer.location) {
            (200..=299, _) => Entry::Content(hex(&Sha256::digest(&answer.body))),
            (300..=399, Some(location)) => Entry::Redirect(url.join(location).map_or_else(|_| location.clone(), String::from)),
            _ => return Ok(()),
        };
        let mut state = self.state();
        match state.content.get(url.as_str()) {
            Some(listed) if listed == now => Ok(()),
            Some(listed) => Err(self.differs(url.as_str(), &listed, &now)),
            None if self.0.frozen => Err(integrity(
                url.as_str(),
                format!("The module '{url}' is not in the lock file {}, which is frozen", self.0.path.display()),
            )),
            None => {
                let (Entry::Redirect(what) | Entry::Content(what)) = &now;
                let size = state.size + size(url.as_str(), what);
                if size > MAX_BYTES {
                    return Err(self.has_no_room());
                }
                state.size = size;
                state.content.insert(url.as_str(), &now);
                state.noted.insert(url.as_str(), &now);
                Ok(())
            }
        }
    }

    fn has_no_room(&self) -> HostError {
        let message = format!(
            "The lock file {} has no room for more modules: it would have more than {MAX_BYTES} bytes",
            self.0.path.display()
        );
        errors::error("ERR_LOCK_FILE", message)
    }

    fn differs(&self, url: &str, listed: &Entry, now: &Entry) -> HostError {
        let told = |entry: &Entry| match entry {
            Entry::Redirect(target) => format!("leads to {target}"),
            Entry::Content(hash) => format!("has the SHA-256 {hash}"),
        };
        let message = format!(
            "The module '{url}' is not what the lock file {} lists: it {}, and the list says that it {}. \
             If it may be another, remove it from the lock file",
            self.0.path.display(),
            told(now),
            told(listed)
        );
        integrity(url, message)
    }

    /// Writes what is new. Who reads the file meanwhile finds all of it or what it was before. Blocks for as long as
    /// the file system does.
    ///
    /// # Errors
    /// When it cannot be written, and when another process has listed something else for one of the URLs: **then the
    /// file counts**.
    pub(super) fn save(&self) -> Result<(), HostError> {
        let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let (noted, known) = {
            let state = self.state();
            if state.noted.is_empty() {
                return Ok(());
            }
            (state.noted.clone(), state.content.clone())
        };
        let path = &self.0.path;
        let failed = |error: &dyn std::fmt::Display| {
            errors::error("ERR_LOCK_FILE", format!("The lock file {} cannot be written: {error}", path.display()))
        };
        let folder = path.parent().unwrap_or(path);
        let _lock = remote_quota::lock(folder).map_err(|error| failed(&error))?;
        // What another process has added meanwhile stays.
        let mut content = match read(path) {
            Err(LockFileError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => known,
            there => there.map_err(|error| failed(&error))?,
        };
        let mut differs = None;
        for (url, _) in noted.entries() {
            match (content.get(url), noted.get(url)) {
                (Some(listed), Some(own)) if listed != own => differs = Some(self.differs(url, &listed, &own)),
                (None, Some(own)) => content.insert(url, &own),
                _ => {}
            }
        }
        content.version = VERSION;
        if content.size() > MAX_BYTES {
            return Err(self.has_no_room());
        }
        write(path, &content).map_err(|error| failed(&error))?;
        let mut state = self.state();
        let later = std::mem::take(&mut state.noted);
        *state = State::new(content);
        for (url, _) in later.entries().filter(|(url, _)| noted.get(url).is_none()) {
            if let Some(entry) = later.get(url) {
                state.content.insert(url, &entry);
                state.noted.insert(url, &entry);
            }
        }
        state.size = state.content.size();
        differs.map_or(Ok(()), Err)
    }
}

/// Writes a file beside its place, by a name that nobody else has, and moves it there.
fn write(path: &Path, content: &Content) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(content)?;
    text.push(b'\n');
    replaced::replace(path, |random| path.with_added_extension(format!("{random}.new")), |draft| fs::write(draft, text))
}

fn read(path: &Path) -> Result<Content, LockFileError> {
    let unreadable = |source| LockFileError::Unreadable { path: path.to_owned(), source };
    let malformed = |why: String| LockFileError::Malformed { path: path.to_owned(), why };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(malformed(format!("it has more than {MAX_BYTES} bytes")));
    }
    let text = fs::read(path).map_err(unreadable)?;
    // An array could stand for the structure, too.
    let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&text);
    let content = object.and_then(|object| serde_json::from_value::<Content>(object.into()));
    let content = content.map_err(|error| malformed(error.to_string()))?;
    if content.version == VERSION { Ok(content) } else { Err(malformed(format!("its version is not {VERSION}"))) }
}

fn integrity(url: &str, message: String) -> HostError {
    errors::error("ERR_MODULE_INTEGRITY", message).with("url", url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn url(name: impl std::fmt::Display) -> Url {
        Url::parse(&format!("https://a.test/{name}")).unwrap()
    }

    fn answer(body: &str) -> Fetched {
        Fetched { status: 200, body: body.into(), ..Fetched::default() }
    }

    // threat H4
    #[test]
    fn a_lock_file_never_outgrows_what_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = LockFile::open(&path).unwrap();
        let long = "x".repeat(16_000);
        let noted = (0..2_000).take_while(|name| lock.check(&url(format!("{long}{name}")), &answer("")).is_ok()).count();
        assert!(noted > 900 && noted < 1_100, "{noted}");
        lock.save().unwrap();
        let again = LockFile::open(&path).unwrap();
        assert!(again.check(&url(format!("{long}0")), &answer("")).is_ok());
        let refused = again.check(&url(format!("{long}new")), &answer("")).unwrap_err();
        assert_eq!(refused.code.as_deref(), Some("ERR_LOCK_FILE"));
        // What two have noted is as much as one may note.
        let (one, other) =
            (LockFile::open(folder.path().join("two")).unwrap(), LockFile::open(folder.path().join("two")).unwrap());
        for (lock, begin) in [(&one, 0), (&other, 10_000)] {
            (begin..begin + 600).for_each(|name| lock.check(&url(format!("{long}{name}")), &answer("")).unwrap());
        }
        one.save().unwrap();
        assert_eq!(other.save().unwrap_err().code.as_deref(), Some("ERR_LOCK_FILE"));
        assert!(LockFile::open(folder.path().join("two")).is_ok());
    }

    // threat H4
    #[test]
    fn what_two_processes_found_differently_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let (one, other) = (LockFile::open(&path).unwrap(), LockFile::open(&path).unwrap());
        one.check(&url("m.js"), &answer("one")).unwrap();
        one.save().unwrap();
        other.check(&url("m.js"), &answer("other")).unwrap();
        other.check(&url("n.js"), &answer("n")).unwrap();
        let differs = other.save().unwrap_err();
        assert_eq!(differs.code.as_deref(), Some("ERR_MODULE_INTEGRITY"), "{}", differs.message);
        assert!(differs.message.contains("https://a.test/m.js"), "{}", differs.message);
        assert!(other.check(&url("m.js"), &answer("one")).is_ok(), "the file counts");
        // The rest is noted all the same.
        other.save().unwrap();
        let read = LockFile::frozen(&path).unwrap();
        assert!(read.check(&url("m.js"), &answer("one")).is_ok() && read.check(&url("n.js"), &answer("n")).is_ok());
    }

    #[test]
    fn kernels_of_one_process_may_write_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let lock = LockFile::open(&path).unwrap();
                scope.spawn(move || {
                    for name in 0..30 {
                        lock.check(&url(format!("{writer}/{name}")), &answer("")).unwrap();
                        lock.save().unwrap();
                    }
                });
            }
        });
        let all = LockFile::frozen(&path).unwrap();
        assert!((0..8).all(|writer| (0..30).all(|name| all.check(&url(format!("{writer}/{name}")), &answer("")).is_ok())));
        assert_eq!(fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path() != path).count(), 0);
    }
}
