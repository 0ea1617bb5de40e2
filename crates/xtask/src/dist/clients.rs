//! Builds the clients in other languages in folders of their own, from their sources alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, OWN_LICENCES, run::Run};

/// The version of hatchling, which builds the wheel of the client. Another version may write other bytes.
const HATCHLING: &str = "1.33.0";

/// Builds the wheel of the client in Python into `out`, and returns its name.
pub(super) fn python(root: &Path, work: &Path, out: &Path, date: u64) -> Result<String, Error> {
    let folder = copied(root, "client/python", &["pyproject.toml", "README.md", "src"], work)?;
    for name in OWN_LICENCES {
        copy(&root.join(name), &folder.join(name))?;
    }
    let python = hatchling(work)?;
    let built = emptied(work.join("wheel"))?;
    Run::new(&python, ["-m", "hatchling", "build", "--target", "wheel", "--directory"])
        .path(&built)
        .at(&folder)
        .with("SOURCE_DATE_EPOCH", date.to_string())
        .output()?;
    moved(&built, out)
}

/// The interpreter of an environment that has hatchling, of the version that is wanted.
fn hatchling(work: &Path) -> Result<PathBuf, Error> {
    const VERSION: &str = "from importlib.metadata import version; print(version('hatchling'))";
    let python = work.join("venv/bin/python");
    let found = || Run::new(&python, ["-c", VERSION]).output();
    if !python.exists() || !is_wanted(found()) {
        Run::new("python3", ["-m", "venv", "--clear"]).path(&work.join("venv")).done()?;
        let wanted = format!("hatchling=={HATCHLING}");
        Run::new(&python, ["-m", "pip", "install", "--quiet", wanted.as_str()]).done()?;
    }
    Ok(python)
}

/// Whether an environment has hatchling of the version that is wanted, as it said.
fn is_wanted(said: Result<String, Error>) -> bool {
    said.is_ok_and(|version| version.trim() == HATCHLING)
}

/// Moves the one wheel of a folder into `out`, in place of one that an earlier run has left there. Returns its name.
fn moved(built: &Path, out: &Path) -> Result<String, Error> {
    let wheels = super::names_in(built)?.into_iter().filter(|name| name.ends_with(".whl")).collect::<Vec<_>>();
    let [name] = wheels.as_slice() else { return Err(Error::NoWheel) };
    // The folders may be of two file systems, so it is copied.
    copy(&built.join(name), &out.join(name))?;
    Ok(name.clone())
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
    let (source, folder) = (root.join(from), emptied(work.join(from))?);
    for name in names {
        let mut files = Vec::new();
        super::files_below(&source, name, &mut files)?;
        // What Python has left there is none of the sources.
        files.retain(|path| !path.contains("__pycache__"));
        files.iter().try_for_each(|path| copy(&source.join(path), &folder.join(path)))?;
    }
    Ok(folder)
}

/// An empty folder at `path`.
pub(super) fn emptied(path: PathBuf) -> Result<PathBuf, Error> {
    let made = if path.exists() { fs::remove_dir_all(&path) } else { Ok(()) };
    match made.and_then(|()| fs::create_dir_all(&path)) {
        Ok(()) => Ok(path),
        Err(source) => Err(Error::Write { path, source }),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write { path: to.to_owned(), source };
    to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::copy(from, to).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        emptied(std::env::temp_dir().join(format!("drupe-clients-{}-{name}", std::process::id()))).unwrap()
    }

    #[test]
    fn a_wheel_that_an_earlier_run_has_left_is_replaced() {
        let (out, name) = (folder("out"), "drupe-1.2.3-py3-none-any.whl");
        fs::write(out.join(name), "old").unwrap();
        let built = folder("built");
        assert!(matches!(moved(&built, &out), Err(Error::NoWheel)));
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "old");
        fs::write(built.join(name), "new").unwrap();
        fs::write(built.join(".gitignore"), "*").unwrap();
        assert_eq!(moved(&built, &out).unwrap(), name);
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "new");
        assert_eq!(super::super::names_in(&out).unwrap(), [name]);
        fs::write(built.join("drupe-1.2.4-py3-none-any.whl"), "two").unwrap();
        assert!(matches!(moved(&built, &out), Err(Error::NoWheel)));
        // What was there is no part of what is built next.
        assert!(super::super::names_in(&emptied(built.clone()).unwrap()).unwrap().is_empty());
        [out, built].iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }

    #[test]
    fn only_hatchling_of_the_wanted_version_builds() {
        assert!(is_wanted(Ok(format!("{HATCHLING}\n"))));
        assert!(!is_wanted(Ok("1.0.0\n".to_owned())));
        assert!(!is_wanted(Err(Error::NoWheel)));
    }
}
