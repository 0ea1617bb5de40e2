//! What came from the network, on disk: by the hash of its URL, with the hash of its content.
//!
//! What is here is as old as it is: it is got again only when it is removed. **Content that is not what was recorded is an error**, never
//! run and never silently replaced.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use drupe_protocol::HostError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{errors, fetch::Fetched};

/// A folder of answers; none if there is nowhere to keep them.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) folder: Option<PathBuf>,
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
        let Ok(record) = fs::read(&record_file) else { return Ok(None) };
        let tampered = |why: &str| {
            let message = format!(
                "The stored module '{url}' is not what was fetched: {why}. Remove {} to fetch it again",
                record_file.display()
            );
            errors::error("ERR_MODULE_INTEGRITY", message).with("url", url.as_str())
        };
        let record: Record = serde_json::from_slice(&record).map_err(|_| tampered("its record is damaged"))?;
        if record.url != url.as_str() {
            return Err(tampered("its record is of another URL"));
        }
        let body = fs::read(&body_file).map_err(|_| tampered("its content is gone"))?;
        if hex(&Sha256::digest(&body)) != record.sha256 {
            return Err(tampered("its content has changed"));
        }
        let Record { status, location, content_type, .. } = record;
        Ok(Some(Fetched { status, location, content_type, body }))
    }

    /// Keeps an answer. Who reads meanwhile finds all of it or nothing.
    pub(super) fn write(&self, url: &Url, answer: &Fetched) -> io::Result<()> {
        let Some((record_file, body_file)) = self.files(url) else { return Ok(()) };
        let record = Record {
            url: url.to_string(),
            status: answer.status,
            location: answer.location.clone(),
            content_type: answer.content_type.clone(),
            sha256: hex(&Sha256::digest(&answer.body)),
        };
        fs::create_dir_all(body_file.parent().unwrap_or(Path::new(".")))?;
        replace(&body_file, &answer.body)?;
        // The record comes last: without it there is nothing.
        replace(&record_file, &serde_json::to_vec_pretty(&record)?)
    }

    fn files(&self, url: &Url) -> Option<(PathBuf, PathBuf)> {
        let name = hex(&Sha256::digest(url.as_str()));
        let folder = self.folder.as_ref()?.join(&name[..2]);
        Some((folder.join(format!("{name}.json")), folder.join(format!("{name}.body"))))
    }
}

/// Writes a file beside its place and moves it there.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let draft = file.with_extension(hex(&random));
    fs::write(&draft, content)?;
    fs::rename(&draft, file).inspect_err(|_| drop(fs::remove_file(&draft)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
