//! `cargo xtask dist`: makes the packages of a release from one program.
//!
//! [`platform`] tells what the program needs of its system, as [`elf`] reads it. [`wheel`], [`npm`] and [`deb`] lay out
//! their packages, [`tar`] and [`zip`] write them. [`clients`] builds the clients in other languages, and [`notices`]
//! collects the licences of others' code. **The same program, sources and date give the same bytes.** The script
//! `.ci/packages` installs what was made, and removes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::thread;

use crate::v8::manifest::sum_of;

mod clients;
mod date;
mod deb;
mod elf;
mod entry;
mod notices;
mod npm;
mod platform;
mod program;
mod run;
mod tar;
#[cfg(test)]
mod tests;
mod wheel;
mod zip;

use entry::Entry;
use platform::{Glibc, Platform};
use run::Run;

/// Make the packages of a release.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder of the packages (default: target/dist). Packages that were made there before are removed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The program, rather than one that is built for this. Its symbols are taken out
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Refuse a program that needs a newer glibc
    #[arg(long, value_name = "VERSION")]
    glibc: Option<Glibc>,
}

/// Why there are no packages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot compress: {0}")]
    Compress(io::Error),
    #[error("cannot start `{command}`: {source}; install it")]
    Start { command: String, source: io::Error },
    #[error("`{command}` failed ({status}){said}")]
    Failed { command: String, status: ExitStatus, said: String },
    #[error("{what} is not what was expected: {source}")]
    Json { what: &'static str, source: serde_json::Error },
    #[error("the program is none for 64-bit Linux: RELEASING.md says what packages for other systems need")]
    NotLinux,
    #[error("the program is damaged: it points beyond its end")]
    Damaged,
    #[error("the program is for the processor {0} of ELF's list; packages are made for 62 (x86_64) and 183 (aarch64)")]
    Machine(u16),
    #[error("the program needs functions of the version {0}, which not every Linux has: find out what brought it in")]
    Version(String),
    #[error("the program needs no glibc, so it is none that `cargo build` has made for this target")]
    NoGlibc,
    #[error("the program needs the library {0}, which not every Linux has: link it into the program")]
    Library(String),
    #[error("the program needs glibc {needed}, and --glibc allows {allowed}: build it on a system with glibc {allowed}")]
    NewGlibc { needed: Glibc, allowed: Glibc },
    #[error("{what} says that it is version {found:?}, and Cargo.toml says {expected:?}: make them equal")]
    OtherVersion { what: String, found: String, expected: String },
    #[error("hatchling has made no wheel")]
    NoWheel,
    #[error("the path {0} is too long for an archive")]
    LongPath(String),
    #[error("{0} is too large for an archive")]
    Large(String),
    #[error("SOURCE_DATE_EPOCH is {0:?}: it must be a number of seconds")]
    Date(String),
}

/// The licences of this project.
const OWN_LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];
/// Those of others' code.
const NOTICES: &str = "THIRD-PARTY-NOTICES.txt";

/// What packages are made of.
struct Contents {
    version: String,
    platform: Platform,
    program: Vec<u8>,
    manual: String,
    /// For bash, zsh and fish.
    completions: [String; 3],
    /// The files of the kernelspec that the wheel brings.
    kernelspec: Vec<(String, Vec<u8>)>,
    texts: Vec<(&'static str, Vec<u8>)>,
    /// Of all files, in seconds since 1970.
    date: u64,
}

impl Contents {
    /// The licences of this project.
    fn own_licences(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.licences().filter(|(name, _)| *name != NOTICES)
    }

    /// The licences of all that is in the program.
    fn licences(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.texts.iter().map(|(name, text)| (*name, text.as_slice()))
    }
}

/// Makes the packages of the checkout at `root`.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    match make(root, arguments) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("dist: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(root: &Path, arguments: &Arguments) -> Result<String, Error> {
    let (out, work) = (arguments.out.clone().unwrap_or_else(|| root.join("target/dist")), root.join("target/dist-work"));
    let out = std::path::absolute(&out).map_err(|source| Error::Read { path: out, source })?;
    check_versions(root)?;
    let date = date(root)?;
    for folder in [&out, &work] {
        fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.clone(), source })?;
    }
    let contents = contents(root, arguments, &work, date)?;
    remove_former(&out)?;
    let client = clients::typescript(root, &work)?;
    let mut packages = packed(root, &contents, &client)?;
    packages.iter().try_for_each(|(name, bytes)| write(&out.join(name), bytes))?;
    let wheel = clients::python(root, &work, &out, date)?;
    packages.push((wheel.clone(), read(&out.join(&wheel))?));
    packages.sort();
    let sums = packages.iter().map(|(name, bytes)| format!("{}  {name}\n", sum_of(bytes))).collect::<String>();
    write(&out.join(SUMS), sums.as_bytes())?;
    let listed = packages.iter().map(|(name, bytes)| format!("{:9.1} MB  {name}\n", bytes.len() as f64 / 1e6));
    let (size, glibc) = (contents.program.len() as f64 / 1e6, contents.platform.glibc);
    Ok(format!("{}{size:9.1} MB  the program in them; it needs glibc {glibc}\nIn {}", listed.collect::<String>(), out.display()))
}

