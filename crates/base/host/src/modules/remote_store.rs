//! Modules from the network on disk: by the hash of their URL, with the hash of their content.
//!
//! An entry never expires: it is fetched again only when it has been removed. **Content that differs from the recorded
//! hash is an error**, never run and never silently replaced. The folder is private to its owner, and `remote_quota`
//! bounds it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use drupe_protocol::{HostError, hex};
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    errors,
    fetch::Fetched,
    remote::MAX_BYTES,
    remote_quota::{self, FILE, Lock},
    replaced,
};

/// The longest record, in bytes: two URLs and a few words.
const MAX_RECORD: u64 = 256 << 10;

/// A folder of answers; none if there is nowhere to keep them.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) folder: Option<PathBuf>,
    /// What it may take up, in bytes.
    pub(super) quota: u64,
}

/// What is kept beside the body of an answer.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    url: String,
    status: u16,
    location: Option<String>,
    content_type: Option<String>,
    /// SHA-256 of the body, in hexadecimal.
    sha256: String,
}

impl Store {
    /// The answer that a URL once had.
    pub(super) fn read(&self, url: &Url) -> Result<Option<Fetched>, HostError> {
        let Some((record_file, body_file)) = self.files(url) else { return Ok(None) };
        match read_pair(&record_file, &body_file, url) {
            // Another process may have removed or replaced it just now; what it has left is whole.
            Err(_) => read_pair(&record_file, &body_file, url),
            read => read,
        }
    }

    /// Keeps an answer, unless there is one. Who reads meanwhile finds all of it or nothing.
    pub(super) fn write(&self, url: &Url, answer: &Fetched) -> io::Result<()> {
        let (Some(folder), Some((record_file, body_file))) = (&self.folder, self.files(url)) else { return Ok(()) };
        let record = Record {
            url: url.to_string(),
            status: answer.status,
            location: answer.location.clone(),
            content_type: answer.content_type.clone(),
            sha256: hex(&Sha256::digest(&answer.body)),
        };
        let record = serde_json::to_vec_pretty(&record)?;
        let lock = Lock::of(folder)?;
        if record_file.exists() {
            return Ok(());
        }
        lock.make_room(folder, self.quota, (record.len() + answer.body.len()) as u64)?;
        remote_quota::make_folder(body_file.parent().unwrap_or(folder))?;
        replace(&body_file, &answer.body)?;
        // The record comes last: without it there is nothing.
        replace(&record_file, &record)
    }

    fn files(&self, url: &Url) -> Option<(PathBuf, PathBuf)> {
        let folder = self.folder.as_ref().filter(|folder| remote_quota::prepare(folder))?;
        let name = hex(&Sha256::digest(url.as_str()));
        let folder = folder.join(&name[..2]);
        Some((folder.join(format!("{name}.json")), folder.join(format!("{name}.body"))))
    }
}

fn read_pair(record_file: &Path, body_file: &Path, url: &Url) -> Result<Option<Fetched>, HostError> {
    let Ok(record_handle) = File::open(record_file) else { return Ok(None) };
    let tampered = |why: &str| {
        let message = format!(
            "The stored module '{url}' is not what was fetched: {why}. Remove {} to fetch it again",
            record_file.display()
        );
        errors::error("ERR_MODULE_INTEGRITY", message).with("url", url.as_str())
    };
    let record = read_most(&record_handle, MAX_RECORD).map_err(|_| tampered("its record is damaged"))?;
    let record: Record = serde_json::from_slice(&record).map_err(|_| tampered("its record is damaged"))?;
    if record.url != url.as_str() {
        return Err(tampered("its record is of another URL"));
    }
    let body = File::open(body_file).and_then(|file| read_most(&file, MAX_BYTES)).map_err(|_| tampered("its content is gone"))?;
    if hex(&Sha256::digest(&body)) != record.sha256 {
        return Err(tampered("its content has changed"));
    }
    // What is used last is removed last. Where that cannot be noted, it is only removed sooner.
    let omit = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let _ = rustix::fs::futimens(&record_handle, &Timestamps { last_access: omit, last_modification: now });
    let Record { status, location, content_type, .. } = record;
    Ok(Some(Fetched { status, location, content_type, body }))
}

fn read_most(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Writes a file beside its place and moves it there.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    replaced::replace(file, |random| file.with_extension(random), |draft| write_own(draft, content))
}

/// A new file that only its owner may read, whatever the process masks.
fn write_own(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut handle = OpenOptions::new().write(true).create_new(true).mode(FILE).open(file)?;
    handle.set_permissions(fs::Permissions::from_mode(FILE))?;
    handle.write_all(content)
}
