//! A lock file: what each module from the network must be, by the hash of its content, and where each redirect must lead.
//!
//! The store keeps what one user once got. A lock file goes with a project, so that everybody gets the same, or an error.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use drupe_protocol::HostError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{errors, fetch::Fetched, remote_store};

/// The format that is read and written.
const VERSION: u32 = 1;

/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

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

#[derive(Debug, Default)]
struct State {
    content: Content,
    /// Whether there is something that the file does not say yet.
    is_new: bool,
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

impl LockFile {
    /// The lock file at `path`. What it does not list yet is added to it as it is imported.
    ///
    /// # Errors
    /// A file that cannot be read, or is no lock file. One that does not exist is made when there is something to write.
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
        Self(Arc::new(Inner { path, frozen, state: Mutex::new(State { content, is_new: false }) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds an answer against what the file says of its URL, or notes it there. Answers that are neither content nor redirects are not
    /// listed.
    pub(super) fn check(&self, url: &Url, answer: &Fetched) -> Result<(), HostError> {
        let now = match (answer.status, &answer.location) {
            (200..=299, _) => Entry::Content(remote_store::hex(&Sha256::digest(&answer.body))),
            (300..=399, Some(location)) => Entry::Redirect(url.join(location).map_or_else(|_| location.clone(), String::from)),
            _ => return Ok(()),
        };
        let mut state = self.state();
        let content = &mut state.content;
        let listed = match (content.redirects.get(url.as_str()), content.remote.get(url.as_str())) {
            (Some(target), _) => Some(Entry::Redirect(target.clone())),
            (None, Some(hash)) => Some(Entry::Content(hash.to_ascii_lowercase())),
            (None, None) => None,
        };
        match (listed, now) {
            (Some(listed), now) if listed == now => Ok(()),
            (Some(listed), now) => Err(self.differs(url, &listed, &now)),
            (None, _) if self.0.frozen => Err(integrity(
                url,
                format!("The module '{url}' is not in the lock file {}, which is frozen", self.0.path.display()),
            )),
            (None, Entry::Redirect(target)) => {
                content.redirects.insert(url.to_string(), target);
                state.is_new = true;
                Ok(())
            }
            (None, Entry::Content(hash)) => {
                content.remote.insert(url.to_string(), hash);
                state.is_new = true;
                Ok(())
            }
        }
    }

    fn differs(&self, url: &Url, listed: &Entry, now: &Entry) -> HostError {
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

    /// Writes what is new. Who reads the file meanwhile finds all of it or what it was before. Blocks for as long as the file system does.
    pub(super) fn save(&self) -> Result<(), HostError> {
        let mut state = self.state();
        if !state.is_new {
            return Ok(());
        }
        // What another process has added meanwhile stays.
        if let Ok(there) = read(&self.0.path) {
            let Content { redirects, remote, .. } = std::mem::replace(&mut state.content, there);
            state.content.redirects.extend(redirects);
            state.content.remote.extend(remote);
        }
        state.content.version = VERSION;
        let written = serde_json::to_vec_pretty(&state.content).map_err(io::Error::from).and_then(|mut text| {
            text.push(b'\n');
            let draft = self.0.path.with_added_extension(format!("{}.new", std::process::id()));
            fs::write(&draft, text).and_then(|()| fs::rename(&draft, &self.0.path)).inspect_err(|_| drop(fs::remove_file(&draft)))
        });
        written.map_err(|error| {
            let message = format!("The lock file {} cannot be written: {error}", self.0.path.display());
            errors::error("ERR_LOCK_FILE", message)
        })?;
        state.is_new = false;
        Ok(())
    }
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

fn integrity(url: &Url, message: String) -> HostError {
    errors::error("ERR_MODULE_INTEGRITY", message).with("url", url.as_str())
}