fn contents(root: &Path, arguments: &Arguments, work: &Path, date: u64) -> Result<Contents, Error> {
    let program = match &arguments.binary {
        Some(path) => path.clone(),
        None => program::build(root)?,
    };
    let (program, platform) = program::stripped(&program, work)?;
    refuse_newer(platform.glibc, arguments.glibc)?;
    let ask = |words: &[&str]| Run::new(&program, words.iter().copied()).output();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let found = ask(&["-v"])?.lines().next().unwrap_or_default().to_owned();
    if found != format!("drupe {version}") {
        return Err(Error::OtherVersion { what: program.display().to_string(), found, expected: version });
    }
    let own = OWN_LICENCES.into_iter().map(|name| Ok((name, read(&root.join(name))?)));
    let mut texts = own.collect::<Result<Vec<_>, Error>>()?;
    texts.push((NOTICES, notices::of(root, platform.target)?.into_bytes()));
    Ok(Contents {
        version,
        platform,
        manual: ask(&["man"])?,
        completions: [ask(&["completions", "bash"])?, ask(&["completions", "zsh"])?, ask(&["completions", "fish"])?],
        kernelspec: kernelspec(&program, work)?,
        program: read(&program)?,
        texts,
        date,
    })
}

/// The kernelspec that the program writes, as the wheel has it.
fn kernelspec(program: &Path, work: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let prefix = clients::emptied(work.join("kernelspec"))?;
    Run::new(program, ["jupyter", "install", "--prefix"]).path(&prefix).output()?;
    let folder = prefix.join("share/jupyter/kernels/drupe");
    let file = |name: String| {
        let bytes = read(&folder.join(&name))?;
        Ok(if name == "kernel.json" { (name, wheel::of_wheel(&bytes)?) } else { (name, bytes) })
    };
    names_in(&folder)?.into_iter().map(file).collect()
}

fn refuse_newer(needed: Glibc, allowed: Option<Glibc>) -> Result<(), Error> {
    allowed.filter(|allowed| needed > *allowed).map_or(Ok(()), |allowed| Err(Error::NewGlibc { needed, allowed }))
}

/// The packages that are written here: their names and bytes. Each compresses the program, so they are made at once.
fn packed(root: &Path, contents: &Contents, client: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    thread::scope(|scope| {
        let made = [
            scope.spawn(|| archive(root, contents)),
            scope.spawn(|| wheel::runtime(contents)),
            scope.spawn(|| npm::platform(contents)),
            scope.spawn(|| deb::package(contents)),
            scope.spawn(|| npm::client(contents, client)),
        ];
        made.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// The program with what belongs to it, for those who take no package.
fn archive(root: &Path, contents: &Contents) -> Result<(String, Vec<u8>), Error> {
    let name = format!("drupe-{}-{}", contents.version, contents.platform.target);
    let readme = read(&root.join("README.md"))?;
    let [bash, zsh, fish] = &contents.completions;
    let mut entries = vec![
        Entry::program("drupe", &contents.program),
        Entry::file("README.md", &readme),
        Entry::file("completions/_drupe", zsh.as_bytes()),
        Entry::file("completions/drupe.bash", bash.as_bytes()),
        Entry::file("completions/drupe.fish", fish.as_bytes()),
        Entry::file("man/man1/drupe.1", contents.manual.as_bytes()),
    ];
    entries.extend(contents.licences().map(|(name, text)| Entry::file(name, text)));
    Ok((format!("{name}.tar.gz"), tar::compressed(&format!("{name}/"), &entries, contents.date)?))
}

/// The sums of the packages.
const SUMS: &str = "SHA256SUMS";

/// Removes the packages of an earlier build, as its list has them.
fn remove_former(out: &Path) -> Result<(), Error> {
    let Ok(listed) = fs::read_to_string(out.join(SUMS)) else { return Ok(()) };
    let names = listed.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name);
    for path in names.filter(|name| !name.contains('/')).map(|name| out.join(name)).filter(|path| path.is_file()) {
        fs::remove_file(&path).map_err(|source| Error::Write { path, source })?;
    }
    Ok(())
}

/// Checks that all packages are of the version that `Cargo.toml` has.
fn check_versions(root: &Path) -> Result<(), Error> {
    const PLACES: [(&str, &str); 4] = [
        ("client/python/pyproject.toml", "version = \""),
        ("client/python/pyproject.toml", "drupe-runtime=="),
        ("client/python/src/drupe/__init__.py", "__version__ = \""),
        ("client/typescript/package.json", "\"version\": \""),
    ];
    let expected = env!("CARGO_PKG_VERSION");
    for (path, before) in PLACES {
        let text = read_text(&root.join(path))?;
        let found = text.split_once(before).and_then(|(_, after)| after.split('"').next()).unwrap_or_default();
        if found != expected {
            let what = format!("{path} ({before}…)");
            return Err(Error::OtherVersion { what, found: found.to_owned(), expected: expected.to_owned() });
        }
    }
    Ok(())
}

/// The date of all files: SOURCE_DATE_EPOCH, or that of the last commit.
fn date(root: &Path) -> Result<u64, Error> {
    let text = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text,
        Err(_) => Run::new("git", ["log", "-1", "--format=%ct"]).at(root).output()?,
    };
    text.trim().parse().map_err(|_| Error::Date(text))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// The names in a folder, sorted.
fn names_in(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect::<Vec<_>>();
    names.sort();
    Ok(names)
}

/// Adds the files at and below `path`, as paths within `folder`.
fn files_below(folder: &Path, path: &str, found: &mut Vec<String>) -> Result<(), Error> {
    if !folder.join(path).is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    names_in(&folder.join(path))?.into_iter().try_for_each(|name| files_below(folder, &format!("{path}/{name}"), found))
}
