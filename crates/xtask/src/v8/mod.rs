//! `cargo xtask v8`: gets the prebuilt V8 library that the manifest describes, or builds one.
//!
//! The [`manifest`] in `third_party/v8` names the library's version, place, checksums and provenance. [`fetch`] brings
//! the files to `target/v8` and verifies them; [`build`] makes them from V8's source.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

mod build;
mod fetch;
pub(crate) mod manifest;

/// The folder of fetched and built libraries. `.cargo/config.toml` includes its `config.toml`.
const FOLDER: &str = "target/v8";

/// Get or build the V8 library.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Verify the library of third_party/v8, or bring the one that its manifest names to target/v8.
    Fetch(fetch::Arguments),
    /// Build the library from source, and write a manifest of it.
    Build(build::Arguments),
}

/// Why there is no library.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is no manifest of a library: {source}", path.display())]
    Manifest { path: PathBuf, source: serde_json::Error },
    #[error("{} names {name:?}, which is no name of a file and of nothing else", path.display())]
    Name { path: PathBuf, name: String },
    #[error("{} has the SHA-256 sum {found}, and the manifest says {expected}", path.display())]
    Checksum { path: PathBuf, found: String, expected: String },
    #[error("{name} is not in {}; name the folder or URL that has it with --from, or build it with `cargo xtask v8 build`", folder.display())]
    Missing { name: String, folder: PathBuf },
    #[error("cannot start `{command}`: {source}")]
    Start { command: String, source: io::Error },
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: std::process::ExitStatus },
    #[error("Cargo.toml pins no version of v8, as in `v8 = \"=1.2.3\"`; name one with --version")]
    NoPin,
    #[error("{} is no folder with the source of v8: it has no Cargo.toml", path.display())]
    NoSource { path: PathBuf },
}

/// Does the work in the checkout at `root`.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> ExitCode {
    let done = match &arguments.work {
        Work::Fetch(arguments) => fetch::run(root, arguments),
        Work::Build(arguments) => build::run(root, arguments),
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("v8: {error}");
            ExitCode::FAILURE
        }
    }
}
