//! `cargo xtask v8 fetch`: brings the library to `target/v8`, and verifies it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::manifest::{Item, KEPT, Manifest};
use super::{Error, FOLDER};

/// The environment variable that stands in for `--from`.
const VARIABLE: &str = "DRUPE_V8_FROM";

/// Where cargo is told of the fetched library.
const CONFIG: &str = "config.toml";

/// The variable tells the build script of `v8` a folder that has both files. It applies while this folder is there.
const CONFIGURATION: &str = "\
# Written by `cargo xtask v8 fetch`.
[env]
RUSTY_V8_ARCHIVE = { value = \"v8\", relative = true }
";

#[derive(Default, clap::Args)]
pub(crate) struct Arguments {
    /// A folder that has the files, one of the files, or the beginning of their URLs, in place of what the manifest
    /// names. The variable DRUPE_V8_FROM says the same.
    #[arg(long)]
    from: Option<String>,
}

/// Makes sure that the next build finds a verified library, and says which.
pub(super) fn run(root: &Path, arguments: &Arguments) -> Result<String, Error> {
    let named = arguments.from.clone().or_else(|| std::env::var(VARIABLE).ok().filter(|from| !from.is_empty()));
    fetch(root, &Manifest::read(root)?, named.as_deref())
}

fn fetch(root: &Path, manifest: &Manifest, named: Option<&str>) -> Result<String, Error> {
    let kept = manifest.items().map(|item| Manifest::kept(root, item).map(|path| (item, path)));
    let folder = root.join(FOLDER);
    let config = folder.join(CONFIG);
    if let (None, [Some(library), Some(binding)]) = (named, kept) {
        [library, binding].into_iter().try_for_each(|(item, path)| item.verify(&path))?;
        // The build script takes a fetched library before this one.
        if config.exists() {
            fs::remove_file(&config).map_err(|source| Error::Write { path: config, source })?;
        }
        return Ok(format!("v8: {KEPT} has the library of v8 {}, verified", manifest.version));
    }
    let from = Source::read(root, manifest, named.unwrap_or(&manifest.from));
    fs::create_dir_all(&folder).map_err(|source| Error::Write { path: folder.clone(), source })?;
    let is_there = |item: &&Item| folder.join(&item.name).is_file() && item.verify(&folder.join(&item.name)).is_ok();
    let missing = manifest.items().into_iter().filter(|item| !is_there(item)).collect::<Vec<_>>();
    bring(&from, &missing, &folder)?;
    fs::write(&config, CONFIGURATION).map_err(|source| Error::Write { path: config, source })?;
    Ok(format!("v8: {FOLDER} has the library of v8 {} for {}, verified", manifest.version, manifest.target))
}

/// Where files come from.
enum Source {
    Folder(PathBuf),
    Url(String),
}

impl Source {
    /// `text` names a folder or the beginning of a URL, or one of the manifest's files there.
    fn read(root: &Path, manifest: &Manifest, text: &str) -> Self {
        let item = manifest.items().into_iter().find_map(|item| text.strip_suffix(&item.name));
        // A file's name alone is one of the working folder.
        let base = item.filter(|base| base.is_empty() || base.ends_with('/')).unwrap_or(text);
        match base.starts_with("https://") || base.starts_with("http://") {
            true => Self::Url(base.trim_end_matches('/').to_owned()),
            false => Self::Folder(root.join(base)),
        }
    }
}

/// Brings files to a folder. **They have their names only after all are verified**: an earlier library stays whole.
fn bring(from: &Source, items: &[&Item], folder: &Path) -> Result<(), Error> {
    let paths = items.iter().map(|item| folder.join(&item.name)).map(|path| (path.with_added_extension("part"), path));
    let paths = paths.collect::<Vec<_>>();
    let mut each = items.iter().zip(&paths);
    let brought = each.try_for_each(|(item, (part, _))| copy(from, item, part).and_then(|()| item.verify(part)));
    let named = brought.and_then(|()| {
        let rename = |(part, path): &(PathBuf, PathBuf)| fs::rename(part, path);
        let failed = |source| Error::Write { path: folder.to_owned(), source };
        paths.iter().try_for_each(|both| rename(both).map_err(failed))
    });
    // After a failure some may be there.
    paths.iter().for_each(|(part, _)| drop(fs::remove_file(part)));
    named
}

fn copy(from: &Source, item: &Item, part: &Path) -> Result<(), Error> {
    match from {
        Source::Folder(folder) => {
            let source = folder.join(&item.name);
            if !source.is_file() {
                return Err(Error::Missing { name: item.name.clone(), folder: folder.clone() });
            }
            fs::copy(&source, part).map(drop).map_err(|error| Error::Write { path: part.to_owned(), source: error })
        }
        Source::Url(base) => download(&format!("{base}/{}", item.name), part),
    }
}

fn download(url: &str, part: &Path) -> Result<(), Error> {
    let mut curl = Command::new("curl");
    curl.args(["--fail", "--location", "--silent", "--show-error", "--proto", "=http,https", "--output"]).arg(part).arg(url);
    let command = format!("curl {url}");
    match curl.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::Failed { command, status }),
        Err(source) => Err(Error::Start { command, source }),
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
