//! Builds the clients in other languages in folders of their own, from their sources alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, OWN_LICENCES, run::Run};

/// What builds the wheel of the client. Another version may write other bytes.
const HATCHLING: &str = "hatchling==1.33.0";

/// Builds the wheel of the client in Python into `out`, and returns its name.
pub(super) fn python(root: &Path, work: &Path, out: &Path, date: u64) -> Result<String, Error> {
    let folder = copied(root, "client/python", &["pyproject.toml", "README.md", "src"], work)?;
    for name in OWN_LICENCES {
        copy(&root.join(name), &folder.join(name))?;
    }
    let python = work.join("venv/bin/python");
    let has_hatchling = || Run::new(&python, ["-m", "hatchling", "version"]).at(&folder).output().is_ok();
    if !python.exists() || !has_hatchling() {
        Run::new("python3", ["-m", "venv", "--clear"]).path(&work.join("venv")).done()?;
        Run::new(&python, ["-m", "pip", "install", "--quiet", HATCHLING]).done()?;
    }
    let before = super::names_in(out)?;
    Run::new(&python, ["-m", "hatchling", "build", "--target", "wheel", "--directory"])
        .path(out)
        .at(&folder)
        .with("SOURCE_DATE_EPOCH", date.to_string())
        .output()?;
    let made = super::names_in(out)?.into_iter().filter(|name| !before.contains(name) && name != ".gitignore");
    let made = made.collect::<Vec<_>>();
    match made.as_slice() {
        [name] => Ok(name.clone()),
        _ => Err(Error::NoWheel),
    }
}

/// Builds the client in TypeScript, and returns the folder that holds it.
pub(super) fn typescript(root: &Path, work: &Path) -> Result<PathBuf, Error> {
    const FILES: [&str; 6] = ["package.json", "README.md", "tsconfig.json", "tsconfig.cjs.json", "src", "scripts"];
    let source = root.join("client/typescript");
    if !source.join("node_modules").is_dir() {
        Run::new("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).at(&source).done()?;
    }
    let folder = copied(root, "client/typescript", &FILES, work)?;
    let link = folder.join("node_modules");
    #[cfg(unix)]
    std::os::unix::fs::symlink(source.join("node_modules"), &link).map_err(|source| Error::Write { path: link, source })?;
    #[cfg(windows)]
    std::os::windows::fs::symlink_dir(source.join("node_modules"), &link)
        .map_err(|source| Error::Write { path: link, source })?;
    Run::new("npm", ["run", "--silent", "build"]).at(&folder).done()?;
    Ok(folder)
}

/// A new folder with these files of another, as they are in the checkout.
fn copied(root: &Path, from: &str, names: &[&str], work: &Path) -> Result<PathBuf, Error> {
    let (source, folder) = (root.join(from), work.join(from));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|source| Error::Write { path: folder.clone(), source })?;
    }
    for name in names {
        let mut files = Vec::new();
        super::files_below(&source, name, &mut files)?;
        // What Python has left there is none of the sources.
        files.retain(|path| !path.contains("__pycache__"));
        files.iter().try_for_each(|path| copy(&source.join(path), &folder.join(path)))?;
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write { path: to.to_owned(), source };
    to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::copy(from, to).map(drop).map_err(failed)
}
